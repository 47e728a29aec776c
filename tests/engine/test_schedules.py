"""Schedules against their formulas at points worked out by hand, and the warm-up before them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.engine.schedules import SCHEDULES, rate
from netbuilder.errors import UserError

NAMES = list(SCHEDULES)
TIMES = st.floats(0, 1e9)
DECAYS = st.floats(1e-300, 1.0)
PERIODS = st.integers(1, 10**9)


@pytest.mark.parametrize(
    ("schedule", "t", "expected"),
    [
        ("constant", 0, 0.8),
        ("constant", 1e9, 0.8),
        ("step", 0, 0.8),
        ("step", 9.99, 0.8),
        ("step", 10, 0.4),
        ("step", 25.5, 0.2),
        ("exponential", 0, 0.8),
        ("exponential", 5, 0.8 * math.sqrt(0.5)),
        ("exponential", 20, 0.2),
        ("inverse_time", 0, 0.8),
        ("inverse_time", 10, 0.8 / 1.5),
        ("inverse_time", 20, 0.4),
        ("cosine", 0, 0.8),
        ("cosine", 5, 0.4),
        ("cosine", 10 / 3, 0.6),
        ("cosine", 10, 0.0),
        ("cosine", 1000, 0.0),
        ("inverse_steps", 0, 0.8),
        ("inverse_steps", 10.9, 0.8),
        ("inverse_steps", 11, 0.8 / 1.5),
        ("inverse_steps", 21, 0.4),
    ],
)
def test_half_every_ten_epochs(schedule: str, t: float, expected: float) -> None:
    assert rate(schedule, t, 0.8, 0.5, 10, 0) == pytest.approx(expected, abs=1e-15)


def test_stairs_of_one_epoch_are_the_courses_loop() -> None:
    """There the rate is computed when an epoch is over, from the number of that epoch."""
    learning_rate = 0.1
    for epoch in range(12):
        for share in (0.0, 0.99):
            assert rate("inverse_steps", epoch + share, 0.1, 1.0, 1, 0) == learning_rate
        learning_rate = 1 / (1 + 1.0 * epoch) * 0.1


@settings(deadline=None)
@given(st.sampled_from(NAMES), TIMES, TIMES, DECAYS, PERIODS)
def test_without_a_warm_up_it_starts_at_alpha_and_never_rises(
    schedule: str, t: float, later: float, decay: float, period: int
) -> None:
    t, later = sorted((t, later))
    assert rate(schedule, 0, 0.3, decay, period, 0) == 0.3
    first, second = (rate(schedule, at, 0.3, decay, period, 0) for at in (t, later))
    assert 0.0 <= second <= first <= 0.3


def test_a_warm_up_rises_in_equal_steps_and_none_of_them_is_nothing() -> None:
    full = [rate("constant", t, 1.0, 0.5, 10, 4, share=1.0) for t in range(7)]
    assert full == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0]
    # An update that reaches beyond the end of the warm-up is a full one, and no more.
    assert rate("constant", 1.0, 1.0, 0.5, 10, 1.5, share=1.0) == 1.0
    # Five updates an epoch, in the middle of the first and at the end of the second.
    assert rate("constant", 0.4, 1.0, 0.5, 10, 2, share=0.2) == pytest.approx(0.3)
    assert rate("constant", 1.8, 1.0, 0.5, 10, 2, share=0.2) == 1.0


@settings(deadline=None)
@given(st.sampled_from(NAMES), TIMES, DECAYS, PERIODS, st.floats(0, 1e9))
def test_a_warm_up_goes_with_every_schedule(
    schedule: str, t: float, decay: float, period: int, warmup: float
) -> None:
    alone = rate(schedule, t, 0.3, decay, period, 0)
    factor = t / warmup if t < warmup else 1.0
    assert rate(schedule, t, 0.3, decay, period, warmup) == alone * factor


@pytest.mark.parametrize("schedule", NAMES)
def test_what_a_schedule_does_not_use_does_not_matter(schedule: str) -> None:
    uses = SCHEDULES[schedule].uses
    values = [(0.5, 10), (0.25, 10), (0.5, 20)]
    rates = [rate(schedule, 7, 1.0, decay, period, 0) for decay, period in values]
    # One step of a period later all of them have moved.
    late = [rate(schedule, 17, 1.0, decay, period, 0) for decay, period in values]
    assert (late[1] != late[0]) == ("decay" in uses)
    assert (rates[2] != rates[0] or late[2] != late[0]) == ("period" in uses)


def test_an_unknown_schedule_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="constant, step, exponential, inverse_time, cosine"):
        rate("cosin", 0, 1.0, 0.5, 10, 0)
