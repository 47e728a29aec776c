"""A run beside what is published: which figures it has come to, and whether they agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.plan import Plan
from netbuilder.errors import Message
from netbuilder.lab.experiment import Experiment, Figure
from netbuilder.runs.log import MetricLog
from netbuilder.runs.snapshot import Snapshot

_FREE = frozenset({"epochs", "target_cost", "patience", "evaluate_every"})
"""Settings that leave every number as it is: when training stops, and when it is looked at."""
ACCURACIES = ("train accuracy", "test accuracy")
PLACE = re.compile(r"(d?)([Wb])(\d+)\[(\d+),(\d+)\]")
"""An entry of a parameter or of its gradient, as figures name it."""


# --- is it the experiment? ------------------------------------------------------------------------


def differences(project: Project, experiment: Experiment) -> tuple[Message, ...]:
    """What is other than in the experiment and would give other figures; none for the same."""
    other = experiment.project()
    return (
        *_of_network(project, other),
        *_of_data(project.data, other.data),
        *_of_settings(project, other),
    )


def _of_network(project: Project, other: Project) -> Iterator[Message]:
    if _drawn(project) != _drawn(other):
        yield Message("the network is another one")
    elif project.seed != other.seed:
        yield Message("the seed is {here}, there {there}", here=project.seed, there=other.seed)


def _drawn(project: Project) -> tuple[object, ...]:
    """Layers and wires, whatever the layers are called and wherever they stand."""
    network = project.network
    places = {id: place for place, id in enumerate(network.order)}
    edges = sorted((places[edge.source], places[edge.target]) for edge in network.edges)
    return (*(network.node(id).layer for id in network.order), *edges)


def _of_data(data: DataChoice, other: DataChoice) -> Iterator[Message]:
    if data is other:
        return
    mine, theirs = data.table, other.table
    same = data.source == other.source and (mine is None) == (theirs is None)
    if mine is not None and theirs is not None:
        same &= mine.columns == theirs.columns and np.array_equal(
            mine.values, theirs.values, equal_nan=True
        )
        same &= data.roles == other.roles
    settings = (setting.name for setting in DataChoice.settings())
    if not same or any(getattr(data, name) != getattr(other, name) for name in settings):
        yield Message("the data is other data")


def _of_settings(project: Project, other: Project) -> Iterator[Message]:
    labels = {setting.name: setting.label for setting in type(other.training).settings()}
    for field in fields(other.training):
        here, there = (getattr(which.training, field.name) for which in (project, other))
        if field.name not in _FREE and here != there:
            text = "{setting} is {here}, there {there}"
            yield Message(text, setting=Message(labels[field.name]), here=here, there=there)


# --- what a run has come to -----------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """A published figure in the place that it has on the cost curve."""

    figure: Figure
    epoch: float
    value: float
    """As published; accuracies as a share of 1."""
    found: float | None
    """Of this run; None before it has come there, or where it was not looked at."""

    @property
    def agrees(self) -> bool | None:
        return None if self.found is None else self.figure.agrees(self.found)


class Matching:
    """The figures of an experiment, found one by one while a run of it goes on.

    Only those that a run tells: the gradient check has figures of its own.
    """

    def __init__(self, experiment: Experiment, updates_per_epoch: int) -> None:
        self.experiment = experiment
        self._full = updates_per_epoch == 1
        self.figures = tuple(f for f in experiment.figures if not f.what.startswith("difference"))
        self._found: dict[Figure, float] = {}
        self.bent_at: int | None = None
        """The update from which on settings were others than the experiment's."""

    def follow(self, log: MetricLog) -> bool:
        """Takes over what the log has come to; returns whether there was anything new."""
        known = len(self._found), self.bent_at
        self.bent_at = log.marks[0][0] if log.marks else None
        rows, seen = log.rows(), log.evaluations()
        for figure in self.figures:
            if figure in self._found:
                continue
            if figure.what == "cost":
                self._take(figure, rows, self._epoch(figure), rows["train_cost"])
            elif figure.what == "train accuracy":
                self._take(figure, seen, figure.at, 100 * seen["train_accuracy"])
        return (len(self._found), self.bent_at) != known

    def _epoch(self, figure: Figure) -> int:
        """The epoch of its row: with mini-batches a cost is the mean of an epoch that is over."""
        return figure.at + (figure.what == "cost" and not self._full)

    def _take(
        self,
        figure: Figure,
        rows: Mapping[str, NDArray[np.float64]],
        epoch: int,
        values: NDArray[np.float64],
    ) -> None:
        place = int(np.searchsorted(rows["epoch"], epoch))
        if place == len(values) or rows["epoch"][place] != epoch or np.isnan(values[place]):
            return
        if self.bent_at is None or rows["step"][place] <= self.bent_at:
            self._found[figure] = float(values[place])

    def see(self, moment: Snapshot, accuracy: Callable[[str], float]) -> bool:
        """Takes over what only the moment itself tells: single weights, and accuracies of the
        moment in which a run pauses, which the log may not have.

        ``accuracy`` of a part, "train" or "test", is a share of 1; it is asked for in such a
        moment only. Returns whether there was anything new.
        """
        known = len(self._found)
        if not moment.exact or (self.bent_at is not None and moment.step > self.bent_at):
            return False
        for figure in self.figures:
            if figure in self._found:
                continue
            place = PLACE.fullmatch(figure.what)
            if place is not None:
                # A gradient is that of the update which is just over.
                if self._full and moment.step == figure.at + bool(place[1]):
                    arrays = moment.gradients if place[1] else moment.weights
                    self._found[figure] = entry(moment.plan, arrays, figure.what)
            elif figure.what in ACCURACIES and moment.step == figure.at * moment.updates_per_epoch:
                self._found[figure] = 100 * accuracy(figure.what.split()[0])
        return len(self._found) != known

    def points(self) -> tuple[Point, ...]:
        """Costs and accuracies, where they lie on the curve."""
        return tuple(
            Point(
                figure,
                float(self._epoch(figure)),
                float(figure.published) / (1 if figure.what == "cost" else 100),
                self._found.get(figure),
            )
            for figure in self.figures
            if figure.what == "cost" or figure.what in ACCURACIES
        )

    # --- in words ----------------------------------------------------------------------------

    @property
    def missed(self) -> tuple[tuple[Figure, float], ...]:
        """What does not agree, each figure with what it is here."""
        return tuple((f, found) for f, found in self._found.items() if not f.agrees(found))

    def said(self) -> Message:
        """ "8 of 8 published figures agree", or how many so far."""
        seen, total = len(self._found), len(self.figures)
        met = seen - len(self.missed)
        if not seen:
            return Message("{total} published figures to meet", total=total)
        if seen < total:
            text = "{met} of {seen} published figures agree, {rest} to come"
            return Message(text, met=met, seen=seen, rest=total - seen)
        return Message("{met} of {total} published figures agree", met=met, total=total)

    def rounding(self, epoch: float) -> Message | None:
        """What to know from a moment on, where rounding decides the published digits."""
        first = self.experiment.rounding_from
        if not first or epoch < first:
            return None
        return Message(
            "from update {first} on rounding decides the sixth digit",
            first=f"{first:,}",
        )


def entry(plan: Plan, arrays: Mapping[str, NDArray[np.float64]], what: str) -> float:
    """The number that a figure such as "W2[1,1]" or "dW2[1,1]" names, by the course's l."""
    place = PLACE.fullmatch(what)
    assert place is not None, what
    id = next(id for id, l in plan.course_layers.items() if l == int(place[3]))  # noqa: E741
    return float(arrays[f"{id}.{place[2]}"][int(place[4]) - 1, int(place[5]) - 1])
