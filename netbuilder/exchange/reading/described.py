"""The network that a file describes, as layers with checked settings and as a network to draw."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from netbuilder.data.dataset import TASKS
from netbuilder.document.model.layout import arrange
from netbuilder.document.model.network import COST, DATA, Edge, Network, Node, name_refusal
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.layers.cost import Cost
from netbuilder.engine.layers.input import Input
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.settings import SettingError
from netbuilder.errors import Message, UserError
from netbuilder.exchange.reading.contents import (
    MOST_LAYERS,
    Contents,
    FoundLayer,
    scaling_of,
    words_of,
)


def parsed(text: str | bytes | None) -> Any:
    """JSON as our own files hold it; None for what is none."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def own(meta: dict[str, Any]) -> dict[str, Any]:
    """What the ``Trained.description`` of a file says, as fields of Contents."""
    loss, task = meta.get("loss"), meta.get("task")
    return {
        "layers": own_layers(meta.get("layers")),
        "loss": loss if isinstance(loss, str) and loss in LOSSES else "",
        "task": task if isinstance(task, str) and task in TASKS else "",
        "scaling": scaling_of(meta.get("scaling")),
        "target_scaling": scaling_of(meta.get("target_scaling")),
        "tells_scaling": "scaling" in meta,
        "feature_names": words_of(meta.get("feature_names")),
        "target_names": words_of(meta.get("target_names")),
        "class_names": words_of(meta.get("class_names")),
    }


def own_layers(value: Any) -> tuple[FoundLayer, ...]:
    """The layers that a file of ours lists; none where it lists none.

    Raises UserError for a layer or a setting that there is not.
    """
    if not isinstance(value, list):
        return ()
    if len(value) > MOST_LAYERS:
        raise UserError(
            "It lists {count} layers, expected at most {most}.",
            count=f"{len(value):,}",
            most=f"{MOST_LAYERS:,}",
        )
    return tuple(_own_layer(entry) for entry in value)


def _own_layer(entry: Any) -> FoundLayer:
    name = entry.get("name") if isinstance(entry, dict) else None
    kind = entry.get("type") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not isinstance(kind, str):
        raise UserError("Its list of layers is damaged: one has no name or no type.")
    if kind not in LAYERS or not LAYERS[kind].in_palette:
        raise UserError(
            "The layer {name!r} is of the type {kind!r}, which this netbuilder does not know.",
            name=name,
            kind=kind,
        )
    values = {}
    for setting in LAYERS[kind].settings():
        if setting.name in entry:
            value = entry[setting.name]
            whole = type(value) is int and setting.type is float and abs(value) < 2**53
            values[setting.name] = float(value) if whole else value
    return FoundLayer(name, made(kind, name, **values), words_of(entry.get("inputs")))


def made(kind: str, name: str, **settings: Any) -> Layer:
    """A layer; UserError with its name in the file where a setting cannot be."""
    try:
        return LAYERS[kind](**settings)
    except SettingError as error:
        raise UserError(
            "The layer {name!r} cannot be had here: {reason}", name=name, reason=error.message
        ) from error


def drawn(layers: Iterable[FoundLayer], loss: str) -> Network:
    """Data, the layers and Cost, with their wires.

    Layers without a name that may stand on a card are called by their kind. Raises UserError for
    wires that no network has.
    """
    nodes = [Node(DATA, Input.title, Input())]
    edges: list[Edge] = []
    ids = {Input.title: DATA}
    taken, numbers = {Input.title, Cost.title}, dict[str, int]()
    for number, found in enumerate(layers, start=1):
        id, layer = f"n{number}", found.layer
        name = found.name
        if name_refusal(name) is not None or name in taken:
            numbers[layer.title] = numbers.get(layer.title, 0) + 1
            while f"{layer.title} {numbers[layer.title]}" in taken:
                numbers[layer.title] += 1
            name = f"{layer.title} {numbers[layer.title]}"
        sources = [nodes[-1].id] if found.inputs is None else _sources(found, ids)
        if len(sources) < layer.min_inputs or (layer.max_inputs or 10**9) < len(sources):
            raise UserError("{name} cannot have {n} inputs.", name=found.name, n=len(sources))
        nodes.append(Node(id, name, layer))
        edges += [Edge(source, id) for source in sources]
        taken.add(name)
        ids[found.name] = id
    edges.append(Edge(nodes[-1].id, COST))
    return arrange(Network((*nodes, Node(COST, Cost.title, Cost(loss))), tuple(edges)))


def _sources(found: FoundLayer, ids: dict[str, str]) -> list[str]:
    inputs = found.inputs or ()
    unknown = [name for name in inputs if name not in ids]
    if unknown or len(set(inputs)) < len(inputs):
        raise UserError(
            "The wires to {name} are damaged: they come from {found}.",
            name=found.name,
            found=", ".join(inputs),
        )
    return [ids[name] for name in inputs]


def guessed(contents: Contents, activation: str = "relu") -> tuple[FoundLayer, ...]:
    """A chain of Dense layers for a file of weights alone, where their shapes make one.

    What stands between them the file does not say. Raises UserError where they make no chain.
    """
    shapes = []
    for group in contents.groups:
        W = group.arrays.get("W")
        if W is None or W.values.ndim != 2 or set(group.arrays) > {"W", "b"}:
            raise UserError(
                "It holds weights alone, and {name} is no Dense layer, so that it does not tell "
                "what the network is. Draw the network first, then import its weights.",
                name=group.name,
            )
        shapes.append(W.values.shape)
    if not shapes:
        raise UserError("It holds no weights of layers that netbuilder has.")
    for (n, _), (_, n_prev), group in zip(shapes, shapes[1:], contents.groups[1:], strict=False):
        if n != n_prev:
            raise UserError(
                "{name} takes {n_prev} numbers, but what comes before it gives {n}: its arrays "
                "make no chain of layers. Draw the network first, then import its weights.",
                name=group.name,
                n_prev=n_prev,
                n=n,
            )
    functions = [*[activation] * (len(shapes) - 1), "linear"]
    return tuple(
        FoundLayer("", made("dense", group.name, units=shape[0], activation=g))
        for shape, g, group in zip(shapes, functions, contents.groups, strict=True)
    )


GUESSED = Message(
    "The file holds weights alone, and not what stands between them: ReLU was taken for the "
    "hidden layers. Where it was another function, set it on the cards."
)
