"""Names: symbols of parameters, quantities of layers, and networks in a few words."""

from __future__ import annotations

from typing import Any

from netbuilder.document import templates
from netbuilder.document.model.network import Edge
from netbuilder.document.model.project import DataChoice
from netbuilder.engine.layers import Add
from netbuilder.lens import names


def test_symbols_are_greek_where_the_course_has_them_so() -> None:
    assert [names.symbol(name) for name in ("W", "b", "gamma", "variance")] == ["W", "b", "γ", "σ²"]


def test_a_quantity_has_the_number_of_its_layer(subject: Any) -> None:
    layers = "4 tanh, dropout 0.2, 1 sigmoid"
    plan = subject(templates.new_project(DataChoice(source="flower"), layers)).plan
    found = [names.of_layer(plan, node, "A") for node in plan.nodes[:4]]
    assert found == ["A[0]", "A[1]", "A", "A[2]"]


def test_a_chain_is_its_widths(flower: Any, subject: Any) -> None:
    assert str(names.summary(flower.plan)) == "2-4-1, 17 parameters"
    deep = subject(
        templates.new_project(DataChoice(source="flower"), "4 relu, " * 20 + "1 sigmoid")
    )
    assert str(names.summary(deep.plan)) == "2-4-4-4-…-4-4-1, 397 parameters"


def test_images_have_their_shapes_in_the_chain(subject: Any) -> None:
    layers = "reshape 1x8x8, conv 4 3x3 relu, max pool 2, flatten, 10 softmax"
    plan = subject(templates.new_project(DataChoice(source="digits"), layers)).plan
    assert str(names.summary(plan)) == "64-4×6×6-10, 410 parameters"


def test_a_network_with_branches_is_counted(subject: Any) -> None:
    project = templates.new_project(DataChoice(source="flower"), "4 tanh, 4 tanh, 1 sigmoid")
    network, join = project.network.insert(Add(), Edge("n2", "n3"), (0.0, 0.0))
    plan = subject(project.with_network(network.connect("n1", join.id))).plan
    assert str(names.summary(plan)) == "3 layers, 37 parameters"


def test_what_cannot_run_yet_has_no_summary() -> None:
    assert str(names.summary(None)) == "not complete yet"
