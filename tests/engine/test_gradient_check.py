"""The gradient check: good where back propagation is right, and every planted mistake caught."""

import numpy as np
import pytest

from netbuilder.engine.faults import FAULTS
from netbuilder.engine.gradient_check import ENTRIES, check
from netbuilder.engine.layers import Activation, Dense
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.plan import chain
from netbuilder.errors import UserError

RNG = np.random.default_rng(1)
X = RNG.normal(size=(20, 3))
Y = np.eye(2)[RNG.integers(0, 2, 20)]


def network(hidden="tanh", loss="cross_entropy"):
    output = LOSSES[loss].logits_activation or "linear"
    return chain(3, [Dense(6, hidden), Dense(5, hidden), Dense(2, output)], loss)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", ["tanh", "relu", "leaky_relu", "gelu"])
def test_right_back_propagation_is_good(hidden, loss):
    checks = check(network(hidden, loss), X, Y, seed=3, l2=0.2)
    assert [(c.id, c.parameter) for c in checks] == [
        (id, parameter) for id in ("n1", "n2", "n3") for parameter in ("W", "b")
    ]
    assert {c.verdict for c in checks} == {"good"}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("id", ["n1", "n2"])
def test_a_planted_mistake_is_caught_in_its_layer(fault, id):
    checks = check(network(), X, Y, seed=3, planted=(id, fault))
    assert "wrong" in {c.verdict for c in checks if c.id == id}
    assert {c.verdict for c in checks if c.id > id} == {"good"}


@pytest.mark.parametrize("fault", ["mean", "bias", "sign"])
def test_a_mistake_in_the_output_layer_is_caught(fault):
    checks = check(network(), X, Y, seed=3, planted=("n3", fault))
    assert [c.id for c in checks if c.verdict == "wrong"] == ["n3"]


def test_a_slope_that_is_not_there_cannot_be_forgotten():
    with pytest.raises(UserError, match="no derivative"):
        check(network(), X, Y, seed=3, planted=("n3", "slope"))


def test_a_fault_needs_a_dense_layer_and_a_known_name():
    plan = chain(3, [Dense(2, "linear"), Activation("softmax")], "cross_entropy")
    with pytest.raises(UserError, match="Dense layer"):
        check(plan, X, Y, seed=1, planted=("n2", "sign"))
    with pytest.raises(UserError, match="no fault called"):
        check(plan, X, Y, seed=1, planted=("n1", "nonsense"))


def test_weights_that_were_trained_can_be_checked():
    weights = {"n1.W": np.full((6, 3), 0.3)}
    assert {c.verdict for c in check(network(), X, Y, 3, weights=weights)} == {"good"}


def test_a_large_parameter_is_checked_by_a_sample():
    plan = chain(3, [Dense(20 * ENTRIES, "tanh"), Dense(2, "softmax")], "cross_entropy")
    assert {c.verdict for c in check(plan, X, Y, seed=1)} == {"good"}


def test_a_network_that_starts_on_a_kink_is_not_called_wrong():
    # With zeros everywhere Z = 0 at every unit, where relu has no derivative.
    layers = [Dense(4, "relu", "zeros"), Dense(2, "softmax", "xavier")]
    checks = check(chain(3, layers, "cross_entropy"), X, Y, seed=1)
    assert {c.verdict for c in checks} <= {"good", "unknown"}
    assert np.isnan(next(c for c in checks if c.parameter == "b").relative_difference)


def test_zero_gradients_are_good():
    plan = chain(3, [Dense(4, "tanh", "zeros"), Dense(2, "softmax", "zeros")], "cross_entropy")
    assert {c.verdict for c in check(plan, X, Y, seed=1)} == {"good"}
