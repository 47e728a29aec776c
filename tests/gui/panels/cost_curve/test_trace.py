"""The trace: every peak is drawn at any length, and averages do not depend on how rows arrive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.gui.panels.cost_curve.run_traces import RunTraces
from netbuilder.gui.panels.cost_curve.trace import Trace, moving_average, nearest
from netbuilder.runs.log import MetricLog


def filled(y: np.ndarray, pieces: int = 7) -> Trace:
    trace = Trace()
    for rows in np.array_split(np.arange(len(y)), pieces):
        trace.extend(rows.astype(float), y[rows])
    return trace


@settings(deadline=None, max_examples=60)
@given(
    length=st.integers(1, 60_000),
    pixels=st.integers(2, 300),
    seed=st.integers(0, 1000),
    logarithmic=st.booleans(),
    share=st.floats(0.01, 1.0),
)
def test_every_peak_in_view_is_drawn(
    length: int, pixels: int, seed: int, logarithmic: bool, share: float
) -> None:
    y = np.random.RandomState(seed).randn(length)
    high = max(2.0, share * length)
    if logarithmic:
        edges = np.logspace(0, np.log10(high), pixels + 1)
    else:
        edges = np.linspace(0, high, pixels + 1)
    x, drawn = filled(y).drawn(edges)
    inside = y[int(np.ceil(edges[0])) : int(edges[-1])]
    if len(inside):
        assert drawn.min() <= inside.min() and drawn.max() >= inside.max()
    assert set(drawn) <= set(y), "nothing is invented"
    assert (np.diff(x) >= 0).all()
    assert len(drawn) <= 4 * len(edges) + 4


def test_what_is_not_finite_is_left_out() -> None:
    trace = filled(np.array([1.0, np.nan, 3.0, np.inf, -np.inf, 6.0]), 1)
    assert trace.x.tolist() == [0, 2, 5]
    assert trace.y.tolist() == [1, 3, 6]


@pytest.mark.parametrize("weight", [0.3, 0.9, 0.996])
@pytest.mark.parametrize("length", [1, 63, 64, 65, 5000])
def test_a_moving_average_is_the_recursion_it_says(weight: float, length: int) -> None:
    y = np.random.RandomState(length).randn(length)
    expected, s = [], y[0]
    for value in y:
        s = weight * s + (1 - weight) * value
        expected.append(s)
    np.testing.assert_allclose(moving_average(y, weight, before=y[:0]), expected, atol=1e-12)
    grown = Trace()
    grown.smoothed(weight)
    for start in range(0, length, 37):
        at = np.arange(start, min(start + 37, length))
        grown.extend(at.astype(float), y[at])
    np.testing.assert_allclose(grown.smoothed(weight).y, expected, atol=1e-9)


def test_nearest() -> None:
    x = np.array([0.0, 1.0, 4.0])
    assert [nearest(x, value) for value in (-5, 0.4, 0.6, 2.4, 2.6, 99)] == [0, 0, 1, 1, 2, 2]


def test_a_log_is_read_by_what_is_new_and_anew_when_it_was_thinned() -> None:
    log = MetricLog(bounded=True)
    run = RunTraces(log)
    log.add_rows([0, 1], [0, 1], [0.7, 0.6])
    run.follow()
    log.add_rows([2], [2], [0.5])
    log.add_evaluation(2, 2, 0.55, 0.9, 0.8)
    run.follow()
    assert run.traces["train_cost"].y.tolist() == [0.7, 0.6, 0.5]
    assert run.traces["validation_accuracy"].x.tolist() == [2]
    many = range(3, 2**21 + 10)
    log.add_rows(many, many, np.linspace(0.5, 0.1, len(many)))
    run.follow()
    thinned = len(log.rows()["step"])
    assert thinned < 2**21
    log.add_rows([many.stop], [many.stop], [0.09])
    run.follow()
    assert len(run.traces["train_cost"]) == thinned + 1
    assert run.traces["train_cost"].y[-1] == 0.09


def test_updates_lie_between_the_epochs() -> None:
    log = MetricLog()
    run = RunTraces(log)
    log.add_updates(range(8), np.linspace(1, 0.3, 8))
    log.add_rows([1], [4], [0.8])
    run.follow()
    assert run.updates.x.tolist() == [0, 0.25, 0.5, 0.75, 1.0]
    log.add_rows([2], [8], [0.4])
    run.follow()
    assert run.updates.x.tolist() == [0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75]
    assert run.step_of(1.8) == 8
