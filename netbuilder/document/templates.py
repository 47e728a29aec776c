"""Templates: the example of the first start, and new projects from a line of text."""

from __future__ import annotations

from netbuilder.document.check.fit import natural_output
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.layer_text import parse_layers
from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import DataChoice, Project, TrainingSettings
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.losses import LOSSES


def first_start() -> Project:
    """The course's planar data: the flower, 2-4(tanh)-1(sigmoid), ready to learn."""
    return Project(
        network=network_of(
            [Dense(4, "tanh", "normal"), Dense(1, "sigmoid", "normal")], "binary_cross_entropy"
        ),
        data=DataChoice(source="flower", seed=1),
        training=TrainingSettings(optimizer="gd", learning_rate=1.2, dtype="float64"),
        seed=2,
    )


def new_project(
    data: DataChoice,
    layers: str = "",
    loss: str = "",
    initializer: str = "",
    seed: int = 1,
) -> Project:
    """A chain of layers on a choice of data.

    Without layers: one hidden layer of four units and an output that fits the data. Without a loss:
    the natural one for the data. Raises UserError for text that makes no network, and when the data
    cannot be had.
    """
    info = dataset_of(data).info
    natural = natural_output(info)
    parsed = (
        parse_layers(layers, initializer)
        if layers.strip()
        else (
            _suited(4, "tanh", initializer),
            _suited(natural.units, natural.activation, initializer),
        )
    )
    return Project(
        network_of(parsed, LOSSES[loss].name if loss else natural.loss),
        data,
        TrainingSettings(),
        seed,
    )


def _suited(units: int, activation: str, initializer: str) -> Dense:
    return Dense(units, activation, initializer or ACTIVATIONS[activation].initializer)
