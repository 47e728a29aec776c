"""Mini-batches: the training part dealt out once an epoch, in a new random order each time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_AHEAD = 2**16
"""Numbers that are gathered at once: for small batches one big gathering beats many small ones."""

_LEAP = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""Numbers of the stream from one epoch's to the next one's: 2¹²⁸ times the golden ratio, as NumPy's
``PCG64.jumped`` leaps, so that no two epochs ever share a stretch."""


class Batches:
    """Deals out X (m, n_x) and Y (m, n_y), both C-contiguous, row by row in the same order.

    The order depends on the seeds and on the number of the epoch, and on nothing else: it need not
    be kept to go on in the middle of an epoch.
    """

    order_seed = 0
    """Where it is not 0 epoch e has the order of ``RandomState(order_seed + e)``, as in the course,
    whatever the other seed."""

    def __init__(self, X: Array, Y: Array, seed: int) -> None:
        self.X, self.Y = X, Y
        self.m = len(X)
        self.position = 0
        """Examples of the current epoch that were dealt out; 0 at its start."""
        # A stream of its own, so that it is independent of the engine's with the same seed.
        self._generator = np.random.PCG64([seed, 1])
        self._first = self._generator.state
        self._rng = np.random.Generator(self._generator)
        self._ordered = -1, 0
        """The epoch that the order is of, and the seed that it came from."""
        self._order = np.arange(0)
        self._gathered = range(0)
        self._X, self._Y = X[:0], Y[:0]

    def is_full(self, size: int) -> bool:
        """Whether the next batch of this size is the whole training part; 0 always asks for it."""
        return self.position == 0 and (size == 0 or size >= self.m)

    def next(self, size: int, epoch: int) -> tuple[Array, Array]:
        """The next ``size`` examples of this epoch, 0 for all; fewer where it ends.

        The arrays are valid until the next call. A whole epoch in one batch is not shuffled.
        """
        start, m = self.position, self.m
        end = start + size if size else m
        if end >= m:
            if start == 0:
                return self.X, self.Y
            end = m
        if (epoch, self.order_seed) != self._ordered:
            self._shuffle(epoch)
        gathered = self._gathered
        if start not in gathered or end > gathered.stop:
            gathered = self._gather(start, end)
        self.position = end if end < m else 0
        first = gathered.start
        return self._X[start - first : end - first], self._Y[start - first : end - first]

    def _shuffle(self, epoch: int) -> None:
        if self.order_seed:
            rng = np.random.RandomState((self.order_seed + epoch) % 2**32)
            self._order = rng.permutation(self.m)
        else:
            # Far leaps along one stream: half as dear as a generator of its own for every epoch.
            self._generator.state = self._first
            self._generator.advance(epoch * _LEAP % 2**128)
            self._order = self._rng.permutation(self.m)
        self._ordered, self._gathered = (epoch, self.order_seed), range(0)

    def _gather(self, start: int, end: int) -> range:
        width = self.X.shape[1] + self.Y.shape[1]
        batches = max(1, _AHEAD // (width * (end - start)))
        stop = min(start + batches * (end - start), self.m)
        rows = self._order[start:stop]
        if len(self._X) < len(rows):
            self._X = np.empty((len(rows), *self.X.shape[1:]), self.X.dtype)
            self._Y = np.empty((len(rows), *self.Y.shape[1:]), self.Y.dtype)
        # The rows are valid; without "clip" NumPy would gather into a buffer of its own first.
        np.take(self.X, rows, axis=0, out=self._X[: len(rows)], mode="clip")
        np.take(self.Y, rows, axis=0, out=self._Y[: len(rows)], mode="clip")
        self._gathered = range(start, stop)
        return self._gathered
