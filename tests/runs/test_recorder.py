"""The recorder stays within its budget, can be read while it is written, and shows a film."""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from netbuilder.data.dataset import DataInfo, Dataset, Part
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layers import Dense
from netbuilder.engine.plan import Plan, chain
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.state import RunState, Stopping


def still() -> float:
    return 0.0


@pytest.fixture(scope="module")
def plan() -> Plan:
    return chain(2, [Dense(4), Dense(1, "sigmoid")], "binary_cross_entropy")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    part = Part(np.zeros((3, 2)), np.zeros((3, 1)))
    return Dataset(DataInfo("d", 3, ("a", "b"), ("y",), "binary"), part, part, part, None)


def state_at(step: int, value: float = 0.0) -> RunState:
    """All of its numbers are alike, so that a torn one would show."""
    numbers = np.full(17, value, np.float32)
    return RunState(
        network="n",
        data="d",
        settings=TrainingSettings(),
        seed=1,
        step=step,
        epoch=step,
        position=0,
        total=0.0,
        cost=0.5,
        evaluated=-1,
        owes_end=False,
        stopping=Stopping(0, np.inf, 0, "", 0),
        random=(1, 1, 0, 0),
        updates=step,
        stored=17,
        learned=17,
        numbers=numbers,
    )


def begin(recorder: Recorder, plan: Plan, dataset: Dataset, state: RunState) -> None:
    recorder.begin(plan, dataset, state.step, lambda: state, state.parameters)


def record(recorder: Recorder, step: int) -> None:
    if step >= recorder.next:
        state = state_at(step, step)
        recorder.record(step, lambda: state, state.numbers)


def test_three_quarters_for_keyframes_and_one_for_the_film(plan: Plan, dataset: Dataset) -> None:
    recorder = Recorder(100_000, still)
    begin(recorder, plan, dataset, state_at(0))
    for step in range(1, 30_000):
        record(recorder, step)
        assert recorder.nbytes <= 100_000
    keyframes = [keyframe.state.step for keyframe in recorder.keyframes]
    assert len(keyframes) * state_at(0).nbytes in range(35_000, 75_001)
    assert len(recorder.frames) * 434 in range(11_000, 25_001)
    assert keyframes[0] == recorder.frames[0] == 0
    recorder.limit(20_000)
    assert recorder.nbytes <= 20_000
    assert recorder.keyframes[0].state.step == 0


def test_the_film_shows_the_nearest_moment(plan: Plan, dataset: Dataset) -> None:
    recorder = Recorder(10_000, still)
    assert recorder.frame(3) is None
    begin(recorder, plan, dataset, state_at(0))
    for step in range(1, 200):
        record(recorder, step)
    steps = recorder.frames
    for step in range(199):
        frame = recorder.frame(step)
        assert frame is not None
        assert abs(frame.step - step) == min(abs(other - step) for other in steps)
        weights = frame.weights()
        assert {key: array.shape for key, array in weights.items()} == plan.stored
        assert all((array == frame.step).all() for array in weights.values())
        assert all(array.dtype == np.float32 for array in weights.values())


def test_weights_beyond_float16_are_shown_as_its_largest(plan: Plan, dataset: Dataset) -> None:
    recorder = Recorder(10_000, still)
    begin(recorder, plan, dataset, state_at(0, 1e9))
    frame = recorder.frame(0)
    assert frame is not None
    assert (frame.parameters == 65504).all()


def test_a_passage_holds_the_changes_on_the_way(plan: Plan, dataset: Dataset) -> None:
    recorder = Recorder(10**6, still)
    begin(recorder, plan, dataset, state_at(0))
    chosen = [dataclasses.replace(TrainingSettings(), learning_rate=rate) for rate in (1, 2, 3)]
    old = TrainingSettings()
    for step, new in zip((5, 5, 9), chosen, strict=True):
        recorder.change(step, lambda step=step: state_at(step), old, new)  # type: ignore[misc]
        old = new
    recorder.reached(20, None)
    assert [change.step for change in recorder.changes] == [5, 5, 9]
    assert [keyframe.state.step for keyframe in recorder.keyframes] == [0, 5, 9]
    for step, start, new in ((4, 0, []), (5, 5, [1, 2]), (8, 5, [1, 2]), (12, 9, [3])):
        passage = recorder.passage(step)
        assert passage is not None
        assert passage.start.state.step == start
        assert [change.new.learning_rate for change in passage.changes] == new
    before = recorder.passage(9, updates=1)
    assert before is not None
    assert before.start.state.step == 5
    assert [change.step for change in before.changes] == [5, 5, 9]
    assert recorder.passage(21) is None


