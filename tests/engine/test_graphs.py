"""Branches and joins: random networks against finite differences and against plain NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import Activation, Add, Concatenate, Cost, Dense, Dropout, Input
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import Plan, Step
from netbuilder.engine.program import Program

SMOOTH = [name for name, g in ACTIVATIONS.items() if not g.kinked and name != "softmax"]
N_X = 3


def graph(layers: list[tuple[str, Layer, tuple[str, ...]]], loss: str) -> Plan:
    steps = {"data": Step("data", "Data", Input(), (), (N_X,), {})}
    for id, layer, inputs in [*layers, ("cost", Cost(loss), (layers[-1][0],))]:
        steps[id] = Step.of(id, id, layer, [steps[source] for source in inputs])
    return Plan(tuple(steps.values()), loss)


@st.composite
def graphs(draw):
    """A random network: any layer may be fed by any before it, and nothing is left loose."""
    widths = {"data": N_X}
    layers = []
    for number in range(draw(st.integers(1, 8))):
        id, ids = f"n{number}", list(widths)
        kind = draw(st.sampled_from(["dense", "activation", "dropout", "add", "concatenate"]))
        source = draw(st.sampled_from(ids))
        if kind == "add":
            same = [other for other in ids if widths[other] == widths[source]]
            inputs = (source, *draw(st.lists(st.sampled_from(same), min_size=1, max_size=3)))
            layer, width = Add(), widths[source]
        elif kind == "concatenate":
            inputs = (source, *draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3)))
            layer, width = Concatenate(), sum(widths[other] for other in inputs)
        else:
            inputs, width = (source,), widths[source]
            g = draw(st.sampled_from(SMOOTH))
            if kind == "dense":
                width = draw(st.integers(1, 4))
                layer = Dense(width, g, "xavier")
            else:
                layer = Activation(g) if kind == "activation" else Dropout(0.4)
        widths[id] = width
        layers.append((id, layer, inputs))
    loose = [id for id in widths if not any(id in inputs for _, _, inputs in layers)]
    if len(loose) > 1:
        layers.append(("join", Concatenate(), tuple(loose)))
    loss = draw(st.sampled_from(["mse", "binary_cross_entropy", "cross_entropy"]))
    output = LOSSES[loss].logits_activation or draw(st.sampled_from(SMOOTH))
    if draw(st.booleans()):
        layers.append(("out", Dense(2, output, "xavier"), (layers[-1][0],)))
    else:
        layers.append(("before", Dense(2, "linear", "xavier"), (layers[-1][0],)))
        layers.append(("out", Activation(output), ("before",)))
    return graph(layers, loss)


def batch(loss, m=6, seed=1):
    rng = np.random.default_rng(seed)
    X, classes = rng.normal(size=(m, N_X)), rng.integers(0, 2, m)
    return X, np.eye(2)[classes] if loss != "mse" else rng.normal(size=(m, 2))


def plain_forward(plan, weights, X):
    """Every step's output by the formulas alone, examples as columns."""
    A = {"data": X.T}
    for step in plan.steps[1:-1]:
        before = [A[id] for id in step.inputs]
        if isinstance(step.layer, Dense):
            Z = weights[f"{step.id}.W"] @ before[0] + weights[f"{step.id}.b"]
            A[step.id] = ACTIVATIONS[step.layer.activation](Z)
        elif isinstance(step.layer, Activation):
            A[step.id] = ACTIVATIONS[step.layer.activation](before[0])
        elif isinstance(step.layer, Add):
            A[step.id] = sum(before)
        elif isinstance(step.layer, Concatenate):
            A[step.id] = np.vstack(before)
        else:
            A[step.id] = before[0]
    return A


@given(graphs(), st.integers(0, 100))
@settings(max_examples=150, deadline=None)
def test_forward_is_the_formulas(plan, seed):
    program = Program(plan, dtype="float64", seed=seed)
    X, _ = batch(plan.loss)
    expected = plain_forward(plan, program.weights(), X)
    found = program.activations(X)
    assert found.keys() == expected.keys()
    for id, A in found.items():
        np.testing.assert_allclose(A, expected[id].T, rtol=1e-10, atol=1e-12)


@given(graphs(), st.integers(0, 100))
@settings(max_examples=150, deadline=None)
def test_back_propagation_is_the_derivative_of_the_cost(plan, seed):
    program = Program(plan, dtype="float64", seed=seed)
    X, Y = batch(plan.loss)
    cost, gradients = program.gradient(X, Y, 0.1)
    start, rng = program.weights(), np.random.default_rng(seed)
    direction = {key: rng.normal(size=array.shape) for key, array in start.items()}
    step, costs = 1e-5, []
    for sign in (1, -1):
        program.load({key: start[key] + sign * step * direction[key] for key in start})
        costs.append(program.cost(X, Y, 0.1))
    exact = sum(float(np.sum(gradients[key] * direction[key])) for key in start)
    numerical = (costs[0] - costs[1]) / (2 * step)
    assert exact == pytest.approx(numerical, rel=1e-6, abs=1e-6 * max(1.0, abs(cost)))


@given(graphs(), st.integers(0, 100))
@settings(max_examples=30, deadline=None)
def test_training_with_changing_batches_is_the_same_bit_by_bit(plan, seed):
    def train():
        program = Program(plan, seed=seed)
        rule = OPTIMIZERS["adam"](program, learning_rate=0.01)
        costs = []
        for k, m in enumerate((6, 3, 6, 1, 8)):
            X, Y = (array.astype("float32") for array in batch(plan.loss, m, k))
            costs.append(program.update(X, Y, rule, 0.1))
        return costs, program.flat_parameters.tobytes()

    assert train() == train()


def test_an_output_that_feeds_several_layers_gets_the_sum_of_their_gradients():
    plan = graph(
        [
            ("a", Dense(2, "tanh", "xavier"), ("data",)),
            ("b", Dense(2, "tanh", "xavier"), ("a",)),
            ("c", Dense(2, "tanh", "xavier"), ("a",)),
            ("sum", Add(), ("a", "b", "c")),
        ],
        "mse",
    )
    program = Program(plan, dtype="float64")
    X, Y = batch("mse")
    values, weights = program.inspect(X, Y), program.weights()
    expected = values["sum"].dA + sum(values[id].dZ @ weights[f"{id}.W"] for id in "bc")
    np.testing.assert_allclose(values["a"].dA, expected, rtol=1e-12)


def test_an_add_of_one_output_with_itself_doubles_it_and_its_gradient():
    plan = graph([("a", Dense(2, "linear", "xavier"), ("data",)), ("s", Add(), ("a", "a"))], "mse")
    program = Program(plan, dtype="float64")
    values = program.inspect(*batch("mse"))
    np.testing.assert_allclose(values["s"].A, 2 * values["a"].A)
    np.testing.assert_allclose(values["a"].dA, 2 * values["s"].dA)


def test_a_softmax_on_the_data_itself_is_a_network_without_parameters():
    plan = graph([("out", Activation("softmax"), ("data",))], "cross_entropy")
    program = Program(plan, dtype="float64")
    X, Y = batch("mse")[0], np.eye(3)[[0, 1, 2, 0, 1, 2]]
    expected = -np.mean(np.sum(Y * np.log(ACTIVATIONS["softmax"](X.T).T), axis=1))
    assert program.update(X, Y, OPTIMIZERS["adam"](program)) == pytest.approx(expected)
    assert program.inspect(X, Y)["out"].Z.shape == (6, 3)
