"""Makes a table ready for training: target chosen, words coded, split by seed, and scaled."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import DataInfo, Dataset, Part, Scaling
from netbuilder.data.encode import encode, encode_target, feature_columns, target_columns
from netbuilder.data.matching import features_for, targets_for
from netbuilder.data.split import Indices, split
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError

Floats = NDArray[np.float64]

SCALES = ("none", "standard", "minmax")

_GIVEN = (
    "This data brings its test part of {count} examples along; the share for it is of no effect."
)

_LARGEST = float(np.finfo(np.float32).max)


def prepare(
    table: Table,
    target: str,
    scale: str,
    validation: float,
    test: float,
    seed: int,
    target_scale: str = "none",
) -> Dataset:
    """The dataset that training sees; the same arguments give the same dataset.

    Examples with a missing value are left out, and a notice says how many. In every part the
    examples keep the table's order. Scaling is learned from the training part alone; that of the
    targets, ``target_scale``, is for numbers only and leaves classes as they are. Where the table
    brings its test part along, ``test`` is of no effect, and a notice says so.

    Raises:
        UserError: the target is not there or cannot be learned, nothing is left to learn from, a
            part would be empty, or values are beyond what can be computed with.
    """
    for name in (scale, target_scale):
        if name not in SCALES:
            raise UserError(
                "There is no scaling {scale!r}; expected one of: {known}.",
                scale=name,
                known=", ".join(SCALES),
            )
    targets = target_columns(table, target)
    columns, notices = feature_columns(table, targets)
    table, left_out = _complete(table, (*columns, *targets))
    names, X = encode(table, columns)
    goal = encode_target(table, targets)
    parts, given = _split(table, goal.codes, validation, test, seed)
    scaling = _learn(X[parts[0]], names, scale)
    of_target = None
    if goal.task == "regression":
        of_target = _learn(goal.Y[parts[0]], targets, target_scale)
    train, held_out, final = (_part(X[rows], goal.Y[rows], scaling, of_target) for rows in parts)
    for part in (train, held_out, final):
        _check_range(part.X, names, "Scale the features" if scaling is None else "Correct the data")
        _check_range(part.Y, targets, "Divide the target by a large number")
    info = DataInfo(
        name=table.name,
        m=table.m,
        feature_names=names,
        target_names=targets,
        task=goal.task,
        class_names=goal.class_names,
        image_shape=_image_shape(table, len(names)),
    )
    notices = (*table.notices, *notices, *left_out, *goal.notices, *given)
    return Dataset(info, train, held_out, final, scaling, notices, of_target)


def examples_for(
    table: Table, info: DataInfo, scaling: Scaling | None, of_target: Scaling | None = None
) -> Part:
    """Other examples with their targets, made ready just as those the network has learned from.

    Raises:
        UserError: a column is missing, lacks a value, or holds a word that was not learned.
    """
    X, Y = features_for(table, info.feature_names), targets_for(table, info)
    return _part(X, Y, scaling, of_target)


def _split(
    table: Table, codes: NDArray[np.int64] | None, validation: float, test: float, seed: int
) -> tuple[tuple[Indices, Indices, Indices], tuple[Message, ...]]:
    """The parts' row numbers, and a notice where the table knows better what the test part is."""
    if not table.test:
        return split(table.m, codes, validation, test, seed), ()
    left = table.m - table.test
    codes = None if codes is None else codes[:left]
    train, held_out, _ = split(left, codes, validation, 0.0, seed)
    notices = () if test == 0 else (Message(_GIVEN, count=table.test),)
    return (train, held_out, np.arange(left, table.m)), notices


def _complete(table: Table, columns: tuple[str, ...]) -> tuple[Table, tuple[Message, ...]]:
    """The examples that lack nothing in `columns`, and a notice of those left out."""
    where = [table.columns.index(name) for name in columns]
    missing = np.isnan(table.values[:, where])
    whole = np.asarray(~missing.any(axis=1))
    count = int(table.m - whole.sum())
    if not count:
        return table, ()
    worst = columns[int(missing.sum(axis=0).argmax())]
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
    left = dataclasses.replace(
        table,
        values=table.values[whole],
        test=int(np.count_nonzero(whole[table.m - table.test :])),
    )
    return left, (notice,)


def _learn(X: Floats, names: tuple[str, ...], scale: str) -> Scaling | None:
    """The scaling that brings X to mean 0 and deviation 1 ("standard"), or to 0 … 1 ("minmax")."""
    if scale == "none":
        return None
    low, high = X.min(axis=0), X.max(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        if scale == "minmax":
            shift, size = low, high - low
        else:
            shift, size = X.mean(axis=0), X.std(axis=0)
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
    return Part(
        _frozen(X if scaling is None else scaling.apply(X)),
        _frozen(Y if of_target is None else of_target.apply(Y)),
    )


def _frozen(values: Floats) -> Floats:
    values = np.ascontiguousarray(values, dtype=np.float64)
    values.setflags(write=False)
    return values
