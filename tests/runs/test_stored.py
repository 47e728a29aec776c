"""The run in a file: what comes back is what was stored, or a sentence says why it does not."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data.dataset import DataInfo, Dataset, Part
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layers import BatchNorm, Dense, Dropout
from netbuilder.engine.plan import Plan, chain
from netbuilder.errors import Message, UserError
from netbuilder.runs import stored
from netbuilder.runs.log import MetricLog
from netbuilder.runs.stored import StoredRun, others, run_of, sections_of, step_of
from netbuilder.training.trainer import Limit, Trainer


def plan_of(units: int = 5) -> Plan:
    layers = [Dense(units, "relu"), BatchNorm(), Dropout(0.3), Dense(1, "sigmoid")]
    return chain(2, layers, "binary_cross_entropy")


def dataset_of(seed: int = 1) -> Dataset:
    def part(m: int, seed: int) -> Part:
        X = np.random.default_rng(seed).standard_normal((m, 2))
        return Part(X, (X[:, :1] * X[:, 1:] > 0).astype(float))

    info = DataInfo("test", 39, ("x1", "x2"), ("y",), "binary", ("0", "1"))
    return Dataset(info, part(30, seed), part(9, 8), part(0, 9), None)


PLAN, DATA = plan_of(), dataset_of()
ADAM = TrainingSettings(optimizer="adam", learning_rate=0.02, batch_size=7)


def trained(chosen: TrainingSettings = ADAM, updates: int = 23) -> Trainer:
    trainer = Trainer(PLAN, DATA, chosen, seed=3)
    trainer.limit = Limit(seconds=None, updates=updates)
    next(trainer.bursts())
    return trainer


@pytest.fixture(scope="module")
def sections() -> dict[str, bytes]:
    """Of a sound run with a mark."""
    trainer = trained()
    trainer.log.mark(9, Message("{setting}: {old} → {new}", setting="α", old=1.2, new=0.3))
    return sections_of(trainer.state(), trainer.log)


def found(sections: dict[str, bytes]) -> StoredRun:
    run = run_of(sections, PLAN, DATA)
    assert run is not None
    return run


def assert_same_log(actual: MetricLog, expected: MetricLog) -> None:
    for name in ("updates", "rows", "evaluations"):
        columns = getattr(actual, name)()
        for key, values in getattr(expected, name)().items():
            assert columns[key].dtype == values.dtype
            np.testing.assert_array_equal(columns[key], values)
    assert actual.marks == expected.marks


# --- there and back ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch_size", [0, 7])
def test_a_run_comes_back_bit_by_bit(batch_size: int, dtype: str) -> None:
    chosen = TrainingSettings(
        optimizer="adam", batch_size=batch_size, dtype=dtype, evaluate_every=2
    )
    trainer = trained(chosen)
    state = trainer.state()
    sections = sections_of(state, trainer.log)
    run = found(sections)
    assert run.state.numbers.tobytes() == state.numbers.tobytes()
    assert (run.state.step, run.state.random) == (state.step, state.random)
    assert_same_log(run.log, trainer.log)
    assert sections_of(run.state, run.log) == sections, "the same run gives the same bytes"


def test_the_log_is_of_the_states_moment_though_training_went_on() -> None:
    trainer = trained()
    state, log = trainer.state(), trainer.log.until(trainer.state())
    trainer.limit = Limit(seconds=None, updates=11)
    next(trainer.bursts())
    assert len(trainer.log.updates()["step"]) == 34
    assert_same_log(found(sections_of(state, trainer.log)).log, log)


def test_marks_come_back_with_their_values() -> None:
    trainer = trained()
    marks = (
        (3, Message("network changed")),
        (4, Message("{what} by {who}", what=Message("{n:,} units", n=1000), who="me")),
        (5, Message("{α:.2f} {on} {name!r}", α=1.0, on=True, name="{braces}")),
    )
    trainer.log.marks = (*marks, (6, Message("{a} {b}", a=(1, 2), b=float("inf"))))
    back = found(sections_of(trainer.state(), trainer.log)).log.marks
    assert back[:3] == marks
    assert str(back[3][1]) == "(1, 2) inf"


def test_without_a_run_there_are_no_sections() -> None:
    assert sections_of(None, None) == sections_of(None, MetricLog()) == {}
    assert run_of({}, PLAN, DATA) is None
    assert run_of({"later.npz": b"x"}, PLAN, DATA) is None


def test_what_is_of_no_run_is_told_apart(sections: dict[str, bytes]) -> None:
    assert others({**sections, "later.npz": b"x"}) == {"later.npz": b"x"}


def test_a_state_that_nothing_could_go_on_from_is_not_stored() -> None:
    trainer = trained()
    state = trainer.state()
    numbers = state.numbers.copy()
    numbers[-1] = np.inf
    assert sections_of(dataclasses.replace(state, numbers=numbers), trainer.log) == {}


def test_a_long_log_is_thinned_and_keeps_its_extremes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "_MOST_ROWS", 100)
    trainer = trained(TrainingSettings(learning_rate=0.5), updates=1500)
    sections = sections_of(trainer.state(), trainer.log)
    log = found(sections).log
    for name, cost in (("rows", "train_cost"), ("updates", "cost")):
        whole, few = getattr(trainer.log, name)(), getattr(log, name)()
        assert 20 < len(few[cost]) <= 100
        assert few[cost].min() == whole[cost].min() and few[cost].max() == whole[cost].max()
        assert few["step"][-1] == whole["step"][-1]
        assert np.isin(few[cost], whole[cost]).all()
    again = found(sections)
    assert sections_of(again.state, again.log) == sections, "nothing more is lost"


def test_a_log_of_a_window_stays_bounded(sections: dict[str, bytes]) -> None:
    run = run_of(sections, PLAN, DATA, bounded=True)
    assert run is not None and run.log.until(run.state)._bounded


# --- what is not to be believed ------------------------------------------------------------------


def refusal(sections: dict[str, bytes], plan: Plan = PLAN, dataset: Dataset = DATA) -> str:
    with pytest.raises(UserError) as caught:
        run_of(sections, plan, dataset)
    return str(caught.value)


def test_a_run_of_something_else_is_refused(sections: dict[str, bytes]) -> None:
    assert "belongs to another network" in refusal(sections, plan_of(6))
    assert "belongs to other examples" in refusal(sections, dataset=dataset_of(2))


@pytest.mark.parametrize("name", ["run.json", "run.npz", "log.npz"])
def test_a_part_that_is_missing_or_damaged(sections: dict[str, bytes], name: str) -> None:
    assert f"{name} is missing" in refusal({k: v for k, v in sections.items() if k != name})
    for data in (b"", b"{}", sections[name][: len(sections[name]) // 2]):
        assert "damaged" in refusal({**sections, name: data})


def edited(sections: dict[str, bytes], change: Callable[[dict[str, Any]], Any]) -> dict[str, bytes]:
    record = json.loads(sections["run.json"])
    change(record)
    return {**sections, "run.json": json.dumps(record).encode()}


def marked(text: str, **values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda record: record.update(marks=[[1, {"text": text, "values": values}]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r.pop("state"), "run.json"),
        (lambda r: r["state"].update(step=-1), "step must be a count"),
        (lambda r: r["state"].update(film=1), "film is unknown"),
        (lambda r: r["state"].update(step=3), "its log goes on to update"),
        (lambda r: r.update(marks=[[1, "x"]]), "run.json"),
        (lambda r: r.update(marks=[[-1, {"text": "x"}]]), "before the first update"),
        (marked("{x.__class__}", x=1), "a mark of its log cannot be read"),
        (marked("{x[0]}", x="abc"), "a mark of its log cannot be read"),
        (marked("{x:>999999999}", x=1), "a mark of its log cannot be read"),
        (marked("{x:{x}}", x=9), "a mark of its log cannot be read"),
        (marked("{y}", x=1), "a mark of its log cannot be read"),
        (marked("{", x=1), "a mark of its log cannot be read"),
        (marked("{x:.2f}", x="a"), "a mark of its log cannot be read"),
        (marked("{}", x="a"), "a mark of its log cannot be read"),
        (marked("x" * 10_001), "a mark of its log cannot be read"),
    ],
)
def test_values_that_no_run_has(sections: dict, change: Callable, words: str) -> None:
    assert words in refusal(edited(sections, change))


def arrays_changed(sections: dict[str, bytes], name: str, **arrays: Any) -> dict[str, bytes]:
    with np.load(io.BytesIO(sections[name])) as archive:
        found = {**archive, **arrays}
    buffer = io.BytesIO()
    np.savez(buffer, **{key: array for key, array in found.items() if array is not None})
    return {**sections, name: buffer.getvalue()}


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"rows.step": None}, "rows.step is missing or unknown"),
        ({"x": np.zeros(3)}, "x is missing or unknown"),
        ({"rows.step": np.zeros(4)}, "is no column of its table"),
        ({"rows.step": np.zeros((3, 1), int)}, "is no column of its table"),
        ({"updates.step": np.array(3)}, "is no column of its table"),
        ({"updates.cost": np.zeros(3)}, "updates.cost is no column"),
        ({"updates.cost": np.full(23, np.nan)}, "updates.cost is not finite"),
        ({"updates.step": np.arange(23)[::-1]}, "updates.step goes backwards"),
        ({"updates.step": np.arange(-1, 22)}, "updates.step goes backwards"),
    ],
)
def test_logs_that_are_none(sections: dict, arrays: dict, words: str) -> None:
    assert words in refusal(arrays_changed(sections, "log.npz", **arrays))


def test_states_that_are_none(sections: dict[str, bytes]) -> None:
    wrong = arrays_changed(sections, "run.npz", moment0=np.zeros(3))
    assert "moment0 must hold" in refusal(wrong)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("parameters.npy", b"\x93NUMPY\x09\x00" + b"x" * 50)
    assert "unknown npy version" in refusal({**sections, "run.npz": buffer.getvalue()})


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_any_damage_gives_a_sentence_or_a_sound_run(
    sections: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(sections)))
    content = bytearray(sections[name])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(content[: data.draw(st.integers(len(content) - 3, len(content)))])
    try:
        run = run_of({**sections, name: damaged}, PLAN, DATA)
    except UserError as error:
        assert str(error)
    else:
        assert run is not None and run.state.is_finite
        assert all(str(mark) for _, mark in run.log.marks)
        assert sections_of(run.state, run.log).keys() == sections.keys()
        Trainer.from_state(PLAN, DATA, run.state, log=run.log)


def test_how_far_a_run_is_is_known_without_its_network(sections: dict[str, bytes]) -> None:
    assert step_of(sections) == 23
    for damaged in ({}, {stored.VALUES: b"{}"}, {stored.VALUES: b"[" * 100_000}):
        assert step_of(damaged) == 0
