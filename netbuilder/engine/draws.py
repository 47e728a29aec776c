"""What layers draw at random in an update, such as masks: from the seed, or as the course does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Draws:
    """Numbers from 0 to 1, from the network's own generator, which goes on and on.

    With a ``mask_seed`` they are the course's: at every update ``RandomState(mask_seed)`` begins
    anew, and its layers call ``rand(n, m)`` one after the other.
    """

    def __init__(self, seed: int) -> None:
        self.own = np.random.Generator(np.random.PCG64(seed))
        self.mask_seed = 0
        self._course = np.random.RandomState(0)

    def begin(self) -> None:
        """An update is to come."""
        if self.mask_seed:
            self._course.seed(self.mask_seed)

    def fill(self, out: NDArray[Any]) -> None:
        """Writes numbers into an array (n, m) in place."""
        if self.mask_seed:
            out[...] = self._course.random_sample(out.shape)
        else:
            self.own.random(None, out.dtype, out)
