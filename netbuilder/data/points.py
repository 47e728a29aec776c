"""Points drawn by hand: what a pencil, a rubber and a hand make of a table of few columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.table import Table

Floats = NDArray[np.float64]
Extent = Mapping[str, tuple[float, float]]

MOST = 5_000
"""Points that a drawing may have: more are no drawing, and each step of undo holds them."""
PLANE = (-5.0, 5.0)
"""What an empty plane shows of each column; toy sets reach to about ±4."""
_NAMES = tuple("0123456789")
MOST_CLASSES = len(_NAMES)


def can_be_drawn_on(table: Table) -> bool:
    """Whether its examples are points of a plane: one or two features, and a target of its own."""
    return bool(table.task) and len(table.targets) == 1 and 2 <= len(table.columns) <= 3


def features_of(table: Table) -> tuple[str, ...]:
    """The columns that are no target."""
    return tuple(name for name in table.columns if name not in table.targets)


def axes_of(table: Table) -> tuple[str, str]:
    """The columns that a place in the plane gives: two features, or one and the target."""
    features = features_of(table)
    return features[0], (features[1] if len(features) > 1 else table.targets[0])


def places(table: Table) -> Floats:
    """(m, 2): where its examples are in the plane."""
    return np.column_stack([table.column(name) for name in axes_of(table)])


def shown(table: Table) -> Extent:
    """What views show of each column at least."""
    return {name: table.extent.get(name, PLANE) for name in table.columns}


def kept_in_view(table: Table, extent: Extent) -> Table:
    """The table with what views show of it now, so that the plane stays while it is drawn in."""
    return table if table.extent else replace(table, extent=dict(extent))


def added(table: Table, at: Floats, value: float) -> Table:
    """With points at these places (k, 2), of this class or with this number.

    In a plane of one feature the place says the number. No more than MOST are taken.
    """
    at = at[: max(0, MOST - table.m)]
    columns = dict(zip(axes_of(table), at.T, strict=True))
    rows = [columns.get(name, np.full(len(at), value)) for name in table.columns]
    return replace(table, values=np.vstack([table.values, np.column_stack(rows)]))


def without(table: Table, rows: NDArray[np.bool_]) -> Table:
    """Without the examples for which ``rows`` (m,) is true."""
    return replace(table, values=table.values[~rows])


def moved(table: Table, row: int, to: tuple[float, float]) -> Table:
    """With one example somewhere else."""
    values = table.values.copy()
    for name, value in zip(axes_of(table), to, strict=True):
        values[row, table.columns.index(name)] = value
    return replace(table, values=values)


def with_one_more_class(table: Table) -> Table:
    """With a class that no example has yet; as it is where there can be no more."""
    (target,) = table.targets
    words = table.categories[target]
    free = [name for name in _NAMES if name not in words]
    if not free:
        return table
    return replace(table, categories={**table.categories, target: (*words, free[0])})
