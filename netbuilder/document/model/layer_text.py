"""Layers from a line of text, as the command line takes them: "conv 8 3x3 relu, max pool 2, …"."""

from __future__ import annotations

from netbuilder.document.model.network import MOST_NODES
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.settings import SettingError
from netbuilder.errors import UserError


def parse_layers(text: str, initializer: str = "") -> tuple[Layer, ...]:
    """Layers from text such as "16 relu, dropout 0.2, 3 softmax".

    Each kind says by its ``words`` and ``read`` how it is written. Most begin with their name; of a
    Dense there are the units and then the activation, without which it is linear. Without an
    initialiser the one that suits the activation is taken. Raises UserError, naming the part that
    makes no layer.
    """
    parts = text.split(",")
    if len(parts) > MOST_NODES - 2:  # Data and Cost come to them
        raise UserError(
            "There are {count:,} layers, expected at most {most:,}.",
            count=len(parts),
            most=MOST_NODES - 2,
        )
    found = []
    for number, part in enumerate(parts, start=1):
        words = part.split()
        try:
            found.append(_parse_layer(words, initializer))
        except SettingError as error:
            raise UserError(
                "Layer {number}, {part!r}: {reason}",
                number=number,
                part=_shown(words),
                reason=error.message,
            ) from error
    return tuple(found)


def _parse_layer(words: list[str], initializer: str) -> Layer:
    spoken = [(kind, kind.words) for kind in LAYERS.values() if kind.words is not None]
    # The longest name first: what has none is tried last.
    spoken.sort(key=lambda pair: -len(pair[1].name.split()))
    for kind, form in spoken:
        name = form.name.split()
        if words[: len(name)] != name:
            continue
        try:
            return kind.read(words[len(name) :], initializer)
        except ValueError:
            if name:
                raise UserError(
                    'Expected a layer such as "{example}", but found {part!r}.',
                    example=form.example,
                    part=_shown(words),
                ) from None
    raise UserError(
        'Expected layers such as "4 tanh, dropout 0.2, 1 sigmoid" or '
        '"reshape 1x8x8, conv 8 3x3 relu, max pool 2, flatten, 10 softmax", '
        "but found {part!r}.",
        part=_shown(words),
    )


def _shown(words: list[str]) -> str:
    return " ".join(words)[:60]
