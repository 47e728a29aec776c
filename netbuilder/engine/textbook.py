"""The course's functions, for a student who reads: a Dense network in plain NumPy, with columns.

Nothing here is fast, and nothing that trains depends on it. The
engine computes the same, to 1e-12. X is (n_x, m) and Y (n_y, m): a column for each example.
W[l] is (n[l], n[l-1]), b[l] (n[l], 1), Z[l] and A[l] (n[l], m). As in the course dZ and dA are each
example's own, and the 1/m stands in dW and db.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Parameters = dict[str, Array]
"""W1, b1, W2, b2, …, WL, bL"""


class Cache(NamedTuple):
    """What a layer's backward step needs of its forward step."""

    A_prev: Array
    W: Array
    b: Array
    Z: Array


# --- g(Z), and dZ from dA -------------------------------------------------------------------------


def sigmoid(Z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-Z)))


def softmax(Z: Array) -> Array:
    e = np.exp(Z - Z.max(axis=0, keepdims=True))
    return np.asarray(e / e.sum(axis=0, keepdims=True))


def softmax_backward(dA: Array, Z: Array) -> Array:
    A = softmax(Z)
    return np.asarray(A * (dA - (dA * A).sum(axis=0, keepdims=True)))


def gelu_gate(Z: Array) -> Array:
    """The share of Z that passes, in the approximation with tanh."""
    return np.asarray((1 + np.tanh(np.sqrt(2 / np.pi) * (Z + 0.044715 * Z**3))) / 2)


def gelu_slope(Z: Array) -> Array:
    p = gelu_gate(Z)
    return np.asarray(p + 2 * Z * p * (1 - p) * np.sqrt(2 / np.pi) * (1 + 0.134145 * Z**2))


ACTIVATIONS: dict[str, Callable[[Array], Any]] = {
    "linear": lambda Z: Z,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda Z: np.maximum(Z, 0),
    "leaky_relu": lambda Z: np.maximum(0.01 * Z, Z),
    "elu": lambda Z: np.where(Z > 0, Z, np.exp(np.minimum(Z, 0)) - 1),
    "gelu": lambda Z: Z * gelu_gate(Z),
    "softplus": lambda Z: np.log(1 + np.exp(Z)),
    "silu": lambda Z: Z * sigmoid(Z),
    "softmax": softmax,
}

SLOPES: dict[str, Callable[[Array], Any]] = {
    "linear": np.ones_like,
    "sigmoid": lambda Z: sigmoid(Z) * (1 - sigmoid(Z)),
    "tanh": lambda Z: 1 - np.tanh(Z) ** 2,
    "relu": lambda Z: Z > 0,
    "leaky_relu": lambda Z: np.where(Z > 0, 1, 0.01),
    "elu": lambda Z: np.where(Z > 0, 1, np.exp(np.minimum(Z, 0))),
    "gelu": gelu_slope,
    "softplus": sigmoid,
    "silu": lambda Z: sigmoid(Z) * (1 + Z * (1 - sigmoid(Z))),
}
"""g′(Z); that of softmax is no function of one Z alone."""


# --- the loss of each output, and dAL -------------------------------------------------------------

LOSSES: dict[str, Callable[[Array, Array], Any]] = {
    "binary_cross_entropy": lambda A, Y: -Y * np.log(A) - (1 - Y) * np.log(1 - A),
    "cross_entropy": lambda A, Y: -Y * np.log(A),
    "mse": lambda A, Y: (A - Y) ** 2 / 2,
    "mae": lambda A, Y: abs(A - Y),
    "huber": lambda A, Y: np.where(abs(A - Y) <= 1, (A - Y) ** 2 / 2, abs(A - Y) - 1 / 2),
}

LOSS_SLOPES: dict[str, Callable[[Array, Array], Any]] = {
    "binary_cross_entropy": lambda A, Y: -Y / A + (1 - Y) / (1 - A),
    "cross_entropy": lambda A, Y: -Y / A,
    "mse": lambda A, Y: A - Y,
    "mae": lambda A, Y: np.sign(A - Y),
    "huber": lambda A, Y: np.clip(A - Y, -1, 1),
}


# --- the course's functions -----------------------------------------------------------------------


def initialize_parameters(
    layer_dims: Sequence[int], seed: int, scales: Sequence[float]
) -> Parameters:
    """W[l] of normal numbers times ``scales[l-1]``, drawn layer by layer; b[l] of zeros.

    ``layer_dims`` is n[0], n[1], …, n[L]; the course's scales are 0.01, 10 or √(2 / n[l-1]).
    """
    rng = np.random.RandomState(seed)
    parameters = {}
    for l in range(1, len(layer_dims)):  # noqa: E741  (the course's letter)
        parameters[f"W{l}"] = rng.randn(layer_dims[l], layer_dims[l - 1]) * scales[l - 1]
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


def linear_forward(A_prev: Array, W: Array, b: Array) -> Array:
    """Z (n, m)"""
    return np.asarray(np.dot(W, A_prev) + b)


def linear_activation_forward(
    A_prev: Array, W: Array, b: Array, activation: str
) -> tuple[Array, Cache]:
    """A (n, m), and what the way back needs."""
    Z = linear_forward(A_prev, W, b)
    return np.asarray(ACTIVATIONS[activation](Z)), Cache(A_prev, W, b, Z)


def L_model_forward(
    X: Array, parameters: Mapping[str, Array], activations: Sequence[str]
) -> tuple[Array, list[Cache]]:
    """AL (n_y, m) and the layers' caches; ``activations`` has a name for each of the L layers."""
    A, caches = X, []
    for l, activation in enumerate(activations, start=1):  # noqa: E741
        A, cache = linear_activation_forward(
            A, parameters[f"W{l}"], parameters[f"b{l}"], activation
        )
        caches.append(cache)
    return A, caches


def compute_cost(AL: Array, Y: Array, loss: str = "binary_cross_entropy") -> float:
    """J = 1/m Σ loss, summed over the outputs and averaged over the m examples."""
    m = Y.shape[1]
    return float(1 / m * LOSSES[loss](AL, Y).sum())


def activation_backward(dA: Array, Z: Array, activation: str) -> Array:
    """dZ = dA ∗ g′(Z)"""
    if activation == "softmax":
        return softmax_backward(dA, Z)
    return np.asarray(dA * SLOPES[activation](Z))


def linear_backward(dZ: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """dA_prev, dW and db."""
    m = dZ.shape[1]
    dW = np.dot(dZ, cache.A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return np.dot(cache.W.T, dZ), dW, db


def L_model_backward(
    AL: Array,
    Y: Array,
    caches: Sequence[Cache],
    activations: Sequence[str],
    loss: str = "binary_cross_entropy",
) -> dict[str, Array]:
    """dAL as ``dA{L}``, and dZ, dW, db of every layer l, and dA[l-1] down to dA0."""
    L = len(caches)
    grads = {f"dA{L}": np.asarray(LOSS_SLOPES[loss](AL, Y))}
    for l in range(L, 0, -1):  # noqa: E741
        dZ = activation_backward(grads[f"dA{l}"], caches[l - 1].Z, activations[l - 1])
        grads[f"dZ{l}"] = dZ
        grads[f"dA{l - 1}"], grads[f"dW{l}"], grads[f"db{l}"] = linear_backward(dZ, caches[l - 1])
    return grads


def update_parameters(
    parameters: Mapping[str, Array], grads: Mapping[str, Array], learning_rate: float
) -> Parameters:
    """W := W − α dW and b := b − α db, as new arrays."""
    return {name: values - learning_rate * grads[f"d{name}"] for name, values in parameters.items()}
