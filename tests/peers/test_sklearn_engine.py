"""scikit-learn's MLP computes the same over many updates, in float64."""

import numpy as np
import pytest

from netbuilder.engine.layers import Dense
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

pytestmark = pytest.mark.peers
neural_network = pytest.importorskip("sklearn.neural_network")

ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
SETTINGS = {
    "hidden_layer_sizes": (7, 5),
    "momentum": 0.0,
    "nesterovs_momentum": False,
    "batch_size": 40,
    "shuffle": False,
    "learning_rate_init": 0.01,
    "random_state": 1,
}


def compare(peer, program, optimizer, X, Y, target, **fit):
    """Trains both from the peer's weights; its first call has made one update already."""
    peer.partial_fit(X, target, **fit)
    program.load(
        {
            f"n{number}.{name}": array
            for number, (W, b) in enumerate(zip(peer.coefs_, peer.intercepts_, strict=True), 1)
            for name, array in (("W", W.T), ("b", b[:, None]))
        }
    )
    for _ in range(200):
        peer.partial_fit(X, target, **fit)
        cost = program.update(X, Y, optimizer, l2=peer.alpha)
        assert cost == pytest.approx(peer.loss_, rel=1e-9)
    weights = program.weights()
    for number, (W, b) in enumerate(zip(peer.coefs_, peer.intercepts_, strict=True), 1):
        np.testing.assert_allclose(weights[f"n{number}.W"], W.T, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(weights[f"n{number}.b"][:, 0], b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_classes_with_l2(activation):
    rng = np.random.default_rng(1)
    X, target = rng.normal(size=(40, 4)), rng.integers(0, 3, 40)
    peer = neural_network.MLPClassifier(solver="sgd", alpha=0.3, activation=activation, **SETTINGS)
    g = ACTIVATIONS[activation]
    layers = [Dense(7, g), Dense(5, g), Dense(3, "softmax")]
    program = Program(chain(4, layers, "cross_entropy"), dtype="float64")
    optimizer = OPTIMIZERS["gd"](program, learning_rate=0.01)
    compare(peer, program, optimizer, X, np.eye(3)[target], target, classes=[0, 1, 2])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_regression_has_the_same_factor_of_a_half(activation):
    rng = np.random.default_rng(2)
    X, target = rng.normal(size=(40, 4)), rng.normal(size=40)
    peer = neural_network.MLPRegressor(solver="sgd", alpha=0.0, activation=activation, **SETTINGS)
    g = ACTIVATIONS[activation]
    layers = [Dense(7, g), Dense(5, g), Dense(1, "linear")]
    program = Program(chain(4, layers, "mse"), dtype="float64")
    optimizer = OPTIMIZERS["gd"](program, learning_rate=0.01)
    compare(peer, program, optimizer, X, target[:, None], target)
