"""The formats that trained networks can be taken away in, found by the suffix of a file.

Each is one file of this package that adds itself; all that lie here are imported.
"""

from __future__ import annotations

from pathlib import Path

from netbuilder import exchange
from netbuilder.errors import Message, UserError
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.self_check import check_of, save_check
from netbuilder.exchange.trained import Trained
from netbuilder.registry import import_all

__all__ = ["FORMATS", "export", "format_of"]

import_all(exchange.__name__, exchange.__path__)


def format_of(path: Path, variant: str = "") -> Format:
    """The format that suffix and variant ask for; for any other, UserError lists the formats.

    The variant of generated code is whose functions it calls.
    """
    of_suffix = [f for f in FORMATS.values() if path.name.lower().endswith(f.suffix)]
    for found in of_suffix:
        if found.variant == variant:
            return found
    code = [f for f in of_suffix if f.source is not None]
    if code and not variant:
        raise UserError(
            "Say whose functions the code is to call, by --framework: {known}.",
            known=", ".join(f.variant for f in code),
        )
    if code:
        raise UserError(
            "There is no code for {framework}; expected one of: {known}.",
            framework=variant,
            known=", ".join(f.variant for f in code),
        )
    if of_suffix and any(f.variant == variant for f in FORMATS.values() if f.source is not None):
        raise UserError(
            "--framework chooses whose functions generated code calls, and {suffix} is no code.",
            suffix=path.suffix,
        )
    if of_suffix:
        problem = Message(
            "{title} has no variant {variant}", title=of_suffix[0].title, variant=variant
        )
    elif path.suffix:
        problem = Message("there is no export to {suffix}", suffix=path.suffix)
    else:
        problem = Message("its name has no suffix")
    known = {f.suffix: f.title for f in FORMATS.values() if not f.variant}
    known |= {f.suffix: "code" for f in FORMATS.values() if f.source is not None}
    raise UserError(
        "{path} cannot be written: {problem}. Formats: {known}.",
        path=str(path),
        problem=problem,
        known=", ".join(f"{suffix} ({title})" for suffix, title in known.items()),
    )


def export(path: Path, trained: Trained, variant: str = "") -> Format:
    """Writes the file in the format of its suffix, all of it or nothing, and says which it was.

    Beside it goes its self-check, rows with our answers.
    """
    found = format_of(path, variant)
    check = check_of(path, trained, found)
    found.save(path, trained)
    save_check(path, check)
    return found
