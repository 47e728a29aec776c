"""The keyboard on the canvas: arrows walk the graph, the other keys change what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from netbuilder.document.model.network import DATA

if TYPE_CHECKING:
    from netbuilder.gui.canvas.view import CanvasView

Key = Qt.Key
_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_PLUS, _MINUS = (Key.Key_Plus, Key.Key_Equal), (Key.Key_Minus, Key.Key_Underscore)


def is_step(event: QKeyEvent) -> bool:
    """Whether this key changes units."""
    return Key(event.key()) in _PLUS + _MINUS


def press(view: CanvasView, event: QKeyEvent) -> bool:
    """Does what a key asks for; False when it means nothing here."""
    key = Key(event.key())
    if key == Key.Key_Escape:
        return _escape(view)
    if view.gesture is not None:
        # In the middle of a gesture only Esc counts.
        return True
    if event.modifiers() & _MODIFIERS:
        return False
    if key in (Key.Key_Delete, Key.Key_Backspace):
        view.delete_selection()
        return True
    if key in (Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down):
        walk(view, key)
        return True
    card = view.current
    if card is None:
        return False
    if key in (Key.Key_Return, Key.Key_Enter) and card.content.controls:
        view.activate_part(card, card.content.controls[0].setting.name)
        return True
    if key == Key.Key_F2:
        view.rename_selected()
        return True
    if is_step(event):
        number = next((c for c in card.content.controls if not c.is_choice), None)
        if number is not None:
            step = 1 if key in _PLUS else -1
            view.step_setting(card.node.id, number.setting.name, step)
        return number is not None
    return False


def _escape(view: CanvasView) -> bool:
    if view.cancel_gesture():
        view.update_bubble()
    else:
        view.select_only()
    return True


def walk(view: CanvasView, key: Qt.Key) -> None:
    """Along a wire with left and right; to the card above or below with up and down."""
    card = view.current
    if card is None:
        _go(view, DATA)
        return
    network, id = view.network, card.node.id
    y = card.pos().y()
    if key in (Key.Key_Left, Key.Key_Right):
        ahead = network.outputs(id) if key == Key.Key_Right else network.inputs(id)
        if ahead:
            _go(view, min(ahead, key=lambda other: abs(view.canvas.cards[other].pos().y() - y)))
        return
    side = -1 if key == Key.Key_Up else 1
    others = [other for other in view.canvas.cards.values() if (other.pos().y() - y) * side > 1]
    if others:
        x = card.pos().x()
        nearest = min(
            others, key=lambda other: abs(other.pos().y() - y) + 2 * abs(other.pos().x() - x)
        )
        _go(view, nearest.node.id)


def walk_order(view: CanvasView, step: int) -> bool:
    """To the next card in the order of computation; False at the end, where Tab leaves."""
    order = view.network.order
    if view.gesture is not None:
        return True
    if view.current is None:
        _go(view, order[0 if step > 0 else -1])
        return True
    at = order.index(view.current.node.id) + step
    if not 0 <= at < len(order):
        return False
    _go(view, order[at])
    return True


def _go(view: CanvasView, id: str) -> None:
    view.select_only({id})
    view.reveal({id})
