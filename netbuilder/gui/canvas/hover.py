"""Hovering: what lies under the mouse is lit, explained, and shapes the pointer."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, QPointF, Qt, Signal
from PySide6.QtWidgets import QToolTip

from netbuilder.document.model.network import DATA
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.surface import Surface
from netbuilder.gui.canvas.wires import WireItem
from netbuilder.gui.theme.translation import tr_text

translate = QCoreApplication.translate


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

    def forget_removed(self) -> None:
        """After an edit: what is no longer in the network is under no mouse."""
        scene = self._surface.scene
        if self.card is not None and self.card.node.id not in scene.cards:
            self.card = None
        if self.wire is not None and self.wire.edge not in scene.wires:
            self.wire = None

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
        changed = card is not self.card
        self.card = card
        if changed:
            self.card_changed.emit()
        self._tell(pos, card, part)
        self.show_cursor(part, wire)

    def _tell(self, pos: QPointF | None, card: CardItem | None, part: str) -> None:
        """The tool tip: a control's help, a unit's or a layer's words."""
        words = ""
        if card is not None and pos is not None:
            unit = (
                self._surface.scene.neurons[card.node.id].unit_at(pos) if part == "card" else None
            )
            control = card.content.control(part.rstrip("+-"))
            if unit is not None:
                words = self._tile(card, unit)
            elif control is not None:
                words = tr_text(control.setting.help)
            elif part == "name":
                words = translate("Canvas", "Double-click to rename")
            elif part in ("in", "out"):
                words = translate("Canvas", "Drag to connect")
        if words != self._surface.view.viewport().toolTip():
            self._surface.view.viewport().setToolTip(words)
            if not words:
                QToolTip.hideText()

    def _tile(self, card: CardItem, tile: int) -> str:
        """What a card's tile shows."""
        content = card.content
        if tile < len(content.labels):
            return content.labels[tile]
        if content.image is None:
            return translate("Canvas", "Unit {number} of {name}").format(
                number=tile + 1, name=content.title
            )
        example = self._surface.scene.example
        if card.node.id == DATA:
            return translate("Canvas", "Training example {example}").format(example=example)
        return translate(
            "Canvas", "Channel {number} of {name} for training example {example}"
        ).format(number=tile + 1, name=content.title, example=example)

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
