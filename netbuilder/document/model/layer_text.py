"""Layers from a line of text, as the command line takes them: "conv 8 3x3 relu, max pool 2, …"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netbuilder.document.check.fit import suited_initializer
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer, SettingError
from netbuilder.engine.layers import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    LayerNorm,
    MaxPool2D,
    Reshape,
)
from netbuilder.errors import UserError


def parse_layers(text: str, initializer: str = "") -> tuple[Layer, ...]:
    """Layers from text such as "16 relu, dropout 0.2, 3 softmax".

    Units come first, then the activation; a layer without one is linear. Without an initialiser the
    one that suits the activation is taken. All other kinds begin with their name, see ``_FORMS``.
    Raises UserError, naming the part that makes no layer.
    """
    layers = []
    for number, part in enumerate(text.split(","), start=1):
        words = part.split()
        try:
            layers.append(_parse_layer(words, initializer))
        except SettingError as error:
            raise UserError(
                "Layer {number}, {part!r}: {reason}",
                number=number,
                part=_shown(words),
                reason=error.message,
            ) from error
    return tuple(layers)


def _parse_layer(words: list[str], initializer: str) -> Layer:
    for form in _FORMS:
        name = form.example.split()[: form.name]
        if words[: form.name] == name:
            try:
                return form.read(words[form.name :], initializer)
            except ValueError:
                raise UserError(
                    'Expected a layer such as "{example}", but found {part!r}.',
                    example=form.example,
                    part=_shown(words),
                ) from None
    try:
        return _dense(words, initializer)
    except ValueError:
        raise UserError(
            'Expected layers such as "4 tanh, dropout 0.2, 1 sigmoid" or '
            '"reshape 1x8x8, conv 8 3x3 relu, max pool 2, flatten, 10 softmax", '
            "but found {part!r}.",
            part=_shown(words),
        ) from None


def _shown(words: list[str]) -> str:
    return " ".join(words)[:60]


# --- the words of each kind; what they cannot read they refuse with a ValueError ---------------


def _dense(words: list[str], initializer: str) -> Layer:
    if len(words) == 1 and words[0] in ACTIVATIONS:
        return Activation(words[0])
    units, activation = words if len(words) == 2 else (*words, "linear")
    n = int(units)
    # Looked up first for its error, which suggests the name that was meant.
    ACTIVATIONS[activation]
    return Dense(n, activation, initializer or suited_initializer(activation))


def _conv(words: list[str], initializer: str) -> Layer:
    filters, kernel, *rest = words
    n, size = int(filters), _square(kernel)
    activation = "linear"
    if rest and rest[0] not in _CONV_OPTIONS:
        activation = rest.pop(0)
        ACTIVATIONS[activation]
    initializer = initializer or suited_initializer(activation)
    options = _options(rest, _CONV_OPTIONS)
    return Conv2D(n, size, activation=activation, initializer=initializer, **options)


_CONV_OPTIONS = ("stride", "padding")


def _pool(kind: type[MaxPool2D] | type[AvgPool2D]) -> Callable[[list[str], str], Layer]:
    def read(words: list[str], initializer: str) -> Layer:
        size, *rest = words
        return kind(_square(size), **_options(rest, ("stride",)))

    return read


def _reshape(words: list[str], initializer: str) -> Layer:
    (image,) = words
    lengths = _lengths(image)
    channels, height, width = lengths if len(lengths) == 3 else (1, *lengths)
    return Reshape(channels, height, width)


def _dropout(words: list[str], initializer: str) -> Layer:
    (rate,) = words
    return Dropout(float(rate))


def _bare(layer: Layer) -> Callable[[list[str], str], Layer]:
    def read(words: list[str], initializer: str) -> Layer:
        () = words
        return layer

    return read


def _options(words: list[str], names: tuple[str, ...]) -> dict[str, int]:
    """{"stride": 2} of "stride 2"."""
    found: dict[str, int] = {}
    while words:
        name, value, *words = words
        if name not in names or name in found:
            raise ValueError(name)
        found[name] = int(value)
    return found


def _square(text: str) -> int:
    """3 of "3x3" or of "3"."""
    size, *more = _lengths(text)
    if more not in ([], [size]):
        raise ValueError(text)
    return size


def _lengths(text: str) -> list[int]:
    """[1, 8, 8] of "1x8x8"."""
    return [int(length) for length in text.replace("×", "x").split("x")]


@dataclass(frozen=True)
class _Form:
    """How a kind of layer is written."""

    example: str
    name: int
    """So many words of the example are the kind's name."""
    read: Callable[[list[str], str], Layer]
    """From the words after the name and the initialiser; raises ValueError."""


_FORMS = (
    _Form("dropout 0.2", 1, _dropout),
    _Form("reshape 1x8x8", 1, _reshape),
    _Form("conv 8 3x3 relu stride 1 padding 1", 1, _conv),
    _Form("max pool 2", 2, _pool(MaxPool2D)),
    _Form("average pool 2", 2, _pool(AvgPool2D)),
    _Form("global average pool", 3, _bare(GlobalAvgPool2D())),
    _Form("flatten", 1, _bare(Flatten())),
    _Form("batch norm", 2, _bare(BatchNorm())),
    _Form("layer norm", 2, _bare(LayerNorm())),
)
