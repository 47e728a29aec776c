"""Makes a table ready for training: target chosen, words coded, split by seed, and scaled."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import DataInfo, Dataset, InputColumn, Part, Recipe, Scaling
from netbuilder.data.encode import (
    encode_target,
    encoded,
    feature_columns,
    learned_inputs,
)
from netbuilder.data.matching import features_for, targets_for
from netbuilder.data.split import Indices, split
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError

Floats = NDArray[np.float64]

SCALES = ("none", "standard", "minmax")

_GIVEN = (
    "This data brings its test part of {count} examples along; the share for it is of no effect."
)

_BLOCK = 2**20
"""Numbers that are computed with at a time."""
_LARGEST = float(np.finfo(np.float32).max)


def prepare(
    table: Table,
    scale: str,
    validation: float,
    test: float,
    seed: int,
    target_scale: str = "none",
) -> Dataset:
    """The dataset that training sees; the same arguments give the same dataset.

    Missing values of features are filled in, or such examples left out, as the table's roles say;
    examples without a target are left out. Notices say how many. In every part the examples keep
    the table's order. Scaling is learned from the training part alone; that of the targets,
    ``target_scale``, is for numbers only and leaves classes as they are. Where the table brings its
    test part along, ``test`` is of no effect, and a notice says so.

    Raises:
        UserError: the target cannot be learned, nothing is left to learn from, a
            part would be empty, or values are beyond what can be computed with.
    """
    for name in (scale, target_scale):
        if name not in SCALES:
            raise UserError(
                "There is no scaling {scale!r}; expected one of: {known}.",
                scale=name,
                known=", ".join(SCALES),
            )
    targets = table.targets or table.columns[-1:]
    columns, notices = feature_columns(table, targets)
    missing = table.roles.missing
    needed = (*columns, *targets) if missing == "drop" else targets
    rows, left_out = _complete(table, needed)
    goal = encode_target(_taken(table, rows, targets), targets)
    parts, given = _split(table, rows, goal.codes, validation, test, seed)
    inputs = learned_inputs(table, columns, rows[parts[0]], missing)
    names = tuple(feature for column in inputs for feature in column.features)
    features = [encoded(table, inputs, rows[parts[0]])]
    shape = _image_shape(table, len(names))
    constant = () if shape is not None else _constant(features[0], inputs)
    scaling = _learn(features[0], names, scale)
    of_target = None
    if goal.task == "regression":
        of_target = _learn(goal.Y[parts[0]], targets, target_scale)
    # Part after part: a large table is in memory but once besides.
    train, held_out, final = (
        _part(
            features.pop() if features else encoded(table, inputs, rows[part]),
            goal.Y[part],
            scaling,
            of_target,
        )
        for part in parts
    )
    for part in (train, held_out, final):
        _check_range(part.X, names, "Scale the features" if scaling is None else "Correct the data")
        _check_range(part.Y, targets, "Divide the target by a large number")
    info = DataInfo(
        name=table.name,
        m=len(rows),
        feature_names=names,
        target_names=targets,
        task=goal.task,
        class_names=goal.class_names,
        image_shape=shape,
        kept_aside=(held_out.m, final.m),
    )
    filled = () if missing == "drop" else _filled(table, columns, rows)
    notices = (*table.notices, *notices, *constant, *left_out, *filled, *goal.notices, *given)
    return Dataset(info, train, held_out, final, scaling, notices, of_target, inputs, table.extent)


def examples_for(table: Table, recipe: Recipe) -> tuple[Part, tuple[Message, ...]]:
    """Other examples with their targets, made ready just as those the network has learned from,
    and what there is to say of them.

    Raises:
        UserError: a column is missing, or no example has a target that was learned.
    """
    rows, Y, left_out = targets_for(table, recipe.info)
    X, notices = features_for(table, recipe.inputs, rows)
    return _part(X, Y, recipe.scaling, recipe.target_scaling), (*left_out, *notices)


def _split(
    table: Table,
    rows: NDArray[np.int64],
    codes: NDArray[np.int64] | None,
    validation: float,
    test: float,
    seed: int,
) -> tuple[tuple[Indices, Indices, Indices], tuple[Message, ...]]:
    """The parts of these rows, and a notice where the table knows better what the test part is."""
    if not len(rows):
        return (rows, rows, rows), ()
    given = int(np.count_nonzero(rows >= table.m - table.test))
    if not given:
        return split(len(rows), codes, validation, test, seed), ()
    left = len(rows) - given
    codes = None if codes is None else codes[:left]
    train, held_out, _ = split(left, codes, validation, 0.0, seed)
    notices = () if test == 0 else (Message(_GIVEN, count=given),)
    return (train, held_out, np.arange(left, len(rows))), notices


def _taken(table: Table, rows: NDArray[np.int64], columns: tuple[str, ...]) -> Table:
    """Some rows of some columns."""
    return dataclasses.replace(
        table,
        values=np.column_stack([table.column(name)[rows] for name in columns]),
        columns=columns,
        categories={name: table.categories[name] for name in columns if name in table.categories},
    )


def _complete(
    table: Table, columns: tuple[str, ...]
) -> tuple[NDArray[np.int64], tuple[Message, ...]]:
    """The rows that lack nothing in `columns`, and a notice of those left out."""
    whole = np.ones(table.m, dtype=bool)
    gaps = []
    for name in columns:
        missing = np.isnan(table.column(name))
        gaps.append(int(missing.sum()))
        whole &= ~missing
    count = int(table.m - whole.sum())
    if not count:
        return np.arange(table.m), ()
    worst = columns[int(np.argmax(gaps))]
    if count == table.m:
        raise UserError(
            "Every one of the {m} examples lacks a value, most often in {worst!r}; fill values in, "
            "or take that column out of the data.",
            m=table.m,
            worst=worst,
        )
    notice = Message(
        "{count} of {m} examples are left out because a value is missing, most often in {worst!r} "
        "(the first is example {first}).",
        count=count,
        m=table.m,
        worst=worst,
        first=int(np.argmin(whole)) + 1,
    )
    return np.flatnonzero(whole), (notice,)


_WAYS = {
    "median": "the median, or the most frequent word",
    "mean": "the mean, or the most frequent word",
    "frequent": "the most frequent value",
    "own": "the median, and of words by a category of their own",
}


def _filled(table: Table, columns: tuple[str, ...], rows: NDArray[np.int64]) -> tuple[Message, ...]:
    """How many values of features were filled in."""
    counts = {name: int(np.isnan(table.column(name)[rows]).sum()) for name in columns}
    total = sum(counts.values())
    if not total:
        return ()
    return (
        Message(
            "{count:,} missing values are filled in by {way}, most of them in {worst!r} "
            "({most:,} of {m:,}).",
            count=total,
            way=Message(_WAYS[table.roles.missing]),
            worst=max(counts, key=lambda name: counts[name]),
            most=max(counts.values()),
            m=len(rows),
        ),
    )


def _constant(X: Floats, inputs: Sequence[InputColumn]) -> tuple[Message, ...]:
    """A notice of the columns that are the same in all these examples (m, n_x)."""
    if len(X) < 2:
        return ()
    varies = X.min(axis=0) != X.max(axis=0)
    widths = [len(column.features) for column in inputs]
    starts = np.cumsum([0, *widths[:-1]])
    same = np.flatnonzero(~np.logical_or.reduceat(varies, starts))
    if not same.size:
        return ()
    text = (
        "Nothing can be learned from the column {first!r}, which is the same in all {m:,} examples."
        if same.size == 1
        else "Nothing can be learned from {count:,} columns, such as {first!r}, each of which is "
        "the same in all {m:,} examples."
    )
    return (Message(text, count=int(same.size), first=inputs[same[0]].name, m=len(X)),)


def _learn(X: Floats, names: tuple[str, ...], scale: str) -> Scaling | None:
    """The scaling that brings X to mean 0 and deviation 1 ("standard"), or to 0 … 1 ("minmax")."""
    if scale == "none":
        return None
    if not len(X):
        return Scaling(_frozen(np.zeros(X.shape[1])), _frozen(np.ones(X.shape[1])))
    low, high = X.min(axis=0), X.max(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        if scale == "minmax":
            shift, size = low, high - low
        else:
            shift, size = X.mean(axis=0), _deviation(X)
    constant = (low == high) | (size == 0)
    shift, size = np.where(constant, low, shift), np.where(constant, 1.0, size)
    wrong = np.flatnonzero(~np.isfinite(shift) | ~np.isfinite(size))
    if wrong.size:
        raise UserError(
            "The values of {name!r} reach from {low:.3g} to {high:.3g}, too far to be scaled; "
            "correct them, or leave the column out.",
            name=names[wrong[0]],
            low=low[wrong[0]],
            high=high[wrong[0]],
        )
    return Scaling(_frozen(shift), _frozen(size))


def _deviation(X: Floats) -> Floats:
    """(n,), some columns at a time: NumPy makes a copy of what it is asked for."""
    width = max(1, _BLOCK // max(1, len(X)))
    return np.concatenate([X[:, at : at + width].std(axis=0) for at in range(0, X.shape[1], width)])


def _check_range(values: Floats, names: tuple[str, ...], remedy: str) -> None:
    """Refuses what would be infinite in float32."""
    if not values.size:
        return
    largest = np.maximum(values.max(axis=0), -values.min(axis=0))
    worst = int(largest.argmax())
    if not largest[worst] <= _LARGEST:
        raise UserError(
            "{name!r} holds {value:.3g}, beyond the {most:.1e} that training can compute with. "
            "{remedy}.",
            name=names[worst % len(names)],
            value=largest[worst],
            most=_LARGEST,
            remedy=remedy,
        )


def _image_shape(table: Table, features: int) -> tuple[int, int] | None:
    shape = table.image_shape
    return shape if shape is not None and shape[0] * shape[1] == features else None


def _part(X: Floats, Y: Floats, scaling: Scaling | None, of_target: Scaling | None) -> Part:
    """X is scaled in place: there is not always memory for another."""
    if scaling is not None:
        X -= scaling.shift
        X /= scaling.scale
    return Part(_frozen(X), _frozen(Y if of_target is None else of_target.apply(Y)))


def _frozen(values: Floats) -> Floats:
    values = np.ascontiguousarray(values, dtype=np.float64)
    values.setflags(write=False)
    return values
