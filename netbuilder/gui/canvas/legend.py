"""The legend: which colour stands for which number on one card, in a corner of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from netbuilder.document.model.network import COST
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.theme.colours import Theme
from netbuilder.lens.ranges import Range

_WIDTH, _HEIGHT, _EDGE, _BAR = 128, 44, 8, 6


class Legend(QWidget):
    """Speaks of a card with units; of the output where none is asked for."""

    def __init__(self, parent: QWidget, scene: CanvasScene, theme: Theme) -> None:
        super().__init__(parent)
        self._scene, self._theme = scene, theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.resize(_WIDTH, _HEIGHT)
        self.shown: tuple[str, Range] | None = None
        """The name of the card, and what its colours stretch over."""
        self.hide()

    def speak_of(self, *cards: CardItem | None, theme: Theme) -> None:
        """The first of these cards that has units, else the output."""
        network = self._scene.store.project.network
        outputs = (self._scene.cards.get(id) for id in network.inputs(COST))
        for card in (*cards, *outputs):
            if card is None or card.node.id == COST:
                continue
            item = self._scene.neurons[card.node.id]
            if item.values is not None:
                self._show(card.content.title, item.range, theme)
                return
        self.shown = None
        self.hide()

    def _show(self, name: str, range_: Range, theme: Theme) -> None:
        if (name, range_) == self.shown and theme is self._theme:
            return
        self.shown, self._theme = (name, range_), theme
        self.setVisible(True)
        self.update()

    def place(self) -> None:
        """In the lower left corner, also after the canvas was scrolled."""
        parent = self.parentWidget()
        assert parent is not None
        self.move(_EDGE, parent.height() - _HEIGHT - _EDGE)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.shown is None:
            return
        (name, range_), theme = self.shown, self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("line"))
            painter.setBrush(theme.color("card", 0.85))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            inside = self.rect().adjusted(9, 4, -9, -4)
            line = QRectF(inside.left(), inside.top(), inside.width(), 14)
            painting.text(painter, line, name, theme.color("muted"), 10, least=10)
            bar = QRect(inside.left(), inside.top() + 15, inside.width(), _BAR)
            gradient = QLinearGradient(bar.topLeft(), bar.topRight())
            ends = [("zero", range_.neutral), ("positive", range_.high)]
            if range_.low < range_.neutral:
                ends.insert(0, ("negative", range_.low))
            painter.setPen(Qt.PenStyle.NoPen)
            align = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter)
            painter.setFont(painting.font(10))
            for number, (role, value) in enumerate(ends):
                gradient.setColorAt(number / (len(ends) - 1), QColor(theme.color(role)))
                last = number == len(ends) - 1
                side = Qt.AlignmentFlag.AlignRight if last else align[number]
                below = QRectF(bar.left(), bar.bottom() + 1, bar.width(), 14)
                painter.setPen(theme.color("text"))
                painter.drawText(
                    below, side | Qt.AlignmentFlag.AlignVCenter, f"{value:.4g}".replace("-", "−")
                )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(gradient)
            painter.drawRoundedRect(bar, 3, 3)
