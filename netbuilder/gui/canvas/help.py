"""The help on a layer: what its kind does, by which formulas, and what each setting means."""

from __future__ import annotations

import html

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from netbuilder.engine.layer import Layer
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.surface import Surface
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message, tr_text
from netbuilder.lens.formulas import Place, formulas

_WIDE = 380


class LayerHelp(QFrame):
    """Opens beside a card; a click elsewhere or any key closes it."""

    def __init__(self, layer: Layer, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("layer_help")
        self.words = QLabel(help_on(layer, theme))
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setFixedWidth(_WIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.addWidget(self.words)
        self.setStyleSheet(
            f"#layer_help {{ background: {theme.card}; border: 1px solid {theme.strong_line}; }}"
            f" #layer_help QLabel {{ color: {theme.text}; background: none; }}"
        )

    def open_at(self, where: QPoint) -> None:
        """With its left upper corner at a point of the screen, as far as there is room."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        x = min(where.x(), room.right() - self.width())
        y = min(where.y(), room.bottom() - self.height())
        self.move(max(room.left(), x), max(room.top(), y))
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.close()


def help_on(layer: Layer, theme: Theme) -> str:
    """As rich text."""
    muted = theme.color("muted").name()
    inputs = [f"A_prev{number}" for number in ("₁", "₂")] if layer.min_inputs > 1 else ["A_prev"]
    lines = [f"<b>{html.escape(tr_text(layer.title))}</b>", html.escape(tr_text(layer.summary))]
    rows = formulas(Place(layer, inputs, [], ""))
    shown = [f"{tr_message(name)} {tr_message(value)}".strip() for name, value in rows]
    if shown:
        lines.append("<br>".join(html.escape(row) for row in shown))
    for setting in layer.settings():
        label, words = tr_text(setting.label), tr_text(setting.help)
        lines.append(
            f"{html.escape(label)}<br><span style='color:{muted}'>{html.escape(words)}</span>"
        )
    return "".join(f"<p style='margin:0 0 7px 0'>{line}</p>" for line in lines)


def open_help(surface: Surface, card: CardItem) -> None:
    """Shows the help on a card's layer at its right."""
    view = surface.view
    corner = view.mapFromScene(card.scene_rect().topRight()) + QPoint(8, 0)
    help_ = LayerHelp(card.node.layer, surface.theme, view)
    help_.open_at(view.viewport().mapToGlobal(corner))
