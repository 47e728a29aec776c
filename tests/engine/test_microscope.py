"""The microscope: every number is the one of the update itself, and is what its origin says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from netbuilder.engine.explaining import EXPLAINED, LOSS_FORMULAS, TYPESET
from netbuilder.engine.layer import LAYERS, Layer, ShapeError
from netbuilder.engine.layers import (
    Activation,
    Add,
    AvgPool2D,
    BatchNorm,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    LayerNorm,
    MaxPool2D,
    Multiply,
    Reshape,
)
from netbuilder.engine.layers.cost import Cost
from netbuilder.engine.layers.input import Input
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.microscope import trace
from netbuilder.engine.optimizers import OPTIMIZERS, Optimizer
from netbuilder.engine.plan import Plan, PlanNode, chain
from netbuilder.engine.program import Array, Program
from netbuilder.engine.stops import Stop

M = 5
PARAMETERS = {"W": "W", "b": "b", "γ": "gamma", "β": "beta", "μ_run": "mean", "σ²_run": "variance"}


def examples(plan: Plan) -> tuple[Array, Array]:
    rng = np.random.RandomState(4)
    (n_y,) = plan.node(plan.nodes[-1].inputs[0]).shape
    X = rng.randn(M, *plan.nodes[0].shape)
    if plan.loss == "cross_entropy":
        return X, np.eye(n_y)[rng.randint(0, n_y, M)]
    if plan.loss == "binary_cross_entropy":
        return X, (rng.rand(M, n_y) > 0.5).astype(float)
    return X, rng.randn(M, n_y)


def program(plan: Plan, optimizer: str = "gd", **settings: float) -> tuple[Program, Optimizer]:
    """Some updates old, so that v and s are not zero."""
    made = Program(plan, dtype="float64", seed=2)
    rule = OPTIMIZERS[optimizer](made, learning_rate=0.1, **settings)
    for _ in range(3):
        made.update(*examples(plan), rule)
    return made, rule


def joined() -> Plan:
    """Two branches that come together in each way there is."""
    nodes = [PlanNode("data", "Data", Input(), (), (3,), {})]

    def add(id: str, layer: Layer, *sources: str) -> None:
        known = {node.id: node for node in nodes}
        nodes.append(PlanNode.of(id, id, layer, [known[source] for source in sources]))

    add("a", Dense(4, "tanh"), "data")
    add("b", Dense(4, "sigmoid"), "a")
    add("sum", Add(), "a", "b")
    add("gate", Multiply(), "sum", "b", "a")
    add("side", Concatenate(), "gate", "a")
    add("out", Dense(1, "linear"), "side")
    add("cost", Cost("mse"), "out")
    return Plan(tuple(nodes), "mse")


PLANS = {
    "dense": chain(2, [Dense(4, "tanh"), Dense(1, "sigmoid")], "binary_cross_entropy"),
    "norms": chain(
        3,
        [Dense(4, "linear"), BatchNorm(), Activation("gelu"), LayerNorm(), Dense(3, "softmax")],
        "cross_entropy",
    ),
    "dropout": chain(3, [Dense(6, "elu"), Dropout(0.4), Dense(2, "linear")], "huber"),
    "images": chain(
        36,
        [
            Reshape(1, 6, 6),
            Conv2D(2, 3, 1, 1, "relu"),
            BatchNorm(),
            MaxPool2D(3, 2),
            Conv2D(3, 2, 1, 0, "tanh"),
            Flatten(),
            Dense(2, "softmax"),
        ],
        "mse",
    ),
    "pools": chain(
        32,
        [
            Reshape(2, 4, 4),
            AvgPool2D(2, 1),
            Conv2D(2, 2, 2, 1, "softplus"),
            AvgPool2D(2, 1),
            LayerNorm(),
            GlobalAvgPool2D(),
            Dense(3, "softmax"),
        ],
        "cross_entropy",
    ),
    "joins": joined(),
}


def told(stops: tuple[Stop, ...], phase: str, name: str) -> list[Array]:
    return [s.result.values for s in stops if s.phase == phase and str(s.result.name) == name]


def after(stops: tuple[Stop, ...]) -> dict[str, Array]:
    """What every parameter is after the update, as the last stop that changes it says."""
    found = {}
    for stop in stops:
        if stop.phase == "update" and (name := PARAMETERS.get(stop.result.name.text)):
            found[f"{stop.node}.{name}"] = stop.result.values
    return found


def check_update(plan: Plan, optimizer: str, l2: float = 0.0, l1: float = 0.0, **settings: float):
    made, rule = program(plan, optimizer, **settings)
    X, Y = examples(plan)
    before = made.weights()
    stops = trace(made, X, Y, rule, l2, l1)
    assert all(np.array_equal(made.weights()[key], before[key]) for key in before)
    assert rule.updates == 3
    J = made.update(X, Y, rule, l2, l1)
    assert told(stops, "cost", "J")[-1] == pytest.approx(J, rel=1e-12)
    new, found = made.weights(), after(stops)
    assert found.keys() == new.keys()
    for key, values in new.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-9, atol=1e-12, err_msg=key)
    return stops


@pytest.mark.parametrize("name", PLANS)
def test_what_it_shows_is_the_update_itself(name: str) -> None:
    """Parameters and running statistics after it, the dropout's own mask included."""
    check_update(PLANS[name], "gd")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_optimiser_with_its_moments_penalties_and_clipping(optimizer: str) -> None:
    stops = check_update(PLANS["dense"], optimizer, 0.7, 0.1, clip_norm=0.05)
    assert any(str(stop.result.name) == "‖g‖" for stop in stops)


