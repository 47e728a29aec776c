"""The hint of the first start: a small word beside the play button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge

_ARROW = 7


class PlayHint(QWidget):
    """Points at the play button until it was pressed, or the user has gone another way."""

    def __init__(
        self, window: QWidget, canvas: QWidget, bridge: TrainingBridge, themes: ThemeManager
    ) -> None:
        super().__init__(window)
        self._window, self._canvas, self._themes = window, canvas, themes
        self.hide()
        bridge.state_changed.connect(self.hide)
        bridge.ready_changed.connect(self.hide)
        themes.changed.connect(self.update)
        window.installEventFilter(self)

    @property
    def words(self) -> str:
        return self.tr("Press Play and watch the network learn")

    def offer(self) -> None:
        """Shows it, as at the first start."""
        self.show()
        self._place()
        self.raise_()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(
            metrics.horizontalAdvance(self.words) + 28 + _ARROW, metrics.height() + 12 + _ARROW
        )

    def _place(self) -> None:
        # In the corner of the canvas, where it hides no heading and no card.
        at = self._canvas.mapTo(self._window, QPoint(2, 1))
        self.setGeometry(at.x(), at.y(), self.sizeHint().width(), self.sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.isVisible() and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            body = QRectF(self.rect()).adjusted(_ARROW, _ARROW, -0.5, -0.5)
            shape = QPainterPath()
            shape.addRoundedRect(body, 7, 7)
            arrow = QPainterPath()
            # Up and to the left, where the button is.
            arrow.moveTo(QPointF(body.left() + 1, body.top() + 2 * _ARROW))
            arrow.lineTo(QPointF(0.5, 0.5))
            arrow.lineTo(QPointF(body.left() + 2 * _ARROW, body.top() + 1))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawPath(shape.united(arrow))
            painter.setPen(theme.color("on_accent"))
            painter.drawText(body, Qt.AlignmentFlag.AlignCenter, self.words)
