"""Every activation: its derivative, its stability, and what its formula says."""

import math

import numpy as np
import pytest

from netbuilder.engine.activations import ACTIVATIONS

ELEMENTWISE = [name for name, function in ACTIVATIONS.items() if function.elementwise]


def test_the_table_has_the_promised_names_and_describes_each():
    names = "linear sigmoid tanh relu leaky_relu elu gelu softplus silu softmax"
    assert list(ACTIVATIONS) == names.split()
    for name, function in ACTIVATIONS.items():
        assert function.name == name
        assert function.title and function.formula and function.derivative_formula


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slope_is_the_derivative(name):
    Z = np.random.default_rng(1).normal(size=(7, 11)) * 3
    function, step = ACTIVATIONS[name], 1e-6
    numerical = (function(Z + step) - function(Z - step)) / (2 * step)
    np.testing.assert_allclose(function.slope(Z), numerical, atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_backward_is_the_transposed_derivative_and_leaves_its_arguments_alone(name, dtype):
    rng = np.random.default_rng(2)
    Z, dA, direction = rng.normal(size=(3, 4, 5))
    function, step = ACTIVATIONS[name], 1e-6
    along = np.sum(dA * (function(Z + step * direction) - function(Z - step * direction)))
    Z, dA = Z.astype(dtype), dA.astype(dtype)
    A = function(Z)
    kept = Z.copy(), dA.copy(), A.copy()
    dZ = np.full_like(Z, np.nan)
    for call in function.backward(dA, Z, A, dZ):
        call()
    assert dZ.dtype == dtype
    tolerance = 1e-6 if dtype == "float64" else 1e-4
    assert np.sum(dZ * direction) == pytest.approx(along / (2 * step), rel=tolerance, abs=tolerance)
    for array, before in zip((Z, dA, A), kept, strict=True):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_inputs_give_finite_results_without_a_warning(name, dtype):
    Z = np.array([[-1e4, -100.0, -1.0, 0.0, 1.0, 100.0, 1e4]], dtype).repeat(3, axis=0)
    function = ACTIVATIONS[name]
    assert np.isfinite(function(Z)).all()
    assert np.isfinite(function.slope(Z)).all()


def test_values_that_the_formulas_give():
    z = 1.3
    expected = {
        "linear": z,
        "sigmoid": 1 / (1 + math.exp(-z)),
        "tanh": math.tanh(z),
        "relu": z,
        "leaky_relu": z,
        "elu": z,
        "gelu": z / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
        "softplus": math.log(1 + math.exp(z)),
        "silu": z / (1 + math.exp(-z)),
    }
    for name, value in expected.items():
        assert ACTIVATIONS[name](np.array([[z]]))[0, 0] == pytest.approx(value, rel=1e-14)
    below = {"relu": 0.0, "leaky_relu": -0.013, "elu": math.exp(-z) - 1}
    for name, value in below.items():
        assert ACTIVATIONS[name](np.array([[-z]]))[0, 0] == pytest.approx(value, rel=1e-14)


def test_sigmoid_keeps_its_small_probabilities():
    Z = np.array([[-700.0, -40.0]])
    np.testing.assert_allclose(ACTIVATIONS["sigmoid"](Z), np.exp(Z), rtol=1e-15)


def test_softmax_sums_to_one_over_the_units():
    A = ACTIVATIONS["softmax"](np.random.default_rng(3).normal(size=(4, 6)) * 50)
    np.testing.assert_allclose(A.sum(axis=0), 1.0, rtol=1e-14)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_the_slope_at_a_kink_is_the_one_from_below(name):
    below = {"relu": 0.0, "leaky_relu": 0.01}[name]
    slope = ACTIVATIONS[name].slope(np.array([[-1.0, 0.0, 1.0]]))
    np.testing.assert_allclose(slope, [[below, below, 1.0]], rtol=1e-15)
