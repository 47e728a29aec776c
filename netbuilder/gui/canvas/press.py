"""What a press of the mouse begins: by what lies under it, the gesture that follows."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF

from netbuilder.document.model.network import DATA, Edge
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.gestures import (
    ConnectGesture,
    Gesture,
    MoveGesture,
    PressGesture,
    RubberBand,
)
from netbuilder.gui.canvas.help import open_help
from netbuilder.gui.canvas.hover import unit_at
from netbuilder.gui.canvas.lit import Weight
from netbuilder.gui.canvas.surface import Surface
from netbuilder.gui.canvas.wires import WireItem


def gesture_at(surface: Surface, pos: QPointF, extend: bool) -> Gesture | None:
    """The gesture of a press at a point of the scene; ``extend`` adds to what is selected."""
    found = surface.scene.card_at(pos)
    if found is None:
        wire = surface.scene.wire_at(pos)
        if wire is None:
            return RubberBand(surface, pos, extend)
        _press_wire(surface, wire.edge, extend)
        weight = None if extend else surface.lit.weight_at(pos)
        return _wire_end(surface, wire, pos, weight)
    card, part = found
    if part == "out":
        return ConnectGesture(surface, pos, card, "out")
    if part == "in":
        return _take_input(surface, card, pos)
    id, selection = card.node.id, surface.selection
    if part not in ("card", "badge", "name") and not extend:
        selection.only({id})
        return PressGesture(surface, pos, card, part)
    selected = id in selection.ids
    if extend:
        surface.store.select(selection.ids ^ {id})
        return MoveGesture(surface, pos, card, narrow=False) if not selected else None
    if not selected:
        selection.only({id})
    unit = unit_at(surface, card, part, pos) if id != DATA else None
    return MoveGesture(surface, pos, card, narrow=selected, unit=unit)


def opens_field(surface: Surface, pos: QPointF) -> bool:
    """A double click on a name, or on a unit for its bias, opens a field, one on the icon the help.

    False elsewhere.
    """
    found = surface.scene.card_at(pos)
    if found is None:
        return False
    card, part = found
    unit = unit_at(surface, card, part, pos)
    if card.geometry.icon.contains(pos - card.pos()):
        open_help(surface, card)
        return True
    if part == "name":
        surface.fields.edit_name(card)
    return part == "name" or (unit is not None and surface.fields.edit_bias(unit))


class WeightGesture(ConnectGesture):
    """A press on a weight: a click opens its field, a drag takes the wire's end along."""

    weight: Weight

    def finish(self, pos: QPointF, at: QPoint) -> None:
        moved = self.is_drag(pos) or self._moved
        super().finish(pos, at)
        if not moved:
            self.surface.fields.edit_weight(self.weight, self.start)


def _take_input(surface: Surface, card: CardItem, pos: QPointF) -> ConnectGesture:
    """From an input: its last wire is taken off, or a new one drawn where it has none."""
    sources = surface.network.inputs(card.node.id)
    if not sources:
        return ConnectGesture(surface, pos, card, "in")
    edge = Edge(sources[-1], card.node.id)
    return ConnectGesture(surface, pos, surface.scene.cards[edge.source], "out", edge)


def _press_wire(surface: Surface, edge: Edge, extend: bool) -> None:
    selection = surface.selection
    if extend:
        selection.only(selection.ids, selection.edges ^ {edge})
    else:
        selection.only((), {edge})


def _wire_end(surface: Surface, wire: WireItem, pos: QPointF, weight: Weight | None) -> Gesture:
    """A press on a wire takes the nearer end along once the mouse moves."""
    to_end = (wire.end - pos).manhattanLength()
    to_start = (wire.start - pos).manhattanLength()
    card, port = (wire.source, "out") if to_end <= to_start else (wire.target, "in")
    if weight is None or weight.edge != wire.edge:
        return ConnectGesture(surface, pos, card, port, wire.edge)
    gesture = WeightGesture(surface, pos, card, port, wire.edge)
    gesture.weight = weight
    return gesture
