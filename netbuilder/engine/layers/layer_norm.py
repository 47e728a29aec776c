"""LayerNorm: every example with mean 0 and variance 1, then scaled and shifted by unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.blocks import row_blocks
from netbuilder.engine.layer import LAYERS, Array, Cache, Calls, Layer, Shape, setting


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

    epsilon: float = setting(
        1e-5,
        "epsilon",
        "ε in √(σ² + ε): keeps examples whose numbers are all alike from being divided by zero.",
        minimum=1e-12,
        maximum=1.0,
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def parameter_shapes(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        n = math.prod(inputs[0])
        return {"gamma": (n, 1), "beta": (n, 1)}

    def initial(self, parameter: str, shape: Shape, rng: np.random.RandomState) -> Array:
        return np.ones(shape) if parameter == "gamma" else np.zeros(shape)

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"Z_norm": inputs[0], "dZ_norm": inputs[0]}

    def forward(self, c: Cache) -> Calls:
        Z, Z_norm, A = (array.reshape(-1, c.m) for array in (c.inputs[0], c.Z_norm, c.A))
        n = len(A)
        epsilon = np.array(self.epsilon, A.dtype)
        shares = np.full(n, 1.0 / n, A.dtype)  # shares·Z is the mean of each column
        mu = np.empty(c.m, A.dtype)
        root = c.root = np.empty(c.m, A.dtype)
        blocks = row_blocks(n, c.m)
        calls: Calls = [call(shares.dot, Z, mu)]
        for rows in blocks:
            calls += [
                call(np.subtract, Z[rows], mu, Z_norm[rows]),
                call(np.multiply, Z_norm[rows], Z_norm[rows], A[rows]),
            ]
        calls += [
            call(shares.dot, A, root),
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

    def backward(self, c: Cache) -> Calls:
        Z_norm, dA, dZ_norm = (array.reshape(-1, c.m) for array in (c.Z_norm, c.dA, c.dZ_norm))
        n = len(dA)
        calls: Calls = [
            call(np.vecdot, dA, Z_norm, c.dgamma[:, 0]),
            call(dA.dot, np.ones(c.m, dA.dtype), c.dbeta[:, 0]),
        ]
        if c.d_inputs[0] is None:
            return calls
        # dZ = (dZ_norm − mean(dZ_norm) − Z_norm mean(dZ_norm ∗ Z_norm)) / √(σ² + ε)
        dZ = c.d_inputs[0].reshape(-1, c.m)
        shares = np.full(n, 1.0 / n, dA.dtype)
        mean, along = np.empty(c.m, dA.dtype), np.empty(c.m, dA.dtype)
        blocks = row_blocks(n, c.m)
        for rows in blocks:
            calls += [
                call(np.multiply, dA[rows], c.gamma[rows], dZ_norm[rows]),
                call(np.multiply, dZ_norm[rows], Z_norm[rows], dZ[rows]),
            ]
        calls += [call(shares.dot, dZ_norm, mean), call(shares.dot, dZ, along)]
        for rows in blocks:
            calls += [
                call(np.multiply, Z_norm[rows], along, dZ[rows]),
                call(np.add, dZ[rows], mean, dZ[rows]),
                call(np.subtract, dZ_norm[rows], dZ[rows], dZ[rows]),
                call(np.divide, dZ[rows], c.root, dZ[rows]),
            ]
        return calls


LAYERS.add(LayerNorm.kind, LayerNorm)
