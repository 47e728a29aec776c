"""Gradient check: back propagation compared with finite differences, parameter by parameter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.faults import plant
from netbuilder.engine.program import Plan, Program

Array = NDArray[Any]

STEP = 1e-5
"""ε in (J(θ + ε) − J(θ − ε)) / 2ε; in float64 rounding and curvature are both small there."""
ENTRIES = 100
"""Of a larger parameter so many entries, drawn by the seed, stand for all."""
GOOD, WRONG = 1e-6, 1e-3
"""Below the one a gradient is right, above the other it is wrong."""
_ROUNDING = 1e-9
"""What rounding J leaves in a finite difference, as a share of J: ten times 2⁻⁵² / ε and some."""


@dataclass(frozen=True)
class LayerCheck:
    """The verdict on one parameter of one layer."""

    id: str
    name: str
    parameter: str
    relative_difference: float
    """‖dθ − dθ_approx‖ / (‖dθ‖ + ‖dθ_approx‖), as the course has it; 0 where both are 0."""
    verdict: str
    """"good", "doubtful" or "wrong"; "unknown" where every entry tried lies on a kink of J."""


def check(
    plan: Plan,
    X: Array,
    Y: Array,
    seed: int,
    l2: float = 0.0,
    planted: tuple[str, str] | None = None,
    weights: Mapping[str, Array] | None = None,
    *,
    l1: float = 0.0,
    class_weights: Sequence[float] = (),
) -> list[LayerCheck]:
    """Checks every parameter in float64, at the seed's initial weights or at those given.

    X is (m, n_x), Y (m, n_y); J has the penalties and class weights given. ``planted`` is (node
    id, a name of faults.FAULTS), a mistake to be caught; raises UserError where that layer cannot
    have it.
    """
    program = Program(
        plan if planted is None else plant(plan, *planted),
        dtype="float64",
        seed=seed,
        weights=weights,
        class_weights=class_weights,
    )
    X, Y = np.ascontiguousarray(X, np.float64), np.ascontiguousarray(Y, np.float64)
    cost, gradients = program.gradient(X, Y, l2, l1)
    differences = _Differences(program, X, Y, l2, l1)
    rng = np.random.default_rng(seed)
    checks = []
    for node in plan.nodes:
        for parameter in node.parameter_shapes:
            key = f"{node.id}.{parameter}"
            exact = gradients[key].ravel()
            entries = np.arange(exact.size)
            if exact.size > ENTRIES:
                entries = np.sort(rng.choice(exact.size, ENTRIES, replace=False))
            places = zip(*np.unravel_index(entries, gradients[key].shape), strict=True)
            approximate = np.array([differences.slope(key, place) for place in places])
            smooth = ~np.isnan(approximate)
            relative, verdict = _judge(exact[entries][smooth], approximate[smooth], cost)
            checks.append(LayerCheck(node.id, node.name, parameter, relative, verdict))
    return checks


def _judge(exact: Array, approximate: Array, cost: float) -> tuple[float, str]:
    if exact.size == 0:
        return math.nan, "unknown"
    distance = float(np.linalg.norm(exact - approximate))
    size = float(np.linalg.norm(exact) + np.linalg.norm(approximate))
    rounding = _ROUNDING * abs(cost) * math.sqrt(exact.size)
    # What is no more than the rounding of J is zero, as of a bias before BatchNorm.
    relative = 0.0 if distance == 0 or size < rounding else distance / size
    # A gradient that is nearly zero cannot be told from that rounding either.
    if relative < GOOD or distance < rounding:
        return relative, "good"
    # Written so that NaN is wrong.
    return relative, "doubtful" if relative < WRONG else "wrong"


class _Differences:
    """Central differences of J by one entry of a parameter."""

    def __init__(self, program: Program, X: Array, Y: Array, l2: float, l1: float) -> None:
        self._program, self._X, self._Y, self._l2, self._l1 = program, X, Y, l2, l1

    def slope(self, key: str, entry: tuple[int, ...]) -> float:
        """∂J/∂θ of one entry of a parameter; NaN where a kink of J lies within ±ε."""
        theta = self._program.parameter(key)
        value = theta[entry]
        if self._l1 and key.endswith(".W") and 0.0 < abs(value) < STEP:
            return math.nan  # |W| has its kink there
        theta[entry] = value + STEP
        above, side_above = self._cost()
        theta[entry] = value - STEP
        below, side_below = self._cost()
        theta[entry] = value
        if not np.array_equal(side_above, side_below):
            return math.nan
        return (above - below) / (2 * STEP)

    def _cost(self) -> tuple[float, Array]:
        """J, and on which side of its kink every unit and every error is."""
        cost = self._program.batch_cost(self._X, self._Y, self._l2, self._l1)
        return cost, self._program.sides()
