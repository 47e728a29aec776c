"""Sentences for the user: every failure that is not a bug travels as one of these."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

_log = logging.getLogger(__name__)

_LONGEST = 300
"""Characters of a value in a sentence: names and paths can be longer than a screen."""
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that would command a terminal, or turn the direction of what follows."""


def told(value: Any) -> Any:
    """A value as a sentence may tell it: text from a file is shortened, and commands nobody."""
    if isinstance(value, PurePath):
        value = str(value)
    if not isinstance(value, str):
        return value
    if len(value) > _LONGEST:
        value = f"{value[: 2 * _LONGEST // 3]} … {value[-_LONGEST // 3 :]}"
    return printable(value)


def printable(text: str) -> str:
    """A text in which nothing commands a terminal or turns the direction of what follows."""
    return _UNSEEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


class Message:
    """A sentence with its values kept apart, so that the window can translate the sentence.

    >>> str(Message("units must be at least {least}, got {value}", least=1, value=0))
    'units must be at least 1, got 0'
    """

    __slots__ = ("text", "values")

    def __init__(self, text: str, /, **values: Any) -> None:
        self.text = text
        self.values = values

    def __str__(self) -> str:
        if not self.values:
            return self.text
        return self.text.format(**{name: told(value) for name, value in self.values.items()})

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self.text == other.text and self.values == other.values

    def __hash__(self) -> int:
        return hash(str(self))


class UserError(Exception):
    """What was asked cannot be done: what was expected, what was found, and what to do about it."""

    def __init__(self, text: str, /, **values: Any) -> None:
        self.message = Message(text, **values)
        super().__init__(text)

    def __str__(self) -> str:
        return str(self.message)


@contextlib.contextmanager
def reading(file: str) -> Iterator[None]:
    """Around everything that reads a file of unknown origin: whatever goes wrong is a UserError.

    What is not one already is a mistake of ours, or damage that nobody thought of.
    """
    try:
        yield
    except UserError:
        raise
    except MemoryError as error:
        raise UserError("{file} is too large for the memory of this machine.", file=file) from error
    except Exception as error:
        _log.error("reading failed", exc_info=error)
        reason = f"{type(error).__name__}: {error}"
        raise UserError(
            "{file} cannot be read ({reason}): it is damaged, or of a kind that netbuilder does "
            "not know.",
            file=file,
            reason=reason,
        ) from error