def test_the_moment_of_rest_is_kept_until_there_is_a_later_one(
    plan: Plan, dataset: Dataset
) -> None:
    recorder = Recorder(20_000, still)
    begin(recorder, plan, dataset, state_at(0))
    for step in range(1, 1_000):
        record(recorder, step)
    state = state_at(1_001)
    for _ in range(3):
        recorder.rest(state, state.numbers)
    assert [keyframe.state.step for keyframe in recorder.keyframes].count(1_001) == 1
    assert recorder.keyframes[-1].state is state
    for step in range(1_002, 2_000):
        record(recorder, step)
    assert state not in [keyframe.state for keyframe in recorder.keyframes]


@pytest.mark.parametrize(
    "costs, window, expected",
    [
        ([5, 4, 3, 2, 1, 1.5, 1.9, 9, 90], 1, 6),
        ([5, 4, 3, 2, 1, 2.1, 1.9, 9, 90], 1, 6),
        ([5, 4, 3, 2, 1, 2.1, 2.2, 9, 90], 1, 4),
        ([5, 6, 9, 11, 30, 300, 3e30, np.inf, np.nan], 1, 2),
        ([1, 100, 1e4, 1e6, 1e8, 1e10, 1e12, 1e14, 1e16], 1, 0),
        # The costs of mini-batches: not their own, but the mean of an epoch.
        ([5, 4, 1, 4, 5, 4, 1, 90, 9e9], 4, 6),
        ([], 1, None),
    ],
)
def test_the_last_good_keyframe(
    plan: Plan, dataset: Dataset, costs: list[float], window: int, expected: int | None
) -> None:
    recorder, log = Recorder(10**6, still), MetricLog()
    begin(recorder, plan, dataset, state_at(0))
    log.add_updates(range(len(costs)), costs)
    for step in range(1, len(costs) + 1):
        record(recorder, step)
    assert recorder.good(log, window) == expected


def test_costs_of_another_network_do_not_count(plan: Plan, dataset: Dataset) -> None:
    recorder, log = Recorder(10**6, still), MetricLog()
    begin(recorder, plan, dataset, state_at(0))
    log.add_updates(range(8), [1, 0.1, 0.1, 0.1, 50, 40, 30, 900])
    for step in range(1, 4):
        record(recorder, step)
    begin(recorder, plan, dataset, state_at(4))
    for step in range(5, 8):
        record(recorder, step)
    assert recorder.good(log) == 6


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads take turns as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_it_is_read_while_it_is_written(switching: None, plan: Plan, dataset: Dataset) -> None:
    recorder = Recorder(60_000, still)
    begin(recorder, plan, dataset, state_at(0))
    done = threading.Event()
    faults: list[Any] = []
    read = 0

    def reader() -> None:
        nonlocal read
        while not done.is_set():
            for step in (0, min(100, recorder.step), recorder.step):
                passage, frame = recorder.passage(step), recorder.frame(step)
                if passage is None or frame is None:
                    faults.append(step)
                    continue
                state = passage.start.state
                if state.step > step or (state.numbers != state.step).any():
                    faults.append(state)
                if (frame.parameters != np.float16(frame.step)).any():
                    faults.append(frame)
                if any(not state.step <= change.step <= step for change in passage.changes):
                    faults.append(passage)
            read += 1

    thread = threading.Thread(target=reader)
    thread.start()
    step = 0
    while step < 4_000 or (read < 20 and step < 200_000):
        step += 1
        record(recorder, step)
        recorder.reached(step, (step, 1 / step))
        if step % 997 == 0:
            state, new = state_at(step, step), TrainingSettings(learning_rate=step)
            recorder.change(step, lambda state=state: state, TrainingSettings(), new)  # type: ignore[misc]
    done.set()
    thread.join()
    assert not faults
    assert recorder.best == (step, 1 / step)
