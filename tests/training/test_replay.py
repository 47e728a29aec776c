"""Any moment of a recorded run comes back exactly, whatever was changed on the way."""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from netbuilder.data.dataset import Dataset
from netbuilder.document.check.compile import surviving
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, Reshape
from netbuilder.engine.plan import Plan, chain
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.state import RunState
from netbuilder.training import replay as replay_module
from netbuilder.training.divergence import Diverged
from netbuilder.training.learner import Learner
from netbuilder.training.replay import Replay
from netbuilder.training.trainer import Limit, Trainer

BCE = "binary_cross_entropy"


def still() -> float:
    """A clock by which nothing takes any time, so that all moments are kept that may be."""
    return 0.0


PLANS: dict[str, Plan] = {
    "2-4-1": chain(2, [Dense(4), Dense(1, "sigmoid")], BCE),
    "2-8-8-1": chain(2, [Dense(8, "relu"), Dense(8, "relu"), Dense(1, "sigmoid")], BCE),
    "dropout": chain(2, [Dense(9), Dropout(0.3), Dense(5), Dropout(0.1), Dense(1, "sigmoid")], BCE),
    "norm": chain(2, [Dense(9), BatchNorm(), Dropout(0.2), Dense(1, "sigmoid")], BCE),
    "convolution": chain(
        2,
        [Dense(32), Reshape(2, 4, 4), Conv2D(3), BatchNorm(), Flatten(), Dense(1, "sigmoid")],
        BCE,
    ),
}


def same_state(one: RunState | None, other: RunState) -> None:
    assert one is not None
    for field in dataclasses.fields(RunState):
        a, b = getattr(one, field.name), getattr(other, field.name)
        equal = a.tobytes() == b.tobytes() if field.name == "numbers" else repr(a) == repr(b)
        assert equal, (field.name, a, b, one.step)


def recorded(
    plan: Plan,
    dataset: Dataset,
    chosen: TrainingSettings,
    edits: dict[int, dict[str, Any]],
    last: int,
    budget: int,
) -> tuple[Trainer, Recorder, dict[int, RunState]]:
    """Trains one by one, keeping every state to compare with."""
    trainer = Trainer(plan, dataset, chosen, seed=4)
    recorder = Recorder(budget, still)
    trainer.record(recorder)
    states = {}
    trainer.limit = Limit(seconds=None, updates=1)
    while trainer.step < last:
        if trainer.step in edits:
            trainer.settings = dataclasses.replace(trainer.settings, **edits[trainer.step])
        states[trainer.step] = trainer.state()
        assert recorder.nbytes <= budget
        next(trainer.bursts())
    states[trainer.step] = trainer.state()
    return trainer, recorder, states


@pytest.mark.parametrize("tight", [False, True], ids=["roomy", "tight"])
@pytest.mark.parametrize("name", list(PLANS))
def test_any_step_comes_back_exactly(kit: Any, name: str, tight: bool) -> None:
    plan, dataset = PLANS[name], kit.data(30, validation=9)
    chosen = kit.settings(optimizer="adam", learning_rate=0.02, batch_size=7, evaluate_every=2)
    edits: dict[int, dict[str, Any]] = {
        33: {"learning_rate": 0.005, "l2": 0.1},
        61: {"optimizer": "momentum"},
        90: {"batch_size": 0},
        97: {"batch_size": 11, "schedule": "cosine", "period": 20},
        130: {"dtype": "float64", "patience": 3},
        161: {"epochs": 45, "clip_norm": 0.1},
    }
    # Of the larger budget all is kept, of the smaller one four moments or five.
    size = Trainer(plan, dataset, kit.settings(optimizer="adam", dtype="float64"), 1).state().nbytes
    budget = size * 8 if tight else 10**8
    trainer, recorder, states = recorded(plan, dataset, chosen, edits, 240, budget)
    if tight:
        assert len(recorder.keyframes) < 12
        # The change of precision, at which the states grow, is still to be reached by replay.
    replay = Replay(recorder)
    order = random.Random(3).sample(list(states), 30 if tight else 241)
    found = 0
    for step in order:
        state = replay.state(step)
        if state is None:
            continue
        found += 1
        if tight:  # what the stop conditions remember may differ where a change's keyframe went
            assert state.numbers.tobytes() == states[step].numbers.tobytes(), step
            assert state.random == states[step].random
            assert (state.epoch, state.position) == (states[step].epoch, states[step].position)
        else:
            same_state(state, states[step])
    assert found >= (20 if tight else 241)
    assert replay.state(241) is None, "the run has not come there"
    assert len(trainer.log.updates()["step"]) == 240, "replay leaves the run's own log alone"


