"""Losses: how far the output Ŷ is from the targets Y, each with its derivative beside it.

J is the sum of a loss over the outputs, averaged over the m examples. The squared error carries the
course's factor ½, J = 1/(2m) Σ (Ŷ − Y)², so that dŶ = Ŷ − Y. PyTorch's and Keras' mean squared
error has no ½ and is averaged over the n_y outputs as well: it is 2/n_y times ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial as call
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.activations import ZERO
from netbuilder.engine.calls import Calls
from netbuilder.errors import Message
from netbuilder.registry import Registry

Array = NDArray[Any]


_UNFIT = Message("{loss} does not fit, for {reason}. {natural} fits.")


@dataclass(frozen=True)
class Loss:
    """One loss with its derivative. All arrays are (n_y, m), examples as columns."""

    name: str
    title: str
    formula: str
    """The loss of one example; a sum over the outputs is understood."""
    derivative_formula: str
    logits_activation: str | None
    """The output activation whose Z the loss takes; None for a loss of Ŷ, whatever made it.

    Written in Z, the logarithms of the cross-entropies never see a zero, and dZ is simply A − Y.
    """
    value: Callable[[Array, Array, Array], Any]
    """``value(P, Y, out)`` writes the loss of every output of every example. P is Z where the loss
    takes logits, else Ŷ."""
    gradient: Callable[[Array, Array, Array], Calls]
    """``gradient(Y_hat, Y, out)``: the calls that write dZ where the loss takes logits, else dŶ;
    without 1/m."""
    tasks: tuple[str, ...] = ("binary", "classes", "regression")
    """What it can be learned with."""
    unfit: Message = _UNFIT
    """What to say where the data asks for something else."""
    kinked: bool = False
    """True where the slope jumps at Ŷ = Y."""
    quick_total: Callable[[Array, Array, Array, Array], Callable[[], float]] | None = None
    """``quick_total(Z, A, Y, spare)``: a function that sums the loss over outputs and examples in
    less time than ``value``, from the A that is there already. It loses the digits of a small loss,
    and overflows for a large one."""


def _difference(Y_hat: Array, Y: Array, out: Array) -> Calls:
    return [call(np.subtract, Y_hat, Y, out)]


def _binary_cross_entropy(Z: Array, Y: Array, out: Array) -> None:
    # −Y log σ(Z) − (1 − Y) log(1 − σ(Z)) = log(1 + e^(−|Z|)) + (max(Z, 0) − Y Z), where the
    # bracket is exactly 0 for an example that is right, so that a small loss keeps its digits.
    np.abs(Z, out)
    np.negative(out, out)
    np.exp(out, out)
    np.log1p(out, out)
    np.add(out, np.maximum(Z, ZERO) - Y * Z, out)


def _binary_cross_entropy_total(Z: Array, A: Array, Y: Array, spare: Array) -> Callable[[], float]:
    # −Y log A − (1 − Y) log(1 − A) = (1 − Y) Z − log A, summed by BLAS
    z, a, y, log_a = (array.reshape(-1) for array in (Z, A, Y, spare))
    ones = np.ones_like(z)

    def total() -> float:
        np.log(a, log_a)
        np.subtract(z, log_a, log_a)
        return float(log_a.dot(ones) - y.dot(z))

    return total


def _cross_entropy(Z: Array, Y: Array, out: Array) -> None:
    # −Y log softmax(Z), with log softmax(Z) = Z − max Z − log Σ e^(Z − max Z)
    shifted = np.subtract(Z, Z.max(axis=0, keepdims=True))
    np.exp(shifted, out)
    np.subtract(np.log(out.sum(axis=0, keepdims=True)), shifted, out)
    np.multiply(out, Y, out)


def _cross_entropy_total(Z: Array, A: Array, Y: Array, spare: Array) -> Callable[[], float]:
    a, y, log_a = (array.reshape(-1) for array in (A, Y, spare))

    def total() -> float:
        np.log(a, log_a)
        return -float(y.dot(log_a))

    return total


def _mse(Y_hat: Array, Y: Array, out: Array) -> None:
    np.subtract(Y_hat, Y, out)
    np.multiply(out, out, out)
    np.multiply(out, 0.5, out)


def _mae(Y_hat: Array, Y: Array, out: Array) -> None:
    np.subtract(Y_hat, Y, out)
    np.abs(out, out)


def _mae_gradient(Y_hat: Array, Y: Array, out: Array) -> Calls:
    return [call(np.subtract, Y_hat, Y, out), call(np.sign, out, out)]


def _huber(Y_hat: Array, Y: Array, out: Array) -> None:
    # With c = min(|e|, 1) both branches are c (|e| − c/2).
    np.subtract(Y_hat, Y, out)
    np.abs(out, out)
    near = np.minimum(out, 1.0)
    np.subtract(out, 0.5 * near, out)
    np.multiply(out, near, out)


def _huber_gradient(Y_hat: Array, Y: Array, out: Array) -> Calls:
    return [
        call(np.subtract, Y_hat, Y, out),
        lambda: np.minimum(out, 1.0, out=out),
        lambda: np.maximum(out, -1.0, out=out),
    ]


LOSSES: Registry[Loss] = Registry("loss")

for _loss in (
    Loss(
        "binary_cross_entropy",
        "Binary cross-entropy",
        "−Y log(Ŷ) − (1 − Y) log(1 − Ŷ)",
        "dZ = Ŷ − Y",
        "sigmoid",
        _binary_cross_entropy,
        _difference,
        tasks=("binary",),
        unfit=Message(
            "{loss} is for targets of 0 and 1, that is for two classes, but {reason}. "
            "{natural} fits."
        ),
        quick_total=_binary_cross_entropy_total,
    ),
    Loss(
        "cross_entropy",
        "Cross-entropy",
        "−Y log(Ŷ)",
        "dZ = Ŷ − Y",
        "softmax",
        _cross_entropy,
        _difference,
        tasks=("classes",),
        unfit=Message(
            "{loss} is for three classes or more, with one output unit for each, but {reason}. "
            "{natural} fits."
        ),
        quick_total=_cross_entropy_total,
    ),
    Loss("mse", "Squared error", "½ (Ŷ − Y)²", "dA = Ŷ − Y", None, _mse, _difference),
    Loss(
        "mae",
        "Absolute error",
        "|Ŷ − Y|",
        "dA = sign(Ŷ − Y)",
        None,
        _mae,
        _mae_gradient,
        kinked=True,
    ),
    Loss(
        "huber",
        "Huber",
        "½ (Ŷ − Y)² if |Ŷ − Y| ≤ 1, else |Ŷ − Y| − ½",
        "dA = Ŷ − Y, held within ±1",
        None,
        _huber,
        _huber_gradient,
    ),
):
    LOSSES.add(_loss.name, _loss)


def losses_for(task: str) -> tuple[str, ...]:
    """The losses that fit "binary", "classes" or "regression", the natural one first."""
    return tuple(name for name, loss in LOSSES.items() if task in loss.tasks)
