"""From a table's columns to numbers for a network: features, and a target with its task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import InputColumn
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError
from netbuilder.machine import check_room
from netbuilder.numbers import byte_count

Floats = NDArray[np.float64]

MAX_CLASSES = 1000
MAX_NUMBERED_CLASSES = 20
"""A target of whole numbers with more values than this is a number, not a class."""
MAX_WORDS = 100
"""A feature with more different words than this is left out."""
MAX_BYTES = 2 * 10**9
"""The features of all examples, as float64, take no more than this."""

_ROW_NUMBER_NAMES = {"", "id", "index", "no", "nr", "row", "number", "column 1"}
_ROW_NUMBER_NAMES |= {"unnamed: 0", "__index_level_0__"}  # as pandas calls them


@dataclass(frozen=True, eq=False)
class Target:
    """The target of every example, before the split."""

    task: str
    Y: Floats
    """(m, n_y)"""
    codes: NDArray[np.int64] | None
    """(m,) the number of each example's class; None for regression."""
    class_names: tuple[str, ...]
    notices: tuple[Message, ...] = ()


def feature_columns(
    table: Table, targets: Sequence[str]
) -> tuple[tuple[str, ...], tuple[Message, ...]]:
    """The columns to learn from, and a notice for each that is of no use and left out.

    Left out are columns of names or identifiers, row numbers, and columns mostly without values.

    Raises:
        UserError: no column is left.
    """
    kept: list[str] = []
    notices: list[Message] = []
    roles = dict(table.roles.columns)
    for name in table.columns:
        if name in targets:
            continue
        role = roles.get(name)
        if role == "skip":
            continue
        notice = None if role else useless(table, name)
        if notice is None:
            kept.append(name)
        else:
            notices.append(notice)
    if not kept:
        reasons = " ".join(str(notice) for notice in notices)
        raise UserError(
            "There is no column to learn from besides {targets}: expected at least one feature. "
            "{reasons}",
            targets=listed(targets),
            reasons=reasons or "Add a column to the data, or choose another target.",
        )
    return tuple(kept), tuple(notices)


def learned_inputs(
    table: Table, columns: Sequence[str], rows: NDArray[np.int64], missing: str
) -> tuple[InputColumn, ...]:
    """What the features are made from, with what stands for a missing value, from these rows."""
    return tuple(_learned_input(table, name, rows, missing) for name in columns)


def _learned_input(table: Table, name: str, rows: NDArray[np.int64], missing: str) -> InputColumn:
    values = table.column(name)[rows]
    gaps = np.isnan(values)
    filled = values[~gaps] if gaps.any() else values
    words = table.categories.get(name, ())
    if words:
        counts = np.bincount(filled.astype(np.int64), minlength=len(words))
        if missing == "own" and np.isnan(table.column(name)).any():
            words = (*words, _no_word(words))
            return InputColumn(name, words, float(len(words) - 1))
        return InputColumn(name, words, float(counts.argmax()))
    order = table.orders.get(name, ())
    if not len(filled):
        return InputColumn(name, order=order)
    if missing == "mean":
        return InputColumn(name, fill=float(filled.mean()), order=order)
    if missing == "frequent":
        present, counts = np.unique(filled, return_counts=True)
        return InputColumn(name, fill=float(present[counts.argmax()]), order=order)
    return InputColumn(name, fill=float(np.median(filled)), order=order)


def _no_word(words: tuple[str, ...]) -> str:
    """The name of the category of missing values, which no other has."""
    name = "missing"
    while name in words:
        name = f"({name})"
    return name


def encoded(
    table: Table, inputs: Sequence[InputColumn], rows: NDArray[np.int64] | None = None
) -> Floats:
    """The features (m, n_x) of these rows, or of all; missing values are filled in.

    Raises:
        UserError: they would not fit in memory.
    """
    m = table.m if rows is None else len(rows)
    n = sum(len(column.features) for column in inputs)
    if m * n * 8 > MAX_BYTES:
        raise UserError(
            "{m} examples of {n} features need {size}, expected at most {most}; "
            "leave out examples, or columns with many different words.",
            m=m,
            n=n,
            size=byte_count(m * n * 8),
            most=byte_count(MAX_BYTES),
        )
    check_room(table.name or Message("The table"), m * n * 8)
    X = np.empty((m, n))
    at = 0
    for column in inputs:
        values = table.column(column.name)
        values = values if rows is None else values[rows]
        gaps = np.isnan(values)
        if gaps.any():
            values = np.where(gaps, column.fill, values)
        width = len(column.features)
        X[:, at : at + width] = one_hot(values, width) if column.words else values[:, None]
        at += width
    return X


