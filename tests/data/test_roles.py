"""Roles of columns, and what stands for missing values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netbuilder.data.files import read_table
from netbuilder.data.prepare import examples_for, prepare
from netbuilder.data.roles import assigned, order_of
from netbuilder.data.table import Roles, Table
from netbuilder.errors import UserError

NAN = np.nan


def table() -> Table:
    values = [
        [1.0, 0, 10115, 2, 0.5, 7.0],
        [2.0, 1, 10115, 0, 0.7, 8.0],
        [NAN, 0, 20095, 1, 0.1, 9.0],
        [4.0, NAN, 20095, NAN, 0.2, 6.0],
    ]
    return Table(
        np.array(values),
        ("size", "colour", "postcode", "grade", "price", "rent"),
        {"colour": ("blue", "red"), "grade": ("high", "low", "medium")},
        name="own",
    )


def prepared(roles: Roles):
    return prepare(assigned(table(), roles), "none", 0, 0, 1)


def test_roles_of_columns() -> None:
    roles = Roles(
        ("price",),
        (("postcode", "category"), ("grade", "ordered"), ("rent", "skip"), ("size", "skip")),
    )
    dataset = prepared(roles)
    assert dataset.info.feature_names == (
        "colour=blue",
        "colour=red",
        "postcode=10115",
        "postcode=20095",
        "grade",
    )
    assert dataset.train.X[:3].tolist() == [[1, 0, 1, 0, 3], [0, 1, 1, 0, 4], [1, 0, 0, 1, 2]]
    assert dataset.info.target_names == ("price",)
    assert table().values[0, 2] == 10115  # what was read is as it was


def test_several_targets() -> None:
    dataset = prepared(Roles(("price", "rent")))
    assert dataset.info.target_names == ("price", "rent")
    assert dataset.train.Y[0].tolist() == [0.5, 7]


def test_the_task_that_was_asked_for() -> None:
    as_number = prepared(Roles(("postcode",)))
    assert as_number.info.task == "regression"
    as_class = prepared(Roles(("postcode",), task="class"))
    assert (as_class.info.task, as_class.info.class_names) == ("binary", ("10115", "20095"))
    digits = Table(np.array([[0.0, 0], [1, 1], [2, 0]]), ("a", "y"), {"y": ("3", "7")})
    dataset = prepare(assigned(digits, Roles(task="regression")), "none", 0, 0, 1)
    assert dataset.train.Y.tolist() == [[3], [7], [3]]


@pytest.mark.parametrize(
    ("missing", "size", "colour"),
    [
        ("median", 2.0, [1, 0]),
        ("mean", 7 / 3, [1, 0]),
        ("frequent", 1.0, [1, 0]),
        ("own", 2.0, [0, 0, 1]),
    ],
)
def test_what_stands_for_missing_values(missing: str, size: float, colour: list[float]) -> None:
    roles = Roles(("price",), (("postcode", "skip"), ("grade", "skip"), ("rent", "skip")))
    dataset = prepared(Roles(roles.targets, roles.columns, missing=missing))
    assert dataset.train.X[2, 0] == size
    assert dataset.train.X[3, 1:].tolist() == colour
    assert "2 missing values are filled in by the m" in str(dataset.notices[0])


def test_what_is_filled_in_is_learned_from_the_training_part_alone() -> None:
    size = np.array([NAN, *range(1, 40)], dtype=float)
    own = Table(np.column_stack([size, np.linspace(0, 1, 40) ** 2]), ("a", "y"))
    dataset = prepare(assigned(own, Roles()), "none", 0.3, 0.2, 3)
    rows = dataset.train.X[:, 0]
    (column,) = dataset.inputs
    known = set(size[1:])
    held_out = {*dataset.validation.X[:, 0], *dataset.test.X[:, 0]}
    assert column.fill == np.median([v for v in rows if v in known - held_out or v != column.fill])


def test_the_file_it_was_trained_on_can_be_evaluated(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a,b,kind\n1,u,x\nNA,v,y\n3,,y\n5,v,x\n7,u,x\n")
    dataset = prepare(assigned(read_table(path), Roles()), "standard", 0, 0, 1)
    part, notices = examples_for(read_table(path), dataset.recipe)
    assert np.array_equal(part.X, dataset.train.X)
    assert np.array_equal(part.Y, dataset.train.Y)
    assert [str(notice)[:44] for notice in notices] == [
        "1 of 5 examples have no value for 'a', which",
        "1 of 5 examples have no value for 'b', which",
    ]


def test_orders() -> None:
    assert order_of(("High", "low", "medium")) == (4, 2, 3)
    assert order_of(("1", "2", "10")) == (1, 2, 10)
    assert order_of(("red", "low")) is None


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        (Roles(("prize",)), r"no column 'prize'; own has: .* Did you mean price\?"),
        (Roles(columns=(("colour", "ordered"),)), "'colour' holds words such as 'blue', in which"),
        (Roles(("colour",), task="regression"), "'colour' holds words such as 'blue'"),
        (Roles(columns=(("size", "king"),)), "no role 'king'; expected one of: number, category"),
        (Roles(task="guess"), "no task 'guess'; expected one of: class, regression"),
        (Roles(missing="zero"), "no way with missing values 'zero'; expected one of: median"),
    ],
)
def test_refusals(roles: Roles, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        assigned(table(), roles)
