"""Matches other examples to what a network has learned: features by name, classes by word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import DataInfo
from netbuilder.data.encode import listed, number_text, one_hot
from netbuilder.data.table import Table
from netbuilder.errors import UserError

Floats = NDArray[np.float64]


def features_for(table: Table, feature_names: Sequence[str]) -> Floats:
    """X (m, n_x), not scaled, of other examples for a network that learned from `feature_names`.

    Columns are found by name, in any order, and more may be there.

    Raises:
        UserError: a column is missing, lacks a value, or holds a word that was not learned.
    """
    table = _renamed(table, feature_names)
    X = np.empty((table.m, len(feature_names)))
    words: dict[str, dict[str, int]] = {}
    for k, feature in enumerate(feature_names):
        if feature in table.columns and feature not in table.categories:
            X[:, k] = _filled(table, feature)
        else:
            column, word = _column_of(table, feature)
            words.setdefault(column, {})[word] = k
    for column, places in words.items():
        hot = one_hot(_codes(table, column, tuple(places)), len(places))
        X[:, list(places.values())] = hot
    return X


def targets_for(table: Table, info: DataInfo) -> Floats:
    """Y (m, n_y) of other examples, coded as `info` has it.

    Raises:
        UserError: a target column is missing, lacks a value, or holds a class that was not learned.
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
        for name in info.target_names:
            if name in table.categories:
                raise _not_numbers(table, name)
        return np.column_stack([_filled(table, name) for name in info.target_names])
    codes = _codes(table, info.target_names[0], info.class_names)
    if info.task == "binary":
        return codes[:, None].astype(np.float64)
    return one_hot(codes, len(info.class_names))


def _filled(table: Table, column: str) -> Floats:
    """A column's values, which must all be there."""
    values: Floats = table.column(column)
    missing = np.flatnonzero(np.isnan(values))
    if missing.size:
        raise UserError(
            "{source}, example {row}, has no value for {column!r}; fill it in, or leave the "
            "example out.",
            source=_source(table),
            row=int(missing[0]) + 1,
            column=column,
        )
    return values


def _codes(table: Table, column: str, known: Sequence[str]) -> NDArray[np.int64]:
    """For every example the place among `known` of its word in the column."""
    present, inverse = np.unique(_filled(table, column), return_inverse=True)
    words = table.categories.get(column)
    texts = [words[int(value)] if words else number_text(value) for value in present]
    place = {word: k for k, word in enumerate(known)}
    codes: NDArray[np.int64] = np.array([place.get(word, -1) for word in texts], dtype=np.int64)
    codes = codes[inverse.reshape(-1)]
    strange = np.flatnonzero(codes < 0)
    if strange.size:
        row = int(strange[0])
        raise UserError(
            "{source}, example {row}, has {found!r} in {column!r}, which the network never "
            "learned; it knows: {known}.",
            source=_source(table),
            row=row + 1,
            found=texts[int(inverse.reshape(-1)[row])],
            column=column,
            known=listed(known),
        )
    return codes


def _column_of(table: Table, feature: str) -> tuple[str, str]:
    """The column of words, and the word, of a feature such as "colour=red"."""
    for column in sorted(table.columns, key=len, reverse=True):
        if feature.startswith(f"{column}="):
            return column, feature[len(column) + 1 :]
    if feature in table.categories:
        raise _not_numbers(table, feature)
    raise UserError(
        "{source} has no column {name!r}, which the network takes as an input; it has: {columns}.",
        source=_source(table),
        name=feature.split("=")[0],
        columns=listed(table.columns),
    )


def _not_numbers(table: Table, column: str) -> UserError:
    return UserError(
        "{source}: the column {name!r} should hold numbers, but holds words such as {word!r}.",
        source=_source(table),
        name=column,
        word=table.categories[column][0],
    )


def _renamed(table: Table, feature_names: Sequence[str]) -> Table:
    """A file without a header has made-up names, the last of them y: all may be features here."""
    inputs = tuple(f"x{k + 1}" for k in range(len(feature_names)))
    if tuple(feature_names) == inputs and table.columns == (*inputs[:-1], "y"):
        return Table(table.values, inputs, name=table.name)
    return table


def _source(table: Table) -> str:
    return table.name or "The data"
