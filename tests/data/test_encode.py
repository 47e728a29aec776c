"""Columns become features and a task; what is of no use is left out and told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netbuilder.data import encode as encoding
from netbuilder.data.encode import (
    encode_target,
    encoded,
    feature_columns,
    learned_inputs,
    listed,
)
from netbuilder.data.table import Table
from netbuilder.errors import UserError


def table(categories: dict[str, tuple[str, ...]] | None = None, **columns: Any) -> Table:
    values = np.column_stack([np.asarray(column, dtype=float) for column in columns.values()])
    return Table(values, tuple(columns), categories or {}, name="own")


def target_of(values: Any, words: tuple[str, ...] = ()) -> encoding.Target:
    return encode_target(table({"y": words} if words else {}, y=values), ("y",))


def made(t: Table, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Any]:
    inputs = learned_inputs(t, columns, np.arange(t.m), "median")
    return tuple(name for column in inputs for name in column.features), encoded(t, inputs)


def test_words_become_features() -> None:
    t = table({"colour": ("blue", "red", "green")}, a=[1, 2, 3], colour=[2, 0, 1], b=[4, 5, 6])
    names, X = made(t, ("a", "colour", "b"))
    assert names == ("a", "colour=blue", "colour=red", "colour=green", "b")
    assert X.tolist() == [[1, 0, 0, 1, 4], [2, 1, 0, 0, 5], [3, 0, 1, 0, 6]]


def test_too_many_features_are_refused_before_they_are_made(monkeypatch: Any) -> None:
    monkeypatch.setattr(encoding, "MAX_BYTES", 100)
    with pytest.raises(UserError, match=r"3 examples of 5 features need"):
        made(table({"w": tuple("abcde")}, w=[0, 1, 2]), ("w",))


@pytest.mark.parametrize("words", [("no", "yes"), ("b", "a")])
def test_two_words_are_binary(words: tuple[str, ...]) -> None:
    target = target_of([0, 1, 1], words)
    assert (target.task, target.class_names) == ("binary", words)
    assert target.Y.tolist() == [[0], [1], [1]]


def test_words_are_classes() -> None:
    target = target_of([2, 0, 1, 2], ("a", "b", "c"))
    assert target.task == "classes"
    assert target.Y.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert target.codes is not None and target.codes.tolist() == [2, 0, 1, 2]


def test_words_without_examples_are_no_classes() -> None:
    target = target_of([3, 0, 3], ("a", "b", "c", "d"))
    assert (target.task, target.class_names) == ("binary", ("a", "d"))
    assert target.Y.tolist() == [[1], [0], [1]]


@pytest.mark.parametrize(
    ("values", "task", "class_names"),
    [
        ([0, 1], "binary", ("0", "1")),
        ([-1, 1] * 5, "binary", ("-1", "1")),
        ([0, 1, 2] * 5, "classes", ("0", "1", "2")),
        ([1, 2, 3] * 5, "classes", ("1", "2", "3")),
        (list(range(20)) * 5, "classes", tuple(map(str, range(20)))),
        ([0, 1, 2] * 4, "regression", ()),  # too few of each
        ([1, 2], "regression", ()),
        (list(range(21)) * 9, "regression", ()),
        ([0, 1, 3] * 9, "regression", ()),
        ([3, 4, 5] * 9, "regression", ()),
        ([0, 0.5, 1] * 9, "regression", ()),
        ([0.5, 1.5] * 9, "regression", ()),
    ],
)
def test_numbers(values: list[float], task: str, class_names: tuple[str, ...]) -> None:
    target = target_of(values)
    assert (target.task, target.class_names) == (task, class_names)
    if task == "regression":
        assert target.Y.tolist() == [[value] for value in values]
        assert target.codes is None


def test_numbers_taken_as_classes_are_told() -> None:
    (notice,) = target_of([1, 2, 3] * 5).notices
    assert "only the whole numbers 1 to 3, so they are taken as 3 classes" in str(notice)


def test_several_targets_are_numbers() -> None:
    t = table(a=[1, 2], b=[0, 1], c=[5, 6])
    target = encode_target(t, ("b", "c"))
    assert target.task == "regression"
    assert target.Y.tolist() == [[0, 5], [1, 6]]
    with pytest.raises(UserError, match="'w' holds words, so it can only be predicted alone"):
        encode_target(table({"w": ("x", "y")}, a=[1, 2], w=[0, 1]), ("a", "w"))


def test_nothing_to_learn() -> None:
    with pytest.raises(UserError, match="'y' is '4' in every example"):
        target_of([4, 4])
    with pytest.raises(UserError, match="'y' is 'b' in every example"):
        target_of([1, 1], ("a", "b"))


def test_target_of_names() -> None:
    words = tuple(f"word {k}" for k in range(30))
    with pytest.raises(UserError, match="30 different words in 40 examples"):
        target_of([*range(30), *range(10)], words)
    assert target_of([*range(30), *range(30)], words).task == "classes"


def test_useless_columns_are_left_out_and_told() -> None:
    m = 120
    names = tuple(f"name {k}" for k in range(m))
    many = tuple(f"word {k}" for k in range(101))
    t = table(
        {"name": names, "word": many},
        Id=np.arange(m) + 1,
        name=np.arange(m),
        word=np.arange(m) % 101,
        sparse=np.where(np.arange(m) < 61, np.nan, 1),
        time=np.arange(m),
        half=np.where(np.arange(m) < 60, np.nan, 1),
        y=np.arange(m) % 2,
    )
    kept, notices = feature_columns(t, ("y",))
    assert kept == ("time", "half")
    assert [str(notice) for notice in notices] == [
        "The column 'Id' is left out: it only numbers the rows.",
        "The column 'name' is left out: it has 120 different words in 120 examples, which looks "
        "like names rather than categories.",
        "The column 'word' is left out: it has 101 different words in 120 examples, which looks "
        "like names rather than categories.",
        "The column 'sparse' is left out: 61 of its 120 values are missing.",
    ]


def test_no_feature_left() -> None:
    with pytest.raises(UserError, match=r"no column to learn from besides y.*Add a column"):
        feature_columns(table(y=[1, 2]), ("y",))
    with pytest.raises(UserError, match="'a' is left out: 2 of its 2 values are missing"):
        feature_columns(table(a=[np.nan, np.nan], y=[1, 2]), ("y",))


def test_long_lists_are_cut() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed([f"x{k}" for k in range(100)]).endswith("x11, … (100 in all)")
