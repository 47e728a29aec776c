"""What Flatten and Reshape share: the same numbers in the same order, in another shape."""

from __future__ import annotations

from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import Cache, Calls, Layer


class SameNumbers(Layer):
    """Copies A_prev; only the shape of one example is another."""

    linear: ClassVar[bool] = True

    def forward(self, c: Cache) -> Calls:
        A_prev = c.inputs[0]
        return [call(np.copyto, c.A.reshape(A_prev.shape), A_prev)]

    def backward(self, c: Cache) -> Calls:
        dA_prev = c.d_inputs[0]
        return [] if dA_prev is None else [call(np.copyto, dA_prev, c.dA.reshape(dA_prev.shape))]