def encode_target(table: Table, targets: Sequence[str]) -> Target:
    """Y and the task that follows from it; rows without a value must be gone.

    Two words, or the numbers 0 and 1: binary. More words: classes. Whole numbers 0 … k−1 or 1 … k,
    or two whole numbers, each seen five times on average: classes too, and a notice says so.
    All else is regression. A table that knows its own ``task`` is taken at its word.

    Raises:
        UserError: nothing can be learned from the column.
    """
    chosen = table.roles.task
    if len(targets) > 1:
        for name in targets:
            if name in table.categories:
                raise UserError(
                    "{name!r} holds words, so it can only be predicted alone; choose one target.",
                    name=name,
                )
        Y = np.column_stack([table.column(name) for name in targets])
        return Target("regression", Y, None, ())

    (name,) = targets
    values = table.column(name)
    if table.task == "regression":
        return Target("regression", values[:, None].copy(), None, ())
    if table.task == "class":
        return _of_classes(values.astype(np.int64), table.categories[name])
    present = np.unique(values)
    if len(present) < 2:
        words = table.categories.get(name)
        only = words[int(present[0])] if words else number_text(present[0])
        raise UserError(
            "The target {name!r} is {only!r} in every example, so there is nothing to learn; "
            "choose another target, or add examples that differ.",
            name=name,
            only=only,
        )
    notices: tuple[Message, ...] = ()
    if name in table.categories:
        class_names = tuple(table.categories[name][int(code)] for code in present)
        if not chosen and looks_like_names(len(present), table.m):
            raise UserError(
                "The target {name!r} has {count} different words in {m} examples, which looks like "
                "names rather than classes; choose another target, or save numbers with a decimal "
                "point if they are to be predicted as numbers.",
                name=name,
                count=len(present),
                m=table.m,
            )
    elif not chosen and _are_classes(present, table.m):
        class_names = tuple(number_text(value) for value in present)
        if len(present) > 2:
            notices = (
                Message(
                    "The target {name!r} holds only the whole numbers {first} to {last}, so they "
                    "are taken as {count} classes.",
                    name=name,
                    first=class_names[0],
                    last=class_names[-1],
                    count=len(present),
                ),
            )
    else:
        return Target("regression", values[:, None].copy(), None, ())
    codes = np.searchsorted(present, values).astype(np.int64)
    return _of_classes(codes, class_names, notices)


def _of_classes(
    codes: NDArray[np.int64], class_names: tuple[str, ...], notices: tuple[Message, ...] = ()
) -> Target:
    if len(class_names) == 2:
        return Target("binary", codes[:, None].astype(np.float64), codes, class_names)
    return Target("classes", one_hot(codes, len(class_names)), codes, class_names, notices)


def number_text(value: float) -> str:
    """A number as the name of a class: 3, not 3.0."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def looks_like_names(different: int, m: int) -> bool:
    """Whether words are so many, or so seldom repeated, that they name examples, not classes."""
    return different > MAX_CLASSES or (different > 20 and different * 2 > m)


def one_hot(codes: NDArray[np.float64] | NDArray[np.int64], width: int) -> Floats:
    """(m, width) of 0 and 1, from the codes (m,)."""
    hot: NDArray[np.bool_] = codes[:, None] == np.arange(width)
    return hot.astype(np.float64)


def listed(names: Sequence[str]) -> str:
    """Names for a sentence; the first dozen when there are many."""
    shown = ", ".join(names[:12])
    return shown if len(names) <= 12 else f"{shown}, … ({len(names)} in all)"


def useless(table: Table, name: str) -> Message | None:
    """Why nothing can be learned from a column; None where something can."""
    # A test part has no say in it.
    m = table.m - table.test
    values = table.column(name)[:m]
    missing = int(np.isnan(values).sum())
    if missing * 2 > m:
        return Message(
            "The column {name!r} is left out: {missing} of its {m} values are missing.",
            name=name,
            missing=missing,
            m=m,
        )
    words = table.categories.get(name)
    if words is not None and (len(words) > MAX_WORDS or looks_like_names(len(words), m)):
        return Message(
            "The column {name!r} is left out: it has {count} different words in {m} examples, "
            "which looks like names rather than categories.",
            name=name,
            count=len(words),
            m=m,
        )
    counts_rows = m > 2 and words is None and bool(np.all(np.diff(values) == 1))
    if counts_rows and name.strip().casefold() in _ROW_NUMBER_NAMES:
        return Message("The column {name!r} is left out: it only numbers the rows.", name=name)
    return None


def _are_classes(present: Floats, m: int) -> bool:
    """Whether a column with these different numbers, sorted, holds classes."""
    k = len(present)
    if np.array_equal(present, [0, 1]):
        return True
    if k > MAX_NUMBERED_CLASSES or m < 5 * k or not np.all(present == np.round(present)):
        return False
    return k == 2 or (present[0] in (0, 1) and present[-1] - present[0] == k - 1)
