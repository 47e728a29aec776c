"""Activation functions A = g(Z), each with its derivative beside it.

As everywhere in the engine, the last argument of a NumPy function is where its result goes: said
without ``out=`` it costs a small layer a tenth less.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.registry import Registry

Array = NDArray[Any]

ZERO, ONE = np.array(0.0, np.float32), np.array(1.0, np.float32)
"""Small layers meet these twice as fast as Python's 0.0 and 1.0; float64 arrays stay float64."""
_LEAK = 0.01
_GELU_SCALE = math.sqrt(2.0 / math.pi)
_GELU_CUBE = 0.044715


@dataclass(frozen=True)
class ActivationFunction:
    """One function with its derivative, on arrays (n, m) with the examples as columns.

    ``forward`` and ``backward`` write their result into their last argument. They are called with
    NumPy's warnings off: an overflow on the way to a sound result is no news.
    """

    name: str
    title: str
    formula: str
    derivative_formula: str
    forward: Callable[[Array, Array], Any]
    """``forward(Z, A)`` writes A = g(Z)."""
    backward: Callable[[Array, Array, Array, Array], Any]
    """``backward(dA, Z, A, dZ)`` writes dZ = dA ∗ g'(Z) and leaves the other three alone."""
    elementwise: bool = True
    """False for softmax, where every unit's A depends on every unit's Z."""
    kinked: bool = False
    """True where g' jumps at Z = 0, so that finite differences across it mean nothing."""

    def __call__(self, Z: Array) -> Array:
        """A = g(Z) as a new array, without warnings."""
        A = np.empty_like(Z)
        with np.errstate(all="ignore"):
            self.forward(Z, A)
        return A

    def slope(self, Z: Array) -> Array:
        """∂A/∂Z of every unit by its own Z, as a new array; for softmax the diagonal A(1 − A)."""
        A = self(Z)
        if not self.elementwise:
            return np.asarray(A * (1 - A))
        slope = np.empty_like(Z)
        with np.errstate(all="ignore"):
            self.backward(np.ones_like(Z), Z, A, slope)
        return slope


def _linear(Z: Array, A: Array) -> None:
    np.copyto(A, Z)


def _linear_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    np.copyto(dZ, dA)


def _sigmoid(Z: Array, A: Array) -> None:
    # Far below zero e^(−Z) is infinite, and A is 0 as it should be.
    np.negative(Z, A)
    np.exp(A, A)
    np.add(A, ONE, A)
    np.reciprocal(A, A)


def _sigmoid_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    np.multiply(A, A, dZ)
    np.subtract(A, dZ, dZ)
    np.multiply(dZ, dA, dZ)


def _tanh_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    # dA − dA A² costs less than dA (1 − A²): a number among the operands slows NumPy down.
    np.multiply(A, A, dZ)
    np.multiply(dZ, dA, dZ)
    np.subtract(dA, dZ, dZ)


def _relu(Z: Array, A: Array) -> None:
    np.maximum(Z, ZERO, out=A)


def _relu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    np.sign(A, dZ)
    np.multiply(dZ, dA, dZ)


def _leaky_relu(Z: Array, A: Array) -> None:
    np.multiply(Z, _LEAK, A)
    np.maximum(Z, A, out=A)


def _leaky_relu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    np.greater(Z, 0.0, dZ)
    np.multiply(dZ, 1.0 - _LEAK, dZ)
    np.add(dZ, _LEAK, dZ)
    np.multiply(dZ, dA, dZ)


def _elu(Z: Array, A: Array) -> None:
    # e^z − 1 ≥ z, with equality at 0: the larger of the two is the right branch on both sides.
    np.minimum(Z, 0.0, out=A)
    np.expm1(A, A)
    np.maximum(Z, A, out=A)


def _elu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    np.minimum(A, 0.0, out=dZ)
    np.add(dZ, 1.0, dZ)
    np.multiply(dZ, dA, dZ)


