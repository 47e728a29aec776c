"""Ranges: between which numbers a node's output lies, so that a colour means the same at any time.

Where an activation has bounds they are the range; else it goes as far as the numbers do, but is
never so narrow that next to nothing looks like much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.lens.look import Look

Array = NDArray[Any]

_SHARE = 0.99
"""Beyond so many of the numbers they are exceptions, which do not widen a range."""
_LOOKED_AT = 512
"""So many numbers, evenly chosen, tell how large they are."""
_ROUND = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
"""Ranges end at these times a power of ten, so that they hold still while the numbers move."""


@dataclass(frozen=True)
class Range:
    """What the colours of a node's numbers stretch over; an end may be open, which is infinite."""

    low: float
    neutral: float
    high: float
    least: float = 1.0
    """An open end is at least so far from neutral."""

    def closed(self, values: Array | None) -> Range:
        """With ends that hold these values, but for exceptions."""
        if math.isfinite(self.low) and math.isfinite(self.high):
            return self
        size = self.least if values is None else max(self.least, _size(values))
        low = max(self.low, self.neutral - size)
        return Range(low, self.neutral, min(self.high, self.neutral + size), self.least)

    def signed(self, values: Array) -> Array:
        """A closed range's values on a scale of −1 … 0 … 1: low, neutral, high."""
        away = values - self.neutral if self.neutral else values
        above = self.high - self.neutral
        below = self.neutral - self.low or above
        if above == below:
            return away if above == 1.0 else away / above
        return np.where(away > 0, away / above, away / below)


_SIGNED = Range(-math.inf, 0.0, math.inf)


def ranges(look: Look) -> dict[str, Range]:
    """The range of every node, by its id."""
    plan, found = look.plan, dict[str, Range]()
    x, y = look.usual_sizes
    output = plan.nodes[-1].inputs[0]
    for node in plan.nodes:
        if not node.inputs:
            found[node.id] = Range(-math.inf, 0.0, math.inf, _rounded(x))
        else:
            found[node.id] = _range(plan, node, found)
        if node.id == output and found[node.id] == _SIGNED and y > 0:
            # It is to reach the targets.
            found[node.id] = Range(-_rounded(y), 0.0, _rounded(y))
    return found


def _range(plan: Plan, node: PlanNode, before: dict[str, Range]) -> Range:
    activation = node.layer.activation
    if activation is None:
        passes = len(node.inputs) == 1 and not node.parameter_shapes
        return before[node.inputs[0]] if passes else _SIGNED
    g = ACTIVATIONS[activation]
    low, high = g.bounds
    if low == 0.0 and math.isinf(high):
        return Range(0.0, 0.0, high)
    if math.isinf(high):
        return _SIGNED
    # Of several probabilities that share a sum of 1 neutral is to know nothing.
    middle = (low + high) / 2 if g.elementwise else 1 / max(2, node.shape[0])
    return Range(low, middle, high)


def _size(values: Array) -> float:
    """The round number from the largest usual size on; 0 where no number is finite."""
    flat = values.ravel()
    some = np.abs(flat[:: max(1, flat.size // _LOOKED_AT)])
    some = some[np.isfinite(some)]
    if not some.size:
        return 0.0
    at = min(some.size - 1, math.ceil(_SHARE * some.size))
    return _rounded(float(np.partition(some, at)[at]))


def _rounded(size: float) -> float:
    """The next of the round numbers; 0 stays."""
    if size <= 0.0 or not math.isfinite(size):
        return 0.0
    power = 10.0 ** math.floor(math.log10(size))
    return next(step * power for step in _ROUND if size <= step * power * (1 + 1e-9))
