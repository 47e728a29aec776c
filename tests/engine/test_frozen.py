"""Frozen layers: no update changes what is frozen, bit by bit, and the rest learns as ever."""

import numpy as np
import pytest

from netbuilder.document.model.layer_text import parse_layers
from netbuilder.engine.layers import BatchNorm, Conv2D, Dense, Flatten, Reshape
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program
from netbuilder.errors import UserError

X = np.random.RandomState(1).normal(size=(24, 3)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")
LAYERS = [
    Dense(4, "tanh", frozen="bias"),
    Dense(5, "relu", frozen="all"),
    BatchNorm(),
    Dense(1, "sigmoid"),
]


@pytest.mark.parametrize("clip", [0.0, 0.01])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_is_frozen_stays_and_all_else_learns(name: str, clip: float) -> None:
    plan = chain(3, LAYERS, "binary_cross_entropy")
    assert plan.frozen == {"n1.b", "n2.W", "n2.b"}
    start = Program(plan, seed=3).weights()
    start["n1.b"][:] = [[0.5], [-0.0], [1e-30], [3.0]]
    program = Program(plan, seed=3, weights=start)
    optimizer = OPTIMIZERS[name](program, learning_rate=0.1, clip_norm=clip)
    for _ in range(12):
        program.update(X, Y, optimizer, l2=0.5, l1=0.1)
    for key, array in program.weights().items():
        same = array.tobytes() == start[key].tobytes()
        assert same == (key in plan.frozen), key
    assert not any(program.gradients()[key].any() for key in plan.frozen)


def test_the_gradient_is_what_it_is_and_penalties_leave_out_what_is_frozen() -> None:
    free = chain(3, [Dense(4, "tanh"), Dense(1, "sigmoid")], "binary_cross_entropy")
    frozen = chain(3, [Dense(4, "tanh", frozen="all"), Dense(1, "sigmoid")], free.loss)
    one, other = Program(free, seed=3), Program(frozen, seed=3)
    assert one.gradient(X, Y)[0] == other.gradient(X, Y)[0]
    for key, dW in one.gradient(X, Y)[1].items():
        assert np.array_equal(dW, other.gradient(X, Y)[1][key])
    W2 = other.weights()["n2.W"]
    penalty = other.cost(X, Y, l2=2.4) - other.cost(X, Y)
    assert penalty == pytest.approx(2.4 / 48 * float((W2**2).sum()), rel=1e-4)


def test_filters_can_be_frozen_too() -> None:
    layers = [Reshape(1, 3, 1), Conv2D(2, 1, frozen="all"), Flatten(), Dense(1, "sigmoid")]
    program = Program(chain(3, layers, "binary_cross_entropy"), seed=3)
    start = program.weights()
    optimizer = OPTIMIZERS["adam"](program, learning_rate=0.1)
    for _ in range(3):
        program.update(X, Y, optimizer)
    assert np.array_equal(program.weights()["n2.W"], start["n2.W"])
    assert not np.array_equal(program.weights()["n4.W"], start["n4.W"])


def test_the_words_of_the_command_line() -> None:
    found = parse_layers("4 tanh frozen bias, conv 8 3x3 relu stride 2 frozen, 3 frozen, 1 sigmoid")
    assert [layer.frozen for layer in found] == ["bias", "all", "all", "nothing"]
    assert (found[1].stride, found[2].activation) == (2, "linear")
    for text in ("4 tanh frozen solid", "frozen", "4 frozen tanh"):
        with pytest.raises(UserError):
            parse_layers(text)
