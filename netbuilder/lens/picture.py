"""Pictures: what a heatmap shows, and a place in it; plain values that any canvas can paint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from netbuilder.errors import Message

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Picture:
    """A matrix of numbers with the names of its rows and columns."""

    values: Array
    """(rows, columns)"""
    beside: Array | None = None
    """(rows, 1) shown as a column of its own at the right"""
    beside_name: str = ""
    among: Array | None = None
    """Other numbers, not shown here, that the colours are to be compared with."""
    column_names: tuple[str, ...] = ()
    """In place of 1, 2, 3, …"""
    row_names: tuple[str, ...] = ()
    """In place of 1, 2, 3, …"""
    row_title: Message | None = None
    column_title: Message | None = None
    band: tuple[int, ...] = ()
    """A class for each column, shown as a thin coloured line above it."""
    tile: tuple[int, int] | None = None
    """(height, width): each row is shown as an image of its own."""
    tile_columns: int = 0
    """So many images side by side; 0: as they have the most room."""


@dataclass(frozen=True)
class Cell:
    """A place in the matrix, counted from zero; ``column`` -1 is the column beside."""

    row: int
    column: int
