"""BatchNorm: the course's formulas while training, the running statistics when predicting."""

import numpy as np
import pytest

from netbuilder.engine.gradient_check import check
from netbuilder.engine.layers import Activation, BatchNorm, Dense, Flatten, Reshape
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program
from netbuilder.engine.settings import SettingError

# Few numbers and many, columns and images; the last ones are too large for one block.
SHAPES = pytest.mark.parametrize("shape", [(4,), (30,), (3, 2, 4), (5, 60, 60)])


def behind_the_data(shape, dtype="float64", **settings):
    """A BatchNorm that normalises the data themselves, its id, and γ and β that are not 1 and 0."""
    norm = BatchNorm(**settings)
    layers, id = ([norm], "n1") if len(shape) == 1 else ([Reshape(*shape), norm, Flatten()], "n2")
    program = Program(chain(int(np.prod(shape)), layers, "mse"), dtype=dtype)
    rng = np.random.default_rng(7)
    program.load({f"{id}.{name}": rng.normal(size=(shape[0], 1)) for name in ("gamma", "beta")})
    return program, id


def batch(shape, m=6, seed=1, dtype="float64"):
    rng = np.random.default_rng(seed)
    n = int(np.prod(shape))
    return (2 + 3 * rng.normal(size=(m, n))).astype(dtype), rng.normal(size=(m, n)).astype(dtype)


def by_unit(X, shape):
    """(n, k): all numbers of a unit, or of a channel, in a row."""
    return np.moveaxis(X.reshape(len(X), *shape), 1, 0).reshape(shape[0], -1)


def moments(Z):
    """The course's μ and σ² of every row."""
    k = Z.shape[1]
    mu = 1 / k * np.sum(Z, axis=1, keepdims=True)
    return mu, 1 / k * np.sum((Z - mu) ** 2, axis=1, keepdims=True)


