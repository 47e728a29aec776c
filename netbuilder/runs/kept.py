"""The runs of a document, kept side by side: what each was trained with, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netbuilder.document.model.run_marks import RunMarks
from netbuilder.runs.facts import Difference, Facts, comparable, differences
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Keyframe, Recorder
from netbuilder.runs.snapshot import Snapshot

Array = NDArray[Any]

BUDGET = 256 * 2**20
"""Bytes for what is kept of all runs at rest, beside their logs."""
SEEN = 6
"""So many of the latest runs are shown beside the one that goes on, unless the user says."""


class Result(NamedTuple):
    """What came of a run: its best moment."""

    cost: float = math.nan
    """The lowest validation cost where there is one, else the lowest training cost."""
    epoch: int = 0
    accuracy: float = math.nan
    """Then, or when it was last looked at before; of the same part of the data. NaN for none."""
    of_validation: bool = False


class Best:
    """Finds the best moment of one log, and of a log that grows looks only at what is new."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._rows = self._looks = self._step = 0
        self._trained, self._validated = Result(), Result(of_validation=True)

    def of(self, log: MetricLog) -> Result:
        """The result by now; it is always the same log."""
        rows, looks = log.rows(), log.evaluations()
        if len(rows["step"]) < self._rows or len(looks["step"]) < self._looks:
            self._forget()  # a very long log thins its older rows now and then
        self._follow(rows, looks)
        if math.isfinite(self._validated.cost):
            return self._validated
        look = int(np.searchsorted(looks["step"], self._step, side="right")) - 1
        if look < 0 or not math.isfinite(self._trained.cost):
            return self._trained
        return self._trained._replace(accuracy=float(looks["train_accuracy"][look]))

    def _follow(self, rows: Mapping[str, Array], looks: Mapping[str, Array]) -> None:
        costs = rows["train_cost"][self._rows :]
        if len(costs):
            best = int(np.argmin(costs)) + self._rows
            cost = float(rows["train_cost"][best])
            if not cost >= self._trained.cost:
                self._trained = Result(cost, int(rows["epoch"][best]))
                self._step = int(rows["step"][best])
        costs = looks["validation_cost"][self._looks :]
        if np.isfinite(costs).any():
            best = int(np.nanargmin(np.where(np.isfinite(costs), costs, np.nan))) + self._looks
            cost = float(looks["validation_cost"][best])
            if not cost >= self._validated.cost:
                accuracy = float(looks["validation_accuracy"][best])
                self._validated = Result(cost, int(looks["epoch"][best]), accuracy, True)
        self._rows, self._looks = len(rows["step"]), len(looks["step"])


@dataclass(frozen=True, eq=False)
class KeptRun:
    """One run of a document."""

    number: int
    """Within the document, from 1; never given twice."""
    log: MetricLog
    """By which it is known: a run has one log, and a log one run."""
    facts: Facts
    """What it is trained with, at last."""
    run: int = 0
    """The session's number for it; 0 for one that is known from a file alone."""
    parent: int = 0
    """The number of the run that it is a fork of; 0 for none."""
    step: int = 0
    """Where it began, or branched off."""
    epoch: int = 0
    differs: tuple[Difference, ...] = ()
    """From its parent, else from the run before it, when it began."""
    last: Snapshot | None = None
    """The last that was seen of it; None where only the log is kept."""

    @property
    def recorder(self) -> Recorder | None:
        return None if self.last is None else self.last.recorder

    @property
    def has_trained(self) -> bool:
        """Whether there is anything in it that it did not begin with."""
        return self.last is None or self.last.step > self.step

    @property
    def epochs(self) -> int:
        """Epochs done."""
        if self.last is not None:
            return self.last.epoch
        rows, updates = self.log.rows(), self.log.updates()["step"]
        if not len(rows["step"]):
            return self.epoch
        # The row of a full batch is about the weights that its update starts from.
        full = len(updates) > 0 and rows["step"][-1] == updates[-1]
        return int(rows["epoch"][-1]) + int(full)

    @property
    def end(self) -> Keyframe | None:
        """The last moment that is kept exactly: of a run at rest, where it was left."""
        frames = [] if self.recorder is None else self.recorder.keyframes
        return frames[-1] if frames else None

    @property
    def moment(self) -> Snapshot | None:
        """Where it was left, for views to rest at; None where that is no longer kept."""
        end, last = self.end, self.last
        if end is None or last is None or end.state.step <= last.step:
            return last
        state, plan = end.state, end.stretch.plan
        return replace(
            last,
            plan=plan,
            step=state.step,
            epoch=state.epoch,
            cost=state.cost,
            weights=state.weights(plan),
            gradients={},
            before={},
            state="paused",
        )

    def result(self) -> Result:
        """What has come of it so far."""
        return Best().of(self.log)


