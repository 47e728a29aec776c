"""The table: examples as they were read, before a target is chosen, split or scaled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.reading import Reading
from netbuilder.errors import Message


@dataclass(frozen=True)
class Roles:
    """What columns are for; what is not said is as the table suggests."""

    targets: tuple[str, ...] = ()
    """The columns to predict; none for the table's own choice."""
    columns: tuple[tuple[str, str], ...] = ()
    """(column, role), a role being one of netbuilder.data.roles.ROLES."""
    task: str = ""
    """"class" or "regression"; empty for what the target looks like."""
    missing: str = "median"
    """What stands for a missing value of a feature, or "drop" to leave out such examples."""
    image: tuple[int, int] | None = None
    """(height, width) when the features are pixels."""

    def of(self, column: str) -> str:
        """The role that was chosen for a column; empty for none."""
        return dict(self.columns).get(column, "")


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of numbers; a column of words holds codes, and ``categories`` has the words.

    Tables are compared by identity and their arrays are read-only: a document may hold one.
    """

    values: NDArray[np.float64]
    """(m, number of columns); NaN where a value is missing"""
    columns: tuple[str, ...]
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For a column of words or of classes: the words, in the order of the codes 0, 1, 2, …"""
    targets: tuple[str, ...] = ()
    """The columns that are predicted unless the user chooses another."""
    image_shape: tuple[int, int] | None = None
    """(height, width) when the features are the pixels of an image, row by row."""
    name: str = ""
    note: str = ""
    """Where the data comes from, and its licence."""
    notices: tuple[Message, ...] = ()
    """What was decided while reading that the user may want to know."""
    test: int = 0
    """So many of the last examples are the test part, and are given as such with the data."""
    reading: Reading | None = None
    """How the text file or the sheet was read that it comes from."""
    sheets: tuple[str, ...] = ()
    """What sheets the workbook has that it comes from."""
    roles: Roles = field(default_factory=Roles)
    """What was chosen of its columns."""
    orders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For a column of words that was taken as numbers: all words that have a number there."""
    task: str = ""
    """What its own target is, whatever examples there are: "class", and all its words are classes,
    or "regression"; empty where that is told by the values."""
    extent: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """By column: from where to where views show at least, so that points can be drawn there."""

    def __post_init__(self) -> None:
        self.values.setflags(write=False)

    @property
    def m(self) -> int:
        return int(self.values.shape[0])

    def column(self, name: str) -> NDArray[Any]:
        """(m,)"""
        return self.values[:, self._places[name]]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(self.columns)}
