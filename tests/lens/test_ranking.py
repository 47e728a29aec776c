"""ROC and precision-recall: by hand on four examples, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from netbuilder.engine import metrics
from netbuilder.lens.ranking import rankings


def test_four_examples_by_hand() -> None:
    Y_hat = np.array([[0.9], [0.6], [0.6], [0.2]])
    Y = np.array([[1.0], [1.0], [0.0], [0.0]])
    (found,) = rankings(Y_hat, Y, "binary")
    assert found.false_rate.tolist() == [0, 0, 0.5, 1]
    assert found.recall.tolist() == [0, 0.5, 1, 1]
    np.testing.assert_allclose(found.precision, [1, 1, 2 / 3, 0.5])
    np.testing.assert_allclose(found.at_half, (0.5, 1, 2 / 3))
    assert found.area == pytest.approx(0.875) == pytest.approx(metrics.roc_auc(Y_hat, Y, "binary"))
    assert found.average_precision == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_what_has_no_ranking() -> None:
    assert rankings(np.ones((3, 1)), np.ones((3, 1)), "binary") == ()
    assert rankings(np.array([[np.nan], [1.0]]), np.array([[1.0], [0.0]]), "binary") == ()
    Y = np.eye(3)[[0, 1, 1]]  # the last class does not occur
    assert [found.code for found in rankings(np.ones((3, 3)) / 3, Y, "classes")] == [0, 1]


def test_one_half_itself_is_not_taken() -> None:
    (found,) = rankings(np.array([[0.5], [0.5], [0.7]]), np.array([[1.0], [0.0], [0.0]]), "binary")
    assert found.at_half == (0.5, 0.0, 0.0)


@pytest.mark.peers
@pytest.mark.parametrize("task", ["binary", "classes"])
def test_as_scikit_learn_has_them(task: str) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(5)
    k = 1 if task == "binary" else 4
    Y_hat = np.round(rng.random((300, k)), 2)  # with many ties
    codes = rng.integers(0, max(2, k), 300)
    Y = codes[:, None].astype(float) if k == 1 else np.eye(k)[codes]
    found = rankings(Y_hat, Y, task)
    assert len(found) == k
    for ranking in found:
        truth, scores = codes == ranking.code, Y_hat[:, ranking.code if k > 1 else 0]
        false_rate, recall, _ = sklearn.roc_curve(truth, scores, drop_intermediate=False)
        np.testing.assert_allclose(ranking.false_rate, false_rate)
        np.testing.assert_allclose(ranking.recall, recall)
        precision, recall, _ = sklearn.precision_recall_curve(truth, scores)
        np.testing.assert_allclose(ranking.precision[::-1], precision)
        np.testing.assert_allclose(ranking.recall[::-1], recall)
        assert ranking.area == pytest.approx(sklearn.roc_auc_score(truth, scores))
        assert ranking.average_precision == pytest.approx(
            sklearn.average_precision_score(truth, scores)
        )
