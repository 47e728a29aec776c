"""The guard knows the last good state; the words fit what happened."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from netbuilder.data.dataset import Part
from netbuilder.engine.layers import Dense
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program
from netbuilder.training.divergence import Diverged, Guard, explain
from netbuilder.training.trainer import Limit, Trainer

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


def test_where_no_copy_was_made_the_older_good_state_stays() -> None:
    times = iter([0.0, 1.0, 2.0])  # a copy took a second, so the next one is not due for long
    program = Program(chain(300, [Dense(300, "tanh", "zeros")], "mse"))
    guard = Guard(program, lambda: next(times))
    for value in (1.0, 2.0):
        program.flat_parameters[...] = value
        guard.before_update()
        guard.was_finite()
    assert guard.restore()
    assert (program.flat_parameters == 1.0).all()


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
        ({"largest": 31.0}, "Scale the data, whose largest number is 31.0"),
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


def test_scaled_data_is_not_to_blame() -> None:
    assert "Scale the data" not in str(explain(**{**SAID, "largest": 30.0}))


def diverging(kit: Any, **changes: Any) -> Trainer:
    """A trainer on data that reaches far below zero, after it has diverged."""
    data = kit.data(task="regression")
    X = -np.abs(data.train.X) * 40.0
    data = dataclasses.replace(data, train=Part(X, data.train.Y))
    trainer = Trainer(kit.line(), data, kit.settings(learning_rate=2.0, **changes), seed=1)
    with pytest.raises(Diverged) as caught:
        for _ in trainer.bursts():
            pass
    assert f"whose largest number is {-X.min():.3g}" in str(caught.value)
    return trainer


def test_large_is_what_is_far_from_zero_on_either_side(kit: Any) -> None:
    diverging(kit)


def test_after_it_the_epoch_begins_anew(kit: Any) -> None:
    trainer = diverging(kit, batch_size=7)
    assert trainer.step % trainer.updates_per_epoch, "it was in the middle of an epoch"
    trainer.settings = dataclasses.replace(trainer.settings, learning_rate=1e-6)
    trainer.program.flat_parameters[...] = 0.01
    step, epoch = trainer.step, trainer.epoch
    trainer.limit = Limit(seconds=None, epochs=1)
    next(trainer.bursts())
    assert (trainer.step - step, trainer.epoch - epoch) == (trainer.updates_per_epoch, 1)
    # Its cost is the mean over all examples, none of those before the divergence among them.
    costs, sizes = trainer.log.updates()["cost"][-5:], [7, 7, 7, 7, 2]
    assert trainer.cost == pytest.approx(np.average(costs, weights=sizes), rel=1e-6)


def test_what_is_clipped_already_needs_no_such_advice() -> None:
    assert "at update 7: Dense 1" in str(explain(**{**SAID, "clipped": True}))
    assert "clip" not in str(explain(**{**SAID, "clipped": True}))
