"""The course's published run: the two-class flower, 2-4(tanh)-1(sigmoid), learning rate 1.2."""

import numpy as np
import pytest

from netbuilder.engine.layers import Dense
from netbuilder.engine.metrics import accuracy
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

PUBLISHED = (0.693048, 0.288083, 0.254385, 0.233864, 0.226792, 0.222644, 0.219731, 0.217504)


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


@pytest.fixture(scope="module")
def run():
    X, Y = flower()
    layers = [Dense(4, "tanh", "normal"), Dense(1, "sigmoid", "normal")]
    program = Program(chain(2, layers, "binary_cross_entropy"), dtype="float64", seed=2)
    optimizer = OPTIMIZERS["gd"](program, learning_rate=1.2)
    costs = [program.update(X, Y, optimizer) for _ in range(10_000)]
    return program, X, Y, costs


def test_the_published_costs(run):
    costs = run[3]
    assert [round(cost, 6) for cost in costs[:8000:1000]] == list(PUBLISHED)


def test_the_published_accuracy(run):
    program, X, Y, _ = run
    assert accuracy(program.predict(X), Y, "binary") == 0.9075


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
