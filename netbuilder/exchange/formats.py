"""The formats that trained networks can be taken away in, found by the suffix of a file.

Each is one file of this package that adds itself; all that lie here are imported.
"""

from __future__ import annotations

from pathlib import Path

from netbuilder import exchange
from netbuilder.errors import UserError
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.trained import Trained
from netbuilder.registry import import_all

__all__ = ["FORMATS", "export", "format_of"]

import_all(exchange.__name__, exchange.__path__)


def format_of(path: Path) -> Format:
    """The format that the suffix asks for; for any other, UserError lists the formats."""
    for found in FORMATS.values():
        if path.suffix.lower() == found.suffix:
            return found
    raise UserError(
        "{path} cannot be written: {problem}. Formats: {known}.",
        path=str(path),
        problem=f"there is no export to {path.suffix}" if path.suffix else "its name has no suffix",
        known=", ".join(f"{found.suffix} ({found.title})" for found in FORMATS.values()),
    )


def export(path: Path, trained: Trained) -> Format:
    """Writes the file in the format of its suffix, all of it or nothing, and says which it was."""
    found = format_of(path)
    found.save(path, trained)
    return found
