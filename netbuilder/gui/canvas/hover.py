"""Hovering: what lies under the mouse is lit, explained, and shapes the pointer."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from netbuilder.gui.canvas import words
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.lit import FAT
from netbuilder.gui.canvas.surface import Surface
from netbuilder.gui.canvas.wires import WireItem
from netbuilder.gui.units import Unit
from netbuilder.gui.widgets.labels import tip


class Hover(QObject):
    """The card or the wire under the mouse, while no button is down."""

    card_changed = Signal()

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface.view)
        self._surface = surface
        self.panning = False
        """The space bar is down: the mouse moves the canvas."""
        self.card: CardItem | None = None
        self.wire: WireItem | None = None
        self._told_at: QPoint | None = None
        """Where in the viewport the tool tip was asked for that may still be seen."""
        self._told = ""

    def forget_removed(self) -> None:
        """After an edit: what is no longer in the network is under no mouse."""
        scene = self._surface.scene
        if self.card is not None and self.card.node.id not in scene.cards:
            self.card = None
        if self.wire is not None and self.wire.edge not in scene.wires:
            self.wire = None
        self._surface.lit.show_weight(None)

    def over(self, pos: QPointF | None) -> None:
        """The mouse is at a point of the scene, or has left for None."""
        found = self._surface.scene.card_at(pos) if pos is not None else None
        card, part = found if found else (None, "")
        if self.card is not None and self.card is not card:
            self.card.set_state(hover_part="")
        if card is not None:
            card.set_state(hover_part=part)
        wire = self._surface.scene.wire_at(pos) if pos is not None and card is None else None
        if wire is not self.wire:
            for item, on in ((self.wire, False), (wire, True)):
                if item is not None:
                    item.hovered = on
                    item.update()
            self.wire = wire
        lit = self._surface.lit
        lit.show_weight(lit.weight_at(pos) if pos is not None and wire is not None else None)
        self._surface.units.point(unit_at(self._surface, card, part, pos))
        changed = card is not self.card
        self.card = card
        if changed:
            self.card_changed.emit()
        self.show_cursor(part, wire)

    def words_at(self, at: QPoint) -> str:
        """What there is to say of what lies at a point of the viewport."""
        scene, pos = self._surface.scene, self._surface.view.mapToScene(at)
        found = scene.card_at(pos)
        if found is not None:
            # Beside its units a card shows the ends of weights.
            ends = [wire for wire in scene.wires.values() if found[0] in (wire.source, wire.target)]
            told = [words.of_card(scene, *found, pos)]
        else:
            wire = scene.wire_at(pos)
            ends, told = [wire] if wire is not None else [], []
        told += [words.of_wire(scene, wire, pos, FAT / scene.zoom) for wire in ends]
        return next(filter(None, told), "")

    def tell(self, event: QHelpEvent) -> None:
        """The tool tip of where the mouse rests, until it moves on."""
        self._told_at = event.pos()
        self._tell()

    def tell_anew(self) -> None:
        """What stands in the tool tip follows the run, and what can no longer be said goes."""
        if self._told_at is None:
            return
        if QToolTip.isVisible() and QToolTip.text() == self._told:
            self._tell()
        else:
            self._told_at = None

    def _tell(self) -> None:
        view, at = self._surface.view.viewport(), self._told_at
        assert at is not None
        self._told = tip(self.words_at(at))
        near = QRect(at - QPoint(2, 2), at + QPoint(2, 2))
        if self._told != QToolTip.text() or not QToolTip.isVisible():
            QToolTip.showText(view.mapToGlobal(at), self._told, view, near)

    def show_cursor(self, part: str = "", wire: WireItem | None = None) -> None:
        """The pointer says what a press would do."""
        shape = Qt.CursorShape.ArrowCursor
        if self.panning:
            shape = Qt.CursorShape.OpenHandCursor
        elif part in ("in", "out"):
            shape = Qt.CursorShape.CrossCursor
        elif part.endswith(("+", "-")) or wire is not None:
            shape = Qt.CursorShape.PointingHandCursor
        elif part not in ("", "card", "badge", "name") and self.card is not None:
            control = self.card.content.control(part)
            choice = control is not None and control.is_choice
            shape = Qt.CursorShape.PointingHandCursor if choice else Qt.CursorShape.IBeamCursor
        self._surface.view.viewport().setCursor(shape)


def unit_at(surface: Surface, card: CardItem | None, part: str, pos: QPointF | None) -> Unit | None:
    """The unit, or feature, whose tile lies under a point of the scene; images have none."""
    if card is None or pos is None or part != "card" or card.content.image is not None:
        return None
    number = surface.scene.neurons[card.node.id].unit_at(pos)
    return None if number is None else Unit(card.node.id, number)
