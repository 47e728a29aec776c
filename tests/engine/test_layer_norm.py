"""LayerNorm: every example by its own mean and variance, in training as in predicting."""

import numpy as np
import pytest

from netbuilder.engine.gradient_check import check
from netbuilder.engine.layers import Activation, Dense, Flatten, LayerNorm, Reshape
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program
from netbuilder.engine.settings import SettingError

# Few numbers and many, columns and images; the last ones are too large for one block.
SHAPES = pytest.mark.parametrize("shape", [(4,), (30,), (3, 2, 4), (5, 60, 60)])


def network(shape, before=(), dtype="float64", n_x=None, **settings):
    """The network, and the id of a LayerNorm with γ and β that are not 1 and 0."""
    n = int(np.prod(shape))
    layers, images = [*before], len(shape) == 3
    layers += [Reshape(*shape)] if images else []
    id = f"n{len(layers) + 1}"
    layers += [LayerNorm(**settings), Flatten()] if images else [LayerNorm(**settings)]
    program = Program(chain(n_x or n, layers, "mse"), dtype=dtype)
    rng = np.random.default_rng(7)
    program.load({f"{id}.{name}": rng.normal(size=(n, 1)) for name in ("gamma", "beta")})
    return program, id


def batch(n, m=6, seed=1, dtype="float64"):
    rng = np.random.default_rng(seed)
    return (2 + 3 * rng.normal(size=(m, n))).astype(dtype), rng.normal(size=(m, n)).astype(dtype)


def moments(Z):
    """μ and σ² of every column."""
    return Z.mean(axis=0), Z.var(axis=0)


@SHAPES
@pytest.mark.parametrize("epsilon", [1e-5, 0.5])
def test_every_example_is_normalised_by_itself(shape, epsilon):
    program, id = network(shape, epsilon=epsilon)
    weights, (X, Y) = program.weights(), batch(int(np.prod(shape)))
    mu, sigma2 = moments(X.T)
    Z_norm = (X.T - mu) / np.sqrt(sigma2 + epsilon)
    A = weights[f"{id}.gamma"] * Z_norm + weights[f"{id}.beta"]
    np.testing.assert_allclose(program.predict(X), A.T, rtol=1e-11, atol=1e-12)
    dA = (A - Y.T) / len(X)
    cost, gradients = program.gradient(X, Y)
    assert cost == pytest.approx(0.5 / len(X) * np.sum((A - Y.T) ** 2), rel=1e-12)
    assert cost == pytest.approx(program.cost(X, Y), rel=1e-12)
    dgamma, dbeta = np.sum(dA * Z_norm, axis=1), np.sum(dA, axis=1)
    np.testing.assert_allclose(gradients[f"{id}.gamma"][:, 0], dgamma, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(gradients[f"{id}.beta"][:, 0], dbeta, rtol=1e-9, atol=1e-11)


@SHAPES
def test_the_gradient_goes_back_through_mean_and_variance_too(shape):
    n, m, epsilon = int(np.prod(shape)), 5, 1e-5
    program, id = network(shape, [Dense(n, "linear")], n_x=m, epsilon=epsilon)
    # Examples that are one 1 each make W the input of what follows, and dW its gradient.
    Z, Y = (rows.T for rows in batch(n, m))
    program.load({"n1.W": Z})
    weights = program.weights()
    _, gradients = program.gradient(np.eye(m), np.ascontiguousarray(Y.T))
    mu, sigma2 = moments(Z)
    root = np.sqrt(sigma2 + epsilon)
    A = weights[f"{id}.gamma"] * (Z - mu) / root + weights[f"{id}.beta"]
    dZ_norm = (A - Y) / m * weights[f"{id}.gamma"]
    dsigma2 = np.sum(dZ_norm * (Z - mu), axis=0) * -0.5 * root**-3
    dmu = -np.sum(dZ_norm, axis=0) / root
    dZ = dZ_norm / root + dsigma2 * 2 * (Z - mu) / n + dmu / n
    np.testing.assert_allclose(gradients["n1.W"], dZ, rtol=1e-9, atol=1e-9 * np.abs(dZ).max())


def test_gamma_and_beta_of_an_image_are_flat_and_go_channel_by_channel():
    program, id = network((3, 2, 4))
    assert program.plan.stored == {f"{id}.gamma": (24, 1), f"{id}.beta": (24, 1)}
    beta = np.arange(24.0)
    program.load({f"{id}.gamma": np.zeros((24, 1)), f"{id}.beta": beta.reshape(24, 1)})
    A = program.activations(batch(24)[0], [id])[id]
    np.testing.assert_array_equal(A, np.broadcast_to(beta.reshape(3, 2, 4), A.shape))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 4])
def test_an_example_of_equal_numbers_gives_beta_and_its_gradient_has_no_mean(n, dtype):
    program, id = network((n,), [Dense(n, "linear", "zeros")], dtype, n_x=2)
    weights = program.weights()
    X, Y = np.ones((1, 2), dtype), np.zeros((1, n), dtype)
    np.testing.assert_array_equal(program.predict(X), weights[f"{id}.beta"].T)
    cost, gradients = program.gradient(X, Y)
    assert cost == pytest.approx(0.5 * np.sum(weights[f"{id}.beta"] ** 2), rel=1e-6)
    # The mean of an example has no gradient, for it is taken away.
    dZ = gradients["n1.b"]
    assert np.isfinite(dZ).all() and abs(dZ.sum()) <= 1e-5 * np.abs(dZ).sum()
    assert (np.abs(dZ).sum() > 0) == (n > 1)


def test_l2_leaves_gamma_and_beta_alone():
    program, _ = network((4,))
    X, Y = batch(4)
    cost, gradients = program.gradient(X, Y)
    penalised, others = program.gradient(X, Y, 9.0, 9.0)
    assert cost == penalised
    assert all((gradients[key] == array).all() for key, array in others.items())


def test_it_learns_to_undo_itself():
    """γ and β can bring back what was taken from examples of one mean and one variance."""
    program, _ = network((4,))
    X = np.array([[1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0], [2.0, 4.0, 1.0, 3.0]])
    optimizer = OPTIMIZERS["adam"](program, learning_rate=0.05)
    for _ in range(1500):
        cost = program.update(X, X, optimizer)
    assert cost < 1e-6
    np.testing.assert_allclose(program.predict(X), X, atol=1e-2)


def test_the_gradient_check_passes():
    layers = [
        Dense(5, "linear", "he"),
        LayerNorm(),
        Activation("relu"),
        Dense(12, "tanh", "xavier"),
    ]
    layers += [Reshape(3, 2, 2), LayerNorm(), Flatten(), Dense(2, "linear")]
    X, Y = batch(4, 10)[0], batch(2, 10)[1]
    found = check(chain(4, layers, "mse"), X, Y, seed=1, l2=0.1)
    assert [(c.id, c.parameter, c.verdict) for c in found if c.verdict != "good"] == []
    assert {"n2", "n6"} <= {c.id for c in found if c.parameter == "beta"}


@pytest.mark.parametrize("epsilon", [0.0, -1.0, 1.5, "small"])
def test_an_epsilon_out_of_range(epsilon):
    with pytest.raises(SettingError, match="epsilon must be"):
        LayerNorm(epsilon=epsilon)
