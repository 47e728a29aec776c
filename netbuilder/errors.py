"""Sentences for the user: every failure that is not a bug travels as one of these."""

from __future__ import annotations

from typing import Any


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
        return self.text.format(**self.values) if self.values else self.text

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
