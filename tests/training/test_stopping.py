"""Early stopping brings back the best state, bit by bit; a run goes on from there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from netbuilder.runs.recorder import Recorder
from netbuilder.training.run import Run
from netbuilder.training.stopping import StopConditions
from netbuilder.training.trainer import Limit, Trainer

Same = Callable[..., None]


def stopped_early(kit: Any, **changes: Any) -> Trainer:
    chosen = kit.settings(**{"patience": 5, "learning_rate": 1.0, "evaluate_every": 10, **changes})
    trainer = Trainer(kit.plan(30), kit.data(20, validation=20), chosen, seed=2)
    trainer.limit = Limit(seconds=None)
    for _ in trainer.bursts():
        pass
    assert "Stopped early" in str(trainer.stopped) and trainer.epoch > 5
    return trainer


CHANGES = (
    {},
    {"batch_size": 10},
    {"batch_size": 7, "optimizer": "adam", "learning_rate": 0.1},
    {"batch_size": 7, "dtype": "float64", "optimizer": "momentum", "schedule": "inverse_time"},
)


@pytest.mark.parametrize("changes", CHANGES)
def test_the_best_state_is_that_of_a_run_which_stopped_there(
    kit: Any, same: Same, changes: dict[str, Any]
) -> None:
    trainer = stopped_early(kit, **changes)
    evaluated = trainer.log.evaluations()
    place = int(np.argmin(evaluated["validation_cost"]))
    best = trainer.way_back
    assert best is not None
    assert (best.epoch, best.step) == (evaluated["epoch"][place], evaluated["step"][place])
    assert best.epoch == trainer.epoch - 5
    chosen = dataclasses.replace(trainer.settings, epochs=best.epoch)
    until_then = Trainer(trainer.plan, trainer.dataset, chosen, seed=2)
    until_then.limit = Limit(seconds=None)
    for _ in until_then.bursts():
        pass
    same(best.weights(trainer.plan), until_then.weights())
    assert best.random == until_then.state().random


@pytest.mark.parametrize("changes", CHANGES)
def test_going_on_from_the_best_it_takes_the_same_way_and_is_patient_anew(
    kit: Any, changes: dict[str, Any]
) -> None:
    trainer = stopped_early(kit, **changes)
    best = trainer.way_back
    assert best is not None
    log = trainer.log.until(best)
    assert log.evaluations()["step"][-1] == best.step, "with the evaluation that was the best"
    again = Trainer.from_state(trainer.plan, trainer.dataset, best, log=log)
    assert again.stopped is None
    again.limit = Limit(seconds=None)
    for _ in again.bursts():
        pass
    for name in ("updates", "rows", "evaluations"):
        mine, first = getattr(again.log, name)(), getattr(trainer.log, name)()
        for key, values in first.items():
            np.testing.assert_array_equal(mine[key][: len(values)], values)
    assert again.epoch >= trainer.epoch + 5, "as long again as was waited"
    found = again.way_back
    costs = again.log.evaluations()["validation_cost"]
    assert found is not None, "the best is known still"
    assert found.stopping.best == np.nanmin(costs)


def test_without_patience_nothing_is_kept(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(kit.plan(3), kit.data(20, validation=20), kit.settings(epochs=30), seed=1)

    def never(self: Trainer) -> None:
        raise AssertionError("a copy")

    monkeypatch.setattr(Trainer, "state", never)
    for _ in trainer.bursts():
        pass
    assert trainer.way_back is None


def test_without_memory_for_the_best_it_ends_where_patience_does(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(self: Trainer) -> None:
        raise MemoryError

    monkeypatch.setattr(Trainer, "state", none)
    assert stopped_early(kit).way_back is None


def test_only_patience_leads_back(kit: Any) -> None:
    trainer = stopped_early(kit)
    conditions = StopConditions(kit.settings(patience=5), 0)
    conditions.restore(trainer.state())
    assert conditions.met == "patience" and conditions.way_back(9) is None, "it is not known"
    finished = stopped_early(kit, epochs=4000)
    assert finished.way_back is not None
    chosen = dataclasses.replace(finished.settings, epochs=3)
    short = Trainer(finished.plan, finished.dataset, chosen, seed=2)
    for _ in short.bursts():
        pass
    assert "3 epochs are done" in str(short.stopped) and short.way_back is None


@pytest.mark.parametrize("changes", CHANGES)
def test_the_run_that_goes_back_is_a_fork_with_its_past(
    kit: Any, same: Same, changes: dict[str, Any]
) -> None:
    trainer = stopped_early(kit, **changes)
    run = Run(trainer.plan, trainer.dataset, trainer.settings, 2, number=4)
    recorder = Recorder(10**8, lambda: 0.0)
    run.recorder = recorder
    first = run.trainer(trainer.interrupt)
    first.limit = Limit(seconds=None)
    for _ in first.bursts():
        pass
    best = first.way_back
    assert best is not None
    fork = run.back_to(best)
    assert fork.parent == (4, best.step)
    at_rest = fork.trainer(trainer.interrupt)
    assert fork.recorder is not recorder and recorder.step == first.step, "the run is as it was"
    assert fork.recorder.step == best.step
    assert fork.recorder.best is not None and fork.recorder.best[0] == best.step
    assert fork.recorder.leaps == recorder.leaps, "it goes on, without a leap"
    assert len(fork.recorder.keyframes) >= best.step
    same(at_rest.weights(), best.weights(trainer.plan))
    assert at_rest.log.updates()["step"].tolist() == list(range(best.step))
