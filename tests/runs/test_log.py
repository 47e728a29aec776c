"""The log keeps every number, and readers never see it half written."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.errors import Message
from netbuilder.runs.log import BOUND, Columns, MetricLog


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 1000), max_size=400), max_size=12))
def test_a_table_keeps_all_rows_in_order(chunks: list[list[int]]) -> None:
    table = Columns({"x": int, "y": float}, "y")
    for chunk in chunks:
        table.extend(chunk, [value / 2 for value in chunk])
    flat = [value for chunk in chunks for value in chunk]
    columns = table.columns()
    assert len(table) == len(flat)
    assert columns["x"].tolist() == flat
    assert columns["y"].tolist() == [value / 2 for value in flat]


def test_columns_that_were_read_never_change() -> None:
    table = Columns({"x": int}, "x")
    table.extend(range(10))
    early = table.columns()["x"]
    table.extend(range(10, 100_000))
    assert early.tolist() == list(range(10))
    with pytest.raises(ValueError, match="read-only"):
        early[0] = 5


def test_a_reader_on_another_thread_sees_whole_rows() -> None:
    table = Columns({"x": int, "twice": int}, "x", bound=4096)
    done = threading.Event()
    wrong: list[Any] = []

    def read() -> None:
        while not done.is_set():
            x, twice = table.columns().values()
            if len(x) != len(twice) or (twice != 2 * x).any() or (np.diff(x) <= 0).any():
                wrong.append((x, twice))

    reader = threading.Thread(target=read)
    reader.start()
    for start in range(0, 60_000, 7):
        table.extend(range(start, start + 7), range(2 * start, 2 * start + 14, 2))
    done.set()
    reader.join()
    assert not wrong


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=600),
    st.integers(1, 40),
)
def test_a_bounded_table_keeps_its_extremes_and_its_end(values: list[float], chunk: int) -> None:
    table = Columns({"x": int, "y": float}, "y", bound=64)
    for start in range(0, len(values), chunk):
        some = values[start : start + chunk]
        table.extend(range(start, start + len(some)), some)
    x, y = table.columns().values()
    assert len(x) <= 64 + 40
    assert (np.diff(x) > 0).all()
    np.testing.assert_array_equal(y, np.array(values)[x])
    finite = [value for value in values if value == value]
    if finite:
        # Missing values count as nought when rows are weighed against each other.
        assert np.nan_to_num(y).min() == np.nan_to_num(np.array(values)).min()
        assert np.nan_to_num(y).max() == np.nan_to_num(np.array(values)).max()
    assert x[-1] == len(values) - 1


def test_an_unbounded_log_keeps_millions_of_rows() -> None:
    log = MetricLog()
    for start in range(0, 3_000_000, 500_000):
        log.add_rows(*[range(start, start + 500_000)] * 2, [1.0] * 500_000)
    assert len(log.rows()["step"]) == 3_000_000


def test_a_bounded_log_does_not_grow_for_ever() -> None:
    log = MetricLog(bounded=True)
    for start in range(0, 6_000_000, 500_000):
        log.add_updates(range(start, start + 500_000), np.arange(start, start + 500_000) * 1.0)
    updates = log.updates()
    assert len(updates["step"]) <= BOUND
    assert updates["step"][[0, -1]].tolist() == [0, 5_999_999]
    assert log.updates()["cost"].max() == 5_999_999.0


def test_the_beginning_of_a_long_run_stays_as_dense_as_what_came_later() -> None:
    """An hour of it: thinned over and over, the first minutes must not fade away."""
    table = Columns({"step": int, "cost": float}, "cost", bound=4096)
    rng = np.random.RandomState(0)
    total, piece = 2_000_000, 500
    for start in range(0, total, piece):
        table.extend(np.arange(start, start + piece), rng.rand(piece))
    steps = table.columns()["step"]
    assert len(steps) <= 4096
    each_tenth = np.histogram(steps[steps < 0.9 * total], bins=9, range=(0, 0.9 * total))[0]
    assert each_tenth.min() > 50 and each_tenth.max() <= 3 * each_tenth.min()
    # The newest rows are whole.
    assert steps[-1] == total - 1 and (np.diff(steps[-500:]) == 1).all()


def test_rows_without_an_evaluation_are_nan() -> None:
    log = MetricLog()
    assert all(len(column) == 0 for column in log.epochs().values())
    log.add_evaluation(0, 0, 0.7, 0.5, 0.4)  # an evaluation may come before its row
    assert len(log.epochs()["train_accuracy"]) == 0
    log.add_rows([0, 1, 2], [0, 1, 2], [0.6, 0.5, 0.4])
    log.add_evaluation(2, 2, float("nan"), 0.9, 0.8)
    epochs = log.epochs()
    assert list(epochs) == [
        "epoch",
        "step",
        "train_cost",
        "validation_cost",
        "train_accuracy",
        "validation_accuracy",
    ]
    np.testing.assert_array_equal(epochs["train_cost"], [0.6, 0.5, 0.4])
    np.testing.assert_array_equal(epochs["validation_cost"], [0.7, np.nan, np.nan])
    np.testing.assert_array_equal(epochs["train_accuracy"], [0.5, np.nan, 0.9])
    np.testing.assert_array_equal(epochs["validation_accuracy"], [0.4, np.nan, 0.8])
    assert log.evaluations()["step"].tolist() == [0, 2]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def changed(old: float, new: float, setting: str = "learning rate") -> Message:
    return Message("{setting}: {old} → {new}", setting=setting, old=old, new=new)


def test_a_dragged_slider_leaves_one_mark() -> None:
    clock = Clock()
    log = MetricLog(clock=clock)
    for step, value in enumerate([0.2, 0.3, 0.4]):
        clock.now += 0.5
        log.mark(10 + step, changed(value - 0.1, value))
    assert log.marks == ((10, changed(0.2 - 0.1, 0.4)),)
    clock.now += 0.5
    log.mark(14, changed(0.9, 0.8, "momentum β"))
    log.mark(15, Message("network changed"))
    log.mark(16, Message("network changed"))
    clock.now += 2.0
    log.mark(17, changed(0.4, 0.5))
    clock.now += 2.0
    log.mark(18, changed(0.5, 0.6))
    assert [step for step, _ in log.marks] == [10, 14, 15, 17, 18]
    assert str(log.marks[-1][1]) == "learning rate: 0.5 → 0.6"


def test_marks_are_bounded() -> None:
    clock = Clock()
    log = MetricLog(clock=clock)
    for step in range(6000):
        clock.now += 10.0
        log.mark(step, Message("network changed"))
    assert len(log.marks) == 5000
    assert log.marks[-1][0] == 5999
