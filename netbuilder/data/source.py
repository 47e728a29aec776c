"""A source: one ready-made set of examples, as the tables of toy and bundled sets list them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netbuilder.data.table import Table


@dataclass(frozen=True)
class Source:
    """One ready-made set of examples."""

    name: str
    title: str
    summary: str
    kind: str
    """"toy": drawn from examples, noise and seed. "course": likewise, as large as the notes have
    it. "blank": empty, to be drawn in. "bundled": real, and always the same."""
    make: Callable[[int, float, int], Table]
    """(examples, noise, seed) -> Table; bundled and blank sets take no notice of them."""
    course: bool = False
    """Whether it is learned as the course does it unless one asks for more: its network, gradient
    descent, its learning rate, so that its numbers come out as they are printed."""
