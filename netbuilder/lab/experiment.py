"""An experiment of the course, as data: a project, what to look for, and its published figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from netbuilder.document.model.project import Project
from netbuilder.engine.program import Weights
from netbuilder.registry import Registry

SHARED_DIGITS = 1e-11
"""Relative; two right programs share no more digits than these after thousands of updates."""
_LONG, _OFTEN = 100, 10
"""Epochs of a run that is watched, not stepped through; and between two looks at its accuracy."""


@dataclass(frozen=True)
class Figure:
    """One published number."""

    what: str
    """"cost", "train accuracy", "test accuracy", an entry such as "W2[1,1]" or "dW2[1,1]", or the
    "difference" of the gradient check; ``netbuilder.lab.measure`` knows how."""
    at: int
    """Full batches: the updates done before. Mini-batches: the epochs, of a cost the ones before
    the epoch that it is the mean of."""
    published: str
    """With all the digits of the source; accuracies in per cent."""
    within: float = 0.0
    """How far another run may be from it, where the source does not tell all that decides."""

    @property
    def epochs(self) -> int:
        """After how many it can be measured: a cost is known when its update is made."""
        return self.at + (self.what == "cost")

    def agrees(self, found: float) -> bool:
        """Whether ``found`` rounds to the published digits, as far as right programs share them."""
        value = float(self.published)
        mantissa, _, exponent = self.published.lower().partition("e")
        digit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
        return abs(found - value) <= max(
            self.within, 0.5 * digit * (1 + 1e-9), SHARED_DIGITS * abs(value)
        )


@dataclass(frozen=True)
class Experiment:
    """One row of the lab."""

    name: str
    title: str
    look_for: str
    """A sentence: what there is to see."""
    source: str
    """Where the figures are published."""
    project: Callable[[], Project]
    figures: tuple[Figure, ...]
    weights: Callable[[], Weights] | None = None
    """Where it starts; None for the weights of the project's seed."""
    rounding_from: int = 0
    """The update from which rounding decides the published digits, 0 for never: from there on
    another order of the rows, or another BLAS, gives other ones."""

    def opened(self) -> Project:
        """The project to be looked at: it says which experiment it is, and a long run pauses where
        the last figure is met."""
        project = self.project()
        last = max(figure.epochs for figure in self.figures)
        training = replace(
            project.training, epochs=last if last >= _LONG else 0, evaluate_every=_OFTEN
        )
        return replace(project, training=training, experiment=self.name)


LAB: Registry[Experiment] = Registry("experiment")


def chosen(name: str) -> tuple[Experiment, ...]:
    """The experiment of a name, or all of them for "all"; raises UserError for any other."""
    if name == "all":
        return tuple(LAB.values())
    return (LAB[name],)
