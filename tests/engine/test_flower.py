"""The course's published runs: the two-class flower, one hidden tanh layer, learning rate 1.2."""

import numpy as np
import pytest

from netbuilder.engine.layers import Dense
from netbuilder.engine.metrics import accuracy
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

PUBLISHED = (0.693048, 0.288083, 0.254385, 0.233864, 0.226792, 0.222644, 0.219731, 0.217504)
"""The cost with four hidden units after 0, 1,000, … 7,000 iterations."""
WIDTHS = {1: 67.5, 2: 67.25, 3: 90.75, 4: 90.5, 5: 91.25}
"""Per cent recognised after 5,000 iterations, by the number of hidden units."""


def flower():
    """400 points, 200 a class, drawn as the course draws them."""
    rng = np.random.RandomState(1)
    X, Y = np.zeros((400, 2)), np.zeros((400, 1))
    for j in range(2):
        rows = slice(200 * j, 200 * (j + 1))
        t = np.linspace(3.12 * j, 3.12 * (j + 1), 200) + 0.2 * rng.randn(200)
        r = 4 * np.sin(4 * t) + 0.2 * rng.randn(200)
        X[rows], Y[rows] = np.column_stack([r * np.sin(t), r * np.cos(t)]), j
    return X, Y


def trained(updates, hidden=4, dtype="float64", name="gd", learning_rate=1.2):
    X, Y = (array.astype(dtype) for array in flower())
    layers = [Dense(hidden, "tanh", "normal"), Dense(1, "sigmoid", "normal")]
    program = Program(chain(2, layers, "binary_cross_entropy"), dtype=dtype, seed=2)
    optimizer = OPTIMIZERS[name](program, learning_rate=learning_rate)
    costs = [program.update(X, Y, optimizer) for _ in range(updates)]
    return program, X, Y, costs


@pytest.fixture(scope="module")
def run():
    return trained(10_000)


def test_the_published_costs(run):
    costs = run[3]
    assert [round(cost, 6) for cost in costs[:8000:1000]] == list(PUBLISHED)


def test_the_published_accuracy(run):
    program, X, Y, _ = run
    assert accuracy(program.predict(X), Y, "binary") == 0.9075


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("hidden", WIDTHS)
def test_the_published_accuracy_of_every_width(hidden, dtype):
    program, X, Y, _ = trained(5_000, hidden, dtype)
    assert 100 * accuracy(program.predict(X), Y, "binary") == WIDTHS[hidden]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float32_stays_near_float64(name):
    # The others divide by the gradient's size: at 1.2 they would jump about for ever.
    rate = 1.2 if name in ("gd", "momentum", "nesterov") else 0.01
    exact, X, _, costs = trained(1_000, 4, "float64", name, rate)
    rough, _, _, found = trained(1_000, 4, "float32", name, rate)
    np.testing.assert_allclose(found, costs, rtol=0, atol=1e-4)
    np.testing.assert_allclose(rough.predict(X), exact.predict(X), rtol=0, atol=1e-4)


def test_the_lecture_notes_own_code_agrees(run):
    X, Y = flower()[0].T, flower()[1].T
    np.random.seed(2)
    W1, W2 = np.random.randn(4, 2) * 0.01, np.random.randn(1, 4) * 0.01
    b1, b2, m = np.zeros((4, 1)), np.zeros((1, 1)), 400
    for k in range(200):
        A1 = np.tanh(W1 @ X + b1)
        A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
        cost = -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
        assert run[3][k] == pytest.approx(cost, rel=1e-12)
        dZ2 = A2 - Y
        dW2, db2 = dZ2 @ A1.T / m, dZ2.mean(axis=1, keepdims=True)
        dZ1 = W2.T @ dZ2 * (1 - A1**2)
        dW1, db1 = dZ1 @ X.T / m, dZ1.mean(axis=1, keepdims=True)
        W1, b1, W2, b2 = W1 - 1.2 * dW1, b1 - 1.2 * db1, W2 - 1.2 * dW2, b2 - 1.2 * db2
