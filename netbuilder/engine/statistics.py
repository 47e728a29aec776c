"""Statistics of layers, taken when somebody looks: dead and saturated units, sizes of W, dW, ΔW."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.plan import PlanNode
from netbuilder.engine.program import Program

Array = NDArray[Any]

NEAR = 0.01
"""An activation so near to a bound of g is saturated: there g'(Z) is nearly 0."""


@dataclass(frozen=True)
class ParameterStatistics:
    """Sizes of one parameter, as Euclidean lengths of all its entries together."""

    norm: float
    """‖W‖"""
    gradient_norm: float | None
    """‖dW‖; None where there is no gradient."""
    update_ratio: float | None
    """‖ΔW‖ / ‖W‖ of the last update, of the W before it; None where that is unknown or zero.
    About 0.001 is usual; far below W hardly learns, far above it jumps."""


@dataclass(frozen=True)
class LayerStatistics:
    """How one layer is, judged by some examples."""

    mean: float
    """Of all its activations A."""
    deviation: float
    """Their standard deviation."""
    dead: float | None
    """The share of ReLU units that are 0 for every example and so learn nothing from them, a
    filter being one unit; None for other activations."""
    saturated: float | None
    """The share of activations within NEAR of a bound; None where g does not saturate."""
    parameters: dict[str, ParameterStatistics]


def layer_statistics(
    node: PlanNode,
    A: Array,
    weights: Mapping[str, Array],
    gradients: Mapping[str, Array] | None = None,
    before: Mapping[str, Array] | None = None,
) -> LayerStatistics:
    """The statistics of one layer from its output A (m, n) or (m, channels, height, width), m ≥ 1.

    The rest is of the whole network, by ``"n1.W"``: the weights, their gradients, and what they
    were before the last update. Of these two any may be missing.
    """
    gradients, before = gradients or {}, before or {}
    g = None if node.layer.activation is None else ACTIVATIONS[node.layer.activation]
    keys = {name: f"{node.id}.{name}" for name in node.parameter_shapes}
    with np.errstate(all="ignore"):
        return LayerStatistics(
            mean=float(A.mean(dtype=np.float64)),
            deviation=float(A.std(dtype=np.float64)),
            dead=_dead(A) if g is not None and g.dies else None,
            saturated=None if g is None or g.saturates is None else _saturated(A, *g.saturates),
            parameters={
                name: ParameterStatistics(
                    _norm(weights[key]),
                    _norm(gradients[key]) if key in gradients else None,
                    _ratio(weights[key], before[key]) if key in before else None,
                )
                for name, key in keys.items()
            },
        )


def network_statistics(
    program: Program,
    X: Array,
    gradients: Mapping[str, Array] | None = None,
    before: Mapping[str, Array] | None = None,
) -> dict[str, LayerStatistics]:
    """The statistics of every layer with an output, the data included, for examples X (m, n_x).

    ``gradients`` and ``before`` are what ``Program.gradients()`` gave after the last update and
    ``Program.weights()`` before it: ::

        before = program.weights()
        program.update(X, Y, optimizer)
        found = network_statistics(program, X, program.gradients(), before)
    """
    weights, activations = program.weights(), program.activations(X)
    return {
        id: layer_statistics(program.plan.node(id), A, weights, gradients, before)
        for id, A in activations.items()
    }


def _dead(A: Array) -> float:
    examples_and_places = (0, *range(2, A.ndim))
    return float(np.mean((A <= 0).all(axis=examples_and_places)))


def _saturated(A: Array, low: float, high: float) -> float:
    return float(np.mean(np.minimum(A - low, high - A) < NEAR))


def _ratio(W: Array, before: Array) -> float | None:
    size = _norm(before)
    return _norm(W - before) / size if size > 0.0 else None


def _norm(W: Array) -> float:
    return float(np.linalg.norm(W.ravel().astype(np.float64)))
