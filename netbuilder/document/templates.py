"""Templates: the example of the first start, and new projects from a line of text."""

from __future__ import annotations

from typing import TypeVar

from netbuilder.document.datasets import dataset_of
from netbuilder.document.fit import natural_output, suited_initializer
from netbuilder.document.network import chain
from netbuilder.document.project import DataChoice, Project, TrainingSettings
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer, SettingError
from netbuilder.engine.layers import Dense, Dropout
from netbuilder.engine.losses import LOSSES
from netbuilder.errors import UserError

N = TypeVar("N", int, float)


def first_start() -> Project:
    """The course's planar data: the flower, 2-4(tanh)-1(sigmoid), ready to learn."""
    return Project(
        network=chain(
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
        chain(parsed, LOSSES[loss].name if loss else natural.loss), data, TrainingSettings(), seed
    )


def parse_layers(text: str, initializer: str = "") -> tuple[Layer, ...]:
    """Layers from text such as "16 relu, dropout 0.2, 3 softmax".

    Units come first, then the activation; a layer without one is linear. Without an initialiser the
    one that suits the activation is taken. Raises UserError, naming the part that makes no layer.
    """
    parts = [part.split() for part in text.split(",")]
    layers = []
    for number, words in enumerate(parts, start=1):
        try:
            layers.append(_parse_layer(words, initializer))
        except SettingError as error:
            raise UserError(
                "Layer {number}, {part!r}: {reason}",
                number=number,
                part=" ".join(words)[:60],
                reason=error.message,
            ) from error
    return tuple(layers)


def _parse_layer(words: list[str], initializer: str) -> Layer:
    shown = " ".join(words)
    match words:
        case [kind, rate] if kind == Dropout.kind:
            return Dropout(_number(float, rate, shown))
        case [units]:
            return _dense(units, "linear", initializer, shown)
        case [units, activation]:
            return _dense(units, activation, initializer, shown)
    raise _not_a_layer(shown)


def _dense(units: str, activation: str, initializer: str, shown: str) -> Dense:
    n = _number(int, units, shown)
    # Looked up first for its error, which suggests the name that was meant.
    ACTIVATIONS[activation]
    return _suited(n, activation, initializer)


def _suited(units: int, activation: str, initializer: str) -> Dense:
    return Dense(units, activation, initializer or suited_initializer(activation))


def _number(kind: type[N], text: str, shown: str) -> N:
    try:
        return kind(text)
    except ValueError:
        raise _not_a_layer(shown) from None


def _not_a_layer(shown: str) -> UserError:
    return UserError(
        'Expected layers such as "4 tanh, dropout 0.2, 1 sigmoid", but found {part!r}.',
        part=shown[:60],
    )
