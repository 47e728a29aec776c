"""A run goes on with another network, and knows when nothing but words have changed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from netbuilder.engine.program import Program
from netbuilder.runs.stretch import Learned
from netbuilder.training.run import Load, Run


def test_a_name_is_no_change(kit: Any) -> None:
    plan, dataset = kit.plan(), kit.data()
    run = Run(plan, dataset, kit.settings(), 1)
    first, second, *rest = plan.nodes
    renamed = dataclasses.replace(
        plan, nodes=(first, dataclasses.replace(second, name="Hidden"), *rest)
    )
    assert Run(renamed, dataset, kit.settings(l2=1.0), 1).differs_only_in_words(run)
    assert not Run(kit.plan(5), dataset, kit.settings(), 1).differs_only_in_words(run)
    assert not Run(plan, kit.data(), kit.settings(), 1).differs_only_in_words(run)
    assert not Run(plan, dataset, kit.settings(), 2).differs_only_in_words(run)


def test_trained_weights_survive_where_they_fit(kit: Any) -> None:
    dataset = kit.data()
    old = Run(kit.plan(4, 3), dataset, kit.settings(), 1, step=10, epoch=5)
    weights = Program(old.plan, seed=9).weights()
    new = Run(kit.plan(4, 5), dataset, kit.settings(), 1, grows=False)
    new.goes_on_from(old, Learned(weights, old.plan, step=10, epoch=5))
    assert new.weights is not None
    assert set(new.weights) == {"n1.W", "n1.b", "n3.b"}
    assert (new.step, new.epoch, new.log) == (10, 5, old.log)
    assert [(step, str(what)) for step, what in old.log.marks] == [(10, "network changed")]
    other_data = Run(new.plan, kit.data(), kit.settings(), 1)
    other_data.goes_on_from(new, Learned(weights, new.plan, step=10, epoch=5))
    brought = Run(new.plan, other_data.dataset, kit.settings(), 1, weights)
    brought.goes_on_from(other_data, Learned({}, new.plan, step=10, epoch=5))
    assert brought.weights is weights
    told = [str(what) for _, what in old.log.marks]
    assert told == ["network changed", "data changed", "weights loaded"]


def test_untrained_weights_are_drawn_anew(kit: Any) -> None:
    old = Run(kit.plan(4, 3), kit.data(), kit.settings(), 1)
    new = Run(kit.plan(4, 5), old.dataset, kit.settings(), 1)
    new.goes_on_from(old, Learned(Program(old.plan).weights(), old.plan, fresh=True))
    assert new.weights is None
    assert old.log.marks == ()


def test_weights_of_a_file_survive_an_edit_before_the_first_update(kit: Any) -> None:
    weights = Program(kit.plan(4, 3), seed=9).weights()
    old = Run(kit.plan(4, 3), kit.data(), kit.settings(), 1, weights)
    new = Run(kit.plan(4, 5), old.dataset, kit.settings(), 1)
    new.goes_on_from(old, Learned(weights, old.plan))
    assert new.weights is not None
    assert new.weights["n1.W"] is weights["n1.W"]
    assert old.reset(None).weights is None
    assert old.reset(None).seed == 1
    assert old.reset(7).seed == 7


@pytest.mark.parametrize(
    "later, earlier, overtakes",
    [
        # (begins a run, brings weights)
        ((False, False), (False, False), True),
        ((False, False), (True, False), False),
        ((False, False), (False, True), False),
        ((False, True), (False, True), True),
        ((True, False), (True, True), True),
        ((True, False), (False, True), True),
    ],
)
def test_only_what_no_longer_matters_is_overtaken(
    kit: Any, later: tuple[bool, bool], earlier: tuple[bool, bool], overtakes: bool
) -> None:
    def load(begins: bool, brings_weights: bool) -> Load:
        weights: Any = {} if brings_weights else None
        run = Run(kit.plan(), kit.data(), kit.settings(), 1, weights)
        return Load(lambda run, begins: None, run, begins)

    assert load(*later).overtakes(load(*earlier)) == overtakes
    assert not load(*later).overtakes(lambda: None)
