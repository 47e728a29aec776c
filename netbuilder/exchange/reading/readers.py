"""Reading a network or weights from a file, by its suffix."""

from __future__ import annotations

from pathlib import Path

from netbuilder.errors import UserError, reading
from netbuilder.exchange.formats import FORMATS
from netbuilder.exchange.reading import files
from netbuilder.exchange.reading.contents import READERS, Contents
from netbuilder.registry import import_all

import_all(files.__name__, files.__path__)

for _name in FORMATS:
    if _name not in READERS:
        READERS.without(_name, "it is text for people and programs, and none of it is run")

SUFFIXES = tuple(dict.fromkeys(FORMATS[name].suffix for name in READERS))
"""Of the files that can be read."""


def can_read(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES)


def read(path: Path) -> Contents:
    """What a file says. Raises UserError, with a sentence that names what stands in the way."""
    if can_read(path) and not path.exists():
        raise UserError("There is no file {path}.", path=str(path))
    for name, found in READERS.items():
        if path.name.lower().endswith(FORMATS[name].suffix):
            with reading(path.name):
                try:
                    return found(path)
                except UserError as error:
                    raise UserError(
                        "{file}: {reason}", file=path.name, reason=error.message
                    ) from error
    raise UserError(
        "{path} is none of the files that networks are read from: {known}.",
        path=str(path),
        known=", ".join(SUFFIXES),
    )
