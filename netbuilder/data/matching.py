"""Matches other examples to what a network has learned: features by name, classes by word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import DataInfo, InputColumn
from netbuilder.data.encode import listed, number_text, one_hot
from netbuilder.data.roles import order_of
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError

Floats = NDArray[np.float64]
Notices = tuple[Message, ...]


def features_for(
    table: Table, inputs: Sequence[InputColumn], rows: NDArray[np.int64] | None = None
) -> tuple[Floats, Notices]:
    """X (m, n_x), not scaled, of other examples for a network that learned from `inputs`.

    Columns are found by name, in any order, and more may be there. What is missing is filled in as
    it was learned, and so is a word that was never seen; notices count them.

    Raises:
        UserError: a column is missing, or holds words in place of numbers.
    """
    table = _renamed(table, inputs)
    m = table.m if rows is None else len(rows)
    X = np.empty((m, sum(len(column.features) for column in inputs)))
    notices: list[Message] = []
    at = 0
    for column in inputs:
        if column.name not in table.columns:
            raise UserError(
                "{source} has no column {name!r}, which the network takes as an input; it has: "
                "{columns}.",
                source=_source(table),
                name=column.name,
                columns=listed(table.columns),
            )
        values = (
            codes_in(table, column.name, column.words)
            if column.words
            else numbers_in(table, column)
        )
        values = values if rows is None else values[rows]
        strange = values < 0 if column.words else np.zeros(m, dtype=bool)
        gaps = np.isnan(values) | strange
        if gaps.any():
            notices += _told(table, column, gaps & ~strange, strange, rows)
            values = np.where(gaps, column.fill, values)
        width = len(column.features)
        X[:, at : at + width] = one_hot(values, width) if column.words else values[:, None]
        at += width
    return X, tuple(notices)


def targets_for(table: Table, info: DataInfo) -> tuple[NDArray[np.int64], Floats, Notices]:
    """The rows of other examples that have a target which was learned, and their Y (rows, n_y).

    Raises:
        UserError: a target column is missing, or none of the examples has such a target.
    """
    for name in info.target_names:
        if name not in table.columns:
            raise UserError(
                "{source} has no column {name!r}, which the network predicts; it has: {columns}.",
                source=_source(table),
                name=name,
                columns=listed(table.columns),
            )
    if info.task == "regression":
        Y = np.column_stack([numbers_in(table, InputColumn(name)) for name in info.target_names])
        known = ~np.isnan(Y).any(axis=1)
    else:
        codes = codes_in(table, info.target_names[0], info.class_names)
        known = codes >= 0
        Y = codes[:, None] if info.task == "binary" else one_hot(codes, len(info.class_names))
    rows = np.flatnonzero(known)
    left = table.m - len(rows)
    if not len(rows):
        raise UserError(
            "{source} has no example whose {name!r} the network has learned{known}.",
            source=_source(table),
            name=info.target_names[0],
            known=f"; it knows: {listed(info.class_names)}" if info.class_names else "",
        )
    if not left:
        return rows, Y, ()
    notice = Message(
        "{count:,} of {m:,} examples are left out, as {name!r} is missing there or was never "
        "learned (the first is example {first}).",
        count=left,
        m=table.m,
        name=info.target_names[0],
        first=int(np.argmin(known)) + 1,
    )
    return rows, Y[rows], (notice,)


def _told(
    table: Table,
    column: InputColumn,
    missing: NDArray[np.bool_],
    strange: NDArray[np.bool_],
    rows: NDArray[np.int64] | None,
) -> list[Message]:
    fill = column.words[int(column.fill)] if column.words else f"{column.fill:.6g}"
    found = []
    if missing.any():
        found.append(
            Message(
                "{count:,} of {m:,} examples have no value for {name!r}, which is taken as {fill}.",
                count=int(missing.sum()),
                m=len(missing),
                name=column.name,
                fill=fill,
            )
        )
    if strange.any():
        row = int(np.flatnonzero(strange)[0])
        code = table.column(column.name)[row if rows is None else rows[row]]
        words = table.categories.get(column.name)
        found.append(
            Message(
                "{count:,} of {m:,} examples have a word in {name!r} that was never learned, such "
                "as {word!r}; it is taken as {fill}.",
                count=int(strange.sum()),
                m=len(strange),
                name=column.name,
                word=words[int(code)] if words else number_text(code),
                fill=fill,
            )
        )
    return found


def numbers_in(table: Table, column: InputColumn) -> Floats:
    """A column's numbers; NaN where one is missing."""
    values: Floats = table.column(column.name)
    words = table.categories.get(column.name)
    if words is None:
        return values
    order = _places(words, column.order) if column.order else order_of(words)
    if order is None:
        raise UserError(
            "{source}: the column {name!r} should hold numbers, but holds words such as {word!r}.",
            source=_source(table),
            name=column.name,
            word=words[0],
        )
    gaps = np.isnan(values)
    found: Floats = np.where(gaps, np.nan, np.array(order)[np.where(gaps, 0, values).astype(int)])
    return found


def _places(words: Sequence[str], known: tuple[str, ...]) -> tuple[float, ...]:
    """The number of each word in an order that was learned; NaN for a word that has none there."""
    order = dict(zip((word.casefold() for word in known), order_of(known) or (), strict=False))
    return tuple(order.get(word.casefold(), np.nan) for word in words)


def codes_in(table: Table, column: str, known: Sequence[str]) -> Floats:
    """For every example the place among `known` of its word in the column.

    −1 for a word that is not there, NaN where it is missing.
    """
    values = table.column(column)
    words = table.categories.get(column)
    present, inverse = np.unique(values, return_inverse=True)
    place = {word: float(k) for k, word in enumerate(known)}
    codes = np.array(
        [
            np.nan
            if np.isnan(value)
            else place.get(words[int(value)] if words else number_text(value), -1.0)
            for value in present
        ]
    )
    found: Floats = codes[inverse.reshape(-1)]
    return found


def _renamed(table: Table, inputs: Sequence[InputColumn]) -> Table:
    """A file without a header has made-up names, the last of them y: all may be features here."""
    names = tuple(f"x{k + 1}" for k in range(len(inputs)))
    if tuple(column.name for column in inputs) == names and table.columns == (*names[:-1], "y"):
        categories = {names[-1] if n == "y" else n: w for n, w in table.categories.items()}
        return Table(table.values, names, categories, name=table.name)
    return table


def _source(table: Table) -> str:
    return table.name or "The data"