def test_a_film_forwards_trains_every_update_once(kit: Any, monkeypatch: Any) -> None:
    plan, dataset = PLANS["2-4-1"], kit.data(30)
    _, recorder, states = recorded(plan, dataset, kit.settings(), {}, 300, 8_000)
    made = []
    update = Learner.update

    def counted(self: Learner, epoch: int) -> float:
        made.append(epoch)
        return update(self, epoch)

    monkeypatch.setattr(Learner, "update", counted)
    replay = Replay(recorder)
    for step in range(301):
        same_state(replay.state(step), states[step])
    assert len(made) <= 300
    made.clear()
    same_state(replay.state(300), states[300])
    assert not made
    same_state(replay.state(299), states[299])
    assert len(made) <= max(np.diff([frame.state.step for frame in recorder.keyframes]))


def widest(recorder: Recorder) -> tuple[int, int]:
    """The steps of the two neighbouring keyframes that are farthest apart."""
    steps = [keyframe.state.step for keyframe in recorder.keyframes]
    found = max(itertools.pairwise(steps), key=lambda pair: pair[1] - pair[0])
    assert found[1] - found[0] >= 8
    return found


@pytest.mark.parametrize("memory", [10**6, 3_000], ids=["roomy", "tight"])
def test_going_back_finds_what_was_kept_on_the_way(kit: Any, monkeypatch: Any, memory: int) -> None:
    """Keyframes are far apart in a long run; stepping back must not begin at one each time."""
    monkeypatch.setattr(replay_module, "_APART", 0.0)
    monkeypatch.setattr(replay_module, "_MEMORY", memory)
    chosen = kit.settings(optimizer="adam", batch_size=7)
    edits = {40: {"learning_rate": 0.1}, 80: {"l2": 0.1}}
    _, recorder, states = recorded(kit.plan(4), kit.data(30), chosen, edits, 120, 9_000)
    first, last = widest(recorder)
    made: list[int] = []
    update = Learner.update

    def counted(self: Learner, epoch: int) -> float:
        made.append(epoch)
        return update(self, epoch)

    monkeypatch.setattr(Learner, "update", counted)
    replay = Replay(recorder)
    same_state(replay.state(last - 1), states[last - 1])
    made.clear()
    for step in range(last - 1, first, -1):
        same_state(replay.state(step), states[step])
    anew = sum(range(last - first))
    assert len(made) <= (0 if memory > 10**5 else anew * 0.7)
    for step in (90, 39, 40, 41, 79, 80, 81):
        same_state(replay.state(step), states[step])


def test_an_interrupted_search_goes_on_where_it_was(kit: Any, monkeypatch: Any) -> None:
    _, recorder, states = recorded(kit.plan(4), kit.data(30), kit.settings(), {}, 120, 8_000)
    replay = Replay(recorder)
    first, last = widest(recorder)
    update, made = Learner.update, []

    def interrupting(self: Learner, epoch: int) -> float:
        made.append(epoch)
        if len(made) == 3:
            replay.interrupt.set()
        return update(self, epoch)

    monkeypatch.setattr(Learner, "update", interrupting)
    assert replay.state(last - 1) is None
    replay.interrupt.clear()
    same_state(replay.state(last - 1), states[last - 1])
    assert len(made) == last - 1 - first


def test_a_moment_has_its_gradients_and_the_weights_before(kit: Any, same: Any) -> None:
    plan, dataset = PLANS["norm"], kit.data(30)
    trainer = Trainer(plan, dataset, kit.settings(batch_size=7, optimizer="adam"), seed=4)
    trainer.record(Recorder(10**7, still))
    trainer.limit = Limit(seconds=None, updates=1)
    seen = [trainer.snapshot(1, "paused")]
    bursts = trainer.bursts()
    for _ in range(40):
        next(bursts)
        seen.append(trainer.snapshot(1, "paused"))
    assert seen[-1].recorder is not None
    replay = Replay(seen[-1].recorder)
    for live in (seen[17], seen[40], seen[5], seen[6], seen[0]):
        moment = replay.snapshot(live.step, seen[-1])
        assert moment is not None
        for name in ("weights", "gradients", "before"):
            same(getattr(moment, name), getattr(live, name))
        for name in ("epoch", "step", "plan", "learning_rate", "updates_per_epoch", "goal", "run"):
            assert getattr(moment, name) == getattr(live, name)
        assert repr(moment.cost) == repr(live.cost)
        assert moment.log is seen[-1].log


