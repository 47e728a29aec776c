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


def test_precision_recall_and_f1_of_class_one():
    assert metrics.precision_recall_f1(GUESS, BINARY, "binary") == (1.0, 2 / 3, 0.8)
    # Of what never occurs or is never predicted there is no share: it counts 0.
    nothing = np.zeros((5, 1))
    assert metrics.precision_recall_f1(nothing, BINARY, "binary") == (0.0, 0.0, 0.0)
    assert metrics.precision_recall_f1(GUESS, nothing, "binary") == (0.0, 0.0, 0.0)
    assert np.isnan(metrics.precision_recall_f1(GUESS[:0], BINARY[:0], "binary")).all()


def test_precision_recall_and_f1_are_means_over_the_classes_that_occur():
    precision, recall, f1 = metrics.precision_recall_f1(SCORES, CLASSES, "classes")
    assert precision == pytest.approx((1 / 2 + 0 + 1) / 3)
    assert recall == pytest.approx((1 + 0 + 1 / 2) / 3)
    assert f1 == pytest.approx((2 / 3 + 0 + 2 / 3) / 3)
    # A class that is only predicted counts, with nothing right.
    assert metrics.precision_recall_f1(np.eye(3)[[0, 1]], np.eye(3)[[0, 0]], "classes") == (
        pytest.approx((0.5, 0.25, 1 / 3))
    )
    two = np.eye(5)[[0, 3, 3]]
    assert metrics.precision_recall_f1(two, two, "classes") == (1.0, 1.0, 1.0)


def test_roc_auc_is_the_share_of_pairs_in_the_right_order():
    # Of six pairs only (0.4, 0.5) is the wrong way round.
    assert metrics.roc_auc(GUESS, BINARY, "binary") == pytest.approx(5 / 6)
    assert metrics.roc_auc(BINARY, BINARY, "binary") == 1.0
    assert metrics.roc_auc(-BINARY, BINARY, "binary") == 0.0
    assert metrics.roc_auc(np.full((5, 1), 0.7), BINARY, "binary") == 0.5
    # Class 0 has 3 of 3 pairs, class 1 two and a tie of 3, class 2 has 4 of 4.
    area = (1 + 2.5 / 3 + 1) / 3
    assert metrics.roc_auc(SCORES, CLASSES, "classes") == pytest.approx(area)


def test_roc_auc_needs_two_classes_and_numbers():
    assert np.isnan(metrics.roc_auc(GUESS[:2], BINARY[:2], "binary"))
    assert np.isnan(metrics.roc_auc(GUESS[:0], BINARY[:0], "binary"))
    assert np.isnan(metrics.roc_auc(SCORES[2:], CLASSES[2:], "classes"))
    assert np.isnan(metrics.roc_auc(np.full((5, 1), np.nan), BINARY, "binary"))
    infinite = np.array([[-np.inf], [0.0], [np.inf], [np.inf], [1.0]])
    assert metrics.roc_auc(infinite, BINARY, "binary") == 1.0


def test_a_class_that_does_not_occur_is_no_part_of_the_area():
    some = np.array([0, 1, 3])  # classes 0, 1 and 2, of four
    wider = np.pad(CLASSES[some], ((0, 0), (0, 1)))
    scores = np.pad(SCORES[some], ((0, 0), (0, 1)))
    expected = metrics.roc_auc(SCORES[some], CLASSES[some], "classes")
    assert metrics.roc_auc(scores, wider, "classes") == expected


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
    found = metrics.evaluate(GUESS, BINARY, "binary")
    assert list(found) == ["accuracy", "precision", "recall", "f1", "roc_auc"]
    assert found["accuracy"] == 0.8 and found["f1"] == 0.8
    assert list(metrics.evaluate(SCORES, CLASSES, "classes")) == list(found)
    assert list(metrics.evaluate(GUESS, BINARY, "regression")) == ["mae", "rmse", "r2"]
    assert np.isnan(metrics.evaluate(GUESS[:0], BINARY[:0], "regression")["rmse"])


def test_a_regression_has_no_classes():
    with pytest.raises(ValueError, match="no classes"):
        metrics.accuracy(GUESS, BINARY, "regression")


def test_predictions_that_are_not_finite_do_not_warn():
    infinite = np.full((5, 1), np.inf)
    assert np.isinf(metrics.evaluate(infinite, BINARY, "regression")["rmse"])
