"""Layers that predict, in plain NumPy with examples last: generated code holds slices of this file.

Images are (channels, height, width, m), columns (n, m), as the course has them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def windows(A: Array, size: int, stride: int) -> Array:
    """The pixels of every window: (channels, rows, columns, m, size, size)."""
    found = np.lib.stride_tricks.sliding_window_view(A, (size, size), axis=(1, 2))
    return found[:, ::stride, ::stride]


def conv2d_forward(A_prev: Array, W: Array, b: Array, stride: int, padding: int) -> Array:
    """Z (filters, rows, columns, m) of filters W (filters, channels, kernel, kernel)."""
    padded = np.pad(A_prev, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    Z = np.tensordot(W, windows(padded, W.shape[2], stride), axes=((1, 2, 3), (0, 4, 5)))
    return np.asarray(Z + b[:, :, None, None])


def max_pool_forward(A_prev: Array, size: int, stride: int) -> Array:
    """The largest pixel of every window."""
    return np.asarray(windows(A_prev, size, stride).max(axis=(-2, -1)))


def average_pool_forward(A_prev: Array, size: int, stride: int) -> Array:
    """The mean of every window."""
    return np.asarray(windows(A_prev, size, stride).mean(axis=(-2, -1)))


def global_average_pool_forward(A_prev: Array) -> Array:
    """The mean of every channel, (channels, m)."""
    return np.asarray(A_prev.mean(axis=(1, 2)))


def batch_norm_forward(
    Z: Array, gamma: Array, beta: Array, mean: Array, variance: Array, epsilon: float
) -> Array:
    """Every unit, or channel, by the mean and variance that training has left."""
    flat = Z.reshape(len(Z), -1)
    return np.asarray((gamma * (flat - mean) / np.sqrt(variance + epsilon) + beta).reshape(Z.shape))


def layer_norm_forward(Z: Array, gamma: Array, beta: Array, epsilon: float) -> Array:
    """Every example with mean 0 and variance 1, then scaled and shifted by unit."""
    flat = Z.reshape(-1, Z.shape[-1])
    flat = (flat - flat.mean(axis=0)) / np.sqrt(flat.var(axis=0) + epsilon)
    return np.asarray((gamma * flat + beta).reshape(Z.shape))
