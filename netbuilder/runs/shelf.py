"""The shelf: moments of a run within a budget of bytes, dense at the start and then even."""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_SHARE = 125
"""Making what is kept takes at most one part in so many of the time."""
_SMOOTH = 0.125
"""What a new measurement counts in the running mean of how long making takes."""
_DENSE = 3
"""At the start 2³ moments are kept for every doubling of the number of updates."""
_ROLLING = 5.0
"""Seconds after which the newest moment is made anew where the next regular one is far."""


class Shelf(Generic[T]):
    """Keeps items by the step they belong to; one thread adds, any thread reads without a lock.

    The law: kept is every 2^k-th step, and at the start as many as eight for each doubling. When
    the budget is full k grows by one, so that each second item goes. Beside those it keeps the
    first item, the newest one, the last one up to ``best``, and what was added as ``spared``; of
    these, when nothing else is left to drop, the oldest spared go first, then the first item.
    """

    def __init__(self, budget: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self.budget = budget
        """Bytes; lowered, it is kept from the next ``fit`` on."""
        self.nbytes = 0
        self.next: float = 0
        """The step from which on ``offer`` wants to be asked."""
        self.best = -1
        """The step whose item, or the nearest before it, is not dropped; −1 for none."""
        self.clock = clock
        self._k = 0
        self._dense = _DENSE
        self._sizes: list[int] = []
        self._spared: list[bool] = []
        self._seconds = 0.0
        self._rest_until = -math.inf
        self._made: tuple[int, float] | None = None
        # The distance at which making them does not take too long: a power of two as well.
        self._patience = 1
        # Exchanged together; the lists only grow, and are never changed below the count.
        self._published: tuple[list[int], list[T], int] = [], [], 0

    # --- reading -----------------------------------------------------------------------------

    def __len__(self) -> int:
        return self._published[2]

    @property
    def steps(self) -> list[int]:
        """Of all items, in order."""
        steps, _, count = self._published
        return steps[:count]

    def items(self) -> list[tuple[int, T]]:
        """All items with their steps, in order."""
        steps, items, count = self._published
        return list(zip(steps[:count], items[:count], strict=True))

    def at(self, step: int) -> T | None:
        """The last item up to this step."""
        steps, items, count = self._published
        place = bisect.bisect_right(steps, step, 0, count) - 1
        return items[place] if place >= 0 else None

    def after(self, step: int) -> T | None:
        """The first item behind this step."""
        steps, items, count = self._published
        place = bisect.bisect_right(steps, step, 0, count)
        return items[place] if place < count else None

    def until(self, step: int) -> Shelf[T]:
        """A shelf of its own, under the same law, with the items up to a step.

        For the thread that adds: what is kept beside the items belongs to it.
        """
        steps, items, count = self._published
        end = bisect.bisect_right(steps, step, 0, count)
        found: Shelf[T] = Shelf(self.budget, self.clock)
        found._published = steps[:end], items[:end], end
        found._sizes, found._spared = self._sizes[:end], self._spared[:end]
        found.nbytes = sum(found._sizes)
        found._k, found._dense, found._patience = self._k, self._dense, self._patience
        found.best = self.best if self.best <= step else -1
        found.next = found._regular_after(step)
        return found

    # --- writing, by one thread --------------------------------------------------------------

    def offer(
        self,
        step: int,
        make: Callable[[], tuple[T, int]],
        spared: bool = False,
        must: bool = False,
    ) -> bool:
        """Makes an item, with its size in bytes, and keeps it, unless that would take too long.

        With ``must`` it is made all the same.
        """
        start = self.clock()
        if start < self._rest_until and not must:
            self._patience *= 2
            self.next = self._regular_after(step)
            return False
        item, size = make()
        self.add(step, item, size, spared)
        if size > self.budget:  # made in vain: ever more rarely
            self._patience *= 4
        end = self.clock()
        # A running mean: where the thread was put off meanwhile, the rest that this costs is spread
        # over the moments to come.
        first = self._made is None
        self._seconds += (end - start - self._seconds) * (1.0 if first else _SMOOTH)
        rest = _SHARE * self._seconds
        self._rest_until = end + rest
        self._patience = max(1, self._patience // 2)
        rolling: float = math.inf
        if self._made is not None and self._made[0] < step and self._made[1] < start:
            rate = (step - self._made[0]) / (start - self._made[1])
            # As many updates as the rest takes, rounded down to a power of two.
            self._patience = 1 << max(0, int(rest * rate).bit_length() - 1)
            rolling = step + max(1, round(_ROLLING * rate))
        self.next = min(self._regular_after(step), rolling)
        self._made = step, start
        return True

    def add(self, step: int, item: T, size: int, spared: bool = False) -> None:
        """Keeps an item, steps never falling; one that is larger than the budget is not kept."""
        if size > self.budget:
            return
        count = len(self)
        newest = count - 1
        if count and not (self._is_regular(newest) or self._is_spared(newest)):
            self._drop_newest()
        while self.nbytes + size > self.budget:
            self._thin()
        steps, items, count = self._published
        steps.append(step)
        items.append(item)
        self._sizes.append(size)
        self._spared.append(spared)
        self.nbytes += size
        self._published = steps, items, count + 1

    def spare_newest(self) -> None:
        self._spared[-1] = True

    def fit(self) -> None:
        """Drops what no longer fits a budget that was lowered."""
        while self.nbytes > self.budget:
            self._thin()

    # --- the law -----------------------------------------------------------------------------

    def _stride(self, count: int) -> int:
        """The distance of regular items so many updates after the first."""
        return 1 << max(0, min(self._k, count.bit_length() - 1 - self._dense))

    def _regular_after(self, step: int) -> int:
        first = self._published[0][0] if len(self) else step
        stride = max(self._stride(step - first), self._patience)
        return first + ((step - first) // stride + 1) * stride

    def _is_regular(self, place: int) -> bool:
        steps = self._published[0]
        count = steps[place] - steps[0]
        return count % self._stride(count) == 0

    def _is_spared(self, place: int) -> bool:
        return place == 0 or self._spared[place] or place == self._best_place

    @property
    def _best_place(self) -> int:
        steps, _, count = self._published
        return bisect.bisect_right(steps, self.best, 0, count) - 1 if self.best >= 0 else -1

    def _thin(self) -> None:
        """Makes the law stricter until something goes; then what was spared, one by one."""
        steps, _, count = self._published
        best = self._best_place
        while True:
            span = steps[count - 1] - steps[0]
            # What is kept of the start beside the even rest takes no more than a fourth of all.
            if self._dense >= 0 and (self._k - self._dense) << self._dense > count // 4:
                self._dense -= 1
            elif 1 << self._k <= span:
                self._k += 1
            else:
                break
            kept = [
                place
                for place in range(count)
                if place in (0, best) or self._spared[place] or self._is_regular(place)
            ]
            if len(kept) < count:
                self._keep(kept)
                return
        order = [place for place in range(count) if place not in (0, best)] + [0, best]
        self._keep([place for place in range(count) if place != order[0]])

    def _drop_newest(self) -> None:
        steps, items, count = self._published
        self._spared.pop()
        self.nbytes -= self._sizes.pop()
        # New lists, as the next item must not take a place that someone is looking at.
        self._published = steps[: count - 1], items[: count - 1], count - 1

    def _keep(self, places: list[int]) -> None:
        steps, items, _ = self._published
        self._sizes = [self._sizes[place] for place in places]
        self._spared = [self._spared[place] for place in places]
        self.nbytes = sum(self._sizes)
        self._published = (
            [steps[place] for place in places],
            [items[place] for place in places],
            len(places),
        )
