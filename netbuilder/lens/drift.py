"""Drift: how the numbers of a layer were spread at moments of the run, a histogram beside another.

The moments are frames of the run's film, which keeps all that is learned; what the layer says of
the sample, and its gradients for it, are computed from that.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.data.dataset import evenly
from netbuilder.engine.layer import Shape
from netbuilder.engine.program import Program, Weights
from netbuilder.errors import Message
from netbuilder.lens.later import NotYet
from netbuilder.lens.layer_views import View
from netbuilder.lens.look import AT_ONCE, Look
from netbuilder.lens.picture import Cell, Picture
from netbuilder.lens.quantities import OfParameters, Quantity
from netbuilder.runs.recorder import Frame
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.stretch import same_network

Array = NDArray[Any]

MOMENTS, BINS = 32, 20
_NUMBERS = 500
"""So many numbers, evenly chosen by size, stand for all of a layer at a moment."""
_KEPT = 4000
"""Moments of layers that are remembered, so that each is computed once."""
_READING = 8
"""What reading a number of a frame costs, in multiplications."""


@dataclass(frozen=True, eq=False)
class DriftView(View):
    """(bins, moments): which share of a layer's numbers lay where."""

    steps: tuple[int, ...]
    edges: Array
    """(bins + 1,), the largest first."""
    of: View

    @property
    def shape(self) -> Shape:
        """Of the numbers that are counted."""
        return self.of.shape

    @property
    def picture(self) -> Picture:
        middles = (self.edges[:-1] + self.edges[1:]) / 2
        return Picture(
            self.values,
            row_names=tuple(numbers.number(float(value), 2) for value in middles),
            column_names=tuple(f"{step:,}" for step in self.steps),
            row_title=Message("value"),
            column_title=Message("update"),
        )

    def row_of(self, unit: int) -> int | None:
        return None

    def sentence(self, cell: Cell) -> Message:
        return Message(
            "{share} of {name} between {low} and {high} after {step} updates",
            share=numbers.percent(float(self.values[cell.row, cell.column])),
            name=self.name,
            low=numbers.number(float(self.edges[cell.row + 1]), 2),
            high=numbers.number(float(self.edges[cell.row]), 2),
            step=f"{self.steps[cell.column]:,}",
        )


def drift(view: View, quantity: Quantity, moment: Snapshot | None) -> View | Message:
    """The histograms so far, up to the moment that is looked at."""
    look, node = view.look, view.node.id
    learned = isinstance(quantity, OfParameters) and not quantity.prefix
    frames = _frames(look, moment)
    known: dict[Any, tuple[Frame, Array]] = look.of_data("drift", dict)
    if len(known) > _KEPT:
        known.clear()
    new = [f for f in frames if (_key(f), node, quantity.name) not in known]

    def compute() -> bool:
        for frame in new:
            then = _look_at(look, frame.weights())
            # The frame is kept beside it: its key is its own only while it lives.
            known[_key(frame), node, quantity.name] = frame, _numbers(then, view, quantity)
        return True

    if new:
        cost = _READING * len(new) * look.plan.stored_count if learned else AT_ONCE + 1
        try:
            look.once(("drift", node, quantity.name, tuple(map(_key, new))), compute, cost)
        except NotYet:
            if len(new) == len(frames) or not look.live:
                raise  # else those that are there are shown, until more are
    frames = [f for f in frames if (_key(f), node, quantity.name) in known]
    told = [known[_key(frame), node, quantity.name][1] for frame in frames]
    told.append(_numbers(look, view, quantity))
    steps = (*(frame.step for frame in frames), 0 if moment is None else moment.step)
    edges = _edges(told)
    shares = np.stack([_shares(values, edges) for values in told], axis=1)
    return DriftView(look, view.node, view.name, shares, steps, edges, view)


def _key(frame: Frame) -> int:
    return id(frame.parameters)


def _frames(look: Look, moment: Snapshot | None) -> list[Frame]:
    """Of this network and before the moment, on a grid that gets coarser by halves."""
    recorder = None if moment is None else moment.recorder
    if recorder is None or moment is None:
        return []
    first = recorder.first
    stride = 1 << max(0, math.ceil(math.log2(max(1, moment.step - first) / (MOMENTS - 2))))
    found: dict[int, Frame] = {}
    for step in range(first, moment.step, stride):
        frame = recorder.frame(step)
        if (
            frame is not None
            and frame.step < moment.step
            and same_network(frame.stretch.plan, look.plan)
        ):
            found[frame.step] = frame
    return [found[step] for step in sorted(found)]


def _numbers(look: Look, view: View, quantity: Quantity) -> Array:
    """Few of a layer's; gradients are those for the sample, as the film keeps none."""
    if isinstance(quantity, OfParameters) and quantity.prefix:
        gradients = {
            f"{id}.{name}": gradient
            for id, values in look.inspected().items()
            for name, gradient in values.gradients.items()
        }
        look = dataclasses.replace(look, gradients=gradients)
    found = quantity.numbers(look, view.node)
    assert found is not None  # else there were no view
    return _few(found[1])


def _look_at(look: Look, weights: Weights) -> Look:
    """The same data seen by what was learned at another moment."""
    return dataclasses.replace(
        look,
        weights=weights,
        gradients={},
        before={},
        _own={},
        _program=lambda: Program(look.plan, dtype="float32", weights=weights),
        _later=None,
    )


def _few(values: Array) -> Array:
    """At most _NUMBERS of all finite numbers, in order."""
    flat = np.sort(values[np.isfinite(values)], axis=None)
    return flat[evenly(flat.size, _NUMBERS)] if flat.size else flat


def _edges(told: list[Array]) -> Array:
    """From the largest to the smallest; round, and about zero unless nothing is below it."""
    low = min((float(values[0]) for values in told if values.size), default=0.0)
    high = max((float(values[-1]) for values in told if values.size), default=0.0)
    size = max(-low, high) or 1.0
    power = 10.0 ** math.floor(math.log10(size))
    end = next(step * power for step in (1, 1.5, 2, 3, 5, 7, 10) if size <= step * power * 1.000001)
    return np.linspace(end, 0.0 if low >= 0 else -end, BINS + 1)


def _shares(values: Array, edges: Array) -> Array:
    counts, _ = np.histogram(values, edges[::-1])
    return counts[::-1] / max(1, values.size)
