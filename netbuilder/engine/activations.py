"""Activation functions A = g(Z), each with its derivative beside it.

As everywhere in the engine, the last argument of a NumPy function is where its result goes: said
without ``out=`` it costs a small layer a tenth less. (NumPy wants the word for maximum and minimum,
which are faster in a lambda then.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial as call
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.calls import Calls
from netbuilder.errors import Message
from netbuilder.registry import Registry

Array = NDArray[Any]

ZERO, ONE = np.array(0.0, np.float32), np.array(1.0, np.float32)
"""Small layers meet these twice as fast as Python's 0.0 and 1.0; float64 arrays stay float64."""
_MANY_ZEROS = 2**14
"""Beyond this it saves memory to repeat the zeros of one unit for all."""
_SLOW_SIGN = 2**12
"""Beyond this np.sign takes longer than a comparison and its conversion to numbers."""
_LEAK = 0.01
_GELU_SCALE = math.sqrt(2.0 / math.pi)
_GELU_CUBE = 0.044715


@dataclass(frozen=True)
class ActivationFunction:
    """One function with its derivative, on arrays (n, m) with the examples as the last axis.

    ``forward`` and ``backward`` give the calls that write their result into their last argument.
    They run with NumPy's warnings off: an overflow on the way to a sound result is no news.
    """

    name: str
    title: str
    formula: str
    derivative_formula: str
    forward: Callable[[Array, Array], Calls]
    """``forward(Z, A)``: A = g(Z)."""
    backward: Callable[[Array, Array, Array, Array], Calls]
    """``backward(dA, Z, A, dZ)``: dZ = dA ∗ g'(Z); leaves the other three alone."""
    elementwise: bool = True
    """False for softmax, where every unit's A depends on every unit's Z."""
    needs_Z: bool = False
    """True where ``backward`` reads Z after it has begun to write: dZ needs memory of its own."""
    kinked: bool = False
    """True where g' jumps at Z = 0, so that finite differences across it mean nothing."""
    initializer: str = "xavier"
    """The initial weights that keep the signal's size through a layer of this activation."""
    probabilities: bool = False
    """Whether A can be read as a probability."""
    stays: Message | None = None
    """Where A stays, for the user whose output is to reach any number; None: no warning of that."""
    bounds: tuple[float, float] = (-math.inf, math.inf)
    """The numbers between which A lies."""
    saturates: tuple[float, float] | None = None
    """The two values near which g' is nearly 0, so that a unit there hardly learns."""
    dies: bool = False
    """Whether a unit that is 0 for every example learns nothing any more."""

    def __call__(self, Z: Array) -> Array:
        """A = g(Z) as a new array, without warnings."""
        A = np.empty_like(Z)
        _run(self.forward(Z, A))
        return A

    def slope(self, Z: Array) -> Array:
        """∂A/∂Z of every unit by its own Z, as a new array; for softmax the diagonal A(1 − A)."""
        A = self(Z)
        if not self.elementwise:
            return np.asarray(A * (1 - A))
        slope = np.empty_like(Z)
        _run(self.backward(np.ones_like(Z), Z, A, slope))
        return slope


def _run(calls: Calls) -> None:
    with np.errstate(all="ignore"):
        for function in calls:
            function()


def _linear(Z: Array, A: Array) -> Calls:
    return [call(np.copyto, A, Z)]


def _linear_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    return [call(np.copyto, dZ, dA)]


def _sigmoid(Z: Array, A: Array) -> Calls:
    # Far below zero e^(−Z) is infinite, and A is 0 as it should be.
    return [
        call(np.negative, Z, A),
        call(np.exp, A, A),
        call(np.add, A, ONE, A),
        call(np.reciprocal, A, A),
    ]


def _sigmoid_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    return [
        call(np.multiply, A, A, dZ),
        call(np.subtract, A, dZ, dZ),
        call(np.multiply, dZ, dA, dZ),
    ]


def _tanh(Z: Array, A: Array) -> Calls:
    return [call(np.tanh, Z, A)]


