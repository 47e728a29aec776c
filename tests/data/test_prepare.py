"""Preparation: tasks, missing values, splits and scaling, from the table to the dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netbuilder.data.dataset import Dataset
from netbuilder.data.files import read_table
from netbuilder.data.prepare import SCALES, prepare
from netbuilder.data.roles import assigned
from netbuilder.data.sources import SOURCES, table_for
from netbuilder.data.table import Roles, Table
from netbuilder.errors import UserError


def parts(dataset: Dataset) -> tuple[Any, ...]:
    return dataset.train, dataset.validation, dataset.test


def numbers(X: Any, y: Any = None) -> Table:
    X = np.asarray(X, dtype=float)
    y = np.linspace(0.1, 0.9, len(X)) if y is None else np.asarray(y, dtype=float)
    return Table(np.column_stack([X, y]), (*(f"x{k + 1}" for k in range(X.shape[1])), "y"))


@pytest.mark.parametrize("name", [name for name in SOURCES if SOURCES[name].kind != "blank"])
@pytest.mark.parametrize("scale", SCALES)
def test_every_source(name: str, scale: str) -> None:
    table = table_for(name, "", 200, 1.0, 1)
    dataset = prepare(table, scale, 0.2, 0.1, 1)
    info = dataset.info
    assert info.name == name
    assert info.m == table.m == sum(part.m for part in parts(dataset))
    three = dict.fromkeys(("iris", "penguins", "wine", "course_spiral"), 3)
    assert info.n_y == {**three, "digits": 10, "digits_copied": 64}.get(name, 1)
    one = "regression" if name in ("houses", "line", "sine", "plane", "hills") else "binary"
    many = "regression" if name == "digits_copied" else "classes"
    assert info.task == (one if info.n_y == 1 else many)
    assert info.image_shape == ((8, 8) if name.startswith("digits") else None)
    assert len(dataset.notices) == (table.test > 0 or name == "penguins")  # which have gaps
    for part in parts(dataset):
        assert part.X.shape == (part.m, info.n_x) and part.Y.shape == (part.m, info.n_y)
        for values in (part.X, part.Y):
            assert values.dtype == np.float64
            assert values.flags.c_contiguous and not values.flags.writeable
            assert np.isfinite(values).all()


def test_flower_is_left_as_the_course_has_it() -> None:
    table = table_for("flower", "", 400, 1.0, 1)
    dataset = prepare(table, "none", 0.0, 0.0, 1)
    assert np.array_equal(dataset.train.X, table.values[:, :2])
    assert np.array_equal(dataset.train.Y, table.values[:, 2:])
    assert dataset.scaling is None
    assert dataset.validation.X.shape == (0, 2) and dataset.test.Y.shape == (0, 1)


def test_examples_keep_their_order_and_their_targets() -> None:
    table = numbers(np.arange(100.0)[:, None], np.arange(100.0) * 2 + 0.5)
    for part in parts(prepare(table, "none", 0.3, 0.2, 4)):
        assert np.array_equal(part.Y, part.X * 2 + 0.5)
        assert np.all(np.diff(part.X[:, 0]) > 0)


def test_choosing_another_target() -> None:
    table = table_for("iris", "", 0, 0, 0)
    dataset = prepare(replace(table, targets=("petal length",)), "none", 0, 0, 1)
    assert dataset.info.task == "regression"
    assert dataset.info.target_names == ("petal length",)
    assert dataset.info.feature_names[3:] == (
        "species=setosa",
        "species=versicolor",
        "species=virginica",
    )


@settings(deadline=None)
@given(
    X=arrays(
        np.float64,
        st.tuples(st.integers(8, 30), st.integers(1, 4)),
        elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
    ),
    scale=st.sampled_from(["standard", "minmax"]),
    seed=st.integers(0, 1000),
)
def test_scaling_is_learned_from_training_alone(X: Any, scale: str, seed: int) -> None:
    raw = prepare(numbers(X), "none", 0.3, 0.2, seed)
    dataset = prepare(numbers(X), scale, 0.3, 0.2, seed)
    scaling = dataset.scaling
    assert scaling is not None and np.all(scaling.scale > 0)
    train = raw.train.X
    if scale == "minmax":
        shift, size = train.min(axis=0), np.ptp(train, axis=0)
    else:
        shift, size = train.mean(axis=0), train.std(axis=0)
    varies = np.ptp(train, axis=0) > 0
    assert np.allclose(scaling.shift, shift)
    assert np.allclose(scaling.scale[varies], size[varies])
    assert np.all(scaling.scale[~varies] == 1)
    assert np.all(dataset.train.X[:, ~varies] == 0)
    for scaled, unscaled in zip(parts(dataset), parts(raw), strict=True):
        assert np.array_equal(scaled.X, scaling.apply(unscaled.X))
        assert np.allclose(scaling.undo(scaled.X), unscaled.X, rtol=1e-9, atol=1e-6)
        assert np.array_equal(scaled.Y, unscaled.Y)


def test_other_parts_do_not_touch_the_scaling() -> None:
    X = np.random.RandomState(0).randn(50, 2)
    X[:, 0] = np.arange(50)  # tells which rows went where
    raw = prepare(numbers(X), "none", 0.2, 0.2, 3)
    held_out = np.concatenate([raw.validation.X[:, 0], raw.test.X[:, 0]]).astype(int)
    spoilt = X.copy()
    spoilt[held_out, 1] *= 1000
    clean, other = (prepare(numbers(values), "standard", 0.2, 0.2, 3) for values in (X, spoilt))
    assert np.array_equal(clean.train.X, other.train.X)
    assert np.ptp(other.validation.X[:, 1]) > 100 * np.ptp(clean.validation.X[:, 1])


@pytest.mark.parametrize("scale", ["standard", "minmax"])
@pytest.mark.parametrize("value", [0.0, 0.1, -1e30, 3e-320])
def test_constant_column(scale: str, value: float) -> None:
    dataset = prepare(numbers([[value, 1.0], [value, 2.0], [value, 4.0]]), scale, 0, 0, 1)
    assert dataset.train.X[:, 0].tolist() == [0, 0, 0]
    assert np.ptp(dataset.train.X[:, 1]) > 0


def test_rows_with_missing_values_are_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a,b,kind\n1,2,x\nNA,2,y\n3,4,y\n5,NA,x\nNA,1,x\n6,6,\n7,7,x\n")
    table = assigned(read_table(path), Roles(missing="drop"))
    dataset = prepare(table, "none", 0, 0, 1)
    assert dataset.train.X.tolist() == [[1, 2], [3, 4], [7, 7]]
    assert dataset.info.m == 3
    (notice,) = dataset.notices
    assert str(notice) == (
        "4 of 7 examples are left out because a value is missing, most often in 'a' "
        "(the first is example 2)."
    )


def test_missing_values_in_columns_left_out_cost_no_rows() -> None:
    sparse = np.where(np.arange(10) < 7, np.nan, 1.0)
    table = numbers(np.column_stack([np.arange(10.0), sparse]))
    dataset = prepare(table, "none", 0, 0, 1)
    assert dataset.info.feature_names == ("x1",)
    assert dataset.train.m == 10
    assert "'x2' is left out: 7 of its 10 values are missing" in str(dataset.notices[0])


def test_every_row_lacks_something() -> None:
    table = numbers([[1, np.nan], [np.nan, 1], [2, np.nan], [np.nan, 2]])
    table = assigned(table, Roles(missing="drop"))
    with pytest.raises(UserError, match="Every one of the 4 examples lacks a value"):
        prepare(table, "none", 0, 0, 1)


def test_notices_of_reading_are_passed_on(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("1,2,0.5\n3,4,0.7\n")
    (notice,) = prepare(read_table(path), "none", 0, 0, 1).notices
    assert "no header" in str(notice)


@pytest.mark.parametrize(
    ("X", "y", "scale", "sentence"),
    [
        ([[1e39], [1]], None, "none", r"'x1' holds 1e\+39, beyond .* Scale the features"),
        ([[-1e39], [1]], None, "none", r"beyond"),
        ([[1e200], [1]], None, "standard", r"'x1' reach from 1 to 1e\+200, too far"),
        ([[1e308], [-1e308]], None, "minmax", r"too far to be scaled"),
        ([[1], [2]], [1e39, 0], "none", r"'y' holds 1e\+39"),
    ],
)
def test_numbers_beyond_reach(X: Any, y: Any, scale: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        prepare(numbers(X, y), scale, 0, 0, 1)


def test_scaling_saves_large_numbers() -> None:
    dataset = prepare(numbers([[1e39], [2e39], [3e39]]), "standard", 0, 0, 1)
    assert dataset.train.X[:, 0] == pytest.approx([-1.2247, 0, 1.2247], abs=1e-4)


def test_unknown_scaling() -> None:
    with pytest.raises(
        UserError, match="no scaling 'max'; expected one of: none, standard, minmax"
    ):
        prepare(numbers([[1], [2]]), "max", 0, 0, 1)


def test_more_classes_than_training_can_hold() -> None:
    table = Table(
        np.column_stack([np.arange(4.0), np.arange(4.0)]), ("a", "k"), {"k": tuple("pqrs")}
    )
    with pytest.raises(
        UserError, match="3 of 4 examples are left for training, expected at least 4"
    ):
        prepare(table, "none", 0.25, 0, 1)


@pytest.mark.parametrize("name", ["circles", "iris"])
def test_same_seed_same_dataset(name: str) -> None:
    table = table_for(name, "", 200, 1.0, 1)
    first, again, other = (prepare(table, "standard", 0.2, 0.2, seed) for seed in (7, 7, 8))
    for a, b in zip(parts(first), parts(again), strict=True):
        assert np.array_equal(a.X, b.X) and np.array_equal(a.Y, b.Y)
    assert not np.array_equal(first.validation.X, other.validation.X)


def test_image_shape_goes_with_the_pixels() -> None:
    digits = table_for("digits", "", 0, 0, 0)
    other = replace(digits, targets=("pixel 4,4",))
    assert prepare(other, "none", 0, 0, 1).info.image_shape is None


@pytest.mark.parametrize("scale", SCALES)
def test_targets_are_scaled_by_the_training_part_and_told_in_their_own_units(scale: str) -> None:
    y = 350_000 + 8_000 * np.random.RandomState(2).randn(60)
    raw = prepare(numbers(np.arange(60.0)[:, None], y), "none", 0.2, 0.1, 3)
    dataset = prepare(numbers(np.arange(60.0)[:, None], y), "none", 0.2, 0.1, 3, scale)
    for part, own in zip(parts(dataset), parts(raw), strict=True):
        np.testing.assert_array_equal(part.X, own.X)
        np.testing.assert_allclose(dataset.in_units(part.Y), own.Y, rtol=1e-12)
    train = dataset.train.Y
    assert (dataset.target_scaling is None) == (scale == "none")
    if scale == "standard":
        assert abs(train.mean()) < 1e-9 and train.std() == pytest.approx(1.0)
    if scale == "minmax":
        assert (train.min(), train.max()) == (0.0, 1.0)


def test_classes_are_no_numbers_to_be_scaled() -> None:
    dataset = prepare(table_for("iris", "", 1, 1.0, 1), "none", 0, 0, 1, "standard")
    assert dataset.target_scaling is None and set(np.unique(dataset.train.Y)) == {0.0, 1.0}


def test_columns_that_are_always_the_same_are_told() -> None:
    table = Table(
        np.array([[1, 5, 0, 1], [2, 5, 0, 3], [3, 5, 0, 2]], dtype=float),
        ("a", "b", "c", "y"),
        {"c": ("only",)},
        ("y",),
    )
    (told,) = prepare(table, "none", 0, 0, 1).notices
    assert str(told) == (
        "Nothing can be learned from 2 columns, such as 'b', each of which is the same in all 3 "
        "examples."
    )
    fewer = replace(
        table, values=table.values[:, [0, 1, 3]], columns=("a", "b", "y"), categories={}
    )
    (told,) = prepare(fewer, "none", 0, 0, 1).notices
    assert "from the column 'b', which is the same in all 3 examples" in str(told)


def test_the_border_of_images_is_not_told() -> None:
    assert prepare(table_for("digits", "", 0, 0, 0), "none", 0, 0, 1).notices == ()
