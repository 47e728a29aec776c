"""What the command line's options take: numbers with their refusals, names, how a file is read."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netbuilder.engine.settings import HasSettings


def either(names: Iterable[str]) -> str:
    """a, b or c"""
    *others, last = names
    return f"{', '.join(others)} or {last}"


def choices(owner: type[HasSettings], name: str) -> str:
    """a|b|c of a setting."""
    return "|".join(next(s.choices for s in owner.settings() if s.name == name))


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None


def minutes(text: str) -> float:
    found = number(text)
    if not 0 < found < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of minutes above 0, got {text!r}")
    return found


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}") from None


def count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 10**9):
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 1,000,000,000, got {text!r}")
    return int(text)


def batch_size(text: str) -> int:
    """0 stands for the full batch."""
    return 0 if text == "full" else count(text)


def reading(command: argparse.ArgumentParser) -> None:
    """How a text file is read, where it is guessed wrongly or cannot be told."""
    from netbuilder.data.reading import DECIMALS, DELIMITERS, ENCODINGS, HEADERS

    group = command.add_argument_group("text files", "guessed from the file where nothing is said")
    for name, metavar, help in (
        ("encoding", "NAME", f"{either(ENCODINGS)}, or another"),
        ("delimiter", "MARK", f"{either(DELIMITERS)}, or the character itself"),
        ("header", "|".join(HEADERS), "whether the first line names the columns"),
        ("decimal", "|".join(DECIMALS), "the decimal mark; the other one groups thousands"),
        ("comment", "MARK", "what lines begin with that are left out; none for no such lines"),
    ):
        group.add_argument(f"--{name}", default="", metavar=metavar, help=help)