def _gelu_gate(Z: Array, out: Array) -> None:
    """½(1 + tanh(√(2/π)(Z + 0.044715 Z³))), the share of Z that passes."""
    np.multiply(Z, Z, out)
    np.multiply(out, _GELU_CUBE, out)
    np.add(out, 1.0, out)
    np.multiply(out, Z, out)
    np.multiply(out, _GELU_SCALE, out)
    np.tanh(out, out)
    np.add(out, 1.0, out)
    np.multiply(out, 0.5, out)


def _gelu(Z: Array, A: Array) -> None:
    _gelu_gate(Z, A)
    np.multiply(A, Z, A)


def _gelu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    _gelu_gate(Z, dZ)
    inner = _GELU_SCALE * (1.0 + 3.0 * _GELU_CUBE * Z * Z)
    np.multiply(dZ, 1.0 + 2.0 * Z * (1.0 - dZ) * inner, dZ)
    np.multiply(dZ, dA, dZ)


def _softplus(Z: Array, A: Array) -> None:
    # log(1 + e^z) = max(z, 0) + log(1 + e^(−|z|)), where the exponential cannot overflow.
    np.abs(Z, A)
    np.negative(A, A)
    np.exp(A, A)
    np.log1p(A, A)
    np.add(A, np.maximum(Z, 0.0), A)


def _softplus_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    _sigmoid(Z, dZ)
    np.multiply(dZ, dA, dZ)


def _silu(Z: Array, A: Array) -> None:
    _sigmoid(Z, A)
    np.multiply(A, Z, A)


def _silu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    _sigmoid(Z, dZ)
    np.multiply(dZ, 1.0 + Z - A, dZ)
    np.multiply(dZ, dA, dZ)


def _softmax(Z: Array, A: Array) -> None:
    # Subtracting the largest logit changes nothing but the overflow.
    np.subtract(Z, Z.max(axis=0, keepdims=True), A)
    np.exp(A, A)
    np.divide(A, A.sum(axis=0, keepdims=True), A)


def _softmax_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> None:
    np.multiply(dA, A, dZ)
    np.subtract(dA, dZ.sum(axis=0, keepdims=True), dZ)
    np.multiply(dZ, A, dZ)


ACTIVATIONS: Registry[ActivationFunction] = Registry("activation")

for _function in (
    ActivationFunction("linear", "Linear", "Z", "1", _linear, _linear_backward),
    ActivationFunction(
        "sigmoid", "Sigmoid", "1 / (1 + e^(−Z))", "A (1 − A)", _sigmoid, _sigmoid_backward
    ),
    ActivationFunction("tanh", "Tanh", "tanh(Z)", "1 − A²", np.tanh, _tanh_backward),
    ActivationFunction(
        "relu", "ReLU", "max(0, Z)", "1 if Z > 0, else 0", _relu, _relu_backward, kinked=True
    ),
    ActivationFunction(
        "leaky_relu",
        "Leaky ReLU",
        "max(0.01 Z, Z)",
        "1 if Z > 0, else 0.01",
        _leaky_relu,
        _leaky_relu_backward,
        kinked=True,
    ),
    ActivationFunction(
        "elu", "ELU", "Z if Z > 0, else e^Z − 1", "1 if Z > 0, else A + 1", _elu, _elu_backward
    ),
    ActivationFunction(
        "gelu",
        "GELU",
        "½ Z (1 + tanh(√(2/π) (Z + 0.044715 Z³)))",
        "Φ + 2 Z Φ (1 − Φ) √(2/π) (1 + 0.134145 Z²) with Φ = A / Z",
        _gelu,
        _gelu_backward,
    ),
    ActivationFunction(
        "softplus", "Softplus", "log(1 + e^Z)", "1 / (1 + e^(−Z))", _softplus, _softplus_backward
    ),
    ActivationFunction("silu", "SiLU", "Z σ(Z)", "σ(Z) (1 + Z − A)", _silu, _silu_backward),
    ActivationFunction(
        "softmax",
        "Softmax",
        "e^Z / Σ e^Z",
        "∂A_i/∂Z_j = A_i (δ_ij − A_j)",
        _softmax,
        _softmax_backward,
        elementwise=False,
    ),
):
    ACTIVATIONS.add(_function.name, _function)
