"""Branches, joins and images: random networks against finite differences, plain NumPy and files."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer
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
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.program import Program

N_X = 12
N_Y = {"binary_cross_entropy": 1, "cross_entropy": 3, "mse": 2}
"""The outputs, by the loss."""
JOINS = ("add", "multiply", "concatenate")
ANYWHERE = ("activation", "dropout", "batch_norm", "layer_norm", "flatten", *JOINS)
IMAGES = ("conv2d", "max_pool2d", "avg_pool2d", "global_avg_pool2d")


@dataclass
class Drawing:
    """A network while it is drawn: every layer's id, what feeds it, and the shape it gives."""

    layers: list[tuple[str, Layer, tuple[str, ...]]]
    shapes: dict[str, tuple[int, ...]]

    def add(self, layer: Layer, *inputs: str) -> str:
        id = f"n{len(self.shapes)}"
        self.layers.append((id, layer, inputs))
        self.shapes[id] = layer.output_shape([self.shapes[source] for source in inputs])
        return id

    def loose(self) -> list[str]:
        return [id for id in self.shapes if not any(id in inputs for *_, inputs in self.layers)]


@st.composite
def graphs(draw, most=12):
    """Layers in order: any may be fed by any before it, and in the end nothing is left loose."""
    drawing = Drawing([], {"data": (N_X,)})
    shapes = drawing.shapes
    for _ in range(draw(st.integers(1, most))):
        source = draw(st.sampled_from(list(shapes)))
        shape = shapes[source]
        # Images come from Reshape alone: more of it, and of what only images can have.
        kinds = [*ANYWHERE, *(3 * IMAGES if len(shape) == 3 else ("dense", *4 * ("reshape",)))]
        kind = draw(st.sampled_from(kinds))
        inputs = [source]
        if kind in JOINS:
            same = [
                id
                for id in shapes
                if shapes[id][kind == "concatenate" :] == shape[kind == "concatenate" :]
                and id != source
            ]
            if not same:
                continue
            inputs += draw(st.lists(st.sampled_from(same), min_size=1, max_size=3, unique=True))
        drawing.add(draw(layers_of(kind, shape)), *inputs)
    ends = [id if len(shapes[id]) == 1 else drawing.add(Flatten(), id) for id in drawing.loose()]
    last = ends[0] if len(ends) == 1 else drawing.add(Concatenate(), *ends)
    loss = draw(st.sampled_from(list(N_Y)))
    output = LOSSES[loss].logits_activation or draw(st.sampled_from(["linear", "tanh"]))
    if draw(st.booleans()):
        drawing.add(Dense(N_Y[loss], output, "xavier"), last)
    else:
        drawing.add(Activation(output), drawing.add(Dense(N_Y[loss], "linear", "xavier"), last))
    return drawing.layers, loss


