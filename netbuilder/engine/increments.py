"""Increments: the next larger and smaller value of a number that is changed by keys and buttons."""

from __future__ import annotations

import math
from dataclasses import dataclass


class Increments:
    """Where a number goes from here."""

    def next(self, value: float, up: bool) -> float:
        """The neighbour of a value; whether it is in range is the setting's business."""
        raise NotImplementedError


@dataclass(frozen=True)
class By(Increments):
    """By the same amount everywhere."""

    amount: float

    def next(self, value: float, up: bool) -> float:
        return round(value + (self.amount if up else -self.amount), 10)


@dataclass(frozen=True)
class Doubling(Increments):
    """0, 1, 2, 4, 8, …"""

    def next(self, value: float, up: bool) -> float:
        return (value * 2 or 1) if up else value // 2


@dataclass(frozen=True)
class Ladder(Increments):
    """1, 3, 10, 30, …, for numbers of many sizes; ``first`` is the lowest rung above 0, if any."""

    first: float = 0.0

    def next(self, value: float, up: bool) -> float:
        if value <= 0:
            return self.first if up else 0
        if not up and self.first and value <= self.first:
            return 0
        power = math.floor(math.log10(value) + 1e-9)
        rungs = [
            round(rung * 10.0**exponent, 12)
            for exponent in range(power - 1, power + 2)
            for rung in (1, 3)
        ]
        if up:
            return min(rung for rung in rungs if rung > value * (1 + 1e-9))
        return max(rung for rung in rungs if rung < value * (1 - 1e-9))
