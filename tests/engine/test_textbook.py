"""The course's functions in plain NumPy give what the engine gives, to 1e-12."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from netbuilder.engine import textbook
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import Dense
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

DIMS = [3, 6, 5, 2]
RNG = np.random.default_rng(4)
X = RNG.normal(size=(3, 20))
CLASSES = np.eye(2)[RNG.integers(0, 2, 20)].T
NUMBERS = RNG.normal(size=(2, 20)) * 2


def both(hidden: str, output: str, loss: str, Y: np.ndarray):
    """What the engine and the textbook make of one network: (theirs, ours) by the course's names"""
    activations = [hidden, hidden, output]
    layers = [Dense(n, g, "xavier") for n, g in zip(DIMS[1:], activations, strict=True)]
    program = Program(chain(3, layers, loss), dtype="float64", seed=7)
    scales = [(2 / (n + n_prev)) ** 0.5 for n_prev, n in itertools.pairwise(DIMS)]
    parameters = textbook.initialize_parameters(DIMS, 7, scales)
    theirs, ours = {}, dict(parameters)
    for name, array in program.weights().items():
        node, _, parameter = name.partition(".")
        theirs[f"{parameter}{node[1:]}"] = array
    values = program.inspect(X.T, Y.T)
    theirs["cost"] = program.cost(X.T, Y.T)
    AL, caches = textbook.L_model_forward(X, parameters, activations)
    ours["cost"] = textbook.compute_cost(AL, Y, loss)
    grads = textbook.L_model_backward(AL, Y, caches, activations, loss)
    ours |= grads
    for l, cache in enumerate(caches, start=1):  # noqa: E741
        ours[f"Z{l}"], ours[f"A{l}"] = cache.Z, caches[l].A_prev if l < 3 else AL
        found = values[f"n{l}"]
        for name in ("Z", "A", "dZ", "dA"):
            if getattr(found, name) is not None:
                theirs[f"{name}{l}"] = getattr(found, name).T
        theirs |= {f"d{name}{l}": array for name, array in found.gradients.items()}
    program.update(X.T.copy(), Y.T.copy(), OPTIMIZERS["gd"](program, learning_rate=0.3))
    updated = textbook.update_parameters(parameters, grads, 0.3)
    for l in (1, 2, 3):  # noqa: E741
        for name in ("W", "b"):
            theirs[f"new {name}{l}"] = program.weights()[f"n{l}.{name}"]
            ours[f"new {name}{l}"] = updated[f"{name}{l}"]
    return theirs, ours


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize(
    ("output", "loss", "Y"),
    [
        ("sigmoid", "binary_cross_entropy", CLASSES),
        ("softmax", "cross_entropy", CLASSES),
        *(("linear", loss, NUMBERS) for loss in ("mse", "mae", "huber")),
        ("softmax", "mse", CLASSES),
    ],
)
def test_every_array_is_the_engines(hidden: str, output: str, loss: str, Y: np.ndarray) -> None:
    theirs, ours = both(hidden, output, loss, Y)
    names = {f"{name}{l}" for name in ("W", "Z", "A", "dZ", "dW", "new W") for l in (1, 2, 3)}  # noqa: E741
    assert names <= theirs.keys() & ours.keys()
    for name, array in theirs.items():
        np.testing.assert_allclose(ours[name], array, rtol=1e-12, atol=1e-12, err_msg=name)


def test_every_activation_and_loss_of_the_engine_is_in_the_textbook() -> None:
    assert set(textbook.ACTIVATIONS) == set(ACTIVATIONS) == {*textbook.SLOPES, "softmax"}
    assert set(textbook.LOSSES) == set(textbook.LOSS_SLOPES) == set(LOSSES)