@dataclass(frozen=True, eq=False)
class Runs:
    """All runs of a document, in the order in which they began; an immutable value."""

    all: tuple[KeptRun, ...] = ()
    current: int = 0
    """The number of the run that goes on; 0 while there is none."""
    count: int = 0
    """How many numbers were given."""

    def find(self, log: MetricLog) -> KeptRun | None:
        return next((run for run in self.all if run.log is log), None)

    def __getitem__(self, number: int) -> KeptRun:
        return next(run for run in self.all if run.number == number)

    @property
    def now(self) -> KeptRun | None:
        return next((run for run in self.all if run.number == self.current), None)

    def listed(self, marks: RunMarks) -> tuple[KeptRun, ...]:
        """Those that are not deleted. The run that goes on always is one of them."""
        return tuple(
            run for run in self.all if run.number == self.current or run.number not in marks.deleted
        )

    def follow(self, snapshot: Snapshot, facts: Facts) -> Runs:
        """With the news of a run, trained with these facts; it may be one that has just begun.

        A run that never trained goes when another one goes on.
        """
        known, now = self.find(snapshot.log), self.now
        if known is None and now is not None and now.last is None and snapshot.step:
            # Of the run that the file goes on with only the name and so on were known until now.
            known = None if snapshot.parent else now
        if now is not None and now is not known and (now.last is None or not now.has_trained):
            return Runs(tuple(run for run in self.all if run is not now), 0, self.count).follow(
                snapshot, facts
            )
        if known is None:
            new = self._begun(snapshot, facts)
            return Runs((*self.all, new), new.number, new.number)
        differs = known.differs
        if known.facts is not facts:
            if known.facts == facts:
                facts = known.facts
            elif snapshot.step <= known.step:
                differs = self._differs(known.parent, known.number, facts)
        return self._with(
            replace(
                known,
                log=snapshot.log,
                facts=facts,
                differs=differs,
                last=snapshot,
                run=snapshot.run,
            ),
            known.number,
        )

    def _begun(self, snapshot: Snapshot, facts: Facts) -> KeptRun:
        branch, number = snapshot.parent, self.count + 1
        new = KeptRun(number, snapshot.log, facts, last=snapshot, run=snapshot.run)
        if branch is not None:
            parent = next((run.number for run in self.all if run.run == branch.run), 0)
            rows = snapshot.log.rows()
            before = int(np.searchsorted(rows["step"], branch.step, side="right")) - 1
            epoch = snapshot.epoch
            if snapshot.step > branch.step and before >= 0:
                epoch = int(rows["epoch"][before])
            new = replace(new, parent=parent, step=branch.step, epoch=epoch)
        return replace(new, differs=self._differs(new.parent, number, facts))

    def _differs(self, parent: int, number: int, facts: Facts) -> tuple[Difference, ...]:
        before = [run for run in self.all if run.number < number]
        if not before:
            return ()
        than = self[parent] if parent else before[-1]
        return differences(than.facts, facts)

    def _with(self, new: KeptRun, current: int) -> Runs:
        runs = tuple(new if run.number == new.number else run for run in self.all)
        return replace(self, all=runs, current=current)

    # --- what is shown -----------------------------------------------------------------------

    def shown(self, marks: RunMarks, said: Mapping[int, bool]) -> tuple[KeptRun, ...]:
        """The runs whose curves are drawn; ``said`` is what the user wants of some of them.

        Unless told, these are the run that goes on, its parent, pinned ones and the latest, as far
        as their costs mean the same as those of the run that goes on.
        """
        listed, now = self.listed(marks), self.now
        latest = {run.number for run in listed[-SEEN - 1 :]}

        def shows(run: KeptRun) -> bool:
            if now is None or run is now:
                return said.get(run.number, True)
            wanted = run.number in marks.pinned | latest or run.number == now.parent
            return said.get(run.number, wanted and comparable(run.facts, now.facts))

        return tuple(run for run in listed if shows(run))

    # --- within the budget -------------------------------------------------------------------

    def allowances(self, marks: RunMarks, budget: int = BUDGET) -> dict[int, int]:
        """The bytes that some recorders may take from now on, so that all at rest fit the budget.

        By the numbers of the runs. Deleted ones give way first, then the oldest, pinned ones last;
        the run that goes on is not counted. 0 is for a run that keeps no more than its log.
        """
        sizes = {run.number: _sizes(run) for run in self.all if run.number != self.current}
        excess = sum(map(sum, sizes.values())) - budget
        allowances: dict[int, int] = {}
        order = sorted(sizes, key=lambda at: (at not in marks.deleted, at in marks.pinned, at))
        for number in order:
            recorded, moment = sizes[number]
            if excess > 0 and recorded + moment:
                allowances[number] = max(0, recorded - excess)
                excess -= recorded + moment if recorded <= excess else excess
        return allowances

    def forget(self, number: int) -> Runs:
        """Keeps no more of a run than its log."""
        return self._with(replace(self[number], last=None), self.current)


def _sizes(run: KeptRun) -> tuple[int, int]:
    """Bytes of what is recorded, and of the moment last seen."""
    recorder, last = run.recorder, run.last
    moment = () if last is None else (*last.weights.values(), *last.gradients.values())
    return (recorder.nbytes if recorder else 0), sum(array.nbytes for array in moment)
