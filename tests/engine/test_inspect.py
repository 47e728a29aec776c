"""What `inspect` tells beside Z, A, dZ, dW: dAL and dA0, masks, and BatchNorm's μ and σ²."""

from __future__ import annotations

import numpy as np
import pytest

from netbuilder.engine import textbook
from netbuilder.engine.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, Reshape
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

rng = np.random.RandomState(0)
X, Y = rng.randn(12, 4), (rng.rand(12, 1) > 0.5).astype(float)


def test_both_ends_of_the_way_back_are_those_of_the_textbook() -> None:
    layers = [Dense(5, "tanh", "he"), Dense(1, "sigmoid", "he")]
    program = Program(chain(4, layers, "binary_cross_entropy"), dtype="float64")
    found, names = program.inspect(X, Y), ("n1", "n2")
    parameters = {
        f"{name}{l}": program.parameter(f"{id}.{name}")
        for l, id in enumerate(names, start=1)  # noqa: E741
        for name in ("W", "b")
    }
    activations = ["tanh", "sigmoid"]
    AL, caches = textbook.L_model_forward(X.T, parameters, activations)
    grads = textbook.L_model_backward(AL, Y.T, caches, activations, "binary_cross_entropy")
    for id, name in (("data", "dA0"), ("n1", "dA1"), ("n2", "dA2")):
        np.testing.assert_allclose(found[id].dA.T, grads[name], rtol=1e-12)


def test_an_update_has_masks_means_and_variances_and_nothing_is_changed() -> None:
    layers = [Dense(6, "linear", "he"), BatchNorm(), Dropout(0.5), Dense(1, "sigmoid", "he")]
    program = Program(chain(4, layers, "binary_cross_entropy"), dtype="float64")
    before, place = program.weights(), program.random
    found = program.inspect(X, Y, as_update=True)
    D = found["n3"].beside["D"]
    assert set(np.unique(D)) == {0.0, 1.0} and D.shape == (12, 6)
    np.testing.assert_allclose(found["n3"].A, found["n2"].A * D / 0.5)
    Z = found["n1"].A
    np.testing.assert_allclose(found["n2"].beside["mu"][:, 0], Z.mean(axis=0))
    np.testing.assert_allclose(found["n2"].beside["sigma2"][:, 0], Z.var(axis=0))
    assert program.random == place
    for key, array in program.weights().items():
        np.testing.assert_array_equal(array, before[key])
    np.testing.assert_array_equal(program.inspect(X, Y, as_update=True)["n3"].beside["D"], D)


def test_when_predicting_there_is_no_mask_and_the_running_averages_stand_for_the_batchs() -> None:
    layers = [Dense(6, "linear", "he"), BatchNorm(), Dropout(0.5), Dense(1, "sigmoid", "he")]
    program = Program(chain(4, layers, "binary_cross_entropy"), dtype="float64")
    found = program.inspect(X, Y)
    assert found["n3"].beside == {} and found["n1"].beside == {}
    assert found["n2"].beside["mu"].tolist() == [[0.0]] * 6
    assert found["n2"].beside["sigma2"].tolist() == [[1.0]] * 6


@pytest.mark.parametrize("weights", [(), (1.0, 3.0)])
def test_where_there_is_no_such_gradient_there_is_none(weights: tuple[float, ...]) -> None:
    layers = [Reshape(1, 2, 2), Conv2D(2, 1), Flatten(), Dense(1, "sigmoid")]
    plan = chain(4, layers, "binary_cross_entropy")
    found = Program(plan, dtype="float64", class_weights=weights).inspect(X, Y)
    assert found["data"].dA is None, "W of no matrix"
    assert (found["n4"].dA is None) == bool(weights), "each example would count otherwise"
