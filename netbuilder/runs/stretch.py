"""A stretch of training: what belongs to a document from one change of what is trained to the next.

A document's history is cut into stretches by the edits that change the network, the examples or
the initial weights, so that undoing such an edit brings back what was learned before it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from netbuilder.data.dataset import Dataset
from netbuilder.document.check.compile import surviving
from netbuilder.document.model.project import DataChoice
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError
from netbuilder.runs.log import Mark, MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.state import RunState
from netbuilder.runs.stored import run_of, sections_of


class Branch(NamedTuple):
    """Where a run branched off from another one."""

    run: int
    """The number of that run."""
    step: int


class Typed(NamedTuple):
    """One number of what is learned that was typed."""

    key: str
    """Of the array, such as n1.W."""
    at: tuple[int, ...]
    """Counted from zero."""
    value: float
    place: str
    """As people read it: W[1][2, 3]."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What a network had learned at one moment. Nobody changes its arrays."""

    weights: Weights
    plan: Plan | None = None
    """The network that they are of; None where it is not known, as of a file's."""
    state: RunState | None = None
    """The moment itself, from which training goes on exactly; None where only weights are known."""
    log: MetricLog | None = None
    """The log of its run, which may have gone on since."""
    marks: tuple[Mark, ...] = ()
    """The log's marks at that moment."""
    step: int = 0
    epoch: int = 0
    fresh: bool = False
    """Whether these are the initial weights of the seed, and nothing else."""
    recorder: Recorder | None = None
    """What is kept of its run, which may have gone on since."""
    lost: Message | None = None
    """Why a file did not give the history of its run."""
    sections: Mapping[str, bytes] = field(default_factory=dict)
    """The run as it stands in a file, as long as the network that it is of is not whole."""
    run: int = 0
    """The number of the run that it is a moment of; 0 where that has none yet, as a file's."""
    parent: Branch | None = None
    """Where that run branched off from another one."""

    typed: tuple[Typed, ...] = ()
    """Numbers to be put into what the run has come to by then; ``weights`` are only a guess."""

    def read(self, plan: Plan, dataset: Dataset) -> Learned:
        """With the run of the file, now that there is a network; see ``run_of`` for errors."""
        run = run_of(self.sections, plan, dataset, bounded=True)
        if run is None:
            return self
        state, log = run.state, run.log
        return Learned(
            state.weights(plan),
            plan,
            state,
            log,
            log.marks,
            step=state.step,
            epoch=state.epoch,
            recorder=run.recorder,
            lost=run.lost,
        )

    def stored(self) -> Mapping[str, bytes]:
        """The run as sections for a file."""
        if self.state is None:
            return self.sections
        return sections_of(self.state, self.log_until_then(), self.recorder)

    @property
    def nbytes(self) -> int:
        """How much memory it takes; the log and what is kept of the run are not counted."""
        if self.state is not None:
            return self.state.nbytes
        return sum(array.nbytes for array in self.weights.values())

    def goes_on(self, plan: Plan, dataset: Dataset, seed: int) -> RunState | None:
        """The state, where it belongs to this network, these examples and this seed."""
        if self.state is None or self.state.seed != seed:
            return None
        try:
            self.state.check(plan, dataset)
        except UserError:
            return None
        return self.state

    @property
    def is_last(self) -> bool:
        """Whether it is the moment that its run has come to, so that the run itself can go on."""
        return self.state is not None and self.log is not None and self.log.ends_at(self.state)

    def surviving(self, plan: Plan) -> Weights:
        """The weights that another network keeps."""
        return surviving(self.weights, plan)

    def log_until_then(self) -> MetricLog | None:
        """A log of its own, as it was at that moment."""
        if self.log is None or self.state is None:
            return None
        log = self.log.until(self.state)
        log.marks = self.marks
        return log


@dataclass(eq=False)
class Stretch:
    """Made by whoever holds the document; what was learned is written by the thread that trains."""

    plan: Plan | None = None
    """What is trained; None while nothing of it could ever be."""
    data: DataChoice | None = None
    """The choice of data; None as long as there is no plan."""
    seed: int = 0
    begins: bool = True
    """Whether it begins a run; else it goes on with what its source had learned."""
    source: Stretch | None = None
    """The stretch before; forgotten as soon as the worker has entered this one."""
    learned: Learned | None = None
    """What it came with, or what it had come to when it was left; None for the seed's weights."""
    touched: bool = False
    """Whether there can be anything in it that the seed alone does not give."""
    entered: bool = field(default=False, init=False)
    drawn: dict[str, str] = field(default_factory=dict, init=False)
    """By node, the initialiser that the weights began with, which may be another one by now."""
    lost: bool = field(default=False, init=False)
    """Whether what it had come to was too large to be kept."""

    @property
    def weights(self) -> Weights:
        """Those that it came with, or had when it was left."""
        return {} if self.learned is None else self.learned.weights

    def is_of(self, plan: Plan, data: DataChoice, seed: int) -> bool:
        """Whether this is what it trains."""
        return (
            data is self.data
            and seed == self.seed
            and self.plan is not None
            and same_network(plan, self.plan)
        )

    def drop(self) -> None:
        """Forgets what was learned, for want of memory."""
        self.learned, self.lost = None, True


def initializers(plan: Plan | None) -> dict[str, str]:
    """By node, for the layers that have one."""
    nodes = () if plan is None else plan.nodes
    return {node.id: node.layer.initializer for node in nodes if node.layer.initializer is not None}


def same_network(one: Plan, other: Plan) -> bool:
    """Whether two plans compute the same: what the user calls a layer is no part of that."""
    return one is other or _without_names(one) == _without_names(other)


def _without_names(plan: Plan) -> Plan:
    nodes = tuple(dataclasses.replace(node, name="") for node in plan.nodes)
    return dataclasses.replace(plan, nodes=nodes)
