"""The picture of the network: cards that lie beside each other, weights as lines where few."""

from __future__ import annotations

import dataclasses
import re

import pytest

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.layout import arrange
from netbuilder.document.model.network import DATA, Edge, Network, network_of
from netbuilder.engine.layers import Add, Dense
from netbuilder.engine.program import Program
from netbuilder.report.network import network
from netbuilder.report.subject import Subject

CARD = re.compile(r'<rect x="(\S+)" y="(\S+)" width="140.0" height="(\S+)" fill="#ffffff" fill-op')


def cards(picture: str) -> list[tuple[float, float, float]]:
    """(left, top, bottom)"""
    found = [tuple(map(float, numbers)) for numbers in CARD.findall(picture)]
    return [(x, y, y + height) for x, y, height in found]


def branches() -> Network:
    """Four layers side by side, added."""
    made = network_of([Dense(4, "tanh"), Dense(3, "softmax")], "cross_entropy")
    first, last = (node.id for node in made.nodes if not node.fixed)
    made, total = made.insert(Add(), Edge(first, last), (0.0, 0.0))
    for _ in range(3):
        made, branch = made.add(Dense(4, "relu"), (0.0, 0.0))
        made = made.connect(DATA, branch.id).connect(branch.id, total.id)
    return arrange(made)


@pytest.fixture
def branching(subject) -> Subject:
    made = subject(epochs=1)
    project = dataclasses.replace(made.project, network=branches())
    plan = compile_project(project, made.recipe.info).plan
    weights = Program(plan, dtype="float32", seed=1).weights()
    return dataclasses.replace(made, project=project, plan=plan, weights=weights)


def test_no_card_lies_on_another(branching):
    (picture,) = network(branching)
    found = cards(picture)
    assert len(found) == len(branching.plan.nodes)
    for place, (x, top, bottom) in enumerate(found):
        for x2, top2, bottom2 in found[place + 1 :]:
            assert abs(x - x2) >= 140 or bottom <= top2 or bottom2 <= top


def test_few_weights_are_lines_and_many_are_a_wire(subject):
    (picture,) = network(subject(layers="4 tanh, 300 relu, 3 softmax", epochs=1))
    assert picture.count("<line") == 4 * 4
    assert picture.count("<path") == 3 and ">+261<" in picture


def test_units_of_two_inputs_show_their_maps(subject):
    (picture,) = network(subject("flower", epochs=1))
    assert picture.count("<image") == 2 + 4 + 1
