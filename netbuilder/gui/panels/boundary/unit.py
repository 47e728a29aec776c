"""What one unit says of the input plane, in place of the output, while the mouse is over it."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from netbuilder import numbers
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.units import Unit
from netbuilder.lens import names
from netbuilder.lens.look import Look
from netbuilder.lens.ranges import ranges

Array = NDArray[Any]


def is_seen(look: Look, unit: Unit | None) -> bool:
    """Whether there is such a unit at the moment that is looked at, with a map of its own."""
    node = next((n for n in look.plan.nodes if unit is not None and n.id == unit.node), None)
    return (
        unit is not None
        and node is not None
        and node.layer.has_output
        and len(node.shape) == 1
        and unit.number < node.shape[0]
    )


def picture(
    look: Look, unit: Unit, features: tuple[int, int], theme: Theme, strength: float
) -> NDArray[np.uint8]:
    """(h, w, 4), row 0 at the top, in the colours that the unit's tile has."""
    values = look.unit_map(unit.node, unit.number, features)
    range_ = ranges(look)[unit.node].closed(values)
    table = colour_scale.table(theme, None, strength, "sunken")
    entries = colour_scale.entries(range_.signed(values), 1.0)
    found: NDArray[np.uint8] = np.take(table, entries, axis=0)
    return found


def words(look: Look, unit: Unit) -> str:
    """The unit's name, its bias and its activation, as rich text."""
    node, translate = look.plan.node(unit.node), QCoreApplication.translate
    if node is look.plan.nodes[0]:
        name = look.dataset.info.feature_names[unit.number]
        return f"<b>{html.escape(translate('Canvas', 'Feature {name}').format(name=name))}</b>"
    title = translate("Canvas", "Unit {number} of {name}").format(
        number=unit.number + 1, name=node.name
    )
    told = [f"<b>{html.escape(title)}</b>"]
    b = look.weights.get(f"{unit.node}.b")
    if b is not None and unit.number < len(b):
        value = numbers.number(float(b[unit.number, 0]))
        told.append(f"{names.of_layer(look.plan, node, 'b')}[{unit.number + 1}] = {value}")
    if node.layer.activation is not None:
        told.append(html.escape(tr_text(ACTIVATIONS[node.layer.activation].title)))
    return " · ".join(told)
