"""BatchNorm: every unit with mean 0 and variance 1 over the batch, then scaled and shifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.blocks import row_blocks
from netbuilder.engine.increments import Ladder
from netbuilder.engine.layer import Array, Cache, Calls, Layer, Shape
from netbuilder.engine.settings import setting
from netbuilder.engine.words import Words
from netbuilder.errors import Message


class BatchNormCache(Cache):
    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array
    mean: Array
    """The running mean, (n, 1)."""
    variance: Array
    """The running variance, (n, 1)."""
    Z_norm: Array
    mu: Array
    """μ of the batch, or the running mean when predicting, (n, 1)."""
    sigma2: Array
    """σ², likewise."""
    root: Array
    """√(σ² + ε), (n, 1)"""


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
    words: ClassVar[Words | None] = Words("batch norm")
    keeps_width: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    before_cost: ClassVar[Message | None] = Message(
        "{name} stands right before Cost and scales the output itself by the batch it "
        "happens to be in. BatchNorm belongs between layers."
    )

    momentum: float = setting(
        0.9,
        "momentum",
        "What stays of the running mean and variance in an update: v := momentum v + (1 − momentum)"
        " new. They stand for the batch's when predicting.",
        minimum=0.0,
        below=1.0,
        learning=True,
        fine=True,
    )
    epsilon: float = setting(
        1e-5,
        "epsilon",
        "ε in √(σ² + ε): keeps units that hardly vary from being divided by zero.",
        minimum=1e-12,
        maximum=1.0,
        fine=True,
        increments=Ladder(),
    )

    def blocks(self, inputs: Sequence[Shape], batch_size: int) -> Message | None:
        if batch_size != 1 or len(inputs[0]) != 1:
            return None
        return Message(
            "{name} needs batches of more than one example: a single one is its own mean, "
            "so that nothing of it gets through."
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

    def forward(self, c: BatchNormCache) -> Calls:
        Z, Z_norm, A = _by_unit(c.inputs[0]), _by_unit(c.Z_norm), _by_unit(c.A)
        n, k = A.shape
        share, epsilon = np.array(1.0 / k, A.dtype), np.array(self.epsilon, A.dtype)
        shares = np.full(k, share)  # Z·shares is the mean of every row
        c.mu, c.sigma2, c.root = (np.empty((n, 1), A.dtype) for _ in range(3))
        if not c.training:
            c.mu, c.sigma2 = c.mean, c.variance
        calls: Calls = []
        for rows in row_blocks(n, k):
            mu, sigma2, root = c.mu[rows], c.sigma2[rows], c.root[rows]
            if c.training:
                calls.append(call(Z[rows].dot, shares, mu[:, 0]))
            calls.append(call(np.subtract, Z[rows], mu, Z_norm[rows]))
            if c.training:
                calls.append(call(np.vecdot, Z_norm[rows], Z_norm[rows], sigma2[:, 0]))
                calls.append(call(np.multiply, sigma2, share, sigma2))
            calls += [
                call(np.add, sigma2, epsilon, root),
                call(np.sqrt, root, root),
                call(np.divide, Z_norm[rows], root, Z_norm[rows]),
                call(np.multiply, Z_norm[rows], c.gamma[rows], A[rows]),
                call(np.add, A[rows], c.beta[rows], A[rows]),
            ]
        return calls

    def beside(self, c: BatchNormCache) -> dict[str, Array]:
        return {"mu": c.mu, "sigma2": c.sigma2}

    def backward(self, c: BatchNormCache) -> Calls:
        Z_norm, dA, dZ = _by_unit(c.Z_norm), _by_unit(c.dA), c.d_inputs[0]
        n, k = dA.shape
        ones = np.ones(k, dA.dtype)
        calls = self._remember(c, k) if c.random and k > 1 else []
        for rows in row_blocks(n, k):
            calls.append(call(np.vecdot, dA[rows], Z_norm[rows], c.dgamma[rows, 0]))
            calls.append(call(dA[rows].dot, ones, c.dbeta[rows, 0]))
            if dZ is not None:
                calls += self._back(c, rows, Z_norm[rows], dA[rows], _by_unit(dZ)[rows])
        return calls

    def _back(self, c: BatchNormCache, rows: slice, Z_norm: Array, dA: Array, dZ: Array) -> Calls:
        """dZ = γ/√(σ² + ε) (dA − Z_norm dγ/k − dβ/k); the last two come from μ and σ²."""
        slope, mean = np.empty_like(c.root[rows]), np.empty_like(c.root[rows])
        steepness = call(np.divide, c.gamma[rows], c.root[rows], slope)
        if not c.training:
            return [steepness, call(np.multiply, dA, slope, dZ)]
        share = np.array(1.0 / dA.shape[1], dA.dtype)
        return [
            call(np.multiply, c.dgamma[rows], share, mean),
            call(np.multiply, Z_norm, mean, dZ),
            call(np.multiply, c.dbeta[rows], share, mean),
            call(np.add, dZ, mean, dZ),
            call(np.subtract, dA, dZ, dZ),
            steepness,
            call(np.multiply, dZ, slope, dZ),
        ]

    def _remember(self, c: BatchNormCache, k: int) -> Calls:
        """v := momentum v + (1 − momentum) new, for mean and variance.

        It is done on the way back, for an update whose cost is not finite must change nothing.
        """
        stays, moved = np.array(self.momentum, c.A.dtype), np.empty_like(c.mu)
        calls: Calls = []
        for v, new, unbiased in ((c.mean, c.mu, 1.0), (c.variance, c.sigma2, k / (k - 1))):
            comes = np.array((1.0 - self.momentum) * unbiased, c.A.dtype)
            calls += [
                call(np.multiply, v, stays, v),
                call(np.multiply, new, comes, moved),
                call(np.add, v, moved, v),
            ]
        return calls


def _by_unit(array: Array) -> Array:
    """(n, k) of (n, m) or (n, height, width, m): all numbers of a unit in a row."""
    return array.reshape(len(array), -1)
