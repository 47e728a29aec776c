"""scikit-learn's metrics are the same, on random predictions and on degenerate ones."""

import numpy as np
import pytest

from netbuilder.engine import metrics

pytestmark = pytest.mark.peers
theirs = pytest.importorskip("sklearn.metrics")


def expected(Y_hat, Y, task):
    """What scikit-learn says of classes that all occur."""
    if task == "binary":
        true, scores = Y[:, 0].astype(int), Y_hat[:, 0]
        predicted, average = (scores > 0.5).astype(int), "binary"
        area = theirs.roc_auc_score(true, scores)
    else:
        true, predicted, average = Y.argmax(axis=1), Y_hat.argmax(axis=1), "macro"
        # One against the rest by hand: its own way wants rows that sum to 1.
        area = np.mean([theirs.roc_auc_score(true == k, Y_hat[:, k]) for k in range(Y.shape[1])])
    precision, recall, f1, _ = theirs.precision_recall_fscore_support(
        true, predicted, average=average, zero_division=0
    )
    accuracy = theirs.accuracy_score(true, predicted)
    matrix = theirs.confusion_matrix(true, predicted, labels=range(max(2, Y.shape[1])))
    named = {"precision": precision, "recall": recall, "f1": f1, "roc_auc": area}
    return {"accuracy": accuracy, **named}, matrix


def compare(Y_hat, Y, task):
    found, matrix = expected(Y_hat, Y, task)
    assert metrics.evaluate(Y_hat, Y, task) == pytest.approx(found, rel=1e-12)
    np.testing.assert_array_equal(metrics.confusion_matrix(Y_hat, Y, task), matrix)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("decimals", [16, 1, 0], ids=["no ties", "some ties", "ties"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_two_classes(seed, decimals, dtype):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(2, 300))
    Y = (rng.random((m, 1)) < rng.uniform(0.1, 0.9)).astype(float)
    Y[:2, 0] = 0, 1
    Y_hat = np.clip(0.4 * Y + 0.6 * rng.random((m, 1)), 0, 1).round(decimals).astype(dtype)
    compare(Y_hat, Y, "binary")


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("k", [2, 3, 10])
@pytest.mark.parametrize("decimals", [16, 1], ids=["no ties", "ties"])
def test_several_classes(seed, k, decimals):
    rng = np.random.default_rng(seed)
    true = np.concatenate([np.arange(k), rng.integers(0, k, 80)])
    Y = np.eye(k)[true]
    Y_hat = rng.dirichlet(np.ones(k), len(Y)) + 0.3 * Y
    compare(Y_hat.round(decimals), Y, "classes")


def test_probabilities_as_scikit_learn_takes_them():
    rng = np.random.default_rng(1)
    true = np.concatenate([np.arange(4), rng.integers(0, 4, 60)])
    Y_hat = rng.dirichlet(np.ones(4), len(true))
    area = theirs.roc_auc_score(true, Y_hat, multi_class="ovr", average="macro")
    assert metrics.roc_auc(Y_hat, np.eye(4)[true], "classes") == pytest.approx(area, rel=1e-12)


@pytest.mark.parametrize("guess", [0.0, 0.5, 1.0])
def test_one_answer_for_all(guess):
    Y = np.array([[0.0], [1.0], [1.0]])
    compare(np.full((3, 1), guess), Y, "binary")
    alike = np.tile([0.1, guess, 0.2], (6, 1))
    compare(alike, np.eye(3)[[0, 0, 1, 1, 2, 2]], "classes")


def test_everything_right_and_everything_wrong():
    Y = np.array([[0.0], [1.0], [1.0], [0.0]])
    compare(Y, Y, "binary")
    compare(1 - Y, Y, "binary")
    classes = np.eye(3)[[0, 1, 2, 1]]
    compare(classes, classes, "classes")
    compare(classes[:, [1, 2, 0]], classes, "classes")


def test_classes_that_are_missing():
    """From the truth, from the predictions, and from both: of the last nothing is expected."""
    true, predicted = np.array([0, 0, 2, 2, 2]), np.array([0, 1, 2, 2, 0])
    Y, Y_hat = np.eye(4)[true], np.eye(4)[predicted]
    found = metrics.precision_recall_f1(Y_hat, Y, "classes")
    precision, recall, f1, _ = theirs.precision_recall_fscore_support(
        true, predicted, average="macro", zero_division=0
    )
    assert found == pytest.approx((precision, recall, f1), rel=1e-12)
    areas = [theirs.roc_auc_score(true == k, Y_hat[:, k]) for k in (0, 2)]
    assert metrics.roc_auc(Y_hat, Y, "classes") == pytest.approx(np.mean(areas), rel=1e-12)


@pytest.mark.parametrize("only", [0.0, 1.0])
def test_only_one_class(only):
    Y, Y_hat = np.full((4, 1), only), np.array([[0.2], [0.8], [0.9], [0.4]])
    true, predicted = Y[:, 0].astype(int), (Y_hat[:, 0] > 0.5).astype(int)
    precision, recall, f1, _ = theirs.precision_recall_fscore_support(
        true, predicted, average="binary", zero_division=0
    )
    found = metrics.precision_recall_f1(Y_hat, Y, "binary")
    assert found == pytest.approx((precision, recall, f1), rel=1e-12)
    assert np.isnan(metrics.roc_auc(Y_hat, Y, "binary"))


@pytest.mark.parametrize("outputs", [1, 3])
def test_regression(outputs):
    rng = np.random.default_rng(outputs)
    Y = rng.normal(size=(50, outputs))
    Y_hat = Y + 0.3 * rng.normal(size=Y.shape)
    found = metrics.evaluate(Y_hat, Y, "regression")
    assert found["mae"] == pytest.approx(theirs.mean_absolute_error(Y, Y_hat), rel=1e-12)
    error = np.sqrt(theirs.mean_squared_error(Y, Y_hat))
    assert found["rmse"] == pytest.approx(error, rel=1e-12)
    assert found["r2"] == pytest.approx(theirs.r2_score(Y, Y_hat), rel=1e-12)
