"""Drawing a wire by keyboard: keys choose the card where it ends, Enter draws it, Esc does not."""

from __future__ import annotations

from PySide6.QtCore import Qt

from netbuilder.errors import Message
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.gestures import ConnectGesture
from netbuilder.gui.canvas.surface import Surface

_ON = (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Tab)
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Backtab)


class KeyConnect(ConnectGesture):
    """A wire that hangs on the output of a card, and on one card after another with the keys."""

    def __init__(self, surface: Surface, card: CardItem) -> None:
        super().__init__(surface, card.port_pos("out"), card, "out")
        order = surface.network.order
        here = order.index(card.node.id)
        # What comes after it first, as that is what it feeds in most networks.
        others = (self.scene.cards[id] for id in (*order[here + 1 :], *order[:here]))
        self._ends = [other for other in others if self._refusal_of(other) is None]
        self._at = 0
        self._show()

    @classmethod
    def begin(cls, surface: Surface, card: CardItem) -> KeyConnect | None:
        """None, with the reason told, where no card can take a wire from this one."""
        gesture = cls(surface, card) if "out" in card.ports() else None
        if gesture is not None and gesture._ends:
            return gesture
        if gesture is not None:
            gesture.cancel()
        surface.store.notified.emit(
            "info", Message("No other layer can take a wire from {name}.", name=card.node.name)
        )
        return None

    def press(self, key: Qt.Key) -> bool:
        """To another card; True when the wire is to be drawn."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return True
        step = (key in _ON) - (key in _BACK)
        self._at = (self._at + step) % len(self._ends)
        self._show()
        return False

    def draw(self) -> None:
        """Puts the wire in force."""
        end = self._ends[self._at].pos()
        self.finish(end, self.surface.view.mapFromScene(end))

    def _show(self) -> None:
        if self._ends:
            card = self._ends[self._at]
            self.surface.camera.reveal({card.node.id})
            self.move(card.pos(), self.surface.view.mapFromScene(card.pos()))
