"""The layers of a network as a table: settings, shapes, parameters."""

from __future__ import annotations

import math

from netbuilder import numbers
from netbuilder.engine.plan import PlanNode
from netbuilder.errors import Message
from netbuilder.lens.names import symbol
from netbuilder.report.subject import Subject

_MOST = 120
"""Of more layers the middle ones are left out."""


def layers_rows(subject: Subject) -> list[list[str]]:
    """A head and a row for each layer between the data and the cost."""
    say = subject.say
    heads = ("l", "layer", "type", "output", "parameters' shapes", "parameters")
    rows = [[say(Message(head)) for head in heads]]
    nodes = subject.plan.nodes[1:-1]
    for place, node in enumerate(nodes):
        if len(nodes) <= _MOST or place < _MOST // 2 or place >= len(nodes) - _MOST // 2:
            rows.append(_row(subject, node))
        elif place == _MOST // 2:
            rows.append(["", "…", "", "", "", ""])
    return rows


def _row(subject: Subject, node: PlanNode) -> list[str]:
    number = subject.plan.layer_numbers.get(node.id)
    shapes = node.parameter_shapes
    count = sum(map(math.prod, shapes.values()))
    said = [f"{symbol(name)} {numbers.shape_text(shape)}" for name, shape in shapes.items()]
    return [
        "" if number is None else str(number),
        node.name,
        " · ".join([subject.say(Message(node.layer.title)), *_settings(node)]),
        numbers.shape_text(node.shape, "m"),
        ", ".join(said),
        f"{count:,}" if count else "",
    ]


def _settings(node: PlanNode) -> list[str]:
    """What its shapes do not say."""
    found = []
    for setting in node.layer.settings():
        value = getattr(node.layer, setting.name)
        if setting.name in ("units", "filters", "height", "width", "channels", "initializer"):
            continue
        if setting.name == "frozen":
            continue
        if value not in (0, ""):
            found.append(value if setting.type is str else f"{setting.label} {value:g}")
    frozen = node.layer.frozen_parameters
    return [*found, f"{', '.join(map(symbol, frozen))} frozen"] if frozen else found
