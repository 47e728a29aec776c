"""Every loss: its value by the plain formula, its derivative, its stability."""

import numpy as np
import pytest

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import Dense
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

RNG = np.random.default_rng(1)
Z = RNG.normal(size=(3, 8)) * 2
ONE_HOT = np.eye(3)[:, RNG.integers(0, 3, 8)]
BITS = RNG.integers(0, 2, (3, 8)).astype(float)
ANY = RNG.normal(size=(3, 8))
LOGITS = {name: loss.logits_activation for name, loss in LOSSES.items() if loss.logits_activation}


def targets(name):
    return {"binary_cross_entropy": BITS, "cross_entropy": ONE_HOT}.get(name, ANY)


def plain(name, P, Y):
    """The textbook formula, on probabilities where the loss takes logits."""
    loss = LOSSES[name]
    Y_hat = P if loss.logits_activation is None else ACTIVATIONS[loss.logits_activation](P)
    error = np.abs(Y_hat - Y)
    return {
        "binary_cross_entropy": lambda: -Y * np.log(Y_hat) - (1 - Y) * np.log(1 - Y_hat),
        "cross_entropy": lambda: -Y * np.log(Y_hat),
        "mse": lambda: error**2 / 2,
        "mae": lambda: error,
        "huber": lambda: np.where(error <= 1, error**2 / 2, error - 0.5),
    }[name]()


def on_logits(name, n, dtype="float64"):
    """A network that hands its data to the loss as logits."""
    program = Program(chain(n, [Dense(n, LOGITS[name])], name), dtype=dtype)
    program.load({"n1.W": np.eye(n)})
    return program


def value(name, P, Y):
    out = np.empty_like(P)
    with np.errstate(all="ignore"):
        LOSSES[name].value(P, Y, out)
    return out


def test_the_table_has_the_promised_names_and_describes_each():
    assert list(LOSSES) == ["binary_cross_entropy", "cross_entropy", "mse", "mae", "huber"]
    for name, loss in LOSSES.items():
        assert loss.name == name and loss.title and loss.formula and loss.derivative_formula


@pytest.mark.parametrize("name", LOSSES)
def test_the_value_is_the_textbook_formula(name):
    Y = targets(name)
    np.testing.assert_allclose(value(name, Z, Y), plain(name, Z, Y), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", LOGITS)
def test_soft_targets_are_allowed(name):
    Y = RNG.random((3, 8))
    Y /= Y.sum(axis=0)
    np.testing.assert_allclose(value(name, Z, Y), plain(name, Z, Y), rtol=1e-12)
    dZ, step = on_logits(name, 3).inspect(Z.T, Y.T)["n1"].dZ, 1e-6
    direction = RNG.normal(size=Z.shape)
    ends = [value(name, Z + sign * step * direction, Y).sum() for sign in (1, -1)]
    assert np.sum(dZ * direction.T) == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-7)


@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_is_the_derivative_of_the_value(name):
    loss, Y, step = LOSSES[name], targets(name), 1e-6
    Y_hat = Z if loss.logits_activation is None else ACTIVATIONS[loss.logits_activation](Z)
    gradient = np.empty_like(Z)
    for call in loss.gradient(Y_hat, Y, gradient):
        call()
    direction = RNG.normal(size=Z.shape)
    along = value(name, Z + step * direction, Y).sum() - value(name, Z - step * direction, Y).sum()
    assert np.sum(gradient * direction) == pytest.approx(along / (2 * step), rel=1e-7)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy"])
def test_huge_logits_give_the_exact_loss(name, dtype):
    logits = np.array([[1e4, -1e4], [-1e4, 1e4]], dtype)
    wrong = np.array([[0, 1], [1, 0]], dtype)
    assert value(name, logits, wrong).sum() == pytest.approx(4e4)
    assert value(name, logits, 1 - wrong).sum() == 0.0


