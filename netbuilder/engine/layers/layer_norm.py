"""LayerNorm: every example with mean 0 and variance 1, then scaled and shifted by unit."""

from __future__ import annotations

import math
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


class LayerNormCache(Cache):
    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array
    Z_norm: Array
    root: Array
    """√(σ² + ε) of every example, (m,)"""


@dataclass(frozen=True)
class LayerNorm(Layer):
    """Z_norm = (Z − μ) / √(σ² + ε), A = γ Z_norm + β, with μ and σ² of each example's numbers.

    γ and β have a number for each number of an example, as torch.nn.LayerNorm over the whole shape
    of an example has; for images they are flat here, channel by channel. Nothing depends on the
    other examples, so that training and predicting are the same.

    Source: Ba, Kiros and Hinton, "Layer Normalization", 2016.
    """

    kind: ClassVar[str] = "layer_norm"
    title: ClassVar[str] = "LayerNorm"
    summary: ClassVar[str] = "Brings every example to mean 0 and variance 1: γ Z_norm + β."
    words: ClassVar[Words | None] = Words("layer norm")
    keeps_width: ClassVar[bool] = True
    before_cost: ClassVar[Message | None] = Message(
        "{name} stands right before Cost and brings every prediction to the same mean "
        "and variance. LayerNorm belongs between layers."
    )

    epsilon: float = setting(
        1e-5,
        "epsilon",
        "ε in √(σ² + ε): keeps examples whose numbers are all alike from being divided by zero.",
        minimum=1e-12,
        maximum=1.0,
        fine=True,
        increments=Ladder(),
    )

    def blocks(self, inputs: Sequence[Shape], batch_size: int) -> Message | None:
        if math.prod(inputs[0]) != 1:
            return None
        return Message(
            "{name} has a single unit, which is its own mean, so that nothing of it gets through."
        )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def parameter_shapes(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        n = math.prod(inputs[0])
        return {"gamma": (n, 1), "beta": (n, 1)}

    def initial(self, parameter: str, shape: Shape, rng: np.random.RandomState) -> Array:
        return np.ones(shape) if parameter == "gamma" else np.zeros(shape)

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"Z_norm": inputs[0]}

    def forward(self, c: LayerNormCache) -> Calls:
        Z, Z_norm, A = (array.reshape(-1, c.m) for array in (c.inputs[0], c.Z_norm, c.A))
        blocks = row_blocks(*A.shape)
        share = np.full(len(A), 1.0 / len(A), A.dtype)  # share·Z is the mean of every column
        epsilon = np.array(self.epsilon, A.dtype)
        mu_parts, sigma2_parts = _parts(blocks, c), _parts(blocks, c)
        mu = mu_parts[0]
        root = c.root = sigma2_parts[0]
        calls: Calls = []
        for rows, part in zip(blocks, mu_parts, strict=True):
            calls.append(call(share[rows].dot, Z[rows], part))
        calls += _add_up(mu_parts)
        for rows, part in zip(blocks, sigma2_parts, strict=True):
            calls += [
                call(np.subtract, Z[rows], mu, Z_norm[rows]),
                call(np.multiply, Z_norm[rows], Z_norm[rows], A[rows]),
                call(share[rows].dot, A[rows], part),
            ]
        calls += [
            *_add_up(sigma2_parts),
            call(np.add, root, epsilon, root),
            call(np.sqrt, root, root),
        ]
        for rows in blocks:
            calls += [
                call(np.divide, Z_norm[rows], root, Z_norm[rows]),
                call(np.multiply, Z_norm[rows], c.gamma[rows], A[rows]),
                call(np.add, A[rows], c.beta[rows], A[rows]),
            ]
        return calls

    def backward(self, c: LayerNormCache) -> Calls:
        Z_norm, dA = c.Z_norm.reshape(-1, c.m), c.dA.reshape(-1, c.m)
        blocks = row_blocks(*dA.shape)
        scratch = np.empty_like(dA[blocks[0]])
        ones = np.ones(c.m, dA.dtype)
        # With γ/n as the weights, dA·weights is the mean of dZ_norm = dA γ over an example.
        n, weights = np.array(len(dA), dA.dtype), np.empty_like(c.gamma)
        mean_parts, along_parts = _parts(blocks, c), _parts(blocks, c)
        calls: Calls = [call(np.divide, c.gamma, n, weights)]
        for rows, mean, along in zip(blocks, mean_parts, along_parts, strict=True):
            product = scratch[: len(dA[rows])]
            calls += [
                call(np.multiply, dA[rows], Z_norm[rows], product),
                call(product.dot, ones, c.dgamma[rows, 0]),
                call(dA[rows].dot, ones, c.dbeta[rows, 0]),
                call(weights[rows, 0].dot, dA[rows], mean),
                call(weights[rows, 0].dot, product, along),
            ]
        if c.d_inputs[0] is None:
            return calls
        # dZ = (dZ_norm − mean(dZ_norm) − Z_norm mean(dZ_norm ∗ Z_norm)) / √(σ² + ε)
        dZ = c.d_inputs[0].reshape(-1, c.m)
        calls += _add_up(mean_parts) + _add_up(along_parts)
        mean, along = mean_parts[0], along_parts[0]
        for rows in blocks:
            dZ_norm = scratch[: len(dA[rows])]
            calls += [
                call(np.multiply, Z_norm[rows], along, dZ[rows]),
                call(np.add, dZ[rows], mean, dZ[rows]),
                call(np.multiply, dA[rows], c.gamma[rows], dZ_norm),
                call(np.subtract, dZ_norm, dZ[rows], dZ[rows]),
                call(np.divide, dZ[rows], c.root, dZ[rows]),
            ]
        return calls


def _parts(blocks: list[slice], c: Cache) -> Array:
    """Room for what each block adds to a sum over all numbers of each example."""
    return np.empty((len(blocks), c.m), c.A.dtype)


def _add_up(parts: Array) -> Calls:
    """The sum of all parts goes where the first is."""
    return [call(np.add, parts[0], part, parts[0]) for part in parts[1:]]
