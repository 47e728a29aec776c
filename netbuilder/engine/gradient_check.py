"""Gradient check: back propagation compared with finite differences, parameter by parameter."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.faults import plant
from netbuilder.engine.layer import Shape
from netbuilder.engine.program import Plan, Program

Array = NDArray[Any]

Watch = Callable[[float], None]
"""Is told the share that is done, from 0 to 1; what it raises ends the check."""


def unwatched(share: float) -> None:
    """Nobody wants to know."""


STEP = 1e-5
"""ε in (J(θ + ε) − J(θ − ε)) / 2ε; in float64 rounding and curvature are both small there. The
course has 1e-7."""
ENTRIES = 100
"""Of a larger parameter so many entries, drawn by the seed, stand for all."""
GOOD, WRONG = 1e-6, 1e-3
"""Below the one a gradient is right, above the other it is wrong."""
_ROUNDING = 1e-14
"""Of J, over ε: what rounding J leaves in a finite difference, ten times 2⁻⁵² and some."""


@dataclass(frozen=True, eq=False)
class LayerCheck:
    """The verdict on one parameter of one layer."""

    id: str
    name: str
    parameter: str
    relative_difference: float
    """‖dθ − dθ_approx‖ / (‖dθ‖ + ‖dθ_approx‖), as the course has it; 0 where both are 0."""
    verdict: str
    """"good", "doubtful" or "wrong"; "unknown" where every entry tried lies on a kink of J."""
    exact: Array
    """dθ of the entries that were compared, one after the other."""
    approximate: Array
    """dθ_approx of the same."""
    places: Array
    """Where those entries stand in the parameter, counted row by row."""
    shape: Shape
    """Of the parameter."""


def check(
    plan: Plan,
    X: Array,
    Y: Array,
    seed: int,
    l2: float = 0.0,
    planted: Sequence[tuple[str, str]] = (),
    weights: Mapping[str, Array] | None = None,
    *,
    l1: float = 0.0,
    class_weights: Sequence[float] = (),
    epsilon: float = STEP,
    watch: Watch = unwatched,
) -> list[LayerCheck]:
    """Checks every parameter in float64, at the seed's initial weights or at those given.

    X is (m, n_x), Y (m, n_y); J has the penalties and class weights given. ``planted`` are pairs of
    a node's id and a name of faults.FAULTS, mistakes to be caught; raises UserError where a layer
    cannot have one. ``epsilon`` is the ε of the differences. ``watch`` is told now and then how
    much is done.
    """
    for id, fault in planted:
        plan = plant(plan, id, fault)
    program = Program(
        plan,
        dtype="float64",
        seed=seed,
        weights=weights,
        class_weights=class_weights,
    )
    X, Y = np.ascontiguousarray(X, np.float64), np.ascontiguousarray(Y, np.float64)
    cost, gradients = program.gradient(X, Y, l2, l1)
    differences = _Differences(program, X, Y, l2, l1, epsilon)
    rng = np.random.default_rng(seed)
    checks = []
    to_do = sum(min(ENTRIES, array.size) for array in gradients.values())
    done = 0
    for node in plan.nodes:
        for parameter, shape in node.parameter_shapes.items():
            key = f"{node.id}.{parameter}"
            exact = gradients[key].ravel()
            entries = np.arange(exact.size)
            if exact.size > ENTRIES:
                entries = np.sort(rng.choice(exact.size, ENTRIES, replace=False))
            places = zip(*np.unravel_index(entries, gradients[key].shape), strict=True)
            slopes = []
            for place in places:
                watch(done / to_do)
                slopes.append(differences.slope(key, place))
                done += 1
            approximate = np.array(slopes)
            smooth = ~np.isnan(approximate)
            compared = exact[entries][smooth], approximate[smooth]
            verdict = _judge(*compared, _ROUNDING * abs(cost) / epsilon)
            where = entries[smooth], shape
            checks.append(LayerCheck(node.id, node.name, parameter, *verdict, *compared, *where))
    return checks


def overall_difference(checks: Sequence[LayerCheck]) -> float:
    """The course's one number, ‖a − b‖ / (‖a‖ + ‖b‖) over the entries of all parameters together.

    NaN where nothing could be compared, 0 where every gradient is.
    """
    a = np.concatenate([found.exact for found in checks])
    b = np.concatenate([found.approximate for found in checks])
    size = float(np.linalg.norm(a) + np.linalg.norm(b))
    if not a.size:
        return math.nan
    return float(np.linalg.norm(a - b)) / size if size else 0.0


def _judge(exact: Array, approximate: Array, rounding: float) -> tuple[float, str]:
    """The relative difference and its verdict; ``rounding`` is what one entry may be off."""
    if exact.size == 0:
        return math.nan, "unknown"
    distance = float(np.linalg.norm(exact - approximate))
    size = float(np.linalg.norm(exact) + np.linalg.norm(approximate))
    rounding *= math.sqrt(exact.size)
    # What is no more than the rounding of J is zero, as of a bias before BatchNorm.
    relative = 0.0 if distance == 0 or size < rounding else distance / size
    # A gradient that is nearly zero cannot be told from that rounding either.
    if relative < GOOD or distance < rounding:
        return relative, "good"
    # Written so that NaN is wrong.
    return relative, "doubtful" if relative < WRONG else "wrong"


class _Differences:
    """Central differences of J by one entry of a parameter."""

    def __init__(
        self, program: Program, X: Array, Y: Array, l2: float, l1: float, epsilon: float
    ) -> None:
        self._program, self._X, self._Y, self._l2, self._l1 = program, X, Y, l2, l1
        self._epsilon = epsilon

    def slope(self, key: str, entry: tuple[int, ...]) -> float:
        """∂J/∂θ of one entry of a parameter; NaN where a kink of J lies within ±ε."""
        theta, epsilon = self._program.parameter(key), self._epsilon
        value = theta[entry]
        if self._l1 and key.endswith(".W") and 0.0 < abs(value) < epsilon:
            return math.nan  # |W| has its kink there
        theta[entry] = value + epsilon
        above, side_above = self._cost()
        theta[entry] = value - epsilon
        below, side_below = self._cost()
        theta[entry] = value
        if not np.array_equal(side_above, side_below):
            return math.nan
        return (above - below) / (2 * epsilon)

    def _cost(self) -> tuple[float, Array]:
        """J, and on which side of its kink every unit and every error is."""
        cost = self._program.batch_cost(self._X, self._Y, self._l2, self._l1)
        return cost, self._program.sides()
