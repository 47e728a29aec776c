"""Balanced class weights, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from netbuilder.training.class_weights import balanced


def test_of_two_classes() -> None:
    Y = np.array([[1.0], [0.0], [0.0], [0.0]])
    assert balanced(Y, "binary") == (4 / (2 * 3), 4 / (2 * 1))


def test_of_several() -> None:
    Y = np.eye(3)[[0, 1, 1, 2, 2, 2]]
    assert balanced(Y, "classes") == (6 / 3, 6 / 6, 6 / 9)


def test_a_class_that_does_not_occur_is_left_out() -> None:
    assert balanced(np.eye(3)[[0, 2, 2]], "classes") == (3 / 2, 1.0, 3 / 4)
    assert balanced(np.ones((3, 1)), "binary") == (1.0, 1.0)


@pytest.mark.peers
def test_scikit_learn_has_the_same() -> None:
    utils = pytest.importorskip("sklearn.utils.class_weight")
    codes = np.random.default_rng(1).integers(0, 5, 70)
    expected = utils.compute_class_weight("balanced", classes=np.arange(5), y=codes)
    assert balanced(np.eye(5)[codes], "classes") == pytest.approx(tuple(expected))
