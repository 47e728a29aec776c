"""What a press of the mouse begins: by what lies under it, the gesture that follows."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from netbuilder.document.model.network import Edge
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.gestures import (
    ConnectGesture,
    Gesture,
    MoveGesture,
    PressGesture,
    RubberBand,
)
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
        return _wire_end(surface, wire, pos)
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
    return MoveGesture(surface, pos, card, narrow=selected)


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


def _wire_end(surface: Surface, wire: WireItem, pos: QPointF) -> Gesture:
    """A press on a wire takes the nearer end along once the mouse moves."""
    to_end = (wire.end - pos).manhattanLength()
    to_start = (wire.start - pos).manhattanLength()
    if to_end <= to_start:
        return ConnectGesture(surface, pos, wire.source, "out", wire.edge)
    return ConnectGesture(surface, pos, wire.target, "in", wire.edge)
