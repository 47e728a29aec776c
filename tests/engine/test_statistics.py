"""Statistics of layers: small networks whose numbers are known beforehand."""

import numpy as np
import pytest

from netbuilder.engine.layers import Activation, Conv2D, Dense, Flatten, Reshape
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program
from netbuilder.engine.statistics import layer_statistics, network_statistics

RNG = np.random.default_rng(1)
WEIGHTS = {"n1.W": np.ones((1, 3)), "n1.b": np.zeros((1, 1))}
X, Y = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 2))


def step(g):
    return chain(3, [Dense(1, g)], "mse").node("n1")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_sizes_of_weights_gradients_and_updates(optimizer, dtype):
    plan = chain(3, [Dense(5, "tanh"), Dense(2, "linear")], "mse")
    program = Program(plan, dtype=dtype)
    rule = OPTIMIZERS[optimizer](program, learning_rate=0.05)
    given = X.astype(dtype), Y.astype(dtype)
    program.update(*given, rule, 0.1)
    before = program.weights()
    program.update(*given, rule, 0.1)
    found = network_statistics(program, X, program.gradients(), before)
    assert list(found) == ["data", "n1", "n2"] and found["data"].parameters == {}
    for id, A in program.activations(X).items():
        assert found[id].mean == pytest.approx(np.mean(A), abs=1e-6)
        assert found[id].deviation == pytest.approx(np.std(A), rel=1e-5)
    for key, W in program.weights().items():
        id, name = key.split(".")
        sizes = found[id].parameters[name]
        assert sizes.norm == pytest.approx(np.sqrt(np.sum(W**2)), rel=1e-5)
        dW = program.gradients()[key]
        assert sizes.gradient_norm == pytest.approx(np.sqrt(np.sum(dW**2)), rel=1e-5)
        change = np.sqrt(np.sum((W - before[key]) ** 2) / np.sum(before[key] ** 2))
        assert sizes.update_ratio == pytest.approx(change, rel=1e-3)
        if optimizer == "gd":
            expected = 0.05 * sizes.gradient_norm / np.linalg.norm(before[key])
            assert sizes.update_ratio == pytest.approx(expected, rel=1e-3)


def test_what_is_not_known_is_none():
    program = Program(chain(3, [Dense(5, "linear"), Dense(2, "linear")], "mse"))
    sizes = network_statistics(program, X)["n1"].parameters["W"]
    assert sizes.norm > 0 and sizes.gradient_norm is None and sizes.update_ratio is None
    before = program.weights()  # b starts at zero: no step can be compared with that
    rule = OPTIMIZERS["gd"](program)
    program.update(X.astype("float32"), Y.astype("float32"), rule)
    found = network_statistics(program, X, before=before)["n1"]
    assert found.parameters["b"].update_ratio is None and found.parameters["W"].update_ratio > 0
    assert found.dead is None and found.saturated is None


@pytest.mark.parametrize("own_layer", [False, True])
def test_dead_units_are_zero_for_every_example(own_layer):
    layers = [Dense(4, "linear"), Activation("relu")] if own_layer else [Dense(4, "relu")]
    program = Program(chain(3, [*layers, Dense(2, "linear")], "mse"), dtype="float64")
    bias = np.array([[100.0], [-100.0], [-100.0], [0.0]])
    program.load({"n1.b": bias})
    found = network_statistics(program, X)
    assert found["n2" if own_layer else "n1"].dead == 0.5
    # A unit that is alive for a single example is not dead.
    last = np.where(np.arange(40)[:, None] == 7, 1.0, -1.0)
    assert layer_statistics(step("relu"), np.maximum(last, 0.0), WEIGHTS).dead == 0.0


def test_a_dead_filter_is_one_dead_unit():
    layers = [Reshape(1, 2, 3), Conv2D(4, 2, activation="relu"), Flatten(), Dense(1, "linear")]
    program = Program(chain(6, layers, "mse"), dtype="float64")
    program.load({"n2.b": np.array([[50.0], [-50.0], [50.0], [50.0]])})
    images = RNG.normal(size=(10, 6))
    found = network_statistics(program, images)["n2"]
    assert program.activations(images)["n2"].shape == (10, 4, 1, 2)
    assert found.dead == 0.25 and found.parameters["W"].norm > 0


@pytest.mark.parametrize(
    "g, A, share",
    [
        ("sigmoid", [0.0, 0.0099, 0.0101, 0.5, 0.9899, 0.9901, 1.0, 0.3], 4 / 8),
        ("tanh", [-1.0, -0.991, -0.989, 0.0, 0.5, 0.989, 0.991, 1.0], 4 / 8),
        ("softmax", [0.0, 1.0], None),
        ("linear", [0.0, 1.0], None),
    ],
)
def test_saturated_activations_are_near_a_bound(g, A, share):
    assert layer_statistics(step(g), np.array(A)[:, None], WEIGHTS).saturated == share


def test_looking_changes_nothing():
    program = Program(chain(3, [Dense(5, "relu"), Dense(2, "linear")], "mse"))
    state = program.flat_parameters.tobytes(), program.flat_gradients.tobytes(), X.tobytes()
    network_statistics(program, X, program.gradients(), program.weights())
    assert state == (
        program.flat_parameters.tobytes(),
        program.flat_gradients.tobytes(),
        X.tobytes(),
    )


def test_numbers_out_of_range_are_no_warning():
    A = np.array([[np.inf, 1.0], [-np.inf, 2.0]])
    found = layer_statistics(step("tanh"), A, WEIGHTS | {"n1.W": np.full((1, 3), 1e300)})
    assert np.isnan(found.mean) and found.parameters["W"].norm == np.inf