@pytest.mark.parametrize("name", PLANS)
def test_every_number_is_what_its_origin_says(name: str) -> None:
    made, rule = program(PLANS[name], "adam")
    for stop in trace(made, *examples(PLANS[name]), rule, 0.3):
        for at in itertools.islice(np.ndindex(stop.result.shape), 40):
            origin = stop.result.origin(at)
            if origin is not None:
                assert origin.recomputed() == pytest.approx(origin.value, rel=1e-9, abs=1e-12)
                for factor in itertools.islice(origin.sources, 4):
                    assert factor.quantity is not None
                    assert factor.value == factor.quantity.values[factor.at]


def test_forward_and_backward_are_those_of_inspect() -> None:
    plan = PLANS["dense"]
    made, rule = program(plan)
    X, Y = examples(plan)
    stops, seen = trace(made, X, Y, rule), made.inspect(X, Y)
    for l, id in ((1, "n1"), (2, "n2")):  # noqa: E741
        for phase, name, values in (
            ("forward", "Z", seen[id].Z),
            ("forward", "A", seen[id].A),
            ("backward", "dZ", seen[id].dZ),
        ):
            (found,) = told(stops, phase, f"{name}[{l}]")
            np.testing.assert_allclose(found, np.asarray(values).T, rtol=1e-10, atol=1e-14)
        for name in ("W", "b"):
            (found,) = told(stops, "backward", f"d{name}[{l}]")
            np.testing.assert_allclose(found, seen[id].gradients[name], rtol=1e-10, atol=1e-14)


def test_gradients_agree_with_finite_differences() -> None:
    plan = PLANS["norms"]
    made, rule = program(plan)
    X, Y = examples(plan)
    (dW,) = told(trace(made, X, Y, rule), "backward", "dW[1]")
    W, epsilon = made.parameter("n1.W"), 1e-6
    for at in np.ndindex(W.shape):
        W[at] += epsilon
        above = made.batch_cost(X, Y)
        W[at] -= 2 * epsilon
        below = made.batch_cost(X, Y)
        W[at] += epsilon
        assert dW[at] == pytest.approx((above - below) / (2 * epsilon), abs=1e-8)


def test_dA_of_the_output_times_its_slope_is_A_minus_Y() -> None:
    plan = PLANS["dense"]
    made, rule = program(plan)
    stops = trace(made, *examples(plan), rule)
    (dA,), (dZ,) = told(stops, "backward", "dA[2]"), told(stops, "backward", "dZ[2]")
    (A,) = told(stops, "forward", "A[2]")
    np.testing.assert_allclose(dA * A * (1 - A), dZ, rtol=1e-9)
    (stop,) = [stop for stop in stops if str(stop.result.name) == "dZ[2]"]
    assert stop.why is not None and "A − Y" in str(stop.why)
    assert stop.formula.endswith("= A^{[2]} - Y")


def test_a_number_leads_back_to_the_features_of_its_example() -> None:
    plan = PLANS["dense"]
    made, rule = program(plan)
    X, Y = examples(plan)
    stop = next(s for s in trace(made, X, Y, rule) if str(s.result.name) == "A[2]")
    place, path = (0, 3), []
    origin = stop.result.origin(place)
    while origin is not None:
        path.append(str(origin.quantity.name))
        factor = list(origin.sources)[-2 if origin.quantity.name.text == "Z" else -1]
        assert factor.quantity is not None
        if factor.quantity.origin(factor.at) is None:
            assert factor.quantity.name.text == "A" or factor.quantity.name.text == "W"
        origin = factor.quantity.origin(factor.at)
    assert path == ["A[2]", "Z[2]", "A[1]", "Z[1]"]
    assert factor.quantity.given is not None and factor.value == X[3, factor.at[0]]


