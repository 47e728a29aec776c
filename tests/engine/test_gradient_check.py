"""The gradient check: good where back propagation is right, and every planted mistake caught."""

import numpy as np
import pytest

from netbuilder.engine.faults import FAULTS
from netbuilder.engine.gradient_check import ENTRIES, check, overall_difference
from netbuilder.engine.layers import (
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    LayerNorm,
    MaxPool2D,
    Reshape,
)
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
    checks = check(network(), X, Y, seed=3, planted=[(id, fault)])
    assert "wrong" in {c.verdict for c in checks if c.id == id}
    assert {c.verdict for c in checks if c.id > id} == {"good"}


@pytest.mark.parametrize("fault", ["mean", "bias", "sign"])
def test_a_mistake_in_the_output_layer_is_caught(fault):
    checks = check(network(), X, Y, seed=3, planted=[("n3", fault)])
    assert [c.id for c in checks if c.verdict == "wrong"] == ["n3"]


IMAGES = [
    Dense(18, "tanh", "xavier"),
    Reshape(2, 3, 3),
    Conv2D(3, 2, padding=1, activation="tanh", initializer="xavier"),
    BatchNorm(),
    MaxPool2D(),
    Flatten(),
    LayerNorm(),
    Dense(2, "softmax", "xavier"),
]


@pytest.mark.parametrize("class_weights", [(), (0.5, 3.0)])
def test_images_norms_and_every_penalty_are_good(class_weights):
    plan = chain(3, IMAGES, "cross_entropy")
    checks = check(plan, X, Y, 3, 0.2, l1=0.1, class_weights=class_weights)
    assert {c.id for c in checks} == {"n1", "n3", "n4", "n7", "n8"}
    assert {c.verdict for c in checks} == {"good"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_mistake_is_caught_in_a_convolution(fault):
    checks = check(chain(3, IMAGES, "cross_entropy"), X, Y, 3, planted=[("n3", fault)])
    assert "wrong" in {c.verdict for c in checks if c.id == "n3"}
    assert {c.verdict for c in checks if c.id > "n3"} == {"good"}


def test_a_doubled_gradient_has_the_courses_difference_of_a_third():
    """‖2 dW − dW‖ / (‖2 dW‖ + ‖dW‖) = 1/3, and (m − 1) / (m + 1) without the factor 1/m."""
    for fault, expected in (("double", 1 / 3), ("mean", 19 / 21), ("sign", 1.0)):
        found = check(network(), X, Y, seed=3, planted=[("n2", fault)])
        (dW,) = (c for c in found if (c.id, c.parameter) == ("n2", "W"))
        assert dW.relative_difference == pytest.approx(expected, rel=1e-6)


def course_case():
    """The course's exercise: 4-5-3-1, three examples, everything drawn from seed 1."""
    rng = np.random.RandomState(1)
    X, Y = rng.randn(4, 3).T, np.array([[1.0], [1.0], [0.0]])
    shapes = {"n1": (5, 4), "n2": (3, 5), "n3": (1, 3)}
    weights = {}
    for id, (n, n_prev) in shapes.items():
        weights[f"{id}.W"], weights[f"{id}.b"] = rng.randn(n, n_prev), rng.randn(n, 1)
    plan = chain(4, [Dense(5), Dense(3), Dense(1, "sigmoid")], "binary_cross_entropy")
    return plan, X, Y, weights


def test_the_courses_exercise_has_the_published_difference():
    plan, X, Y, weights = course_case()
    both = [("n2", "double"), ("n1", "four")]
    checks = check(plan, X, Y, 1, planted=both, weights=weights, epsilon=1e-7)
    assert overall_difference(checks) == pytest.approx(0.2850931567761624, abs=3e-8)
    assert [(c.id, c.parameter) for c in checks if c.verdict == "wrong"] == [
        ("n1", "b"),
        ("n2", "W"),
    ]
    right = check(plan, X, Y, 1, weights=weights, epsilon=1e-7)
    # 1.189e-07 in the course, which takes log(1 − A) and loses its digits where A is near 1.
    assert overall_difference(right) < 2e-8
    assert {c.verdict for c in right} == {"good"}
    assert overall_difference(check(plan, X, Y, 1, weights=weights)) < 1e-9


def test_a_weight_at_the_kink_of_l1_is_left_out():
    weights = {"n1.W": np.full((6, 3), 1e-6), "n2.W": np.full((5, 6), -1e-6)}
    found = {
        (c.id, c.parameter): c.verdict for c in check(network(), X, Y, 3, weights=weights, l1=5.0)
    }
    assert found["n1", "W"] == found["n2", "W"] == "unknown" and found["n3", "W"] == "good"


def test_a_slope_that_is_not_there_cannot_be_forgotten():
    with pytest.raises(UserError, match="no derivative"):
        check(network(), X, Y, seed=3, planted=[("n3", "slope")])


def test_a_fault_needs_a_dense_layer_and_a_known_name():
    plan = chain(3, [Dense(2, "linear"), Activation("softmax")], "cross_entropy")
    with pytest.raises(UserError, match="Dense or Conv2D, but Activation 2"):
        check(plan, X, Y, seed=1, planted=[("n2", "sign")])
    with pytest.raises(UserError, match="no fault called"):
        check(plan, X, Y, seed=1, planted=[("n1", "nonsense")])


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
