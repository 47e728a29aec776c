"""Who may go on, told on a clock of the test's own."""

from __future__ import annotations

import pytest

from netbuilder.training.turns import COARSE, FRAME, HOLD, LEAST, LET_THROUGH, MOST, TURN, Turns


def test_the_worker_waits_for_the_window() -> None:
    turns = Turns(wanted=True)
    assert turns.wait(10.0) == 0.0
    turns.give(10.0)
    assert turns.wait(10.1) == pytest.approx(TURN - 0.1)
    turns.taken(10.1)
    assert turns.wait(10.1) == 0.0


def test_nobody_is_waited_for_twice() -> None:
    turns = Turns(wanted=True)
    turns.give(10.0)
    assert turns.wait(10.0 + TURN) == 0.0
    assert not turns.taking
    turns.give(11.0)
    assert turns.wait(11.0) == 0.0
    turns.taken(11.0)
    assert turns.taking
    turns.give(12.0)
    assert turns.wait(12.0) == TURN


def test_with_coarse_updates_the_worker_goes_on_beside_the_painting() -> None:
    turns, update = Turns(wanted=True), 4 * COARSE
    turns.give(10.0)
    turns.taken(10.0)
    turns.give(10.0 + 8 * update, updates=8)
    assert turns.wait(10.0 + 8 * update) == 0.0
    assert turns.burst == pytest.approx(FRAME - update / 2)
    turns.give(10.0 + 16 * update, updates=8)  # while the window is still at the first one
    turns.taken(10.0 + 17 * update)
    assert turns.taking
    # The first updates are shown one by one all the same.
    turns.give(10.0 + 18 * update, updates=1)
    assert turns.wait(10.0 + 18 * update) == pytest.approx(FRAME - update)
    # A window that is not there is noticed.
    assert turns.wait(10.0 + 18 * update + TURN) == 0.0
    assert not turns.taking
    turns.taken(12.0)
    turns.give(12.0 + FRAME, updates=1000)  # quick ones again, as of another network
    assert turns.wait(12.0 + FRAME) == TURN


def test_turns_that_are_not_wanted_are_not_taken() -> None:
    turns = Turns(wanted=False)
    turns.give(10.0)
    assert turns.wait(10.0) == 0.0
    turns.taken(10.1)
    assert not turns.taking


def test_the_worker_gets_what_the_window_leaves_of_a_frame() -> None:
    def after(painting: float) -> float:
        turns = Turns(wanted=True)
        for frame in range(40):
            turns.give(frame * 1.0)
            turns.taken(frame * 1.0 + painting)
        return turns.burst

    assert after(0.0) == MOST
    assert after(0.012) == pytest.approx(FRAME - 0.012, abs=1e-4)
    assert after(0.2) == LEAST
    turns = Turns(wanted=True)
    turns.taken(10.0)  # of a snapshot at rest, for which nobody waited
    assert turns.burst == MOST


def test_a_user_goes_first_but_not_for_ever() -> None:
    turns = Turns(wanted=True)
    assert turns.hold(10.0, 0.05)
    assert turns.wait(10.0) == pytest.approx(0.05)
    now = 10.0
    while turns.hold(now, 0.05):  # a drag: an event every 8 ms
        now += 0.008
        assert now < 11.0
    assert turns.wait(10.0 + HOLD - 0.01) == pytest.approx(0.01)
    assert turns.wait(10.0 + HOLD) == 0.0
    assert not turns.hold(10.0 + HOLD, 0.05)
    assert turns.wait(10.0 + HOLD) == 0.0
    assert turns.hold(10.0 + HOLD + LET_THROUGH, 0.05)
    assert turns.wait(10.0 + HOLD + LET_THROUGH) == pytest.approx(0.05)


def test_a_hold_and_a_turn_are_both_waited_for() -> None:
    turns = Turns(wanted=True)
    turns.give(10.0)
    turns.hold(10.2, 0.2)
    assert turns.wait(10.24) == pytest.approx(0.16)
    assert turns.wait(10.25) == pytest.approx(0.15)
    assert not turns.taking
    turns.hold(10.3, 0.01)
    assert turns.wait(10.3) == pytest.approx(0.1), "a short hold does not cut a longer one short"


def test_a_burst_of_few_updates_is_shown_as_long_as_any_other() -> None:
    turns = Turns(wanted=True)
    turns.give(10.0)
    turns.taken(10.01)
    turns.give(10.011)  # a burst of a millisecond
    turns.taken(10.02)
    assert turns.wait(10.02) == pytest.approx(10.011 + FRAME - 0.001 - 10.02)
    assert turns.wait(10.011 + FRAME) == 0.0
    turns.give(10.08)  # a burst of the usual length
    turns.taken(10.09)
    assert turns.wait(10.09) == 0.0
