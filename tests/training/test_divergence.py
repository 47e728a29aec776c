"""The guard knows the last good state; the words fit what happened."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netbuilder.engine.layers import Dense
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program
from netbuilder.training.divergence import Diverged, Guard, explain

SAID: dict[str, Any] = {
    "layer": "Dense 1",
    "is_data": False,
    "step": 7,
    "learning_rate": 0.5,
    "in_force": 0.5,
    "clipped": False,
    "largest": 1.0,
    "went_back": True,
}


def test_a_small_network_goes_back_to_exactly_the_last_good_update(kit: Any) -> None:
    program = Program(kit.plan())
    guard = Guard(program)
    assert not guard.restore()
    for value in (1.0, 2.0, 3.0):
        program.flat_parameters[...] = value
        guard.before_update()
        if value < 3.0:
            guard.was_finite()
    assert guard.restore()
    assert (program.flat_parameters == 2.0).all()


def test_copies_of_a_large_network_take_a_small_share_of_the_time() -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 0.01  # a copy takes as long
        return now

    program = Program(chain(300, [Dense(300, "tanh", "zeros")], "mse"))
    guard = Guard(program, clock)
    kept = []
    for update in range(100):
        program.flat_parameters[...] = update
        guard.before_update()
        guard.was_finite()
        guard.restore()
        kept.append(int(program.flat_parameters[0]))
        now += 0.02  # the update
    assert len(set(kept)) in (4, 5, 6, 7)
    assert kept == sorted(kept)


@pytest.mark.parametrize("value, finite", [(1.0, True), (1e30, True), (np.inf, False), (np.nan, 0)])
def test_parameters_beyond_the_range_are_found(kit: Any, value: float, finite: bool) -> None:
    program = Program(kit.plan())
    program.flat_parameters[3] = value  # the square of 1e30 is beyond float32: no false alarm
    assert Guard(program).parameters_are_finite() == finite


@pytest.mark.parametrize(
    "changes, words",
    [
        ({}, "at update 7: Dense 1 went out of range first"),
        ({}, "Lower the learning rate from 0.5 to 0.05"),
        ({"learning_rate": 1e6}, "from 1e+06 to 0.1"),
        ({}, "clip the gradient to a norm of 1"),
        ({"in_force": 0.25}, "at update 7, at a learning rate of 0.25: Dense 1 went"),
        ({"in_force": 0.25}, "from 0.5 to 0.05"),
        ({"in_force": 0.25, "largest": 1e3}, "at update 7, at a learning rate of 0.25: Dense 1"),
        ({}, "another initialiser"),
        ({"largest": 1234.5678}, "Scale the data, whose largest number is 1230.0"),
        ({"went_back": False}, "from the start: Dense 1 went out of range first"),
        ({"went_back": False}, "another initialiser"),
        ({"is_data": True, "layer": "Data"}, "choose float64"),
    ],
)
def test_it_says_what_to_try(changes: dict[str, Any], words: str) -> None:
    message = explain(**{**SAID, **changes})
    assert words in str(message)
    assert str(Diverged("n1", message)) == str(message)


def test_what_is_clipped_already_needs_no_such_advice() -> None:
    assert "at update 7: Dense 1" in str(explain(**{**SAID, "clipped": True}))
    assert "clip" not in str(explain(**{**SAID, "clipped": True}))
