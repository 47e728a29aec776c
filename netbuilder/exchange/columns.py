"""The raw columns that a network was trained on, as a program outside hands them in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from netbuilder.data.dataset import InputColumn
from netbuilder.data.encode import number_text
from netbuilder.data.roles import order_of
from netbuilder.exchange.trained import Trained


@dataclass(frozen=True)
class RawColumn:
    """One column as it is handed in: of numbers, NaN where one is missing, or of words, then ""."""

    name: str
    learned: InputColumn
    of_words: bool
    """Whether what is handed in is text."""

    @property
    def order(self) -> dict[str, float]:
        """For words that are taken as numbers: each one's, in the usual ways to write it."""
        words = self.learned.order
        numbers = dict(zip(words, order_of(words) or (), strict=False))
        spelled = {
            way(word): number
            for word, number in numbers.items()
            for way in (str.lower, str.upper, str.capitalize, str.title)
        }
        return spelled | numbers

    @property
    def values(self) -> tuple[float, ...]:
        """For numbers that are taken as categories: each one's value, NaN for that of gaps."""
        return tuple(map(_number, self.learned.words))


def raw_columns(trained: Trained) -> tuple[RawColumn, ...]:
    """The columns in order; none for data without columns, as images, toys and bare arrays."""
    found = trained.inputs
    made_up = [f"x{k + 1}" for k in range(len(found))]
    nameless = [column.name for column in found] == made_up
    if trained.info.image_shape is not None or (nameless and not any(c.words for c in found)):
        return ()
    return tuple(RawColumn(column.name, column, _is_text(column)) for column in found)


def _is_text(column: InputColumn) -> bool:
    """Whether words are handed in, and not numbers that were chosen to be categories."""
    if column.order:
        return True
    if not column.words:
        return False
    known = [value for value in map(_number, column.words) if not math.isnan(value)]
    # The last may be the category of gaps, which has a name and no number.
    gaps = column.fill == len(column.words) - 1 and math.isnan(_number(column.words[-1]))
    if not known or len(known) < len(column.words) - gaps:
        return True
    return len(np.unique(np.asarray(known, np.float32))) < len(known)


def _number(word: str) -> float:
    """The number that a word stands for; NaN where it stands for none."""
    try:
        value = float(word)
        return value if number_text(value) == word else math.nan
    except (ValueError, OverflowError):
        return math.nan
