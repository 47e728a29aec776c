"""The subject of a report: all that a page tells of, and in which language it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from netbuilder.data.dataset import Dataset, Part, Recipe
from netbuilder.document.model.project import Project
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Program, Weights
from netbuilder.errors import Message
from netbuilder.lens.look import Look
from netbuilder.lens.probe import Probe
from netbuilder.runs.log import MetricLog

Say = Callable[[Message], str]
"""A sentence in the reader's language."""

PARTS = {
    "train": Message("training"),
    "validation": Message("validation"),
    "test": Message("test"),
}


@dataclass(frozen=True, eq=False)
class Subject:
    """A network at the end of its run."""

    name: str
    """Of its file, or what an unsaved one is called."""
    project: Project
    plan: Plan
    recipe: Recipe
    weights: Weights
    dataset: Dataset | None = None
    """None where the data cannot be had."""
    why_none: Message | None = None
    """Then the reason."""
    log: MetricLog | None = None
    epoch: int = 0
    """How long it was trained."""
    trained: bool = True
    """Whether these are not the initial weights."""
    say: Say = str

    @cached_property
    def look(self) -> Look | None:
        """What can be seen through the data; computed when it is asked for, and waited for."""
        if self.dataset is None:
            return None
        return Probe().look(self.plan, self.dataset, None, self.weights, self.project.seed)

    @cached_property
    def parts(self) -> dict[str, Part]:
        """Those that have examples, as the network sees them."""
        if self.dataset is None:
            return {}
        found = {name: getattr(self.dataset, name) for name in PARTS}
        return {name: part for name, part in found.items() if part.m}

    @property
    def judged(self) -> str:
        """The part that tells most: the last that there is; empty without data."""
        return next(reversed(self.parts), "")

    @cached_property
    def metrics(self) -> dict[str, dict[str, float]]:
        """Of each part: the cost without penalties, and what fits the task."""
        if self.look is None:
            return {}
        program = Program(self.plan, dtype=self.project.training.dtype, weights=self.weights)
        found = {}
        for name, part in self.parts.items():
            with np.errstate(all="ignore"):
                cost = program.cost(part.X, part.Y)
            found[name] = {"cost": float(cost)} | self.look.metrics(name)
        return found

    @cached_property
    def confusion(self) -> Any:
        """(classes, classes) of the part that is judged by: rows are the true ones."""
        assert self.look is not None
        return self.look.confusion(self.judged)