@pytest.mark.parametrize("optimizer", ["gd", "adamw"])
def test_what_is_frozen_has_no_update_and_no_part_in_penalties_and_clipping(optimizer: str) -> None:
    layers = [Dense(4, "tanh", frozen="all"), Dense(3, "relu", frozen="bias"), Dense(1, "sigmoid")]
    plan = chain(2, layers, "binary_cross_entropy")
    made, rule = program(plan, optimizer, clip_norm=0.01)
    X, Y = examples(plan)
    stops = trace(made, X, Y, rule, 0.7, 0.2)
    J = made.update(X, Y, rule, 0.7, 0.2)
    assert told(stops, "cost", "J")[-1] == pytest.approx(J, rel=1e-12)
    found = after(stops)
    assert set(found) == {"n2.W", "n3.W", "n3.b"}
    for key, values in found.items():
        np.testing.assert_allclose(values, made.weights()[key], rtol=1e-9, atol=1e-12)


def test_mazurs_example_has_his_numbers() -> None:
    """Matt Mazur, "A Step by Step Backpropagation Example"; he keeps b fixed."""
    plan = chain(2, [Dense(2, "sigmoid"), Dense(2, "sigmoid")], "mse")
    weights = {
        "W1": np.array([[0.15, 0.20], [0.25, 0.30]]),
        "b1": np.full((2, 1), 0.35),
        "W2": np.array([[0.40, 0.45], [0.50, 0.55]]),
        "b2": np.full((2, 1), 0.60),
    }
    made = Program(plan, dtype="float64", weights=weights)
    rule = OPTIMIZERS["gd"](made, learning_rate=0.5)
    stops = trace(made, np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]]), rule)
    for phase, name, value in (
        ("forward", "Z[1]", 0.3775),
        ("forward", "A[1]", 0.593269992),
        ("forward", "A[2]", 0.75136507),
        ("cost", "J", 0.298371109),
        ("backward", "dA[2]", 0.74136507),
        ("backward", "dZ[2]", 0.138498562),
        ("backward", "dW[2]", 0.082167041),
        ("backward", "dA[1]", 0.036350306),
        ("backward", "dW[1]", 0.000438568),
        ("update", "W[2]", 0.35891648),
        ("update", "W[1]", 0.149780716),
    ):
        assert told(stops, phase, name)[0][0, 0] == pytest.approx(value, abs=1e-9), name


def test_class_weights_count_in_the_cost_and_in_dA() -> None:
    plan = PLANS["dense"]
    made, rule = program(plan)
    made.weigh((0.5, 2.0))
    X, Y = examples(plan)
    stops = trace(made, X, Y, rule)
    J = made.update(X, Y, rule)
    assert told(stops, "cost", "J")[-1] == pytest.approx(J)
    np.testing.assert_allclose(after(stops)["n1.W"], made.weights()["n1.W"], rtol=1e-9)


def test_layers_are_numbered_as_the_course_does() -> None:
    assert PLANS["norms"].course_numbers == {
        "data": 0, "n1": 1, "n2": 1, "n3": 1, "n4": 1, "n5": 2, "cost": 2,
    }  # fmt: skip


def test_nothing_is_without_an_explanation() -> None:
    assert EXPLAINED.missing == TYPESET.missing == LOSS_FORMULAS.missing == ()
    assert set(EXPLAINED) | {"input"} == set(LAYERS)


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_has_the_slope_of_its_formula(loss: str) -> None:
    formula = LOSS_FORMULAS[loss]
    a, y = np.array([0.2, 0.7, 0.9]), np.array([0.0, 1.0, 1.0])
    slope = (formula.value(a + 1e-6, y) - formula.value(a - 1e-6, y)) / 2e-6
    np.testing.assert_allclose(formula.derivative(a, y), slope, rtol=1e-6, atol=1e-9)


def test_examples_of_another_shape_are_refused() -> None:
    made, rule = program(PLANS["dense"])
    with pytest.raises(ShapeError, match=r"X must have the shape \(2, 2\), got \(2, 3\)"):
        trace(made, np.zeros((2, 3)), np.zeros((2, 1)), rule)
