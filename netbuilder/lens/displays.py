"""Displays: the ways to see one quantity of a layer; a row here is all that a new one needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netbuilder.errors import Message
from netbuilder.lens.layer_views import View
from netbuilder.lens.likeness import alike, sorted_by_likeness


@dataclass(frozen=True)
class Display:
    """One way to see a quantity."""

    title: Message
    help: Message
    show: Callable[[View], View | Message]
    """What is seen, or why there is nothing."""


DISPLAYS: dict[str, Display] = {
    "numbers": Display(Message("numbers"), Message("A cell for every number."), lambda view: view),
    "sorted": Display(
        Message("sorted"),
        Message("A cell for every number, with units that are alike beside one another."),
        sorted_by_likeness,
    ),
    "alike": Display(
        Message("alike"),
        Message(
            "How alike every two units are: from zeros all are the same, and stay so; small random "
            "numbers break the symmetry."
        ),
        alike,
    ),
}
"""In the order in which they are offered."""
