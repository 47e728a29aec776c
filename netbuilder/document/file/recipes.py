"""What was learned of the data, as plain values for a file, and back again, checked."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from netbuilder.data.dataset import TASKS, DataInfo, InputColumn, Recipe, Scaling
from netbuilder.data.roles import order_of
from netbuilder.data.stamp import Stamp
from netbuilder.errors import Message


class InputRecord(msgspec.Struct, omit_defaults=True):
    name: str
    words: list[str] = []
    fill: float = 0.0
    order: list[str] = []


class ScalingRecord(msgspec.Struct):
    shift: list[float]
    scale: list[float]


class RecipeRecord(msgspec.Struct, omit_defaults=True):
    """Everything with which other examples are made ready as those of the training were."""

    name: str
    m: int
    target_names: list[str]
    task: str
    inputs: list[InputRecord]
    class_names: list[str] = []
    image_shape: tuple[int, int] | None = None
    kept_aside: tuple[int, int] = (0, 0)
    scaling: ScalingRecord | None = None
    target_scaling: ScalingRecord | None = None
    stamp: Stamp | None = None
    """Of the file that it was learned from."""
    test_stamp: Stamp | None = None
    """Of the test file."""


def record_of_recipe(
    recipe: Recipe, stamp: Stamp | None = None, test_stamp: Stamp | None = None
) -> RecipeRecord:
    info = recipe.info
    return RecipeRecord(
        name=info.name,
        m=info.m,
        target_names=list(info.target_names),
        task=info.task,
        inputs=[
            InputRecord(column.name, list(column.words), column.fill, list(column.order))
            for column in recipe.inputs
        ],
        class_names=list(info.class_names),
        image_shape=info.image_shape,
        kept_aside=info.kept_aside,
        scaling=_scaling_record(recipe.scaling),
        target_scaling=_scaling_record(recipe.target_scaling),
        stamp=stamp,
        test_stamp=test_stamp,
    )


def recipe_of_record(record: RecipeRecord) -> Recipe | Message:
    """The recipe, or why it makes no sense."""
    inputs = tuple(
        InputColumn(column.name, tuple(column.words), column.fill, tuple(column.order))
        for column in record.inputs
    )
    features = tuple(feature for column in inputs for feature in column.features)
    classes = {"binary": 2, "classes": max(2, len(record.class_names)), "regression": 0}
    shape = record.image_shape
    sound = (
        record.task in TASKS
        and len(record.class_names) == classes[record.task]
        and len(record.target_names) >= 1
        and len({column.name for column in inputs}) == len(inputs) > 0
        and record.m > sum(record.kept_aside)
        and min(record.kept_aside) >= 0
        and all(math.isfinite(column.fill) for column in inputs)
        and all(order_of(column.order) is not None for column in inputs if column.order)
        and all(int(column.fill) in range(len(column.words)) for column in inputs if column.words)
        and (shape is None or (min(shape) >= 1 and shape[0] * shape[1] == len(features)))
        and (record.scaling is None or _is_sound(record.scaling, len(features)))
        and (
            record.target_scaling is None
            or _is_sound(record.target_scaling, len(record.target_names))
        )
    )
    if not sound:
        return Message(
            "What was learned of the data is damaged in this file, so that it is learned anew."
        )
    info = DataInfo(
        name=record.name,
        m=record.m,
        feature_names=features,
        target_names=tuple(record.target_names),
        task=record.task,
        class_names=tuple(record.class_names),
        image_shape=shape,
        kept_aside=record.kept_aside,
    )
    return Recipe(info, inputs, _scaling(record.scaling), _scaling(record.target_scaling))


def _scaling_record(scaling: Scaling | None) -> ScalingRecord | None:
    if scaling is None:
        return None
    return ScalingRecord(scaling.shift.tolist(), scaling.scale.tolist())


def _scaling(record: ScalingRecord | None) -> Scaling | None:
    if record is None:
        return None
    arrays = np.array(record.shift), np.array(record.scale)
    for array in arrays:
        array.setflags(write=False)
    return Scaling(*arrays)


def _is_sound(record: ScalingRecord, width: int) -> bool:
    return (
        len(record.shift) == len(record.scale) == width
        and all(map(math.isfinite, (*record.shift, *record.scale)))
        and all(record.scale)
    )
