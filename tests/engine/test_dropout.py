"""Dropout: the identity when predicting, right on average when training."""

import numpy as np
import pytest

from netbuilder.engine.layers import Dense, Dropout
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program


def masks(rate, dtype="float64", m=400, units=50, seed=1):
    """The share that is left of every unit of every example in one training pass."""
    program = Program(chain(units, [Dropout(rate)], "mse"), dtype=dtype, seed=seed)
    X = np.ones((m, units), dtype)
    # With Y = 0 the cost is ½ Σ A² / m, and A is the mask itself.
    return program, X, lambda: program.update(X, np.zeros_like(X), OPTIMIZERS["gd"](program))


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_mask_keeps_the_expectation(rate, dtype):
    *_, cost = masks(rate, dtype)
    keep = 1 - rate
    # E[½ Σ A² / m] = ½ · 50 · keep · (1/keep)²; 20,000 draws a pass, ten passes.
    mean = np.mean([cost() for _ in range(10)])
    assert mean == pytest.approx(25 / keep, rel=0.02)


def test_the_identity_when_predicting():
    program, X, _ = masks(0.9)
    np.testing.assert_array_equal(program.predict(X * 3), X * 3)
    assert program.cost(X, np.zeros_like(X)) == pytest.approx(25)


def test_every_update_draws_anew_and_the_seed_repeats_it():
    *_, cost = masks(0.5)
    first = [cost() for _ in range(5)]
    assert len(set(first)) > 1
    *_, again = masks(0.5)
    assert first == [again() for _ in range(5)]
    *_, other = masks(0.5, seed=2)
    assert first != [other() for _ in range(5)]


def test_predicting_in_between_does_not_change_the_training():
    def train(look):
        layers = [Dense(8, "tanh"), Dropout(0.5), Dense(1, "linear")]
        program = Program(chain(3, layers, "mse"), dtype="float64")
        optimizer = OPTIMIZERS["gd"](program)
        X = np.random.default_rng(1).normal(size=(20, 3))
        for _ in range(5):
            program.update(X, X[:, :1].copy(), optimizer)
            if look:
                program.predict(X)
                program.gradient(X, X[:, :1])
        return program.flat_parameters.tobytes()

    assert train(False) == train(True)


def test_a_silenced_unit_gets_no_gradient():
    layers = [Dense(6, "linear", "xavier"), Dropout(0.5), Dense(1, "linear", "xavier")]
    program = Program(chain(3, layers, "mse"), dtype="float64")
    X, Y = np.ones((1, 3)), np.full((1, 1), 5.0)
    program.update(X, Y, OPTIMIZERS["gd"](program))
    gradients = program.gradients()
    into, out = gradients["n1.b"].ravel() != 0, gradients["n3.W"].ravel() != 0
    np.testing.assert_array_equal(into, out)
    assert into.any() and not into.all()
