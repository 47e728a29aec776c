"""The strip: a small live heatmap of every layer side by side; a click chooses the layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets import matrix
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import tip

Array = NDArray[Any]

THUMB = (46, 30)
PITCH = 54


@dataclass(frozen=True, eq=False)
class Thumb:
    """One layer in the strip."""

    id: str
    label: str
    tip: str
    values: Array


class LayerStrip(QWidget):
    """Paints the thumbs from left to right; keyboard: left and right."""

    chosen = Signal(str)
    """The id of the layer that was clicked."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFont(tabular(self.font(), 0.85))
        self.setAccessibleName(self.tr("Layer shown"))
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._thumbs: tuple[Thumb, ...] = ()
        self._images: dict[int, QImage] = {}
        """Of the thumbs that were painted: of many layers most are scrolled out of sight."""
        self._current = ""
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._colors = colour_scale.packed(theme)
        self._draw()

    def show_thumbs(self, thumbs: tuple[Thumb, ...], current: str) -> None:
        """Takes over new numbers, and which layer is the chosen one."""
        if len(thumbs) != len(self._thumbs):
            self.updateGeometry()
        self._thumbs, self._current = thumbs, current
        self.setMinimumWidth(len(thumbs) * PITCH)
        self._draw()

    def _draw(self) -> None:
        self._images = {}
        self.update()

    def _image(self, index: int) -> QImage:
        if index not in self._images:
            values, *_ = matrix.block_means(self._thumbs[index].values, THUMB[1], THUMB[0])
            shown = colour_scale.entries(values, colour_scale.largest(values) or 1.0)
            self._images[index] = matrix.image(shown, self._colors)
        return self._images[index]

    def sizeHint(self) -> QSize:
        height = THUMB[1] + 6 + QFontMetrics(self.font()).height()
        return QSize(max(1, len(self._thumbs)) * PITCH, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def thumb_rect(self, index: int) -> QRectF:
        """Where a layer's picture is, in this widget's pixels."""
        return QRectF(index * PITCH + 2.0, 2.0, *THUMB)

    def _index_at(self, at: QPointF) -> int | None:
        index = int(at.x() // PITCH)
        return index if 0 <= index < len(self._thumbs) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._thumbs[index].id)

    def keyPressEvent(self, event: Any) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(event.key())
        ids = [thumb.id for thumb in self._thumbs]
        if step is None or self._current not in ids:
            super().keyPressEvent(event)
            return
        self.chosen.emit(ids[max(0, min(len(ids) - 1, ids.index(self._current) + step))])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            index = self._index_at(QPointF(event.pos()))  # type: ignore[attr-defined]
            words = "" if index is None else tip(self._thumbs[index].tip)
            QToolTip.showText(event.globalPos(), words, self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            first, last = event.rect().left() // PITCH, event.rect().right() // PITCH
            for index in range(max(0, first), min(len(self._thumbs), last + 1)):
                thumb, picture = self._thumbs[index], self._image(index)
                place = self.thumb_rect(index)
                current = thumb.id == self._current
                painter.drawImage(place, picture)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                role = "accent" if current else "line"
                thick = 3.0 if self.hasFocus() else 1.5
                painter.setPen(QPen(self._theme.color(role), thick if current else 1))
                painter.drawRoundedRect(place.adjusted(-0.5, -0.5, 0.5, 0.5), 2, 2)
                painter.setPen(self._theme.color("text" if current else "muted"))
                label = QRectF(index * PITCH, place.bottom() + 2, PITCH - 4, 40)
                flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
                painter.drawText(label, flags, thumb.label)
