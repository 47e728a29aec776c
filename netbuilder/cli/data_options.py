"""The options that say how a data file is read, and what the columns of a table are for."""

from __future__ import annotations

import argparse
import csv
import re
from typing import TYPE_CHECKING

from netbuilder.cli.terminal import either
from netbuilder.errors import UserError

if TYPE_CHECKING:  # help and errors need none of it
    from netbuilder.data.reading import Reading
    from netbuilder.data.table import Roles


def add_reading(command: argparse.ArgumentParser) -> None:
    """How a text file or a workbook is read, where it is guessed wrongly or cannot be told."""
    from netbuilder.data.reading import DECIMALS, DELIMITERS, ENCODINGS, HEADERS

    group = command.add_argument_group(
        "text files and workbooks", "guessed from the file where nothing is said"
    )
    for name, metavar, help in (
        ("encoding", "NAME", f"{either(ENCODINGS)}, or another"),
        ("delimiter", "MARK", f"{either(DELIMITERS)}, or the character itself"),
        ("header", "|".join(HEADERS), "whether the first line names the columns"),
        ("decimal", "|".join(DECIMALS), "the decimal mark; the other one groups thousands"),
        ("comment", "MARK", "what lines begin with that are left out; none for no such lines"),
        ("sheet", "NAME", "of a workbook that has several"),
    ):
        group.add_argument(f"--{name}", default="", metavar=metavar, help=help)


def reading_of(arguments: argparse.Namespace) -> Reading:
    """What the options say of a data file; raises UserError for what there is not."""
    from netbuilder.data.reading import Reading, said

    return said(**{name: getattr(arguments, name) for name in Reading.__dataclass_fields__})


def told_of(reading: Reading) -> list[str]:
    """How a file was read, in the words of the options that would change it; most need none."""
    from netbuilder.data.reading import DECIMALS, DELIMITERS, NONE, Reading

    usual = Reading("utf-8", ",", "yes", ".", NONE), Reading(header="yes", sheet=reading.sheet)
    if reading in (Reading(), *usual):
        return []
    names = {value: name for name, value in DELIMITERS.items()}
    found = {
        "encoding": reading.encoding,
        "delimiter": names.get(reading.delimiter, reading.delimiter),
        "header": reading.header,
        "decimal": next((name for name, mark in DECIMALS.items() if mark == reading.decimal), ""),
        "comment": reading.comment,
        "sheet": f'"{reading.sheet}"' if reading.sheet else "",
    }
    said = [f"--{name} {value}" for name, value in found.items() if value]
    return [f"read with {' '.join(said)}"]


def add_roles(command: argparse.ArgumentParser) -> None:
    """What the columns are for, where that is not as it looks."""
    from netbuilder.data.roles import MISSING, TASKS

    group = command.add_argument_group("columns", 'names are parted by commas; "a,b" is one name')
    for name, help in (
        ("target", "what to predict, one column or several of numbers (default: the last)"),
        ("ignore", "columns to leave out"),
        ("categories", "columns of numbers that are names, such as a postcode"),
        ("ordered", "columns of words with an order, such as low, medium, high"),
    ):
        group.add_argument(f"--{name}", default="", metavar="COLUMNS", help=help)
    group.add_argument(
        "--task",
        default="",
        metavar="|".join(TASKS),
        help="what the target is (default: what it looks like)",
    )
    group.add_argument(
        "--missing",
        default=MISSING[0],
        metavar="|".join(MISSING),
        help="what stands for a missing value; drop leaves the example out (default: median)",
    )
    group.add_argument(
        "--image",
        default="",
        metavar="HxW",
        help="the columns are the pixels of images, such as 28x28, row by row",
    )


def roles_of(arguments: argparse.Namespace) -> Roles:
    """What the options say that columns are for; raises UserError for no size of an image."""
    from netbuilder.data.roles import CATEGORY, ORDERED, SKIP
    from netbuilder.data.table import Roles

    columns = [
        (name, role)
        for option, role in (("ignore", SKIP), ("categories", CATEGORY), ("ordered", ORDERED))
        for name in _listed(getattr(arguments, option))
    ]
    return Roles(
        tuple(_listed(arguments.target)),
        tuple(columns),
        arguments.task,
        arguments.missing,
        _size(arguments.image) if arguments.image else None,
    )


def _listed(text: str) -> list[str]:
    """The names in "a,b,c"; one with a comma stands in quotation marks, as in CSV."""
    (names,) = csv.reader([text], skipinitialspace=True)
    return [name.strip() for name in names if name.strip()]


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{0,4})[x×]([1-9]\d{0,4})", text)
    if found is None:
        raise UserError("--image needs height and width, such as 28x28; got {text!r}.", text=text)
    return int(found[1]), int(found[2])
