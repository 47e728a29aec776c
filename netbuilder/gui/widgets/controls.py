"""Small controls of our own for the heads of panels: chips, segments, and a floating read-out."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QLabel, QWidget

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.icons import tinted
from netbuilder.gui.widgets.fonts import tabular

ICON = 16


class Chip(QAbstractButton):
    """A flat button with a word or a drawing on it; filled when it is checked."""

    def __init__(self, text: str, theme: Theme, icon: str = "") -> None:
        """icon: the name of a drawing that stands in place of the word."""
        super().__init__()
        self._theme = theme
        self._icon = icon
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFont(tabular(self.font(), 0.9))

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        wide = ICON + 8 if self._icon else metrics.horizontalAdvance(self.text()) + 14
        return QSize(wide, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(Qt.PenStyle.NoPen)
            hot = self.isEnabled() and (self.underMouse() or self.isDown())
            if self.isChecked():
                painter.setBrush(theme.color("selection"))
            else:
                painter.setBrush(theme.color("sunken") if hot else Qt.BrushStyle.NoBrush)
            if self.hasFocus():
                painter.setPen(QPen(theme.color("accent"), 1))
            painter.drawRoundedRect(body, 4, 4)
            if not self.isEnabled():
                ink = theme.color("muted", 0.45)
            else:
                ink = theme.color("text" if self.isChecked() or hot else "muted")
            if self._icon:
                ratio = self.devicePixelRatioF()
                drawing = tinted(self._icon, ink, ICON, ratio)
                painter.drawPixmap((self.width() - ICON) // 2, (self.height() - ICON) // 2, drawing)
            else:
                painter.setPen(ink)
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Segments(QWidget):
    """A choice of one among a few, side by side."""

    chosen = Signal(str)
    """The name of the new choice, when the user made it."""

    def __init__(self, choices: Iterable[tuple[str, str]], theme: Theme) -> None:
        """choices: (name, visible text) pairs; the first is chosen."""
        super().__init__()
        self.chips: dict[str, Chip] = {}
        self._theme = theme
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(1)
        for name, text in choices:
            chip = self.chips[name] = Chip(text, theme)
            self._group.addButton(chip)
            row.addWidget(chip)
            chip.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
        next(iter(self.chips.values())).setChecked(True)

    @property
    def choice(self) -> str:
        return next(name for name, chip in self.chips.items() if chip.isChecked())

    def choose(self, name: str) -> None:
        """Without telling anybody."""
        self.chips[name].setChecked(True)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for chip in self.chips.values():
            chip.apply_theme(theme)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.color("line"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5.5, 5.5)


class ReadOut(QLabel):
    """A small note beside the mouse with the numbers there; it stays inside its parent."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setFont(tabular(self.font(), 0.9))
        self.setContentsMargins(8, 5, 8, 5)
        self.apply_theme(theme)
        self.hide()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        palette = self.palette()
        palette.setColor(self.foregroundRole(), theme.color("text"))
        self.setPalette(palette)
        self.update()

    def show_at(self, at: QPoint, html: str) -> None:
        """Shows the text near a point of the parent; above left or right of it, never cut."""
        if html != self.text():
            self.setText(html)
        parent = self._parent
        self.setWordWrap(False)
        size = self.sizeHint()
        if size.width() > parent.width() - 8:
            self.setWordWrap(True)
            width = parent.width() - 8
            size = QSize(width, self.heightForWidth(width))
        x = at.x() + 14
        if x + size.width() > parent.width() - 4:
            x = at.x() - 14 - size.width()
        y = at.y() - 10 - size.height()
        if y < 4:
            y = at.y() + 18
        x = max(4, min(x, parent.width() - 4 - size.width()))
        y = max(4, min(y, parent.height() - 4 - size.height()))
        self.setGeometry(x, y, size.width(), size.height())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.color("strong_line"), 1))
            painter.setBrush(self._theme.color("card", 0.96))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        super().paintEvent(event)