@SHAPES
@pytest.mark.parametrize("epsilon", [1e-5, 0.5])
def test_training_normalises_by_the_batch(shape, epsilon):
    program, id = behind_the_data(shape, epsilon=epsilon)
    weights, (X, Y) = program.weights(), batch(shape)
    Z, Y_by_unit = by_unit(X, shape), by_unit(Y, shape)
    mu, sigma2 = moments(Z)
    Z_norm = (Z - mu) / np.sqrt(sigma2 + epsilon)
    A = weights[f"{id}.gamma"] * Z_norm + weights[f"{id}.beta"]
    dA = (A - Y_by_unit) / len(X)
    cost, gradients = program.gradient(X, Y)
    assert cost == pytest.approx(0.5 / len(X) * np.sum((A - Y_by_unit) ** 2), rel=1e-12)
    dgamma, dbeta = np.sum(dA * Z_norm, axis=1), np.sum(dA, axis=1)
    np.testing.assert_allclose(gradients[f"{id}.gamma"][:, 0], dgamma, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(gradients[f"{id}.beta"][:, 0], dbeta, rtol=1e-9, atol=1e-11)


@SHAPES
def test_the_gradient_goes_back_through_mean_and_variance_too(shape):
    """The chain rule as the paper writes it out, with a gradient of σ² and one of μ."""
    n, m, epsilon = int(np.prod(shape)), 5, 1e-5
    images = [Reshape(*shape)] if len(shape) == 3 else []
    layers = [
        Dense(n, "linear"),
        *images,
        BatchNorm(epsilon=epsilon),
        *([Flatten()] if images else []),
    ]
    id = f"n{2 + len(images)}"
    program = Program(chain(m, layers, "mse"), dtype="float64")
    # Examples that are one 1 each make W the input of what follows, and dW its gradient.
    Z_rows, Y = batch(shape, m)
    gamma = np.random.default_rng(3).normal(size=(shape[0], 1))
    program.load({"n1.W": Z_rows.T, f"{id}.gamma": gamma})
    _, gradients = program.gradient(np.eye(m), Y)
    Z, Y = by_unit(Z_rows, shape), by_unit(Y, shape)
    k = Z.shape[1]
    mu, sigma2 = moments(Z)
    root = np.sqrt(sigma2 + epsilon)
    dZ_norm = (gamma * (Z - mu) / root - Y) / m * gamma
    dsigma2 = np.sum(dZ_norm * (Z - mu), axis=1, keepdims=True) * -0.5 * root**-3
    dmu = -np.sum(dZ_norm, axis=1, keepdims=True) / root
    dZ = dZ_norm / root + dsigma2 * 2 * (Z - mu) / k + dmu / k
    found = by_unit(gradients["n1.W"].T, shape)
    np.testing.assert_allclose(found, dZ, rtol=1e-9, atol=1e-9 * np.abs(dZ).max())


@SHAPES
@pytest.mark.parametrize("momentum", [0.0, 0.6, 0.9])
def test_updates_move_the_running_statistics_as_the_course_averages(shape, momentum):
    program, id = behind_the_data(shape, momentum=momentum)
    optimizer = OPTIMIZERS["gd"](program, learning_rate=0.01)
    mean, variance = np.zeros((shape[0], 1)), np.ones((shape[0], 1))
    for seed, m in enumerate((6, 3, 6, 4)):
        X, Y = batch(shape, m, seed)
        program.update(X, Y, optimizer)
        Z = by_unit(X, shape)
        mu, sigma2 = moments(Z)
        k = Z.shape[1]
        mean = momentum * mean + (1 - momentum) * mu
        variance = momentum * variance + (1 - momentum) * sigma2 * k / (k - 1)
    weights = program.weights()
    np.testing.assert_allclose(weights[f"{id}.mean"], mean, rtol=1e-12)
    np.testing.assert_allclose(weights[f"{id}.variance"], variance, rtol=1e-12)
    Z_norm = (by_unit(X, shape) - mean) / np.sqrt(variance + 1e-5)
    A = weights[f"{id}.gamma"] * Z_norm + weights[f"{id}.beta"]
    np.testing.assert_allclose(by_unit(program.predict(X), shape), A, rtol=1e-11, atol=1e-12)


def test_only_updates_move_the_running_statistics():
    program, id = behind_the_data((4,))
    (X, Y), before = batch((4,)), program.weights()
    program.predict(X)
    program.cost(X, Y)
    program.costs(X, Y)
    program.inspect(X, Y)
    program.gradient(X, Y)
    program.batch_cost(X, Y)
    assert all((array == before[key]).all() for key, array in program.weights().items())
    program.update(X, Y, OPTIMIZERS["gd"](program))
    after = program.weights()
    assert (after[f"{id}.mean"] != before[f"{id}.mean"]).all()
    assert (after[f"{id}.variance"] != before[f"{id}.variance"]).all()


def test_an_update_that_cannot_be_made_moves_nothing():
    program, _ = behind_the_data((4,))
    (X, Y), before = batch((4,)), program.weights()
    X[2, 1] = np.inf
    assert not np.isfinite(program.update(X, Y, OPTIMIZERS["gd"](program)))
    assert all((array == before[key]).all() for key, array in program.weights().items())


def test_training_goes_on_from_stored_weights_as_if_it_had_not_stopped():
    def train(stop):
        layers = [Dense(5, "linear", "xavier"), BatchNorm(), Activation("relu"), Dense(4)]
        program = Program(chain(4, layers, "mse"), dtype="float32")
        for seed in range(6):
            if stop and seed == 3:
                weights = program.weights()
                assert {"n2.mean", "n2.variance"} <= weights.keys()
                program = Program(program.plan, dtype="float32", seed=9)
                program.load(weights)
            program.update(*batch((4,), 6, seed, "float32"), OPTIMIZERS["gd"](program))
        return program.predict(batch((4,), dtype="float32")[0]).tobytes()

    assert train(stop=True) == train(stop=False)


# --- the edges -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(4,), (3, 1, 1)])
def test_a_single_number_for_each_unit_gives_beta_and_teaches_beta_alone(shape, dtype):
    n = shape[0]
    images = [Reshape(*shape)] if len(shape) == 3 else []
    layers = [Dense(n, "linear", "xavier"), *images, BatchNorm(), *([Flatten()] if images else [])]
    id = f"n{2 + len(images)}"
    program = Program(chain(4, layers, "mse"), dtype=dtype)
    beta = np.arange(1.0, n + 1).reshape(n, 1)
    program.load({f"{id}.beta": beta})
    before = program.weights()
    X, Y = np.full((1, 4), 3, dtype), np.zeros((1, n), dtype)
    assert program.update(X, Y, OPTIMIZERS["gd"](program, learning_rate=0.5)) == 0.5 * np.sum(
        beta**2
    )
    for key, array in program.weights().items():
        expected = 0.5 * beta if key == f"{id}.beta" else before[key]
        np.testing.assert_array_equal(array, expected.astype(dtype), err_msg=key)


def test_a_single_image_has_statistics_of_its_own():
    program, id = behind_the_data((3, 2, 4))
    X, Y = batch((3, 2, 4), 1)
    program.update(X, Y, OPTIMIZERS["gd"](program))
    mu, sigma2 = moments(by_unit(X, (3, 2, 4)))
    np.testing.assert_allclose(program.weights()[f"{id}.mean"], 0.1 * mu, rtol=1e-12)
    variance = 0.9 + 0.1 * sigma2 * 8 / 7
    np.testing.assert_allclose(program.weights()[f"{id}.variance"], variance, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_unit_that_never_varies_stays_finite_and_near_beta(dtype):
    program, id = behind_the_data((4,), dtype)
    X, Y = batch((4,), 7, dtype=dtype)
    X[:, 2] = 0.1
    Y[:, 2] = program.weights()[f"{id}.beta"][2, 0]
    cost, gradients = program.gradient(X, Y)
    assert np.isfinite(cost) and all(np.isfinite(array).all() for array in gradients.values())
    assert gradients[f"{id}.beta"][2, 0] == pytest.approx(0, abs=1e-4)
    optimizer = OPTIMIZERS["gd"](program, learning_rate=0.01)
    for _ in range(300):
        program.update(X, Y, optimizer)
    assert program.weights()[f"{id}.variance"][2, 0] < 1e-10
    np.testing.assert_allclose(program.predict(X)[:, 2], Y[:, 2], atol=1e-3)


def test_a_far_mean_costs_float32_no_more_than_its_digits():
    program, _ = behind_the_data((3,), "float32")
    exact, _ = behind_the_data((3,))
    X, Y = batch((3,), 64)
    X += 1000
    cost = program.gradient(X.astype("float32"), Y.astype("float32"))[0]
    assert cost == pytest.approx(exact.gradient(X, Y)[0], rel=1e-3)


@pytest.mark.parametrize("optimizer", ["gd", "adamw"])
def test_l2_and_l1_leave_gamma_and_beta_alone(optimizer):
    program, _ = behind_the_data((4,))
    X, _ = batch((4,))
    values = program.batch_cost(X, np.zeros_like(X)), program.gradient(X, X)[1]
    penalised = (
        program.batch_cost(X, np.zeros_like(X), 9.0, 9.0),
        program.gradient(X, X, 9.0, 9.0)[1],
    )
    assert values[0] == penalised[0]
    assert all((values[1][key] == array).all() for key, array in penalised[1].items())
    plain, _ = behind_the_data((4,))
    program.update(X, X, OPTIMIZERS[optimizer](program), 9.0, 9.0)
    plain.update(X, X, OPTIMIZERS[optimizer](plain))
    assert (program.flat_parameters == plain.flat_parameters).all()


def test_the_gradient_check_passes_and_finds_a_planted_fault():
    layers = [Dense(5, "linear", "he"), BatchNorm(), Activation("relu")]
    layers += [
        Dense(12, "tanh", "xavier"),
        Reshape(3, 2, 2),
        BatchNorm(),
        Flatten(),
        Dense(2, "linear"),
    ]
    plan = chain(4, layers, "mse")
    X, Y = batch((4,), 10)[0], batch((2,), 10)[1]
    found = check(plan, X, Y, seed=1, l2=0.1)
    assert [(c.id, c.parameter, c.verdict) for c in found if c.verdict != "good"] == []
    assert {"n2", "n6"} <= {c.id for c in found if c.parameter == "gamma"}
    # The mean takes a bias before it away again: its gradient is zero but for rounding.
    bias = next(c for c in found if (c.id, c.parameter) == ("n1", "b"))
    assert bias.relative_difference == 0
    faulty = check(plan, X, Y, seed=1, planted=[("n1", "double")])
    assert [(c.id, c.parameter) for c in faulty if c.verdict == "wrong"] == [("n1", "W")]


@pytest.mark.parametrize(
    ("name", "value"), [("momentum", 1.0), ("momentum", -0.1), ("epsilon", 0.0), ("epsilon", 2.0)]
)
def test_settings_out_of_range(name, value):
    with pytest.raises(SettingError, match=f"{name} must be"):
        BatchNorm(**{name: value})
