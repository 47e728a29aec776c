"""The runs of a document side by side: who they are, what is shown of them, what is kept."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.model.run_marks import RunMarks
from netbuilder.document.templates import first_start
from netbuilder.runs.facts import facts_of
from netbuilder.runs.kept import SEEN, Best, KeptRun, Runs
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.stretch import Branch
from netbuilder.training.trainer import Limit, Trainer

BASE = first_start()
FACTS = facts_of(BASE)


def rate(alpha: float) -> Project:
    return replace(BASE, training=replace(BASE.training, learning_rate=alpha))


class Trained:
    """A run that really trains, at the pace of a test."""

    def __init__(self, number: int, project: Project = BASE, **of_snapshot: Any) -> None:
        dataset = dataset_of(project.data)
        plan = compile_project(project, dataset.info).plan
        assert plan is not None
        self.trainer = Trainer(plan, dataset, project.training, project.seed)
        self.recorder = Recorder()
        self.trainer.record(self.recorder)
        self.number, self.facts, self._of_snapshot = number, facts_of(project), of_snapshot

    def to(self, step: int) -> Snapshot:
        if step > self.trainer.step:
            self.trainer.limit = Limit(seconds=None, updates=step - self.trainer.step)
            next(self.trainer.bursts())
        return replace(self.trainer.snapshot(self.number, "paused"), **self._of_snapshot)


def followed(*pairs: tuple[Trained, int]) -> Runs:
    runs = Runs()
    for run, step in pairs:
        runs = runs.follow(run.to(step), run.facts)
    return runs


def test_a_run_is_known_by_its_log() -> None:
    one, two = Trained(1), Trained(2, rate(0.3))
    runs = followed((one, 0), (one, 5), (two, 0), (two, 3))
    assert [(run.number, run.epochs) for run in runs.all] == [(1, 5), (2, 3)]
    assert runs.current == 2
    back = runs.follow(one.to(7), one.facts)
    assert (back.current, [run.epochs for run in back.all]) == (1, [7, 3])
    assert [run.epochs for run in runs.all] == [5, 3], "a value"


def test_its_name_is_what_differs_when_it_begins() -> None:
    one, two = Trained(1), Trained(2)
    runs = followed((one, 5), (two, 0))
    assert runs[2].differs == ()
    runs = runs.follow(two.to(0), facts_of(rate(0.3)))
    assert [(found.label, found.old, found.new) for found in runs[2].differs] == [
        ("α", "1.2", "0.3")
    ]
    runs = runs.follow(two.to(4), facts_of(rate(0.3))).follow(two.to(5), facts_of(rate(9.0)))
    assert [found.new for found in runs[2].differs] == ["0.3"], "not what was changed on the way"
    assert runs[2].facts["training.learning_rate"] == 9.0


def test_a_fork_has_a_parent_and_the_step_where_it_branched() -> None:
    one = Trained(7)
    between = Trained(8, rate(5.0))
    fork = Trained(9, rate(0.3), parent=Branch(7, 4))
    runs = followed((one, 9), (between, 3), (fork, 6))
    found = runs[3]
    assert (found.parent, found.step, found.epoch) == (1, 4, 4)
    assert [(d.old, d.new) for d in found.differs] == [("1.2", "0.3")], "from its parent"


def test_a_run_that_never_trained_goes_with_the_next_one() -> None:
    one, two, three = Trained(1), Trained(2), Trained(3)
    runs = followed((one, 5), (two, 0), (three, 0))
    assert [run.number for run in runs.all] == [1, 3], "numbers are given once"
    assert [run.number for run in runs.follow(one.to(6), FACTS).all] == [1]


def test_the_best_of_a_full_batch_is_its_lowest_cost() -> None:
    run = Trained(1)
    kept = followed((run, 60)).all[0]
    costs = run.trainer.log.rows()["train_cost"]
    found = kept.result()
    assert found.cost == costs.min() and found.epoch == costs.argmin()
    assert not found.of_validation
    assert found.accuracy == run.trainer.log.evaluations()["train_accuracy"][-1]


def test_the_best_is_of_the_validation_part_where_there_is_one() -> None:
    data = replace(BASE.data, validation=0.25)
    run = Trained(1, replace(BASE, data=data))
    kept = followed((run, 60)).all[0]
    looks = run.trainer.log.evaluations()
    best = int(np.argmin(looks["validation_cost"]))
    found = kept.result()
    assert found.of_validation
    assert found.cost == looks["validation_cost"][best]
    assert found.accuracy == looks["validation_accuracy"][best]
    assert math.isnan(KeptRun(1, MetricLog(), FACTS).result().cost)


@given(
    costs=st.lists(st.floats(0.0, 9.0, width=32), min_size=1, max_size=40),
    pieces=st.integers(1, 5),
    validates=st.booleans(),
)
def test_the_best_of_a_log_that_grows_is_that_of_all_of_it(
    costs: list[float], pieces: int, validates: bool
) -> None:
    log, best = MetricLog(), Best()
    for part in np.array_split(np.arange(len(costs)), pieces):
        log.add_rows(part, part, [costs[n] for n in part])
        for n in part[part % 3 == 0]:
            cost = 9.0 - costs[n] if validates else math.nan
            log.add_evaluation(int(n), int(n), cost, n / 100, n / 50)
        found = best.of(log)
    every_third = [9.0 - cost for cost in costs[::3]]
    wanted, place = (every_third, 3) if validates else (costs, 1)
    assert found.cost == min(wanted)
    assert found.epoch == place * wanted.index(min(wanted))
    assert found.of_validation == validates
    look = found.epoch // 3 * 3
    assert found.accuracy == (look / 50 if validates else look / 100)


def test_a_run_that_was_left_is_looked_at_where_it_ended() -> None:
    run = Trained(1)
    seen = run.to(5)
    run.to(9)
    run.trainer.rest()
    kept = Runs().follow(seen, FACTS).all[0]
    moment = kept.moment
    assert moment is not None and moment.step == 9
    for name, W in run.trainer.weights().items():
        np.testing.assert_array_equal(moment.weights[name], W)
    assert kept.end is not None and kept.end.state.step == 9


def test_shown_are_those_whose_costs_mean_the_same() -> None:
    moons = replace(BASE, data=DataChoice("moons"))
    one, other, now = Trained(1), Trained(2, moons), Trained(3)
    runs = followed((one, 5), (other, 5), (now, 5))
    numbers = [run.number for run in runs.shown(RunMarks(), {})]
    assert numbers == [1, 3]
    numbers = [run.number for run in runs.shown(RunMarks(), {1: False, 2: True})]
    assert numbers == [2, 3], "but for what the user says"


def test_of_many_runs_the_latest_are_shown_and_pinned_ones_and_the_parent() -> None:
    runs = Runs()
    first = Trained(1)
    for number in range(1, 11):
        run = first if number == 1 else Trained(number)
        runs = runs.follow(run.to(2), FACTS)
    last = Trained(11, parent=Branch(2, 1))
    runs = runs.follow(last.to(3), FACTS)
    numbers = [run.number for run in runs.shown(RunMarks().pin(1), {})]
    assert numbers == [1, 2, *range(11 - SEEN, 12)]


def test_marks_are_values() -> None:
    marks = RunMarks().rename(2, "the good one").pin(2).delete([1, 3])
    assert marks.names == {2: "the good one"}
    assert (marks.pinned, marks.deleted) == ({2}, {1, 3})
    assert marks.pin(2).pinned == frozenset()
    assert marks.rename(2, "").names == {}
    runs = followed((Trained(1), 2), (Trained(2), 2), (Trained(3), 2))
    assert [run.number for run in runs.listed(marks)] == [2, 3], "what goes on is not deleted"


def test_the_oldest_give_way_first_and_pinned_ones_last() -> None:
    trained = [Trained(number) for number in (1, 2, 3, 4)]
    runs = followed(*((run, 40) for run in trained))
    sizes = {n: run.recorder.nbytes for n, run in enumerate(trained, 1)}
    assert runs.allowances(RunMarks()) == {}
    everything = runs.allowances(RunMarks(), 0)
    assert everything == {1: 0, 2: 0, 3: 0}, "the run that goes on keeps what it has"
    moment = sum(W.nbytes for W in trained[0].to(40).weights.values())
    moment += sum(W.nbytes for W in trained[0].to(40).gradients.values())
    whole = sum(sizes[n] + moment for n in (1, 2, 3))
    assert runs.allowances(RunMarks(), whole - 100) == {1: sizes[1] - 100}
    assert runs.allowances(RunMarks().pin(1), whole - 100) == {2: sizes[2] - 100}
    assert list(runs.allowances(RunMarks().pin(1).delete([3]), 0)) == [3, 2, 1]
    kept = runs.forget(1)
    assert kept[1].moment is None and kept[1].has_trained and kept[1].epochs == 40
    assert 1 not in kept.allowances(RunMarks(), 0)


def test_the_run_of_a_file_is_the_first_that_goes_on() -> None:
    stored = KeptRun(1, MetricLog(), FACTS), KeptRun(3, MetricLog(), FACTS)
    waiting, going = Runs(stored, 3, 5), Trained(12)
    found = waiting.follow(going.to(4), going.facts)
    assert [run.number for run in found.all] == [1, 3]
    assert found[3].log is going.trainer.log and found[3].run == 12
    fresh = Trained(13)
    found = waiting.follow(fresh.to(0), fresh.facts)
    assert [run.number for run in found.all] == [1, 6], "that run could not be gone on with"


@given(
    budget=st.integers(0, 80_000),
    pinned=st.frozensets(st.integers(1, 4)),
    deleted=st.frozensets(st.integers(1, 4)),
)
def test_what_is_allowed_fits_the_budget(
    budget: int, pinned: frozenset[int], deleted: frozenset[int]
) -> None:
    runs, marks = SIDE_BY_SIDE, RunMarks({}, pinned, deleted)
    allowed = runs.allowances(marks, budget)
    left = 0
    for run in runs.all[:-1]:
        assert run.recorder is not None and run.last is not None
        moment = sum(W.nbytes for W in (*run.last.weights.values(), *run.last.gradients.values()))
        if run.number not in allowed:
            left += run.recorder.nbytes + moment
        elif allowed[run.number]:
            left += allowed[run.number] + moment
    assert left <= budget


SIDE_BY_SIDE = followed(*((Trained(number), 25) for number in range(1, 6)))
