"""Likeness: how alike the units of a layer are, row by row of any of its quantities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.data.dataset import evenly
from netbuilder.errors import Message
from netbuilder.lens.layer_views import View
from netbuilder.lens.picture import Cell, Picture

Array = NDArray[Any]

MOST = 256
"""Of more rows than this, so many evenly chosen ones are compared; sorted they are not."""


def likeness(rows: Array) -> Array:
    """(n, n) of rows (n, k): 1 − |a − b| / (|a| + |b|).

    1 for rows that are the same, zeros included, 0 for opposite ones; 0.29 where two of one size
    have nothing in common.
    """
    A = rows.astype(np.float64)
    squares = np.einsum("ij,ij->i", A, A)
    size = np.sqrt(squares)
    apart = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * (A @ A.T), 0.0))
    whole = size[:, None] + size[None, :]
    alike: Array = 1.0 - np.divide(apart, whole, out=np.zeros_like(apart), where=whole > 0)
    np.fill_diagonal(alike, 1.0)
    return alike


def chained(alike: Array) -> NDArray[np.intp]:
    """An order in which each row stands beside the one most like it that is left."""
    left = alike.copy()
    at = int(left.sum(axis=1).argmin())  # from the one that is least like the others
    order = [at]
    left[:, at] = -np.inf
    for _ in range(len(left) - 1):
        at = int(left[at].argmax())
        order.append(at)
        left[:, at] = -np.inf
    return np.array(order, dtype=np.intp)


def _compared(view: View) -> tuple[Array, NDArray[np.intp]]:
    """The likeness of the rows of a view, and which rows those are."""
    rows = view.values.reshape(len(view.values), -1)
    chosen = evenly(len(rows), MOST)
    key = "alike", view.node.id, view.name
    cost = len(chosen) ** 2 * rows.shape[1]
    return view.look.once(key, lambda: likeness(rows[chosen]), cost), chosen


@dataclass(frozen=True, eq=False)
class AlikeView(View):
    """(n, n): unit beside unit."""

    of: View
    chosen: Array
    """Which units they are."""

    @property
    def picture(self) -> Picture:
        names = self.of.picture.row_names
        shown = names or (tuple(str(i + 1) for i in self.chosen) if self._is_part else ())
        kept = tuple(shown[i] for i in self.chosen) if names else shown
        unit = Message("unit") if not names else self.of.picture.row_title
        return Picture(
            self.values, row_names=kept, column_names=kept, row_title=unit, column_title=unit
        )

    def row_of(self, unit: int) -> int | None:
        return _place(self.chosen, unit)

    @property
    def _is_part(self) -> bool:
        return len(self.chosen) < len(self.of.values)

    def sentence(self, cell: Cell) -> Message:
        return Message(
            "{one} and {other}: {share} alike in {name}, where 1 is the same and 0 the opposite",
            one=self.of.unit(int(self.chosen[cell.row])),
            other=self.of.unit(int(self.chosen[cell.column])),
            share=numbers.number(float(self.values[cell.row, cell.column]), 2),
            name=self.name,
        )


@dataclass(frozen=True, eq=False)
class SortedView(View):
    """Another view with its rows in another order; its sentences stay true."""

    of: View
    order: Array

    @property
    def picture(self) -> Picture:
        of = self.of.picture
        names = of.row_names or tuple(str(i + 1) for i in range(len(of.values)))
        return replace(
            of,
            values=of.values[self.order],
            beside=None if of.beside is None else of.beside[self.order],
            row_names=tuple(names[i] for i in self.order),
        )

    def row_of(self, unit: int) -> int | None:
        return _place(self.order, unit)

    def _original(self, cell: Cell) -> Cell:
        return Cell(int(self.order[cell.row]), cell.column)

    def sentence(self, cell: Cell) -> Message:
        return self.of.sentence(self._original(cell))

    def place(self, cell: Cell) -> tuple[str, tuple[int, ...]] | None:
        return self.of.place(self._original(cell))


def alike(view: View) -> View | Message:
    """How alike the units are; zeros make all of them the same, which random numbers end."""
    if len(view.values) < 2:
        return Message("{name} has a single unit: there is none to compare it with.", **_name(view))
    values, chosen = _compared(view)
    return AlikeView(view.look, view.node, view.name, values, view, chosen)


def sorted_by_likeness(view: View) -> View | Message:
    """With units that are alike beside one another."""
    if len(view.values) > MOST:
        return Message(
            "{name} has {units} units: more than {most} are not sorted.",
            units=f"{len(view.values):,}",
            most=MOST,
            **_name(view),
        )
    if len(view.picture.values) != len(view.values):
        return view  # images of every example or channel, which have an order of their own
    values, _ = _compared(view)
    return SortedView(view.look, view.node, view.name, view.values, view, chained(values))


def _place(rows: Array, unit: int) -> int | None:
    found = np.flatnonzero(rows == unit)
    return int(found[0]) if found.size else None


def _name(view: View) -> dict[str, str]:
    return {"name": view.node.name}
