"""The course's sets are scikit-learn's and CS231n's bit by bit, with the test part they bring."""

from __future__ import annotations

import numpy as np
import pytest

from netbuilder.data.prepare import prepare
from netbuilder.data.sources import SOURCES
from netbuilder.data.table import Roles, Table


@pytest.mark.peers
def test_circles_and_moons_are_scikit_learns() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    circles = SOURCES["course_circles"].make(400, 1.0, 1).values
    for rows, m, seed in ((slice(300), 300, 1), (slice(300, 400), 100, 2)):
        X, Y = datasets.make_circles(n_samples=m, noise=0.05, random_state=seed)
        np.testing.assert_array_equal(circles[rows, :2], X)
        np.testing.assert_array_equal(circles[rows, 2], Y)
    X, Y = datasets.make_moons(n_samples=300, noise=0.2, random_state=3)
    moons = SOURCES["course_moons"].make(300, 1.0, 3).values
    np.testing.assert_array_equal(moons[:, :2], X)
    np.testing.assert_array_equal(moons[:, 2], Y)


def test_the_spiral_is_cs231ns() -> None:
    rng = np.random.RandomState(0)
    values = SOURCES["course_spiral"].make(300, 1.0, 0).values
    for j in range(3):
        r, t = np.linspace(0.0, 1, 100), np.linspace(j * 4, (j + 1) * 4, 100)
        t = t + rng.randn(100) * 0.2
        np.testing.assert_array_equal(
            values[100 * j : 100 * (j + 1)], np.c_[r * np.sin(t), r * np.cos(t), np.full(100, j)]
        )


@pytest.mark.parametrize("name", ["course_circles", "course_moons", "course_spiral"])
@pytest.mark.parametrize("examples", [4, 5, 101])
def test_any_number_of_examples_and_the_seed_decides(name: str, examples: int) -> None:
    make = SOURCES[name].make
    table = make(examples, 1.0, 2**32 - 1)
    assert table.m == examples and np.isfinite(table.values).all()
    np.testing.assert_array_equal(table.values, make(examples, 1.0, 2**32 - 1).values)
    assert not np.array_equal(table.values, make(examples, 1.0, 8).values)


def test_the_rings_bring_their_test_part_along() -> None:
    table = SOURCES["course_circles"].make(400, 1.0, 1)
    dataset = prepare(table, "none", 0.0, 0.0, 1)
    assert (dataset.train.m, dataset.validation.m, dataset.test.m) == (300, 0, 100)
    np.testing.assert_array_equal(dataset.test.X, table.values[300:, :2])
    assert dataset.notices == ()


def test_a_given_test_part_stays_whatever_share_is_asked_for() -> None:
    table = SOURCES["course_circles"].make(400, 1.0, 1)
    dataset = prepare(table, "standard", 0.1, 0.3, 1)
    assert (dataset.train.m, dataset.validation.m, dataset.test.m) == (270, 30, 100)
    assert "test part of 100 examples" in str(dataset.notices[0])


def test_examples_left_out_do_not_shift_a_given_test_part() -> None:
    values = np.column_stack([np.arange(10.0), np.arange(10) % 2])
    values[[2, 7, 9], 0] = np.nan
    roles = Roles(missing="drop")
    table = Table(values, ("x", "y"), {"y": ("no", "yes")}, ("y",), test=4, roles=roles)
    dataset = prepare(table, "none", 0.0, 0.0, 1)
    assert dataset.train.X[:, 0].tolist() == [0, 1, 3, 4, 5]
    assert dataset.test.X[:, 0].tolist() == [6, 8]
