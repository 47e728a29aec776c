"""Initialisers: the course's order of random numbers, and the promised spread."""

import numpy as np
import pytest

from netbuilder.engine.initializers import INITIALIZERS


def test_the_table_has_the_promised_names():
    assert list(INITIALIZERS) == ["zeros", "normal", "large", "he", "xavier", "lecun"]


def test_normal_is_the_courses_randn_times_a_hundredth():
    rng = np.random.RandomState(2)
    first = INITIALIZERS["normal"]((4, 2), rng)
    second = INITIALIZERS["normal"]((1, 4), rng)
    np.random.seed(2)
    np.testing.assert_array_equal(first, np.random.randn(4, 2) * 0.01)
    np.testing.assert_array_equal(second, np.random.randn(1, 4) * 0.01)


@pytest.mark.parametrize(
    ("name", "spread"),
    [
        ("zeros", 0.0),
        ("normal", 0.01),
        ("large", 10.0),
        ("he", np.sqrt(2 / 300)),
        ("xavier", np.sqrt(2 / 500)),
        ("lecun", np.sqrt(1 / 300)),
    ],
)
def test_the_spread(name, spread):
    W = INITIALIZERS[name]((200, 300), np.random.RandomState(1))
    assert W.shape == (200, 300) and W.dtype == np.float64
    assert W.std() == pytest.approx(spread, rel=0.02)
    assert abs(W.mean()) <= 0.02 * spread
