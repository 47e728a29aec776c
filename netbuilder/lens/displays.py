"""Displays: the ways to see one quantity of a layer; a row here is all that a new one needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netbuilder.errors import Message
from netbuilder.lens.drift import drift
from netbuilder.lens.layer_views import View
from netbuilder.lens.likeness import alike, sorted_by_likeness
from netbuilder.lens.quantities import Quantity
from netbuilder.lens.warp import warp
from netbuilder.runs.snapshot import Snapshot


@dataclass(frozen=True)
class Display:
    """One way to see a quantity."""

    title: Message
    help: Message
    show: Callable[[View, Quantity, Snapshot | None], View | Message]
    """What is seen, or why there is nothing."""


DISPLAYS: dict[str, Display] = {
    "numbers": Display(
        Message("numbers"), Message("A cell for every number."), lambda view, *_: view
    ),
    "sorted": Display(
        Message("sorted"),
        Message("A cell for every number, with units that are alike beside one another."),
        lambda view, *_: sorted_by_likeness(view),
    ),
    "alike": Display(
        Message("alike"),
        Message(
            "How alike every two units are: from zeros all are the same, and stay so; small random "
            "numbers break the symmetry."
        ),
        lambda view, *_: alike(view),
    ),
    "drift": Display(
        Message("histogram"),
        Message("How the numbers are spread, from the beginning of the run to this moment."),
        drift,
    ),
    "warp": Display(
        Message("plane"),
        Message("The input plane, a straight grid, as the layer bends it; dots are examples."),
        lambda view, *_: warp(view),
    ),
}
"""In the order in which they are offered."""
