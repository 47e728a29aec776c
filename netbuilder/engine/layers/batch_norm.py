"""BatchNorm: every unit with mean 0 and variance 1 over the batch, then scaled and shifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.blocks import row_blocks
from netbuilder.engine.layer import LAYERS, Array, Cache, Calls, Layer, Shape, setting


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Z_norm = (Z − μ) / √(σ² + ε), A = γ Z_norm + β, with μ and σ² of the batch for each unit.

    A channel of an image is one unit: its μ and σ² are those of all its pixels. When predicting,
    the running ``mean`` and ``variance`` stand for μ and σ². Every update moves them by an
    exponentially weighted average; as in PyTorch the variance that is remembered is the unbiased
    one, σ² k / (k − 1) of k numbers. A batch with a single number for each unit gives A = β, has no
    gradient, and moves nothing, for it tells no variance.

    Source: Ioffe and Szegedy, "Batch Normalization", 2015.
    """

    kind: ClassVar[str] = "batch_norm"
    title: ClassVar[str] = "BatchNorm"
    summary: ClassVar[str] = (
        "Brings every unit to mean 0 and variance 1 over the batch: γ Z_norm + β."
    )

    momentum: float = setting(
        0.9,
        "momentum",
        "What stays of the running mean and variance in an update: v := momentum v + (1 − momentum)"
        " new. They stand for the batch's when predicting.",
        minimum=0.0,
        below=1.0,
    )
    epsilon: float = setting(
        1e-5,
        "epsilon",
        "ε in √(σ² + ε): keeps units that hardly vary from being divided by zero.",
        minimum=1e-12,
        maximum=1.0,
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def parameter_shapes(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        n = inputs[0][0]
        return {"gamma": (n, 1), "beta": (n, 1)}

    def statistic_shapes(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        n = inputs[0][0]
        return {"mean": (n, 1), "variance": (n, 1)}

    def initial(self, parameter: str, shape: Shape, rng: np.random.RandomState) -> Array:
        return np.ones(shape) if parameter in ("gamma", "variance") else np.zeros(shape)

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"Z_norm": inputs[0]}

    def forward(self, c: Cache) -> Calls:
        Z, Z_norm, A = _by_unit(c.inputs[0]), _by_unit(c.Z_norm), _by_unit(c.A)
        n, k = A.shape
        dtype = A.dtype
        epsilon, share = np.array(self.epsilon, dtype), np.array(1.0 / k, dtype)
        shares = np.full(k, share)  # Z·shares is the mean of each row
        c.mu, c.sigma2, c.root = (
            np.empty((n, 1), dtype),
            np.empty((n, 1), dtype),
            np.empty((n, 1), dtype),
        )
        calls: Calls = []
        for rows in row_blocks(n, k):
            mu, sigma2, root = c.mu[rows], c.sigma2[rows], c.root[rows]
            if c.training:
                calls += [
                    call(Z[rows].dot, shares, mu[:, 0]),
                    call(np.subtract, Z[rows], mu, Z_norm[rows]),
                    call(np.vecdot, Z_norm[rows], Z_norm[rows], sigma2[:, 0]),
                    call(np.multiply, sigma2, share, sigma2),
                    call(np.add, sigma2, epsilon, root),
                ]
            else:
                calls += [
                    call(np.subtract, Z[rows], c.mean[rows], Z_norm[rows]),
                    call(np.add, c.variance[rows], epsilon, root),
                ]
            calls += [
                call(np.sqrt, root, root),
                call(np.divide, Z_norm[rows], root, Z_norm[rows]),
                call(np.multiply, Z_norm[rows], c.gamma[rows], A[rows]),
                call(np.add, A[rows], c.beta[rows], A[rows]),
            ]
        return calls

    def backward(self, c: Cache) -> Calls:
        Z_norm, dA = _by_unit(c.Z_norm), _by_unit(c.dA)
        dZ = None if c.d_inputs[0] is None else _by_unit(c.d_inputs[0])
        n, k = dA.shape
        ones, share = np.ones(k, dA.dtype), np.array(1.0 / k, dA.dtype)
        slope, along = np.empty((n, 1), dA.dtype), np.empty((n, 1), dA.dtype)
        calls: Calls = self._remember(c, k) if c.random and k > 1 else []
        for rows in row_blocks(n, k):
            dgamma, dbeta = c.dgamma[rows], c.dbeta[rows]
            calls += [
                call(np.vecdot, dA[rows], Z_norm[rows], dgamma[:, 0]),
                call(dA[rows].dot, ones, dbeta[:, 0]),
            ]
            if dZ is None:
                continue
            calls.append(call(np.divide, c.gamma[rows], c.root[rows], slope[rows]))
            if not c.training:  # μ and σ² are constants
                calls.append(call(np.multiply, dA[rows], slope[rows], dZ[rows]))
                continue
            # dZ = γ/√(σ² + ε) (dA − dβ/k − Z_norm dγ/k)
            calls += [
                call(np.multiply, dgamma, share, along[rows]),
                call(np.multiply, Z_norm[rows], along[rows], dZ[rows]),
                call(np.multiply, dbeta, share, along[rows]),
                call(np.add, dZ[rows], along[rows], dZ[rows]),
                call(np.subtract, dA[rows], dZ[rows], dZ[rows]),
                call(np.multiply, dZ[rows], slope[rows], dZ[rows]),
            ]
        return calls

    def _remember(self, c: Cache, k: int) -> Calls:
        """v := momentum v + (1 − momentum) new; run with the backward pass, so that an update whose
        cost is not finite leaves the running statistics as they were."""
        stays = np.array(self.momentum, c.A.dtype)
        moved = np.empty_like(c.mu)
        calls: Calls = []
        for average, new, factor in (
            (c.mean, c.mu, 1.0),
            (c.variance, c.sigma2, k / (k - 1)),
        ):
            comes = np.array((1.0 - self.momentum) * factor, c.A.dtype)
            calls += [
                call(np.multiply, average, stays, average),
                call(np.multiply, new, comes, moved),
                call(np.add, average, moved, average),
            ]
        return calls


def _by_unit(array: Array) -> Array:
    """(n, k) of (n, m) or (n, height, width, m): all numbers of a unit in a row."""
    return array.reshape(len(array), -1)


LAYERS.add(BatchNorm.kind, BatchNorm)
