"""The film shows any moment at once, near enough; it is played slowly where most happens."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from netbuilder.data.dataset import DataInfo, Dataset, Part
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layers import Dense
from netbuilder.engine.plan import chain
from netbuilder.runs.film import glimpse, paced, share_of
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Snapshot
from netbuilder.training.replay import Replay
from netbuilder.training.trainer import Limit, Trainer


def recorded(**settings: object) -> Snapshot:
    """The end of a run of 60 updates on 30 examples, all of whose moments are kept."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((30, 2))
    label = ((X[:, :1] > 0) == (X[:, 1:] > 0)).astype(float)
    info = DataInfo("d", 30, ("a", "b"), ("y",), "binary", ("0", "1"))
    nothing = Part(np.empty((0, 2)), np.empty((0, 1)))
    dataset = Dataset(info, Part(X, label), nothing, nothing, None)
    plan = chain(2, [Dense(4, "tanh"), Dense(1, "sigmoid")], "binary_cross_entropy")
    chosen = TrainingSettings(learning_rate=0.3, **settings)  # type: ignore[arg-type]
    trainer = Trainer(plan, dataset, chosen, seed=4)
    trainer.record(Recorder(clock=lambda: 0.0))
    for updates in (25, 35):
        trainer.limit = Limit(seconds=None, updates=updates)
        next(trainer.bursts())
        trainer.settings = dataclasses.replace(trainer.settings, learning_rate=0.1)
    return trainer.snapshot(3, "running", rate=7.0)


@pytest.mark.parametrize("batch_size", [0, 7])
def test_a_glimpse_is_the_moment_but_for_half_precision(batch_size: int) -> None:
    end = recorded(batch_size=batch_size)
    assert end.recorder is not None and end.exact
    replay = Replay(end.recorder)
    for step in (0, 1, 7, 12, 24, 25, 26, 59, 60):
        seen, exact = glimpse(step, end), replay.snapshot(step, end)
        assert seen is not None and exact is not None
        assert (seen.exact, exact.exact) == (False, True)
        for name in ("run", "step", "epoch", "updates_per_epoch", "learning_rate", "state"):
            assert getattr(seen, name) == getattr(exact, name), (name, step)
        if exact.epoch:  # before, the log has no row yet
            assert seen.cost == exact.cost
        assert seen.weights.keys() == exact.weights.keys()
        for name, W in exact.weights.items():
            assert seen.weights[name] == pytest.approx(W, rel=2e-3, abs=1e-6)
        assert seen.log is end.log and seen.recorder is end.recorder


def test_without_a_film_there_is_nothing_to_see() -> None:
    end = recorded()
    assert glimpse(3, dataclasses.replace(end, recorder=None)) is None
    assert glimpse(3, dataclasses.replace(end, recorder=Recorder())) is None


@pytest.mark.parametrize("first, last", [(0, 1), (0, 60), (500, 270_000)])
def test_the_pace_goes_from_end_to_end_and_lingers_at_the_start(first: int, last: int) -> None:
    steps = [paced(share / 100, first, last) for share in range(101)]
    assert steps[0] == first and steps[-1] == last
    assert steps == sorted(steps)
    assert steps[50] - first <= (last - first) / 2
    for step in steps:
        assert math.isclose(paced(share_of(step, first, last), first, last), step, abs_tol=1)


def test_a_run_of_one_moment_is_over_at_once() -> None:
    assert (paced(0.5, 7, 7), share_of(7, 7, 7)) == (7, 1.0)
