"""A diverged run rests at a good moment; what is offered to it was tried, and helps."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from netbuilder.document.model.project import Project
from netbuilder.document.templates import first_start
from netbuilder.engine.layers import BatchNorm, Dense
from netbuilder.engine.plan import Plan, chain
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Snapshot
from netbuilder.training.divergence import Diverged
from netbuilder.training.remedies import Illness, remedies
from netbuilder.training.run import Run
from netbuilder.training.trainer import Limit
from netbuilder.training.worker import Worker

NETWORKS: dict[str, Plan] = {
    "line": chain(2, [Dense(3, "linear", "xavier"), Dense(1, "linear", "xavier")], "mse"),
    "relu": chain(2, [Dense(8, "relu", "he"), Dense(1, "linear", "xavier")], "mse"),
    "deep": chain(
        2,
        [Dense(6, "leaky_relu", "he"), Dense(6, "softplus", "he"), Dense(1, "linear", "he")],
        "mse",
    ),
    "norm": chain(2, [Dense(6, "relu", "he"), BatchNorm(), Dense(1, "linear", "xavier")], "mse"),
}
CHOSEN: tuple[dict[str, Any], ...] = (
    {"learning_rate": 5.0},
    {"learning_rate": 50.0, "optimizer": "momentum"},
    {"learning_rate": 5.0, "optimizer": "nesterov", "batch_size": 7},
    {"learning_rate": 5.0, "batch_size": 7, "dtype": "float64"},
    {"learning_rate": 1e6, "optimizer": "adam", "batch_size": 11},
)


class Told(list[Snapshot]):
    """What a worker tells, in this thread."""

    def __init__(self) -> None:
        super().__init__()
        self.worker = Worker(self.append, threading.Event())

    def begin(self, run: Run) -> None:
        self.worker.load(run, True)

    def until_rest(self) -> Snapshot:
        self.worker.play()
        while self.worker.state == "running":
            self.worker.burst(None)
        return self[-1]


@pytest.fixture
def told() -> Iterator[Told]:
    told = Told()
    yield told
    told.worker.end()


def diverging(kit: Any, plan: Plan, good: int = 60, **changes: Any) -> tuple[Run, Any, Any]:
    """A run that learns well for some updates, after which these settings are to be its end."""
    dataset = kit.data(40, task="regression")
    calm = kit.settings(**{**changes, "learning_rate": 0.01 if good else changes["learning_rate"]})
    wild = kit.settings(**{**changes})
    run = Run(plan, dataset, calm, 1)
    run.recorder = Recorder(10**8, lambda: 0.0)
    return run, calm, wild


@pytest.mark.parametrize("chosen", CHOSEN, ids=lambda chosen: " ".join(map(str, chosen.values())))
@pytest.mark.parametrize("name", list(NETWORKS))
def test_divergence_ends_at_a_moment_that_is_good(
    kit: Any, told: Told, name: str, chosen: dict[str, Any]
) -> None:
    run, _, wild = diverging(kit, NETWORKS[name], **chosen)
    told.begin(run)
    worker = told.worker
    worker._target_step = 60
    worker.state = "running"
    while worker.state == "running":
        worker.burst(None)
    worker.settings(wild)
    worker._go(3000, None)
    while worker.state == "running":
        worker.burst(None)
    last = told[-1]
    if last.state != "diverged":  # normalisation keeps some of them finite for ever
        assert name == "norm" or wild.optimizer == "adam", last.state
        return
    first = run.log.updates()["cost"]
    assert last.parent == (1, last.step) and last.run == 2
    assert last.step <= run.log.updates()["step"][-1]
    costs = last.log.updates()["cost"]
    assert len(costs) == last.step, "its log ends where it is"
    assert all(np.isfinite(array).all() for array in last.weights.values())
    now = program_cost(last, run)
    window = 6 if wild.batch_size else 1
    assert now <= 2 * max(first[: last.step + 1][-window:].mean(), lowest(first, last.step, window))
    assert np.isfinite(now)
    assert run.recorder.step >= last.step, "what diverged is still to be looked at"
    assert "before the cost began to grow" in str(last.message)


def lowest(costs: Any, step: int, window: int) -> float:
    """Of the mean costs up to a step."""
    means = [costs[max(0, k - window) : k].mean() for k in range(1, step + 2)]
    return float(2 * min(means))


def program_cost(last: Snapshot, run: Run) -> float:
    from netbuilder.engine.program import Program

    program = Program(last.plan, dtype=run.settings.dtype, weights=last.weights)
    X = run.dataset.train.X.astype(run.settings.dtype)
    return float(program.cost(X, run.dataset.train.Y.astype(run.settings.dtype), 0.0, 0.0))


def ill(kit: Any, plan: Plan, **changes: Any) -> tuple[Illness, Run]:
    run, _, wild = diverging(kit, plan, **changes)
    trainer = run.trainer(threading.Event())
    trainer.limit = Limit(seconds=None, updates=60)
    next(trainer.bursts())
    trainer.settings = wild
    trainer.limit = Limit(seconds=None, updates=3_000)
    with pytest.raises(Diverged):
        next(trainer.bursts())
    good = run.good(trainer.updates_per_epoch)
    assert good is not None
    return Illness(plan, run.dataset, wild, 1, good, trainer.step), run


Edit = Callable[[Project], Project]


def test_the_largest_rate_that_holds_is_offered(kit: Any) -> None:
    of, _ = ill(kit, NETWORKS["line"], learning_rate=5.0)
    found, advice = remedies(of, threading.Event(), lambda: 0.0)
    labels = [str(remedy.fix.label) for remedy in found]
    assert labels[0] == "Learning rate 0.5"
    assert str(advice).startswith("Tried, and it helps: lower the learning rate from 5 to 0.5")
    project = found[0].fix.apply(first_start())
    assert project.training == dataclasses.replace(first_start().training, learning_rate=0.5)


def test_what_failed_in_its_trial_is_not_offered(kit: Any, monkeypatch: Any) -> None:
    # A third of 5 is too large for this line, and so is a tenth; clipping does not help either.
    of, _ = ill(kit, NETWORKS["line"], learning_rate=20.0)
    labels = [str(one.fix.label) for one in remedies(of, threading.Event(), lambda: 0.0)[0]]
    assert labels == ["Learning rate 0.1"]


def test_what_cannot_be_tried_is_offered_without_a_promise(kit: Any) -> None:
    of, _ = ill(kit, NETWORKS["line"], learning_rate=5.0)
    interrupted = threading.Event()
    interrupted.set()
    found, advice = remedies(of, interrupted, lambda: 0.0)
    assert len(found) >= 2 and str(advice).startswith("What may help: lower the learning rate")
    late = iter(range(10**6))
    found, advice = remedies(of, threading.Event(), lambda: float(next(late)))
    assert len(found) >= 2 and str(advice).startswith("What may help: ")


def test_clipping_is_offered_where_there_is_none(kit: Any) -> None:
    of, _ = ill(kit, NETWORKS["line"], learning_rate=5.0)
    interrupted = threading.Event()
    interrupted.set()  # so that nothing is tried
    label = "Clip the gradient to 1"
    offered = [str(one.fix.label) for one in remedies(of, interrupted)[0]]
    clipped = dataclasses.replace(of, settings=dataclasses.replace(of.settings, clip_norm=50.0))
    still = [str(one.fix.label) for one in remedies(clipped, interrupted)[0]]
    assert label in offered and label not in still


def test_initial_weights_that_suit_begin_anew(kit: Any) -> None:
    plan = chain(2, [Dense(4, "relu", "large"), Dense(1, "linear", "large")], "mse")
    dataset = kit.data(40, task="regression")
    run = Run(plan, dataset, kit.settings(learning_rate=0.05), 1)
    run.recorder = Recorder(10**8, lambda: 0.0)
    trainer = run.trainer(threading.Event())
    trainer.limit = Limit(seconds=None, updates=1_000)
    with pytest.raises(Diverged):
        next(trainer.bursts())
    good = run.good(1)
    assert good is not None
    of = Illness(plan, dataset, run.settings, 1, good, trainer.step)
    found, advice = remedies(of, threading.Event(), lambda: 0.0)
    assert found[-1].begins and "suitably initialised" in str(found[-1].fix.label)
    assert "begin anew with initial weights that suit" in str(advice)
    project = first_start()
    network = project.network
    for id in ("n1", "n2"):
        layer = network.node(id).layer.with_settings(initializer="large")
        network = network.set_layer(id, layer)
    mended = found[-1].fix.apply(project.with_network(network))
    assert [mended.network.node(id).layer.initializer for id in ("n1", "n2")] == ["he", "xavier"]


def test_a_remedy_helps_in_the_run_it_is_offered_to(kit: Any, told: Told) -> None:
    run, _, wild = diverging(kit, NETWORKS["line"], good=0, learning_rate=5.0)
    told.begin(run)
    last = told.until_rest()
    assert last.state == "diverged" and last.remedies
    training = (
        last.remedies[0].fix.apply(dataclasses.replace(first_start(), training=wild)).training
    )
    told.worker.settings(training)
    told.worker._go(last.step + 500, None)
    while told.worker.state == "running":
        told.worker.burst(None)
    assert told[-1].state == "paused" and told[-1].remedies == ()
    costs = told[-1].log.updates()["cost"]
    assert costs[-1] < costs[0]


def test_an_end_that_has_exploded_is_no_good_end(kit: Any, told: Told) -> None:
    plan = NETWORKS["line"]
    run, _, _ = diverging(kit, plan, good=0, learning_rate=0.9)
    costs: list[float] = []
    trainer = Run(plan, run.dataset, run.settings, 1).trainer(threading.Event())
    trainer.limit = Limit(seconds=None, updates=1)
    for _, _ in zip(range(1_000), trainer.bursts(), strict=False):
        costs = trainer.log.updates()["cost"].tolist()
        if costs[-1] > 1e6:
            break
    assert 1e6 < costs[-1] < np.inf
    run.settings = dataclasses.replace(run.settings, epochs=len(costs))
    told.begin(run)
    last = told.until_rest()
    assert last.state == "diverged" and "the cost has grown from" in str(last.message)
    assert program_cost(last, run) <= 2 * min(costs)
    assert "before the cost began to grow" in str(last.message)


@pytest.mark.parametrize("batch_size", [7, 13])
def test_in_the_middle_of_an_epoch_nothing_is_owed_after_it(kit: Any, batch_size: int) -> None:
    of, run = ill(kit, NETWORKS["line"], learning_rate=5.0, batch_size=batch_size)
    fork = run.back_to(of.good)
    trainer = fork.trainer(threading.Event())
    trainer.settings = dataclasses.replace(of.settings, learning_rate=0.001, evaluate_every=1)
    left = trainer.updates_per_epoch - trainer.step % trainer.updates_per_epoch
    trainer.limit = Limit(seconds=None, epochs=1)
    next(trainer.bursts())
    assert trainer.step == of.good.step + left
    for table in (trainer.log.rows(), trainer.log.evaluations()):
        assert len(set(table["step"].tolist())) == len(table["step"]), "no row twice"
    assert trainer.log.rows()["step"].tolist() == [
        trainer.updates_per_epoch * (k + 1) for k in range(trainer.epoch)
    ]
