"""Toy sets: the flower is the course's; all are of one size, balanced and drawn by the seed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from netbuilder.data.prepare import prepare
from netbuilder.data.sources import SOURCES

ALL = [name for name, source in SOURCES.items() if source.kind == "toy"]
NUMBERS = ["line", "sine", "plane", "hills"]
TOYS = [name for name in ALL if name not in NUMBERS]


def course_flower() -> tuple[np.ndarray, np.ndarray]:
    """The course's recipe, step by step, with the global generator that it uses."""
    state = np.random.get_state()
    try:
        np.random.seed(1)
        m, n = 400, 200
        X, Y = np.zeros((m, 2)), np.zeros((m, 1))
        for j in range(2):
            rows = range(n * j, n * (j + 1))
            t = np.linspace(j * 3.12, (j + 1) * 3.12, n) + np.random.randn(n) * 0.2
            r = 4 * np.sin(4 * t) + np.random.randn(n) * 0.2
            X[rows] = np.c_[r * np.sin(t), r * np.cos(t)]
            Y[rows] = j
        return X, Y
    finally:
        np.random.set_state(state)


def test_flower_is_the_courses_bit_by_bit() -> None:
    X, Y = course_flower()
    table = SOURCES["flower"].make(400, 1.0, 1)
    assert table.values.shape == (400, 3)
    assert np.array_equal(table.values[:, :2], X)
    assert np.array_equal(table.values[:, 2:], Y)
    assert np.bincount(table.values[:, 2].astype(int)).tolist() == [200, 200]


def test_flower_gives_the_courses_published_costs() -> None:
    """Plain NumPy, as a student writes it, so that it is the points alone that are on trial."""
    values = SOURCES["flower"].make(400, 1.0, 1).values
    X, Y = values[:, :2].T, values[:, 2:].T
    rng = np.random.RandomState(2)
    W1, b1 = rng.randn(4, 2) * 0.01, np.zeros((4, 1))
    W2, b2 = rng.randn(1, 4) * 0.01, np.zeros((1, 1))
    published = {0: 0.693048, 1000: 0.288083, 2000: 0.254385}
    for k in range(2001):
        A1 = np.tanh(W1 @ X + b1)
        A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
        if k in published:
            cost = -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
            assert cost == pytest.approx(published[k], abs=5e-7)
        dZ2 = A2 - Y
        dZ1 = W2.T @ dZ2 * (1 - A1**2)
        W2 -= 1.2 * dZ2 @ A1.T / 400
        b2 -= 1.2 * dZ2.mean(axis=1, keepdims=True)
        W1 -= 1.2 * dZ1 @ X.T / 400
        b1 -= 1.2 * dZ1.mean(axis=1, keepdims=True)


def test_flower_leaves_the_global_generator_alone() -> None:
    before = np.random.get_state()[1].copy()
    SOURCES["flower"].make(400, 1.0, 1)
    assert np.array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("name", TOYS)
def test_one_size_and_balanced(name: str) -> None:
    table = SOURCES[name].make(400, 1.0, 3)
    X, classes = table.values[:, :2], table.values[:, 2]
    assert table.columns == ("x1", "x2", "class")
    assert table.targets == ("class",)
    assert table.categories == {"class": ("0", "1")}
    assert np.bincount(classes.astype(int)).tolist() == [200, 200]
    assert 3 < np.abs(X).max() < 6
    assert np.all(np.abs(X.mean(axis=0)) < 0.3)
    assert np.all((X.std(axis=0) > 1.0) & (X.std(axis=0) < 2.6))


@pytest.mark.parametrize("name", TOYS)
@pytest.mark.parametrize("examples", [4, 5, 101, 100_000])
def test_any_number_of_examples(name: str, examples: int) -> None:
    table = SOURCES[name].make(examples, 1.0, 0)
    assert table.m == examples
    assert int(table.values[:, 2].sum()) == examples // 2
    assert np.isfinite(table.values).all()


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("examples", [4, 401])
def test_numbers_of_one_or_two_features(name: str, examples: int) -> None:
    table = SOURCES[name].make(examples, 1.0, 3)
    assert table.columns == (("x", "y") if name in ("line", "sine") else ("x1", "x2", "y"))
    assert table.targets == ("y",)
    assert table.m == examples
    assert np.abs(table.values).max() < 6
    info = prepare(table, "standard", 0.0, 0.0, 1, "standard").info
    assert (info.task, info.n_y) == ("regression", 1)


def test_numbers_stay_numbers_where_they_happen_to_be_whole() -> None:
    """Else a line without noise could be taken for classes."""
    table = dataclasses.replace(
        SOURCES["line"].make(20, 0.0, 1), values=np.repeat([[0.0, 1.0], [1.0, 2.0]], 10, axis=0)
    )
    assert prepare(table, "none", 0.0, 0.0, 1).info.task == "regression"


@pytest.mark.parametrize("name", ALL)
def test_seed_and_noise(name: str) -> None:
    make = SOURCES[name].make
    assert np.array_equal(make(50, 1.0, 7).values, make(50, 1.0, 7).values)
    assert not np.array_equal(make(50, 1.0, 7).values, make(50, 1.0, 8).values)
    shape = make(50, 0.0, 7).values
    near, far = (np.abs(make(50, noise, 7).values - shape).max() for noise in (0.1, 1.0))
    assert 0 < near < far


@pytest.mark.parametrize("name", [n for n in ALL if n not in ("xor", "plane", "hills")])
def test_without_noise_the_shape_does_not_depend_on_the_seed(name: str) -> None:
    make = SOURCES[name].make
    assert np.array_equal(make(50, 0.0, 1).values, make(50, 0.0, 2).values)


def test_shapes_without_noise() -> None:
    circles = SOURCES["circles"].make(100, 0.0, 1).values
    radius = np.hypot(circles[:, 0], circles[:, 1])
    assert np.allclose(radius, np.where(circles[:, 2] == 1, 3.4, 1.5))
    xor = SOURCES["xor"].make(100, 0.0, 1).values
    assert np.array_equal(np.sign(xor[:, 0]) != np.sign(xor[:, 1]), xor[:, 2] == 1)
    spirals = SOURCES["spirals"].make(100, 0.0, 1).values
    assert np.allclose(spirals[:50, :2], -spirals[50:, :2])
