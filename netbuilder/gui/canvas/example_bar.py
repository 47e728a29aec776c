"""The bar of the chosen example: which it is, what it is in truth, and what is said of it."""

from __future__ import annotations

import html
from time import perf_counter

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from netbuilder import numbers
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.examples import Examples, name_of
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.lens import cases
from netbuilder.lens.cases import Case, Example
from netbuilder.lens.look import Look

_EDGE, _BESIDE_LEGEND = 8, 144
_PAUSE = 0.1
"""Seconds for which its numbers stand still while it trains."""


class ExampleBar(QWidget):
    """Lies at the foot of the canvas while an example is chosen; leads to its neighbours."""

    def __init__(
        self, parent: QWidget, scene: CanvasScene, examples: Examples, themes: ThemeManager
    ) -> None:
        super().__init__(parent)
        self._scene, self._examples, self._themes = scene, examples, themes
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setFont(tabular(self.words.font(), 0.95))
        self.back = self._button("‹", self.tr("The example before (←)"))
        self.on = self._button("›", self.tr("The next example (→)"))
        self.close_button = self._button("×", self.tr("Look at all examples again (Esc)"))
        self.back.clicked.connect(lambda: examples.step(-1))
        self.on.clicked.connect(lambda: examples.step(1))
        self.close_button.clicked.connect(examples.let_go)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(4)
        for part in (self.back, self.words, self.on, self.close_button):
            row.addWidget(part)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(self.tr("The chosen example"))
        self._next = 0.0
        self._example: Example | None = None
        self.hide()

    def _button(self, sign: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(sign)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the canvas has the keys for it
        return button

    def follow(self) -> None:
        """Says what the tiles show."""
        seen = self._scene.seen
        if self._examples.chosen is None or seen is None or seen.case is None:
            self.hide()
            return
        now, example = perf_counter(), seen.case.example
        again = self.isVisible() and example == self._example
        if again and self._scene.cursor_.running and now < self._next:
            return
        self._next, self._example = now + _PAUSE, example
        words = said_of(seen.look, seen.case, self._themes.theme)
        if words != self.words.text() or self.isHidden():
            self.words.setText(words)
            self.adjustSize()
            self.place()
            self.show()
            self.raise_()

    def place(self) -> None:
        """In the middle of the foot, but beside the legend."""
        parent = self.parentWidget()
        assert parent is not None
        self.resize(self.sizeHint())
        x = max(_BESIDE_LEGEND, (parent.width() - self.width()) // 2)
        y = parent.height() - self.height() - _EDGE
        if x + self.width() > parent.width() - _EDGE:
            # Too narrow for both side by side.
            x, y = max(_EDGE, parent.width() - self.width() - _EDGE), y - 52
        self.move(x, y)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("accent"))
            painter.setBrush(theme.color("card", 0.95))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


def said_of(look: Look, case: Case, theme: Theme) -> str:
    """Training example 17: ● setosa, predicted ● virginica, 71.2 %; L = 1.24, as rich text."""
    dataset = look.dataset
    true, said = (html.escape(cases.in_words(dataset, y)) for y in (case.y, case.Y_hat))
    loss = f"L = {numbers.number(case.loss)}"
    name = f"<b>{html.escape(name_of(case.example))}</b>"
    words = QCoreApplication.translate(
        "ExampleBar", "{name} &nbsp; true {true}, predicted {said} &nbsp; {loss}"
    )
    if dataset.info.task == "regression":
        return words.format(name=name, true=true, said=said, loss=loss)
    codes = cases.class_of(dataset, case.y), cases.class_of(dataset, case.Y_hat)
    dots = [
        f'<span style="color:{theme.classes[code % len(theme.classes)]}">●</span>' for code in codes
    ]
    share = ""
    if look.plan.gives_probabilities:
        share = f", {numbers.percent(float(cases.chances(dataset, case.Y_hat)[codes[1]]))}"
    color = theme.text if codes[0] == codes[1] else theme.error
    answer = f'{dots[1]} <span style="color:{color}">{said}{share}</span>'
    return words.format(name=name, true=f"{dots[0]} {true}", said=answer, loss=loss)
