"""Metrics against numbers worked out by hand."""

import numpy as np
import pytest

from netbuilder.engine import metrics

BINARY = np.array([[0.0], [0.0], [1.0], [1.0], [1.0]])
GUESS = np.array([[0.2], [0.5], [0.9], [0.4], [0.51]])
CLASSES = np.eye(3)[[0, 1, 2, 2]]
SCORES = np.array([[0.8, 0.1, 0.1], [0.5, 0.4, 0.1], [0.0, 0.1, 0.9], [0.3, 0.4, 0.3]])


def test_accuracy():
    assert metrics.accuracy(GUESS, BINARY, "binary") == 0.8
    assert metrics.accuracy(SCORES, CLASSES, "classes") == 0.5
    assert np.isnan(metrics.accuracy(GUESS[:0], BINARY[:0], "binary"))


def test_confusion_matrix_has_true_rows_and_predicted_columns():
    np.testing.assert_array_equal(
        metrics.confusion_matrix(GUESS, BINARY, "binary"), [[2, 0], [1, 2]]
    )
    np.testing.assert_array_equal(
        metrics.confusion_matrix(SCORES, CLASSES, "classes"), [[1, 0, 0], [1, 0, 0], [0, 1, 1]]
    )
    np.testing.assert_array_equal(
        metrics.confusion_matrix(GUESS[:0], BINARY[:0], "binary"), np.zeros((2, 2))
    )


def test_regression():
    Y, Y_hat = np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [2.0], [6.0]])
    assert metrics.mae(Y_hat, Y) == 1.0
    assert metrics.rmse(Y_hat, Y) == pytest.approx(np.sqrt(3))
    assert metrics.r2(Y_hat, Y) == pytest.approx(1 - 9 / 2)
    assert metrics.r2(Y, Y) == 1.0
    assert metrics.r2(np.full((3, 1), 2.0), Y) == 0.0


def test_r2_of_a_target_that_never_varies():
    Y = np.full((3, 1), 2.0)
    assert metrics.r2(Y, Y) == 1.0
    assert metrics.r2(Y + 1, Y) == 0.0


def test_evaluate_chooses_by_the_task():
    assert metrics.evaluate(GUESS, BINARY, "binary") == {"accuracy": 0.8}
    assert metrics.evaluate(SCORES, CLASSES, "classes") == {"accuracy": 0.5}
    assert list(metrics.evaluate(GUESS, BINARY, "regression")) == ["mae", "rmse", "r2"]
    assert np.isnan(metrics.evaluate(GUESS[:0], BINARY[:0], "regression")["rmse"])


def test_a_regression_has_no_classes():
    with pytest.raises(ValueError, match="no classes"):
        metrics.accuracy(GUESS, BINARY, "regression")


def test_predictions_that_are_not_finite_do_not_warn():
    infinite = np.full((5, 1), np.inf)
    assert np.isinf(metrics.evaluate(infinite, BINARY, "regression")["rmse"])