def _tanh_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    # dA − dA A² costs less than dA (1 − A²): a number among the operands slows NumPy down.
    return [
        call(np.multiply, A, A, dZ),
        call(np.multiply, dZ, dA, dZ),
        call(np.subtract, dA, dZ, dZ),
    ]


def _relu(Z: Array, A: Array) -> Calls:
    # NumPy compares two arrays up to four times as fast as an array and one number.
    zeros = np.zeros(Z.shape if Z.size <= _MANY_ZEROS else Z.shape[1:], Z.dtype)
    return [lambda: np.maximum(Z, zeros, out=A)]


def _relu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    if Z.size > _SLOW_SIGN:
        return [call(np.greater, A, ZERO, dZ), call(np.multiply, dZ, dA, dZ)]
    return [call(np.sign, A, dZ), call(np.multiply, dZ, dA, dZ)]


def _leaky_relu(Z: Array, A: Array) -> Calls:
    return [call(np.multiply, Z, _LEAK, A), lambda: np.maximum(Z, A, out=A)]


def _leaky_relu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    return [
        call(np.greater, Z, 0.0, dZ),
        call(np.multiply, dZ, 1.0 - _LEAK, dZ),
        call(np.add, dZ, _LEAK, dZ),
        call(np.multiply, dZ, dA, dZ),
    ]


def _elu(Z: Array, A: Array) -> Calls:
    """Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by Exponential
    Linear Units (ELUs)", 2016, with α = 1."""
    # e^z − 1 ≥ z, with equality at 0: the larger of the two is the right branch on both sides.
    return [
        lambda: np.minimum(Z, 0.0, out=A),
        call(np.expm1, A, A),
        lambda: np.maximum(Z, A, out=A),
    ]


def _elu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    return [
        lambda: np.minimum(A, 0.0, out=dZ),
        call(np.add, dZ, 1.0, dZ),
        call(np.multiply, dZ, dA, dZ),
    ]


def _gelu_gate(Z: Array, out: Array) -> Calls:
    """½(1 + tanh(√(2/π)(Z + 0.044715 Z³))), the share of Z that passes."""
    return [
        call(np.multiply, Z, Z, out),
        call(np.multiply, out, _GELU_CUBE, out),
        call(np.add, out, 1.0, out),
        call(np.multiply, out, Z, out),
        call(np.multiply, out, _GELU_SCALE, out),
        call(np.tanh, out, out),
        call(np.add, out, 1.0, out),
        call(np.multiply, out, 0.5, out),
    ]


def _gelu(Z: Array, A: Array) -> Calls:
    """Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016: their fast form by tanh,
    not the one by the error function."""
    return [*_gelu_gate(Z, A), call(np.multiply, A, Z, A)]


def _gelu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    def slope() -> None:
        inner = _GELU_SCALE * (1.0 + 3.0 * _GELU_CUBE * Z * Z)
        np.multiply(dZ, 1.0 + 2.0 * Z * (1.0 - dZ) * inner, dZ)

    return [*_gelu_gate(Z, dZ), slope, call(np.multiply, dZ, dA, dZ)]


def _softplus(Z: Array, A: Array) -> Calls:
    # log(1 + e^z) = max(z, 0) + log(1 + e^(−|z|)), where the exponential cannot overflow.
    return [
        call(np.abs, Z, A),
        call(np.negative, A, A),
        call(np.exp, A, A),
        call(np.log1p, A, A),
        lambda: np.add(A, np.maximum(Z, 0.0), A),
    ]


def _softplus_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    return [*_sigmoid(Z, dZ), call(np.multiply, dZ, dA, dZ)]


def _silu(Z: Array, A: Array) -> Calls:
    """Elfwing, Uchibe and Doya, "Sigmoid-Weighted Linear Units for Neural Network Function
    Approximation in Reinforcement Learning", 2018."""
    return [*_sigmoid(Z, A), call(np.multiply, A, Z, A)]


def _silu_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    return [
        *_sigmoid(Z, dZ),
        lambda: np.multiply(dZ, 1.0 + Z - A, dZ),
        call(np.multiply, dZ, dA, dZ),
    ]


