"""Stretches of training: what a document had learned, and what of it another network keeps."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import first_start, new_project
from netbuilder.engine.plan import Plan
from netbuilder.errors import UserError
from netbuilder.runs.stretch import Learned, Stretch, same_network
from netbuilder.training.trainer import Limit, Trainer

PROJECT = first_start()


def plan_of(project: Project) -> Plan:
    plan = compile_project(project, dataset_of(project.data).info).plan
    assert plan is not None
    return plan


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    project = PROJECT
    dataset = dataset_of(project.data)
    trainer = Trainer(plan_of(project), dataset, project.training, project.seed)
    trainer.limit = Limit(seconds=None, updates=7)
    next(trainer.bursts())
    return trainer


@pytest.fixture
def learned(trainer: Trainer) -> Learned:
    state = trainer.state()
    return Learned(
        state.weights(trainer.plan), trainer.plan, state, trainer.log, (), state.step, state.epoch
    )


def test_a_name_is_no_other_network() -> None:
    plan = plan_of(PROJECT)
    renamed = plan_of(PROJECT.with_network(PROJECT.network.rename("n1", "Hidden")))
    assert plan != renamed and same_network(plan, renamed)
    wider = plan_of(new_project(PROJECT.data, "5 tanh, 1 sigmoid"))
    assert not same_network(plan, wider)


def test_a_stretch_is_of_a_network_its_data_and_its_seed() -> None:
    plan, data = plan_of(PROJECT), PROJECT.data
    assert not Stretch().is_of(plan, data, 2)
    stretch = Stretch(plan, data, 2)
    assert stretch.is_of(plan, data, 2)
    assert not stretch.is_of(plan, data, 3)
    assert not stretch.is_of(plan, DataChoice(source="moons"), 2)


def test_it_goes_on_exactly_only_where_it_belongs(learned: Learned) -> None:
    plan, dataset = plan_of(PROJECT), dataset_of(PROJECT.data)
    assert learned.goes_on(plan, dataset, PROJECT.seed) is learned.state
    assert learned.goes_on(plan, dataset, PROJECT.seed + 1) is None
    moons = dataset_of(DataChoice(source="moons"))
    assert learned.goes_on(plan, moons, PROJECT.seed) is None
    only_weights = Learned(learned.weights, plan)
    assert only_weights.goes_on(plan, dataset, PROJECT.seed) is None


def test_its_log_ends_at_its_moment_though_the_run_went_on(trainer: Trainer) -> None:
    state = trainer.state()
    learned = Learned(state.weights(trainer.plan), trainer.plan, state, trainer.log)
    next(trainer.bursts())
    assert trainer.step == state.step + 7
    log = learned.log_until_then()
    assert log is not None and len(log.updates()["step"]) == state.step
    assert Learned({}).log_until_then() is None


def test_a_file_keeps_it_and_gives_it_back(learned: Learned) -> None:
    plan, dataset = plan_of(PROJECT), dataset_of(PROJECT.data)
    waiting = Learned({}, sections=learned.stored())
    assert waiting.stored() == learned.stored()
    found = waiting.read(plan, dataset)
    assert found.state is not None and learned.state is not None
    np.testing.assert_array_equal(found.state.numbers, learned.state.numbers)
    assert (found.step, found.epoch) == (learned.step, learned.epoch)
    with pytest.raises(UserError, match="belongs to other examples"):
        waiting.read(plan, dataset_of(dataclasses.replace(PROJECT.data, examples=100)))
    nothing = Learned({})
    assert nothing.read(plan, dataset) is nothing


def test_what_it_takes_is_counted_and_can_be_dropped(learned: Learned) -> None:
    assert learned.state is not None
    assert learned.nbytes == learned.state.nbytes
    weights = {"n1.W": np.zeros((4, 2))}
    assert Learned(weights).nbytes == 64
    stretch = Stretch(learned=Learned(weights))
    assert stretch.weights is weights
    stretch.drop()
    assert stretch.lost and stretch.weights == {}
