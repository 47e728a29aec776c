"""The history in a file: any moment comes back from it, and damage costs no more than it."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data.dataset import DataInfo, Dataset, Part
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layers import BatchNorm, Dense, Dropout
from netbuilder.engine.plan import Plan, chain
from netbuilder.errors import UserError
from netbuilder.runs import history
from netbuilder.runs.history import HISTORY, recorder_of, section_of
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.state import RunState
from netbuilder.runs.stored import StoredRun, of_run, others, run_of, sections_of
from netbuilder.training.replay import Replay
from netbuilder.training.trainer import Limit, Trainer


def dataset_of(seed: int = 1) -> Dataset:
    def part(m: int, seed: int) -> Part:
        X = np.random.default_rng(seed).standard_normal((m, 2))
        return Part(X, (X[:, :1] * X[:, 1:] > 0).astype(float))

    info = DataInfo("test", 39, ("x1", "x2"), ("y",), "binary", ("0", "1"))
    return Dataset(info, part(30, seed), part(9, 8), part(0, 9), None)


def plan_of(units: int = 5) -> Plan:
    layers = [Dense(units, "relu"), BatchNorm(), Dropout(0.3), Dense(1, "sigmoid")]
    return chain(2, layers, "binary_cross_entropy")


PLAN, DATA = plan_of(), dataset_of()
ADAM = TrainingSettings(optimizer="adam", learning_rate=0.02, batch_size=7, evaluate_every=1)
EDITS: dict[int, dict[str, Any]] = {
    40: {"learning_rate": 0.1},
    41: {"l2": 0.1},
    90: {"optimizer": "momentum", "dtype": "float64"},
}


def recorded(last: int = 150) -> tuple[Trainer, Recorder, dict[int, RunState]]:
    trainer = Trainer(PLAN, DATA, ADAM, seed=3)
    recorder = Recorder(10**8, lambda: 0.0)
    trainer.record(recorder)
    trainer.limit = Limit(seconds=None, updates=1)
    states = {}
    while trainer.step < last:
        if trainer.step in EDITS:
            trainer.settings = dataclasses.replace(trainer.settings, **EDITS[trainer.step])
        states[trainer.step] = trainer.state()
        next(trainer.bursts())
    trainer.rest()
    states[last] = trainer.state()
    return trainer, recorder, states


@pytest.fixture(scope="module")
def run() -> tuple[Trainer, Recorder, dict[int, RunState]]:
    return recorded()


@pytest.fixture(scope="module")
def sections(run: Any) -> dict[str, bytes]:
    trainer, recorder, _ = run
    return sections_of(trainer.state(), trainer.log, recorder)


def found(sections: dict[str, bytes]) -> StoredRun:
    run = run_of(sections, PLAN, DATA)
    assert run is not None
    return run


def thinned(recorder: Recorder, state: RunState, log: MetricLog) -> Recorder:
    """What a file would keep, read again."""
    data = section_of(recorder, state, b"the run")[HISTORY]
    return recorder_of(data, b"the run", PLAN, DATA, state, log)


def same(actual: RunState | None, expected: RunState) -> None:
    assert actual is not None
    assert actual.numbers.tobytes() == expected.numbers.tobytes()
    names = (f.name for f in dataclasses.fields(RunState) if f.name != "numbers")
    for name in names:
        mine, other = getattr(actual, name), getattr(expected, name)
        assert mine == other or (mine != mine and other != other), name


def test_any_moment_comes_back_exactly_from_what_was_stored(run: Any, sections: Any) -> None:
    _, _, states = run
    stored = found(sections)
    assert stored.lost is None and stored.recorder is not None
    replay = Replay(stored.recorder)
    for step in (0, 1, 39, 40, 41, 42, 89, 90, 91, 120, 149, 150):
        same(replay.state(step), states[step])
    assert replay.state(151) is None


def test_the_way_goes_on_without_a_leap(run: Any, sections: Any) -> None:
    trainer, recorder, _ = run
    stored = found(sections)
    assert stored.recorder is not None
    second = Trainer.from_state(PLAN, DATA, stored.state, log=stored.log)
    second.record(stored.recorder, goes_on=True)
    second.limit = Limit(seconds=None, updates=30)
    next(second.bursts())
    assert stored.recorder.leaps == (0,) and stored.recorder.step == 180
    assert stored.recorder.best is not None and recorder.best is not None
    best = stored.log.evaluations()["validation_cost"]
    assert stored.recorder.best[1] == np.nanmin(best)
    replay = Replay(stored.recorder)
    same(replay.state(150), trainer.state())
    same(replay.state(180), second.state())
    assert stored.recorder.frame(70) is not None, "a film of it is there at once"


def test_the_same_run_gives_the_same_bytes(run: Any, sections: Any) -> None:
    trainer, recorder, _ = run
    assert sections_of(trainer.state(), trainer.log, recorder) == sections
    again = found(sections)
    assert sections_of(again.state, again.log, again.recorder) == sections


def test_what_came_after_the_state_is_no_part_of_its_history(run: Any) -> None:
    trainer, recorder, states = run
    stored = found(sections_of(states[60], trainer.log, recorder))
    assert stored.recorder is not None
    assert stored.recorder.step == 60
    assert [change.step for change in stored.recorder.changes] == [40, 41]
    same(Replay(stored.recorder).state(55), states[55])


def test_a_change_after_the_state_was_taken_is_not_in_it(run: Any) -> None:
    trainer, recorder, _ = run
    before = recorder.step
    _, other, states = recorded(90)
    taken = dataclasses.replace(
        states[90], settings=dataclasses.replace(ADAM, learning_rate=0.1, l2=0.1)
    )
    other.change(90, lambda: taken, taken.settings, dataclasses.replace(ADAM, beta=0.5))
    small = thinned(other, taken, trainer.log)
    assert [change.step for change in small.changes] == [40, 41]
    assert recorder.step == before


@pytest.mark.parametrize("budget", [60_000, 20_000, 8_000, 2_500])
def test_it_stays_within_its_budget(run: Any, monkeypatch: pytest.MonkeyPatch, budget: int) -> None:
    trainer, recorder, states = run
    monkeypatch.setattr(history, "BUDGET", budget)
    small = thinned(recorder, trainer.state(), trainer.log)
    frames = small.keyframes
    assert sum(frame.state.nbytes for frame in frames) <= budget
    steps = [frame.state.step for frame in frames]
    assert steps == sorted(set(steps)) and steps[-1] == 150, "the last one stays longest"
    if budget >= 20_000:
        assert {0, 40, 41, 90} <= set(steps), "the first one, and those before changes"
        assert len([step for step in steps if step < 40]) >= (3 if budget > 20_000 else 1)
    later = min(steps[0] + 3, 150)
    same(Replay(small).state(later), states[later])


def test_it_has_no_more_than_so_many(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, recorder, _ = run
    monkeypatch.setattr(history, "_MOST", 12)
    small = thinned(recorder, trainer.state(), trainer.log)
    assert 6 <= len(small.keyframes) <= 12
    monkeypatch.setattr(history, "_MOST", 1)
    small = thinned(recorder, trainer.state(), trainer.log)
    assert [frame.state.step for frame in small.keyframes] == [150]
    assert len(small.changes) <= 1


def test_without_a_history_the_run_is_there(sections: dict[str, bytes]) -> None:
    without = {name: data for name, data in sections.items() if name != HISTORY}
    stored = found(without)
    assert (stored.recorder, stored.lost) == (None, None), "as files of earlier versions are"
    assert HISTORY not in others(sections) and set(of_run(sections)) == set(sections)


def repacked(data: bytes, **arrays: Any) -> bytes:
    with np.load(io.BytesIO(data)) as archive:
        parts = {**archive, **arrays}
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    return buffer.getvalue()


def test_a_history_of_something_else_is_left_out(run: Any, sections: dict[str, bytes]) -> None:
    trainer, recorder, states = run
    earlier = sections_of(states[100], trainer.log, recorder)
    stored = found({**sections, HISTORY: earlier[HISTORY]})
    assert stored.recorder is None and "another moment" in str(stored.lost)
    same(stored.state, trainer.state())


@pytest.mark.parametrize(
    "arrays",
    [
        {"float32": np.zeros(3, np.float32)},
        {"float64": np.full(10**5, np.nan)},
        {"random": np.zeros((2, 6), np.uint64)},
        {"random": np.zeros((2, 6))},
        {"record": np.zeros(9, np.uint8)},
        {"record": np.zeros(9)},
        {"more": np.zeros(9)},
    ],
)
def test_a_damaged_part_costs_the_history_and_not_the_run(
    sections: dict[str, bytes], arrays: dict[str, Any]
) -> None:
    stored = found({**sections, HISTORY: repacked(sections[HISTORY], **arrays)})
    assert stored.recorder is None and stored.lost is not None
    same(stored.state, found(sections).state)


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_any_damage_gives_a_sentence_or_a_sound_history(
    sections: dict[str, bytes], data: st.DataObject
) -> None:
    with np.load(io.BytesIO(sections[HISTORY])) as arrays:
        parts = dict(arrays)
    place, value = data.draw(st.integers(0, 60_000)), data.draw(st.integers(0, 255))
    text = bytearray(parts["record"].tobytes())
    text[min(place, len(text) - 1)] = value
    parts["record"] = np.frombuffer(bytes(text), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    try:
        stored = found({**sections, HISTORY: buffer.getvalue()})
    except UserError as error:  # pragma: no cover
        raise AssertionError("the run itself is sound") from error
    if stored.recorder is not None:
        Replay(stored.recorder).state(0)
    else:
        assert str(stored.lost)
