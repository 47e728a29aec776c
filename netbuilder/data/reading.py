"""How a file is read: what may be said of it, what is guessed where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from netbuilder.errors import Message, UserError

Watch = Callable[[float], None]
"""Is told what share is done, from 0 to 1, and may raise Stopped."""


class Stopped(Exception):
    """Whoever asked for the table wants it no longer."""


@dataclass(frozen=True)
class Reading:
    """What is to be known of a text file or a workbook to read it; empty where it is guessed, or
    where there is no such thing, as an encoding of a workbook."""

    encoding: str = ""
    """As Python calls it: one of ENCODINGS, or any other that it knows."""
    delimiter: str = ""
    """One character."""
    header: str = ""
    """"yes" when the first line names the columns, else "no"."""
    decimal: str = ""
    """"." or ","; the other one groups thousands."""
    comment: str = ""
    """What a line begins with that is none of the table; NONE when there are no such lines."""
    sheet: str = ""
    """The name of a workbook's sheet."""


NONE = "none"

ENCODINGS = ("utf-8", "utf-16", "cp1252", "gb18030", "big5")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}
DECIMALS = {"point": ".", "comma": ","}
COMMENTS = ("#", "%", "//")
HEADERS = ("yes", "no")


def said(
    encoding: str = "",
    delimiter: str = "",
    header: str = "",
    decimal: str = "",
    comment: str = "",
    sheet: str = "",
) -> Reading:
    """A reading in the words of the command line: "semicolon" or ";", "point" or "."."""
    if decimal and decimal not in {*DECIMALS, *DECIMALS.values()}:
        raise _unknown("decimal mark", decimal, DECIMALS)
    if header and header not in HEADERS:
        raise _unknown("header", header, HEADERS)
    if len(DELIMITERS.get(delimiter, delimiter)) > 1 or delimiter in ("\n", "\r", '"'):
        raise _unknown("delimiter", delimiter, DELIMITERS)
    return Reading(
        encoding,
        DELIMITERS.get(delimiter, delimiter),
        header,
        DECIMALS.get(decimal, decimal),
        comment,
        sheet,
    )


def _unknown(what: str, found: str, known: Iterable[str]) -> UserError:
    return UserError(
        "There is no {what} {found!r}; expected one of: {known}.",
        what=Message(what),
        found=found,
        known=", ".join(known),
    )


class Ambiguous(UserError):
    """What cannot be told from the file, and would be wrong half of the times if it was guessed."""

    def __init__(self, question: Message, option: str, choices: tuple[str, ...]) -> None:
        super().__init__(
            "{question} Say which with {options}.",
            question=question,
            options=" or ".join(f"--{option} {_quoted(choice)}" for choice in choices),
        )
        self.question = question
        self.option = option
        """The field of Reading that it asks for."""
        self.choices = choices
        """What to choose from, the likeliest first, in the words of the command line."""


def _quoted(choice: str) -> str:
    """As a command line takes it."""
    return f'"{choice}"' if " " in choice else choice
