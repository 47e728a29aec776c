"""The first start, and projects from a line of text."""

from __future__ import annotations

import numpy as np
import pytest

from netbuilder.data.sources import SOURCES
from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of, prepared
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import TEMPLATES, first_start, new_project
from netbuilder.engine.layers import Cost, Dense
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.program import Program
from netbuilder.errors import UserError


def test_the_first_start_is_the_courses_network_without_a_word_to_say() -> None:
    project = first_start()
    dataset = dataset_of(project.data)
    compiled = compile_project(project, dataset.info)
    assert compiled.plan is not None and compiled.problems == ()
    assert dataset.train.X.shape == (400, 2) and compiled.plan.parameter_count == 17
    program = Program(compiled.plan, dtype=project.training.dtype, seed=project.seed)
    optimizer = OPTIMIZERS["gd"](program, learning_rate=project.training.learning_rate)
    first = program.update(dataset.train.X, dataset.train.Y, optimizer)
    assert round(first, 6) == 0.693048
    for _ in range(999):
        program.update(dataset.train.X, dataset.train.Y, optimizer)
    assert round(program.cost(dataset.train.X, dataset.train.Y), 6) == 0.288083


@pytest.mark.parametrize("source", list(SOURCES))
def test_every_data_set_gets_a_network_that_fits(source: str) -> None:
    project = new_project(DataChoice(source=source))
    compiled = compile_project(project, prepared(project.data).info)
    assert compiled.ok and compiled.problems == ()


def test_the_text_decides_where_there_is_one() -> None:
    project = new_project(DataChoice(), "8 relu, 1 sigmoid", "mse", "normal", 5)
    network = project.network
    assert [network.node(id).layer for id in network.order[1:]] == [
        Dense(8, "relu", "normal"),
        Dense(1, "sigmoid", "normal"),
        Cost("mse"),
    ]
    assert project.seed == 5


def test_the_loss_is_the_datas_own_where_none_is_given() -> None:
    project = new_project(DataChoice(source="iris"), "3 softmax")
    assert project.network.node("cost").layer == Cost("cross_entropy")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"loss": "crossentropy"}, "Did you mean cross_entropy?"),
        ({"initializer": "hee"}, "one of"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_choices_that_are_none(arguments: dict, words: str) -> None:
    with pytest.raises(UserError) as caught:
        new_project(DataChoice(), **arguments)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_every_template_can_learn_at_once(name: str) -> None:
    project = TEMPLATES[name].make()
    compiled = compile_project(project, dataset_of(project.data).info)
    assert compiled.ok and not [p for p in compiled.problems if p.severity == "warning"]
    assert project == TEMPLATES[name].make()


def test_the_residual_template_adds_what_came_in_to_what_its_blocks_made_of_it() -> None:
    network = TEMPLATES["residual"].make().network
    joins = [node.id for node in network.nodes if node.layer.max_inputs is None]
    assert len(joins) == 2
    for join in joins:
        inner, entry = network.inputs(join)
        assert network.inputs(network.inputs(inner)[0]) == (entry,)


def test_the_autoencoder_is_to_give_back_what_it_is_given() -> None:
    project = TEMPLATES["autoencoder"].make()
    train = dataset_of(project.data).train
    assert train.X.shape[1] == 64 and np.array_equal(train.X, train.Y)
