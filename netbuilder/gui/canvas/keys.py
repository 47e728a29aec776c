"""The keyboard on the canvas: arrows walk the graph, the other keys change what is selected."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from netbuilder.document.model.network import DATA
from netbuilder.gui.canvas.surface import Surface

Key = Qt.Key
_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_WAYS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}
_PLUS, _MINUS = (Key.Key_Plus, Key.Key_Equal), (Key.Key_Minus, Key.Key_Underscore)


def is_step(event: QKeyEvent) -> bool:
    """Whether this key, held down, makes one step of the history."""
    return Key(event.key()) in (*_PLUS, *_MINUS, *_WAYS)


def begins_wire(event: QKeyEvent) -> bool:
    """Whether this key draws a wire from the selected card."""
    return Key(event.key()) == Key.Key_C and not event.modifiers() & _MODIFIERS


def press(surface: Surface, event: QKeyEvent) -> bool:
    """Does what a key asks for; False when it means nothing here."""
    key = Key(event.key())
    if event.modifiers() & _MODIFIERS:
        return False
    if key in (Key.Key_Delete, Key.Key_Backspace):
        surface.edits.delete_selection()
        return True
    nothing = surface.selection.card is None and not surface.selection.edges
    if nothing and surface.examples.press(event):
        return True
    if key in _WAYS:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            surface.edits.move_selection(*_WAYS[key])
        else:
            walk(surface, key)
        return True
    if key == Key.Key_W:
        walk_wires(surface)
        return True
    card = surface.selection.card
    if card is None:
        return False
    if key in (Key.Key_Return, Key.Key_Enter) and card.content.controls:
        surface.fields.activate_part(card, card.content.controls[0].setting.name)
        return True
    if key == Key.Key_F2:
        surface.fields.rename_selected()
        return True
    if key in _PLUS + _MINUS:
        number = next((c for c in card.content.controls if not c.is_choice), None)
        if number is not None:
            step = 1 if key in _PLUS else -1
            surface.edits.step_setting(card.node.id, number.setting.name, step)
        return number is not None
    return False


def walk(surface: Surface, key: Qt.Key) -> None:
    """Along a wire with left and right; to the card above or below with up and down."""
    card = surface.selection.card
    if card is None:
        _leave_wire(surface, key)
        return
    network, id = surface.network, card.node.id
    y = card.pos().y()
    if key in (Key.Key_Left, Key.Key_Right):
        ahead = network.outputs(id) if key == Key.Key_Right else network.inputs(id)
        if ahead:
            cards = surface.scene.cards
            _go(surface, min(ahead, key=lambda other: abs(cards[other].pos().y() - y)))
        return
    side = -1 if key == Key.Key_Up else 1
    others = [other for other in surface.scene.cards.values() if (other.pos().y() - y) * side > 1]
    if others:
        x = card.pos().x()
        nearest = min(
            others, key=lambda other: abs(other.pos().y() - y) + 2 * abs(other.pos().x() - x)
        )
        _go(surface, nearest.node.id)


def _leave_wire(surface: Surface, key: Qt.Key) -> None:
    """From a selected wire to the card at its end; from nothing to the data."""
    edge = next(iter(surface.selection.edges), None)
    if edge is None:
        _go(surface, DATA)
    else:
        _go(surface, edge.target if key == Key.Key_Right else edge.source)


def walk_wires(surface: Surface) -> None:
    """To the first wire of the selected card, or from a selected wire to the next one."""
    network, selection = surface.network, surface.selection
    place = {id: number for number, id in enumerate(network.order)}
    edges = sorted(network.edges, key=lambda edge: (place[edge.source], place[edge.target]))
    if not edges:
        return
    if selection.card is not None:
        id = selection.card.node.id
        own = [edge for edge in edges if edge.source == id]
        own += [edge for edge in edges if edge.target == id]
        if own:
            selection.only((), {own[0]})
        return
    before = next((edges.index(edge) for edge in selection.edges), -1)
    selection.only((), {edges[(before + 1) % len(edges)]})


def walk_order(surface: Surface, step: int) -> bool:
    """To the next card in the order of computation; False at the end, where Tab leaves."""
    order = surface.network.order
    if surface.selection.card is None:
        _go(surface, order[0 if step > 0 else -1])
        return True
    at = order.index(surface.selection.card.node.id) + step
    if not 0 <= at < len(order):
        return False
    _go(surface, order[at])
    return True


def _go(surface: Surface, id: str) -> None:
    surface.selection.only({id})
    surface.camera.reveal({id})