def precise(name, logits, Y):
    """The loss of every example (m,), as if there were no rounding. Arrays are (m, n_y)."""
    logits, Y = logits.astype(np.longdouble), Y.astype(np.longdouble)
    if name == "binary_cross_entropy":
        losses = np.log1p(np.exp(-np.abs(logits))) + (np.maximum(logits, 0) - Y * logits)
    else:
        shifted = logits - logits.max(axis=1, keepdims=True)
        total = np.exp(shifted).sum(axis=1, keepdims=True) - 1  # the largest logit's own e⁰
        losses = Y * (np.log1p(total) - shifted)
    return losses.sum(axis=1).astype(float)


SIZES = [1e-3, 0.5, 1, 3, 6, 7, 9, 12, 15, 20, 25, 30, 33, 50, 80, 100, 700, 740, 1e3, 1e4]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOGITS)
@pytest.mark.parametrize("target", [0.0, 1.0, 0.3])
def test_costs_from_nearly_zero_to_ten_thousand(name, dtype, target):
    """An update sums the loss in a quick way where that is precise enough, else as ``cost``.

    An A that is smaller than any normal number has few digits left, and so has the quick sum then.
    """
    epsilon, tiny = float(np.finfo(dtype).eps), float(np.finfo(dtype).tiny)
    for size in SIZES:
        for z in (size, -size):
            logits = np.array([[z]] if name == "binary_cross_entropy" else [[z, 0.0, -1.0]])
            Y = np.array([[target, 1 - target, 0.0]])[:, : logits.shape[1]]
            logits, Y = logits.astype(dtype), Y.astype(dtype)
            (expected,) = precise(name, logits, Y)
            program = on_logits(name, logits.shape[1], dtype)
            # A cross-entropy of one class is nothing beside the 1 of its softmax, but for rounding.
            rounding = tiny if name == "binary_cross_entropy" else 2 * epsilon
            close = {"rel": 8 * epsilon, "abs": rounding}
            assert program.cost(logits, Y) == pytest.approx(expected, **close)
            assert program.costs(logits, Y) == pytest.approx([expected], **close)
            found = program.update(logits, Y, OPTIMIZERS["gd"](program))
            share = 2e-4 if np.exp(-size) > tiny else 0.01
            assert found == pytest.approx(expected, rel=share, abs=rounding)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOGITS)
def test_one_hopeless_example_among_many_that_are_right(name, dtype):
    """The quick sum overflows there, and the formula takes over."""
    n = 1 if name == "binary_cross_entropy" else 3
    logits, Y = np.zeros((200, n), dtype), np.zeros((200, n), dtype)
    logits[:, 0], Y[:, 0] = 30.0, 1.0
    logits[7, 0] = -1e4
    program = on_logits(name, n, dtype)
    expected = precise(name, logits, Y).mean()
    assert expected == pytest.approx(50.0, rel=0.01)
    cost = program.update(logits, Y, OPTIMIZERS["gd"](program))
    assert cost == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("weights", [(), (0.25, 3.0)])
@pytest.mark.parametrize("name", LOSSES)
def test_the_costs_of_examples_have_the_cost_as_their_mean(name, weights):
    rng = np.random.default_rng(1)
    X, classes = rng.normal(size=(2500, 3)), rng.integers(0, 2, 2500)
    Y = np.eye(2)[classes] if name != "binary_cross_entropy" else classes[:, None].astype(float)
    layers = [Dense(Y.shape[1], LOGITS.get(name, "linear"), "large")]
    plan = chain(3, layers, name)
    program = Program(plan, dtype="float64", class_weights=weights)
    found = program.costs(X, Y)
    assert found.shape == (2500,) and found.dtype == np.float64
    P = program.inspect(X, Y)["n1"].Z if name in LOGITS else program.predict(X)
    each = plain_or_precise(name, P, Y) * (np.array(weights)[classes] if weights else 1.0)
    np.testing.assert_allclose(found, each, rtol=1e-9, atol=1e-15)
    assert program.cost(X, Y) == pytest.approx(each.mean(), rel=1e-12)
    assert program.gradient(X, Y)[0] == pytest.approx(each.mean(), rel=1e-9)
    assert program.costs(X[:0], Y[:0]).shape == (0,)


def plain_or_precise(name, P, Y):
    return precise(name, P, Y) if name in LOGITS else plain(name, P, Y).sum(axis=1)