def test_a_search_can_be_interrupted(kit: Any) -> None:
    _, recorder, states = recorded(PLANS["2-4-1"], kit.data(30), kit.settings(), {}, 90, 8_000)
    replay = Replay(recorder)
    between = recorder.keyframes[-2].state.step + 1
    replay.interrupt.set()
    assert replay.state(between) is None
    replay.interrupt.clear()
    same_state(replay.state(between), states[between])


def test_stops_and_goings_on_are_passed_through(kit: Any) -> None:
    plan, dataset = kit.plan(30), kit.data(20, validation=20)
    chosen = kit.settings(patience=3, learning_rate=1.0, epochs=25, batch_size=10)
    budget = 9 * Trainer(plan, dataset, chosen, 1).state().nbytes
    _, recorder, states = recorded(plan, dataset, chosen, {}, 200, budget)
    assert {state.stopping.met for state in states.values()} >= {"", "epochs"}
    replay = Replay(recorder)
    for step in (199, 3, 120, 51, 50, 49):
        same_state(replay.state(step), states[step])


def test_after_a_leap_the_state_is_the_one_leapt_to(kit: Any) -> None:
    plan, dataset = kit.line(), kit.data(task="regression", scale=20.0)
    trainer = Trainer(plan, dataset, kit.settings(learning_rate=2.0), seed=1)
    recorder = Recorder(10**7, still)
    trainer.record(recorder)
    trainer.limit = Limit(seconds=None, updates=1)
    states = {0: trainer.state()}
    with pytest.raises(Diverged):
        for _ in trainer.bursts():
            states[trainer.step] = trainer.state()
    diverged = trainer.step
    assert recorder.leaps == (0, diverged)
    states[diverged] = trainer.state()
    trainer.settings = kit.settings(learning_rate=1e-30)
    for _ in range(5):
        next(trainer.bursts())
        states[trainer.step] = trainer.state()
    replay = Replay(recorder)
    for step in (diverged + 4, diverged - 2, diverged + 1, 1):
        same_state(replay.state(step), states[step])
    at_leap = replay.state(diverged)
    assert at_leap is not None
    assert at_leap.numbers.tobytes() == states[diverged].numbers.tobytes()


def test_another_network_is_another_stretch(kit: Any) -> None:
    recorder = Recorder(10**7, still)
    first = Trainer(kit.plan(4), kit.data(30), kit.settings(), seed=1)
    first.record(recorder)
    first.limit = Limit(seconds=None, updates=20)
    next(first.bursts())
    before = first.state()
    kept = surviving(first.weights(), kit.plan(4, 3))
    second = Trainer(kit.plan(4, 3), kit.data(30), kit.settings(), 1, kept, step=20, epoch=20)
    second.record(recorder)
    second.limit = Limit(seconds=None, updates=10)
    start = second.state()
    next(second.bursts())
    replay = Replay(recorder)
    same_state(replay.state(20), start)
    same_state(replay.state(30), second.state())
    old = replay.state(19)
    assert old is not None and old.network == before.network != start.network
    passage = recorder.passage(20, updates=1)
    assert passage is not None and passage.start.state.step == 20, "no update before the change"
    frame = recorder.frame(19)
    assert frame is not None and frame.stretch.plan == kit.plan(4)
    frame = recorder.frame(20)
    assert frame is not None and frame.weights().keys() == kit.plan(4, 3).stored.keys()


def test_a_stretch_whose_start_had_no_room_is_not_replayed_across(kit: Any) -> None:
    small, large = kit.plan(2), kit.plan(400, 400)
    recorder = Recorder(20_000, still)
    first = Trainer(small, kit.data(30), kit.settings(), seed=1)
    first.record(recorder)
    first.limit = Limit(seconds=None, updates=20)
    next(first.bursts())
    second = Trainer(large, kit.data(30), kit.settings(), 1, step=20, epoch=20)
    second.record(recorder)
    second.limit = Limit(seconds=None, updates=5)
    next(second.bursts())
    assert recorder.nbytes <= 20_000
    replay = Replay(recorder)
    assert replay.state(22) is None
    assert replay.state(20) is None
    assert replay.state(19) is not None


