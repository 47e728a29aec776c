"""Compiling after an edit: the same as compiling anew, with what was not touched kept."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import replace

import pytest

from netbuilder.document.check import memory
from netbuilder.document.check.compile import Compiled, compile_project
from netbuilder.document.check.recompile import TRAINING, recompile
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice, Project, TrainingSettings
from netbuilder.document.templates import new_project
from netbuilder.engine.layers import BatchNorm, Dense

DATA = DataChoice(examples=40)
INFO = dataset_of(DATA).info


def deep() -> Project:
    return new_project(DATA, "4 tanh, 3 relu, 1 sigmoid")


def after(old: Project, new: Project) -> tuple[Compiled, Compiled]:
    """What was said before, and what is said after the edit, which is checked to be right."""
    before = compile_project(old, INFO)
    again, fresh = recompile(new, INFO, old, before), compile_project(new, INFO)
    for field in dataclasses.fields(Compiled):
        if field.name != "problems":  # remedies are functions, which are never equal
            assert getattr(again, field.name) == getattr(fresh, field.name)
    assert [p.message for p in again.problems] == [p.message for p in fresh.problems]
    return before, again


def test_the_learning_rate_leaves_all_as_it_is():
    old = deep()
    rate = replace(old, training=replace(old.training, learning_rate=0.7))
    before, again = after(old, rate)
    assert again is before


def test_a_moved_card_leaves_all_as_it_is():
    old = deep()
    before, again = after(old, old.with_network(old.network.move({"n1": (5.0, 5.0)})))
    assert again is before


def test_units_leave_what_does_not_follow_from_them():
    old = deep()
    before, again = after(old, old.with_network(old.network.set_layer("n1", Dense(9, "tanh"))))
    assert again.plan is not before.plan and again.shapes != before.shapes
    assert again.problems is before.problems and again.info is before.info


def test_another_batch_size_is_looked_at():
    old = deep()
    old = old.with_network(old.network.insert(BatchNorm(), old.network.edges[1], (0.0, 0.0))[0])
    before, again = after(old, replace(old, training=replace(old.training, batch_size=1)))
    assert len(again.problems) == len(before.problems) + 1
    assert again.plan is before.plan


def test_a_remedy_is_always_one_for_the_network_in_force():
    old = deep()
    old = old.with_network(old.network.disconnect(old.network.edges[-1:]))
    moved = old.with_network(old.network.move({"n1": (5.0, 5.0)}))
    _, again = after(old, moved)
    (problem, *_) = again.problems
    assert problem.fix is not None
    problem.fix.apply(moved)  # raises UserError for any network but the one it was tried on


class Watched(TrainingSettings):
    """Training settings that note which of them are looked at."""

    def __getattribute__(self, name: str) -> object:
        # A copy by dataclasses.replace looks at nothing, though it reads everything.
        reader = sys._getframe(1).f_globals["__name__"]
        if name in TrainingSettings.__dataclass_fields__ and "document" in reader:
            READ.add(name)
        return super().__getattribute__(name)


READ: set[str] = set()


@pytest.mark.parametrize("batch_size", [0, 1, 16])
@pytest.mark.parametrize("patience", [0, 5])
@pytest.mark.parametrize("free", [None, 1 << 20, 1 << 40])
def test_checks_look_at_no_other_training_settings(monkeypatch, batch_size, patience, free):
    monkeypatch.setattr(memory, "available", lambda: free)
    plain = new_project(DATA, "64 softmax, 512 linear, 4 relu, 3 tanh")
    network, _ = plain.network.insert(BatchNorm(), plain.network.edges[1], (0.0, 0.0))
    project = plain.with_network(network)
    watched = replace(project, training=Watched(batch_size=batch_size, patience=patience))
    READ.clear()
    said = compile_project(watched, INFO)
    assert said.problems and READ
    assert set(TRAINING) >= READ, "name it in recompile.TRAINING"