def _softmax(Z: Array, A: Array) -> Calls:
    # Subtracting the largest logit changes nothing but the overflow.
    row = np.empty((1, *Z.shape[1:]), Z.dtype)
    return [
        call(np.maximum.reduce, Z, 0, None, row, True),
        call(np.subtract, Z, row, A),
        call(np.exp, A, A),
        call(np.add.reduce, A, 0, None, row, True),
        call(np.divide, A, row, A),
    ]


def _softmax_backward(dA: Array, Z: Array, A: Array, dZ: Array) -> Calls:
    row = np.empty((1, *Z.shape[1:]), Z.dtype)
    return [
        call(np.multiply, dA, A, dZ),
        call(np.add.reduce, dZ, 0, None, row, True),
        call(np.subtract, dA, row, dZ),
        call(np.multiply, dZ, A, dZ),
    ]


ACTIVATIONS: Registry[ActivationFunction] = Registry("activation")

for _function in (
    ActivationFunction("linear", "Linear", "Z", "1", _linear, _linear_backward),
    ActivationFunction(
        "sigmoid",
        "Sigmoid",
        "1 / (1 + e^(−Z))",
        "A (1 − A)",
        _sigmoid,
        _sigmoid_backward,
        probabilities=True,
        stays=Message("between 0 and 1"),
        saturates=(0.0, 1.0),
        bounds=(0.0, 1.0),
    ),
    ActivationFunction(
        "tanh",
        "Tanh",
        "tanh(Z)",
        "1 − A²",
        _tanh,
        _tanh_backward,
        stays=Message("between −1 and 1"),
        saturates=(-1.0, 1.0),
        bounds=(-1.0, 1.0),
    ),
    ActivationFunction(
        "relu",
        "ReLU",
        "max(0, Z)",
        "1 if Z > 0, else 0",
        _relu,
        _relu_backward,
        kinked=True,
        initializer="he",
        stays=Message("at 0 or above"),
        dies=True,
        bounds=(0.0, math.inf),
    ),
    ActivationFunction(
        "leaky_relu",
        "Leaky ReLU",
        "max(0.01 Z, Z)",
        "1 if Z > 0, else 0.01",
        _leaky_relu,
        _leaky_relu_backward,
        kinked=True,
        initializer="he",
    ),
    ActivationFunction(
        "elu",
        "ELU",
        "Z if Z > 0, else e^Z − 1",
        "1 if Z > 0, else A + 1",
        _elu,
        _elu_backward,
        initializer="he",
        bounds=(-1.0, math.inf),
    ),
    ActivationFunction(
        "gelu",
        "GELU",
        "½ Z (1 + tanh(√(2/π) (Z + 0.044715 Z³)))",
        "Φ + 2 Z Φ (1 − Φ) √(2/π) (1 + 0.134145 Z²) with Φ = A / Z",
        _gelu,
        _gelu_backward,
        needs_Z=True,
        initializer="he",
    ),
    ActivationFunction(
        "softplus",
        "Softplus",
        "log(1 + e^Z)",
        "1 / (1 + e^(−Z))",
        _softplus,
        _softplus_backward,
        needs_Z=True,
        stays=Message("above 0"),
        bounds=(0.0, math.inf),
    ),
    ActivationFunction(
        "silu",
        "SiLU",
        "Z σ(Z)",
        "σ(Z) (1 + Z − A)",
        _silu,
        _silu_backward,
        needs_Z=True,
        initializer="he",
    ),
    ActivationFunction(
        "softmax",
        "Softmax",
        "e^Z / Σ e^Z",
        "∂A_i/∂Z_j = A_i (δ_ij − A_j)",
        _softmax,
        _softmax_backward,
        elementwise=False,
        probabilities=True,
        # No saturation: its units share a sum of 1, so that most are near 0 in any sure network.
        stays=Message("between 0 and 1"),
        bounds=(0.0, 1.0),
    ),
):
    ACTIVATIONS.add(_function.name, _function)
