"""Inside: the very update that comes next, its batch, its dropout, its v and s included."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import numpy as np
import pytest

from netbuilder.document.model.project import DataChoice, TrainingSettings
from netbuilder.document.templates import new_project
from netbuilder.engine.program import Weights
from netbuilder.errors import UserError
from netbuilder.lens import inside as inside_module
from netbuilder.lens.inside import Inside, inside
from netbuilder.lens.later import GivenUp
from netbuilder.runs.recorder import Recorder
from netbuilder.training.trainer import Limit, Trainer

LAYERS = "5 relu, batch norm, dropout 0.3, 3 softmax"
NAMES = {"W": "W", "b": "b", "γ": "gamma", "β": "beta", "μ_run": "mean", "σ²_run": "variance"}


def iris(subject: Any, **settings: Any) -> tuple[Any, TrainingSettings]:
    project = new_project(DataChoice(source="iris", scale="standard"), LAYERS)
    return subject(project), dataclasses.replace(project.training, **settings)


def trained(at: Any, settings: TrainingSettings, updates: int) -> Trainer:
    trainer = Trainer(at.plan, at.dataset, settings, at.project.seed)
    trainer.record(Recorder(10**7, lambda: 0.0))
    bursts = trainer.bursts()
    trainer.limit = Limit(seconds=None, updates=updates)
    next(bursts)
    return trainer


def found(at: Any, settings: TrainingSettings, trainer: Trainer) -> Inside:
    moment = trainer.snapshot(1, "paused")
    wanted = threading.Event()
    return inside(at.plan, at.dataset, settings, 9, moment.weights, moment, wanted)


def after(seen: Inside) -> Weights:
    return {
        f"{stop.node}.{NAMES[stop.result.name.text]}": stop.result.values
        for stop in seen.stops
        if stop.phase == "update" and stop.result.name.text in NAMES
    }


def test_it_is_the_update_that_comes_next(subject: Any) -> None:
    """In the middle of an epoch of mini-batches, with dropout, Adam and a falling rate."""
    at, settings = iris(
        subject, batch_size=32, optimizer="adam", schedule="inverse_time", period=1, l2=0.3
    )
    trainer = trained(at, settings, 7)
    seen = found(at, settings, trainer)
    assert (seen.step, seen.shown, seen.of) == (7, 32, 32)
    trainer.limit = Limit(seconds=None, updates=1)
    next(trainer.bursts())
    assert trainer.step == 8
    for key, values in trainer.weights().items():
        np.testing.assert_allclose(after(seen)[key], values, rtol=2e-4, atol=1e-6, err_msg=key)
    (note,) = seen.notes
    assert "in epoch 1: α / (1 + γ t/T)" in str(note)


def test_a_run_that_keeps_nothing_is_said_to_have_no_moments(subject: Any) -> None:
    at, settings = iris(subject, optimizer="momentum")
    trainer = trained(at, settings, 3)
    moment = dataclasses.replace(trainer.snapshot(1, "paused"), recorder=None)
    wanted = threading.Event()
    seen = inside(at.plan, at.dataset, settings, 9, moment.weights, moment, wanted)
    assert ["v and s of this moment are not kept" in str(note) for note in seen.notes] == [True]


def test_of_a_large_network_some_examples_are_shown_and_that_is_said(
    subject: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, settings = iris(subject)
    trainer = trained(at, settings, 1)
    numbers = 10 * at.plan.parameter_count + 20 * at.plan.elements_per_example(True)
    monkeypatch.setattr(inside_module, "_NUMBERS", numbers)
    seen = found(at, settings, trainer)
    assert (seen.shown, seen.stops[0].result.shape) == (20, (5, 20))
    assert "20 of the 32 examples" in str(seen.notes[-1])
    monkeypatch.setattr(inside_module, "_NUMBERS", 100)
    with pytest.raises(UserError, match="up to 10 parameters; this one has 53"):
        found(at, settings, trainer)


def test_what_nobody_wants_any_more_is_given_up(subject: Any) -> None:
    at, settings = iris(subject)
    moment = trained(at, settings, 1).snapshot(1, "paused")
    unwanted = threading.Event()
    unwanted.set()
    with pytest.raises(GivenUp):
        inside(at.plan, at.dataset, settings, 9, moment.weights, moment, unwanted)
