"""Facts: what tells one run from another, in the words of its settings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netbuilder.data.table import Roles
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import first_start
from netbuilder.engine.layers import Dense, Dropout
from netbuilder.runs.facts import Difference, comparable, differences, facts_of

BASE = first_start()


def training(**settings: object) -> Project:
    return replace(BASE, training=replace(BASE.training, **settings))


def layer(dense: Dense) -> Project:
    return BASE.with_network(BASE.network.set_layer("n1", dense))


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        (training(learning_rate=0.3), [Difference("α", "1.2", "0.3")]),
        (training(optimizer="adam"), [Difference("optimiser", "Gradient descent", "Adam")]),
        (replace(BASE, seed=12), [Difference("seed", "2", "12")]),
        (replace(BASE, data=DataChoice("moons")), [Difference("", "Flower", "Moons")]),
        (
            replace(BASE, data=replace(BASE.data, noise=2.0)),
            [Difference("noise", "1", "2")],
        ),
        (layer(Dense(5, "tanh", "normal")), [Difference("units", "4", "5", "Dense 1")]),
        (
            layer(Dense(4, "relu", "normal")),
            [Difference("activation", "Tanh", "ReLU", "Dense 1")],
        ),
        (training(epochs=100, evaluate_every=3), []),
        (BASE.with_network(BASE.network.rename("n1", "Hidden")), []),
    ],
)
def test_a_difference_is_told_in_the_words_of_the_setting(
    project: Project, expected: list[Difference]
) -> None:
    found = differences(facts_of(BASE), facts_of(project))
    for one, other in zip(found, expected, strict=True):
        assert one[:3] == other[:3]
        assert other.place in one.place or not other.place


def test_layers_that_come_and_go() -> None:
    facts = facts_of(BASE)
    less = facts_of(BASE.with_network(BASE.network.remove(["n1"])))
    (gone,) = differences(facts, less)
    (come,) = differences(less, facts)
    assert (gone.old, gone.new) == (BASE.network.node("n1").name, "")
    assert (come.old, come.new) == ("", BASE.network.node("n1").name)
    other = facts_of(BASE.with_network(BASE.network.set_layer("n1", Dropout())))
    (found,) = differences(facts, other)
    assert (found.old, found.new) == ("Dense", "Dropout")


def test_other_wires_are_a_difference_where_there_is_no_other() -> None:
    facts = facts_of(BASE)
    (found,) = differences(facts, {**facts, "wires": "data n2"})
    assert found.label == "other wires"


def test_when_training_stops_counts_only_where_all_is_asked_for() -> None:
    found = differences(facts_of(BASE), facts_of(training(epochs=100)), all_of_them=True)
    assert found == (Difference("stop after epochs", "0", "100"),)


def test_costs_compare_only_on_the_same_examples_and_with_the_same_loss() -> None:
    facts = facts_of(BASE)
    assert comparable(facts, facts_of(training(learning_rate=9.0)))
    assert comparable(facts, facts_of(layer(Dense(9))))
    assert not comparable(facts, facts_of(replace(BASE, data=DataChoice("moons"))))
    assert not comparable(facts, facts_of(replace(BASE, data=replace(BASE.data, seed=2))))
    hinge = BASE.with_network(BASE.network.with_loss("mse"))
    assert not comparable(facts, facts_of(hinge))


def test_a_file_is_known_by_its_name_and_target() -> None:
    choice = DataChoice(source=FILE, path="/somewhere/own.csv", roles=Roles(("answer",)))
    facts = facts_of(replace(BASE, data=choice))
    assert (facts["data"], facts["data.target"]) == ("own.csv", "answer")
