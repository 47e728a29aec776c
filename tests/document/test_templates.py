"""The first start, and projects from a line of text."""

from __future__ import annotations

import pytest

from netbuilder.data.sources import SOURCES
from netbuilder.document.compile import compile_project
from netbuilder.document.datasets import dataset_of
from netbuilder.document.project import DataChoice
from netbuilder.document.templates import first_start, new_project, parse_layers
from netbuilder.engine.layers import Cost, Dense, Dropout
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
    compiled = compile_project(project, dataset_of(project.data).info)
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


def test_layers_from_text() -> None:
    assert parse_layers(" 16 relu ,dropout 0.5, 4 tanh,3 ") == (
        Dense(16, "relu", "he"),
        Dropout(0.5),
        Dense(4, "tanh", "xavier"),
        Dense(3, "linear", "xavier"),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("4 tanh,, 1 sigmoid", "found ''"),
        ("tanh 4", "found 'tanh 4'"),
        ("4.5 tanh", "found '4.5 tanh'"),
        ("4 tanh sigmoid", "found '4 tanh sigmoid'"),
        ("dropout x", "found 'dropout x'"),
        ("² tanh", "found '² tanh'"),
        ("0 tanh", "units must be from 1 to 1,000,000; got 0"),
        ("-3 tanh", "got -3"),
        ("1000000000 tanh", "got 1,000,000,000"),
        ("4 tahn", "Did you mean tanh?"),
        ("dropout 1", "rate must be"),
        ("dropout nan", "rate must be"),
    ],
)
def test_text_that_makes_no_layer_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_layers(text)
    assert words in str(caught.value)


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


def test_a_huge_number_is_refused_and_not_read_digit_by_digit() -> None:
    with pytest.raises(UserError, match="Expected layers"):
        parse_layers("9" * 5000 + " tanh")
