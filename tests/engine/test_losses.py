"""Every loss: its value by the plain formula, its derivative, its stability."""

import numpy as np
import pytest

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.losses import LOSSES

RNG = np.random.default_rng(1)
Z = RNG.normal(size=(3, 8)) * 2
ONE_HOT = np.eye(3)[:, RNG.integers(0, 3, 8)]
BITS = RNG.integers(0, 2, (3, 8)).astype(float)
ANY = RNG.normal(size=(3, 8))


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


def test_soft_targets_are_allowed_in_binary_cross_entropy():
    Y = RNG.random((3, 8))
    np.testing.assert_allclose(
        value("binary_cross_entropy", Z, Y), plain("binary_cross_entropy", Z, Y), rtol=1e-12
    )


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