def layers_of(kind, shape):
    """A strategy for the layers of a kind that can take this shape."""
    g = st.sampled_from(list(ACTIVATIONS))
    if kind == "dense":
        return st.builds(Dense, st.sampled_from([1, 2, 3, 4, 12]), g, st.just("xavier"))
    if kind == "activation":
        return st.builds(Activation, g)
    if kind == "reshape":
        n = shape[0]
        parts = [(c, h) for c in range(1, n + 1) for h in range(1, n + 1) if n % (c * h) == 0]
        return st.sampled_from([Reshape(c, h, n // (c * h)) for c, h in parts])
    if kind == "conv2d":
        return st.integers(0, 2).flatmap(
            lambda padding: st.builds(
                Conv2D,
                filters=st.integers(1, 3),
                kernel=st.integers(1, min(3, min(shape[1:]) + 2 * padding)),
                stride=st.integers(1, 3),
                padding=st.just(padding),
                activation=g,
                initializer=st.just("xavier"),
            )
        )
    if kind in ("max_pool2d", "avg_pool2d"):
        pool = MaxPool2D if kind == "max_pool2d" else AvgPool2D
        return st.builds(pool, st.integers(1, min(3, *shape[1:])), st.integers(0, 2))
    return st.just(
        {
            "dropout": Dropout(0.4),
            "batch_norm": BatchNorm(epsilon=0.01),
            "layer_norm": LayerNorm(epsilon=0.01),
            "flatten": Flatten(),
            "global_avg_pool2d": GlobalAvgPool2D(),
            "add": Add(),
            "multiply": Multiply(),
            "concatenate": Concatenate(),
        }[kind]
    )


def batch(loss, m=6, seed=1, n_y=None):
    rng = np.random.default_rng(seed)
    X, n_y = rng.normal(size=(m, N_X)), n_y or N_Y[loss]
    if loss == "binary_cross_entropy":
        return X, rng.integers(0, 2, (m, n_y)).astype(float)
    if loss == "cross_entropy":
        return X, np.eye(n_y)[rng.integers(0, n_y, m)]
    return X, rng.normal(size=(m, n_y))


# --- the formulas alone, with examples as rows ---------------------------------------------------


def windows(A, size, stride):
    """Every window with its place: ((i, j), (m, channels, size, size))."""
    rows, columns = ((n - size) // stride + 1 for n in A.shape[2:])
    for i, j in np.ndindex(rows, columns):
        top, left = stride * i, stride * j
        yield (i, j), A[:, :, top : top + size, left : left + size]


def over_windows(A, size, stride, compute):
    found = {place: compute(window) for place, window in windows(A, size, stride)}
    rows, columns = (1 + max(place[axis] for place in found) for axis in (0, 1))
    A = np.array([[found[i, j] for j in range(columns)] for i in range(rows)])
    return A.transpose(2, 3, 0, 1)


def g(name, Z):
    """The activation of units, or of channels, which are the second axis here."""
    return np.moveaxis(ACTIVATIONS[name](np.ascontiguousarray(np.moveaxis(Z, 0, -1))), -1, 0)


def formula(layer, before, stored):
    A, *others = before
    match layer:
        case Dense():
            return g(layer.activation, A @ stored["W"].T + stored["b"].T)
        case Conv2D():
            p = layer.padding
            A = np.pad(A, ((0, 0), (0, 0), (p, p), (p, p)))
            Z = over_windows(
                A,
                layer.kernel,
                layer.stride,
                lambda window: np.einsum("mcij,fcij->mf", window, stored["W"]) + stored["b"].T,
            )
            return g(layer.activation, Z)
        case MaxPool2D():
            step = layer.stride or layer.size
            return over_windows(A, layer.size, step, lambda window: window.max(axis=(2, 3)))
        case AvgPool2D():
            step = layer.stride or layer.size
            return over_windows(A, layer.size, step, lambda window: window.mean(axis=(2, 3)))
        case GlobalAvgPool2D():
            return A.mean(axis=(2, 3))
        case Activation():
            return g(layer.activation, A)
        case Add():
            return sum(others, A)
        case Multiply():
            return math.prod(others, start=A)
        case Concatenate():
            return np.concatenate(before, axis=1)
        case Flatten():
            return A.reshape(len(A), -1)
        case Reshape():
            return A.reshape(-1, layer.channels, layer.height, layer.width)
        case BatchNorm():
            mean, variance, gamma, beta = (
                stored[name].reshape(-1, *[1] * (A.ndim - 2))
                for name in ("mean", "variance", "gamma", "beta")
            )
            return gamma * (A - mean) / np.sqrt(variance + layer.epsilon) + beta
        case LayerNorm():
            axes = tuple(range(1, A.ndim))
            mean, variance = A.mean(axes, keepdims=True), A.var(axes, keepdims=True)
            gamma, beta = (stored[name].reshape(A.shape[1:]) for name in ("gamma", "beta"))
            return gamma * (A - mean) / np.sqrt(variance + layer.epsilon) + beta
        case Dropout():
            return A
    raise AssertionError(f"no formula for {layer}")


def plain_forward(plan, weights, X):
    A = {"data": X}
    for node in plan.nodes[1:-1]:
        stored = {name: weights[f"{node.id}.{name}"] for name in node.stored_shapes}
        A[node.id] = formula(node.layer, [A[id] for id in node.inputs], stored)
    return A


def trained(plan, seed, updates=2):
    """A program with nothing at zero, whose running statistics have moved."""
    program = Program(plan, dtype="float64", seed=seed)
    optimizer = OPTIMIZERS["gd"](program, learning_rate=1e-3, clip_norm=1.0)
    for k in range(updates):
        program.update(*batch(plan.loss, seed=k), optimizer)
    rng = np.random.default_rng(seed)
    for key in plan.parameters:
        W = program.parameter(key)
        W += 0.1 * rng.normal(size=W.shape)
    return program


@given(graphs(), st.integers(0, 100))
@settings(max_examples=80, deadline=None)
def test_forward_is_the_formulas(planned, graph, seed):
    program = trained(planned(N_X, *graph), seed)
    X, _ = batch(program.plan.loss)
    expected = plain_forward(program.plan, program.weights(), X)
    found = program.activations(X)
    assert found.keys() == expected.keys()
    for id, A in found.items():
        np.testing.assert_allclose(A, expected[id], rtol=1e-9, atol=1e-11)


@given(graphs(), st.integers(0, 100))
@settings(max_examples=80, deadline=None)
def test_back_propagation_is_the_derivative_of_the_cost(planned, graph, seed):
    plan = planned(N_X, *graph)
    program = trained(plan, seed)
    X, Y = batch(plan.loss)
    cost, gradients = program.gradient(X, Y, 0.1)
    start, rng = program.weights(), np.random.default_rng(seed)
    direction = {key: rng.normal(size=plan.parameters[key]) for key in plan.parameters}
    step, costs, sides = 1e-5, [], []
    for sign in (1, -1):
        program.load({key: start[key] + sign * step * direction[key] for key in direction})
        costs.append(program.batch_cost(X, Y, 0.1))
        sides.append(program.sides())
    assume(np.array_equal(*sides))  # no kink between the two
    exact = sum(float(np.sum(gradients[key] * direction[key])) for key in direction)
    numerical = (costs[0] - costs[1]) / (2 * step)
    assert exact == pytest.approx(numerical, rel=1e-6, abs=1e-6 * max(1.0, abs(cost)))


@given(graphs(), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_compiles_from_a_document_and_survives_a_project_file(planned, opened_again, graph, seed):
    program = trained(planned(N_X, *graph), seed)
    weights = program.weights()
    plan, stored = opened_again(program.plan, weights)
    assert plan == program.plan
    assert (stored or {}).keys() == weights.keys()
    X, _ = batch(plan.loss)
    again = Program(plan, dtype="float64", weights=stored or {}).activations(X)
    for id, A in program.activations(X).items():
        np.testing.assert_array_equal(again[id], A)


@given(graphs(), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_training_with_changing_batches_is_the_same_bit_by_bit(planned, graph, seed):
    plan = planned(N_X, *graph)

    def train():
        program = Program(plan, seed=seed)
        rule = OPTIMIZERS["adam"](program, learning_rate=0.01)
        costs = []
        for k, m in enumerate((6, 3, 6, 1, 8)):
            X, Y = (array.astype("float32") for array in batch(plan.loss, m, k))
            costs.append(program.update(X, Y, rule, 0.1))
        return costs, program.flat_parameters.tobytes()

    assert train() == train()


def test_an_output_that_feeds_several_layers_gets_the_sum_of_their_gradients(planned):
    layers = [
        ("a", Dense(2, "tanh", "xavier"), ("data",)),
        ("b", Dense(2, "tanh", "xavier"), ("a",)),
        ("c", Dense(2, "tanh", "xavier"), ("a",)),
        ("sum", Add(), ("a", "b", "c")),
    ]
    program = Program(planned(N_X, layers, "mse"), dtype="float64")
    values, weights = program.inspect(*batch("mse")), program.weights()
    expected = values["sum"].dA + sum(values[id].dZ @ weights[f"{id}.W"] for id in "bc")
    np.testing.assert_allclose(values["a"].dA, expected, rtol=1e-12)


def test_an_add_of_one_output_with_itself_doubles_it_and_its_gradient(planned):
    layers = [("a", Dense(2, "linear", "xavier"), ("data",)), ("s", Add(), ("a", "a"))]
    values = Program(planned(N_X, layers, "mse"), dtype="float64").inspect(*batch("mse"))
    np.testing.assert_allclose(values["s"].A, 2 * values["a"].A)
    np.testing.assert_allclose(values["a"].dA, 2 * values["s"].dA)


def test_a_multiply_of_one_output_with_itself_is_its_square(planned):
    layers = [("a", Dense(2, "linear", "xavier"), ("data",)), ("s", Multiply(), ("a", "a"))]
    values = Program(planned(N_X, layers, "mse"), dtype="float64").inspect(*batch("mse"))
    np.testing.assert_allclose(values["s"].A, values["a"].A ** 2)
    np.testing.assert_allclose(values["a"].dA, 2 * values["a"].A * values["s"].dA)


def test_a_softmax_on_the_data_itself_is_a_network_without_parameters(planned):
    plan = planned(N_X, [("out", Activation("softmax"), ("data",))], "cross_entropy")
    program = Program(plan, dtype="float64")
    X, Y = batch("cross_entropy", n_y=N_X)
    expected = -np.mean(np.sum(Y * np.log(ACTIVATIONS["softmax"](X.T).T), axis=1))
    assert program.update(X, Y, OPTIMIZERS["adam"](program)) == pytest.approx(expected)
    assert program.inspect(X, Y)["out"].Z.shape == (6, N_X)