@pytest.mark.parametrize("batch_size", [0, 7])
def test_the_last_good_keyframe_is_before_the_cost_grew_without_bound(
    kit: Any, batch_size: int
) -> None:
    plan, dataset = kit.line(), kit.data(task="regression")
    chosen = kit.settings(learning_rate=0.01, batch_size=batch_size)
    trainer = Trainer(plan, dataset, chosen, seed=1)
    recorder = Recorder(10**7, still)
    trainer.record(recorder)
    trainer.limit = Limit(seconds=None, updates=300)
    next(trainer.bursts())
    trainer.settings = dataclasses.replace(chosen, learning_rate=3.0)
    with pytest.raises(Diverged):
        for _ in trainer.bursts():
            pass
    good = recorder.good(trainer.log, trainer.updates_per_epoch)
    assert good is not None
    costs = trainer.log.updates()["cost"]
    assert 290 <= good <= 303 < trainer.step - 5
    assert costs[good] <= 4 * costs[250:300].max()
    assert costs[-1] > 1e20
    again = Replay(recorder).state(good)
    assert again is not None and again.is_finite
    on = Trainer.from_state(plan, dataset, again)
    on.settings = chosen
    on.limit = Limit(seconds=None, updates=200)
    next(on.bursts())
    assert on.log.updates()["cost"][-10:].mean() <= 2 * costs[290:300].mean()


def test_the_best_moment(kit: Any) -> None:
    trainer = Trainer(kit.plan(), kit.data(30), kit.settings(), seed=1)
    recorder = Recorder(10**7, still)
    trainer.record(recorder)
    assert recorder.best is None
    trainer.limit = Limit(seconds=None, updates=50)
    next(trainer.bursts())
    rows = trainer.log.rows()
    place = int(np.argmin(rows["train_cost"]))
    assert recorder.best == (rows["step"][place], rows["train_cost"][place])
    validated = Trainer(kit.plan(30), kit.data(20, 20), kit.settings(learning_rate=1.0), seed=1)
    validated.record(recorder)
    assert recorder.best is None, "another network's cost tells nothing"
    validated.limit = Limit(seconds=None, updates=400)
    next(validated.bursts())
    found = validated.log.evaluations()
    place = int(np.nanargmin(found["validation_cost"]))
    assert recorder.best == (found["step"][place], found["validation_cost"][place])


def test_recording_changes_nothing(kit: Any, same: Callable[..., None]) -> None:
    plan, dataset = PLANS["norm"], kit.data(30, validation=9)
    chosen = kit.settings(batch_size=7, optimizer="adam")
    recorded_one, _, _ = recorded(plan, dataset, chosen, {20: {"learning_rate": 0.1}}, 60, 10**6)
    plain = Trainer(plan, dataset, chosen, seed=4)
    plain.limit = Limit(seconds=None, updates=20)
    next(plain.bursts())
    plain.settings = dataclasses.replace(chosen, learning_rate=0.1)
    plain.limit = Limit(seconds=None, updates=40)
    next(plain.bursts())
    same(recorded_one.weights(), plain.weights())
    for column, values in plain.log.epochs().items():
        np.testing.assert_array_equal(recorded_one.log.epochs()[column], values)


def test_no_memory_for_a_moment_is_no_reason_to_stop(kit: Any, monkeypatch: Any) -> None:
    trainer = Trainer(kit.plan(), kit.data(30), kit.settings(), seed=1)
    recorder = Recorder(10**7, still)
    trainer.record(recorder)

    def none(self: Trainer) -> RunState:
        raise MemoryError

    monkeypatch.setattr(Trainer, "state", none)
    trainer.limit = Limit(seconds=None, updates=50)
    assert next(trainer.bursts()) == 50
    trainer.settings = kit.settings(learning_rate=0.1)
    trainer.rest()
    assert len(recorder.keyframes) == 1
    assert [change.step for change in recorder.changes] == [50], "replay must know of it"
    assert trainer.settings.learning_rate == 0.1
    assert math.isfinite(trainer.cost)
