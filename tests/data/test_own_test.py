"""A test file is encoded with what the training file has, and nothing of it is learned."""

from __future__ import annotations

import numpy as np
import pytest

from netbuilder.data.own_test import with_test
from netbuilder.data.prepare import prepare
from netbuilder.data.roles import assigned
from netbuilder.data.table import Roles, Table
from netbuilder.errors import UserError

TRAIN = Table(
    np.array([[1, 0, 10, 0], [2, 1, 20, 1], [3, 0, 30, 1], [4, 1, 40, 0]], dtype=float),
    ("id", "colour", "length", "kind"),
    {"colour": ("blue", "red"), "kind": ("no", "yes")},
    ("kind",),
)


def test_columns_by_name_and_words_by_their_place() -> None:
    other = Table(
        np.array([[1, 100, 0], [0, 200, 1], [0, 300, 2]], dtype=float),
        ("kind", "length", "colour"),
        {"colour": ("green", "red", "blue"), "kind": ("maybe", "yes")},
        name="later",
    )
    table = with_test(assigned(TRAIN, Roles()), other)
    assert table.test == 3 and table.categories == TRAIN.categories
    nan = np.nan
    np.testing.assert_array_equal(
        table.values[4:], [[nan, nan, 100, 1], [nan, 1, 200, nan], [nan, 0, 300, nan]]
    )
    assert [str(notice) for notice in table.notices] == [
        "1 of 3 examples of the test file later have a word in 'colour' that the others do not "
        "have, such as 'green'; it counts as missing.",
        "2 of 3 examples of the test file later have a word in 'kind' that the others do not "
        "have, such as 'maybe'; it counts as missing.",
    ]
    data = prepare(table, "standard", 0.0, 0.0, 1)
    assert (data.train.m, data.test.m) == (4, 1)
    # The row numbers are told from the first file alone, and so is the scaling.
    assert data.info.feature_names == ("colour=blue", "colour=red", "length")
    assert data.scaling is not None and data.scaling.shift[2] == 25
    np.testing.assert_array_equal(data.test.Y, [[1]])


def test_a_column_that_is_needed_must_be_there() -> None:
    other = Table(np.array([[1.0, 2.0]]), ("colour", "kind"), name="later")
    with pytest.raises(UserError, match="The test file later has no column 'length'"):
        with_test(TRAIN, other)
    roles = Roles(columns=(("length", "skip"),))
    assert with_test(assigned(TRAIN, roles), other).test == 1


def test_words_where_numbers_were_learned() -> None:
    other = Table(
        np.array([[0.0, 0.0, 0.0]]),
        ("colour", "length", "kind"),
        {"length": ("far",)},
        name="later",
    )
    with pytest.raises(UserError, match="'length' should hold numbers"):
        with_test(TRAIN, other)
