"""Templates: the example of the first start, and new projects from a line of text."""

from __future__ import annotations

from netbuilder.document.datasets import dataset_of
from netbuilder.document.fit import natural_output
from netbuilder.document.network import chain
from netbuilder.document.project import DataChoice, Project, TrainingSettings
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import Dense, Dropout
from netbuilder.engine.losses import LOSSES
from netbuilder.errors import UserError


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
            Dense(4, "tanh", initializer or "xavier"),
            Dense(natural.units, natural.activation, initializer or "xavier"),
        )
    )
    if loss:
        LOSSES[loss]
    return Project(chain(parsed, loss or natural.loss), data, TrainingSettings(), seed)


def parse_layers(text: str, initializer: str = "") -> tuple[Layer, ...]:
    """Layers from text such as "16 relu, dropout 0.2, 3 softmax".

    Units come first, then the activation; a layer without one is linear. Without an initialiser the
    one that suits the activation is taken. Raises UserError, naming the part that makes no layer.
    """
    parts = [part.split() for part in text.split(",")]
    return tuple(_parse_layer(words, initializer) for words in parts)


def _parse_layer(words: list[str], initializer: str) -> Layer:
    shown = " ".join(words)
    match words:
        case [kind, rate] if kind == Dropout.kind:
            return Dropout(_number(rate, shown))
        case [units]:
            return _dense(units, "linear", initializer, shown)
        case [units, activation]:
            return _dense(units, activation, initializer, shown)
    raise _not_a_layer(shown)


def _dense(units: str, activation: str, initializer: str, shown: str) -> Dense:
    if not (units.isascii() and units.lstrip("+-").isdigit()):
        raise _not_a_layer(shown)
    ACTIVATIONS[activation]
    suited = "he" if activation in _RECTIFIERS else "xavier"
    return Dense(int(units), activation, initializer or suited)


_RECTIFIERS = ("relu", "leaky_relu", "elu", "gelu", "silu")


def _number(text: str, shown: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _not_a_layer(shown) from None


def _not_a_layer(shown: str) -> UserError:
    return UserError(
        'Expected layers such as "4 tanh, dropout 0.2, 1 sigmoid", but found {part!r}.', part=shown
    )
