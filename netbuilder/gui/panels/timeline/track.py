"""The track: a run from its first update to its latest, with the head on the moment looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPixmapCache,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.labels import tip

Array = NDArray[Any]

MARGIN = 9.0
"""Pixels left and right of the groove: half of the head finds room there."""
_GROOVE = 8.0
_KNOB = 6.0
_STRETCHED = 1.1
"""A run may go on for so much of its length before the picture of its film is made anew."""
_NEAR = 5.0
"""Pixels from a mark within which the mouse is on it."""


@dataclass(frozen=True)
class Story:
    """What the track shows of a run; all places are numbers of updates."""

    last: int = 0
    """How far it has come."""
    first: int = 0
    """From where on anything is kept."""
    marks: tuple[tuple[int, str], ...] = ()
    """What was changed, in order."""
    breaks: tuple[int, ...] = ()
    """Where something else began to be trained: another network, other data or weights."""
    best: int | None = None
    frames: Array = field(default_factory=lambda: np.empty(0, np.int64))
    """Of the film, in order."""


class Track(QWidget):
    """Asks by signals for the moment that the mouse or a key wants; moves its head when told."""

    wanted = Signal(int)
    """(step,)"""
    stepped = Signal(int, bool)
    """(direction, whether by a whole epoch)"""
    played = Signal(int)
    """(direction,)"""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.story = Story()
        self.head = 0
        self._lane: tuple[Array, int, QImage] | None = None
        """The film's frames, how far the run had come when it was drawn, and the picture."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Timeline"))

    def apply_theme(self, theme: Theme) -> None:
        self._theme, self._lane = theme, None
        self.update()

    def show_story(self, story: Story, head: int) -> None:
        self.story, self.head = story, head
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 24)

    # --- where things lie ----------------------------------------------------------------------

    def x_of(self, step: float) -> float:
        """The place of an update in pixels."""
        return MARGIN + (self.width() - 2 * MARGIN) * step / max(1, self.story.last)

    def step_at(self, x: float) -> int:
        """The update at a place, held within the run."""
        share = (x - MARGIN) / max(1.0, self.width() - 2 * MARGIN)
        return min(max(round(share * self.story.last), self.story.first), self.story.last)

    # --- mouse and keys ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.wanted.emit(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.wanted.emit(self.step_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        by_epoch = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stepped.emit(-1 if key == Qt.Key.Key_Left else 1, by_epoch)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.stepped.emit(-1 if key == Qt.Key.Key_PageUp else 1, True)
        elif key == Qt.Key.Key_Home:
            self.wanted.emit(self.story.first)
        elif key == Qt.Key.Key_End:
            self.wanted.emit(self.story.last)
        elif key == Qt.Key.Key_Space:
            self.played.emit(-1 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tip(self.told_at(event.pos().x())), self)
            return True
        return super().event(event)

    def told_at(self, x: float) -> str:
        """What there is at a place: changes, the best moment, else which update it is."""
        story = self.story
        if not story.last:
            return self.tr("Every moment of the training can be brought back here.")
        lines = [
            self.tr("update {step}: {what}").format(step=f"{step:,}", what=what)
            for step, what in story.marks
            if abs(self.x_of(step) - x) <= _NEAR
        ][-4:]
        taken_up = self.tr("update {step}: training was taken up again here")
        marked = {step for step, _ in story.marks}
        lines += [
            taken_up.format(step=f"{step:,}")
            for step in story.breaks
            if step not in marked and abs(self.x_of(step) - x) <= _NEAR
        ][-2:]
        if story.best is not None and abs(self.x_of(story.best) - x) <= _NEAR:
            words = self.tr("update {step}: the lowest cost so far")
            lines.append(words.format(step=f"{story.best:,}"))
        if x < self.x_of(story.first) - _NEAR:
            lines.append(self.tr("What came before is not kept."))
        return "\n".join(lines) or self.tr("update {step}").format(step=f"{self.step_at(x):,}")

    # --- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, story = self._theme, self.story
        left, right = MARGIN, self.width() - MARGIN
        middle = self.height() / 2
        groove = QRectF(left, middle - _GROOVE / 2, right - left, _GROOVE)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawPixmap(QPointF(), self._empty(groove))
            if not story.last:
                return
            lane, came = self._film_lane(groove.width())
            filled = groove.adjusted(0, 2, 0, -2)
            filled.setWidth(groove.width() * came / story.last)
            painter.drawImage(filled, lane)
            head = self.x_of(self.head)
            start = self.x_of(story.first)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent", 0.38))
            played = QRectF(start, groove.top() + 2, max(0.0, head - start), _GROOVE - 4)
            painter.drawRect(played)
            self._paint_marks(painter, groove)
            knob = QPointF(head, middle)
            painter.setPen(QPen(theme.color("panel"), 2.0))
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(knob, _KNOB, _KNOB)

    def _paint_marks(self, painter: QPainter, groove: QRectF) -> None:
        theme, story = self._theme, self.story
        painter.setPen(QPen(theme.color("text", 0.75), 1.5))
        for step in story.breaks:
            x = self.x_of(step)
            painter.drawLine(QPointF(x, groove.top() - 5), QPointF(x, groove.bottom() + 5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("muted"))
        drawn = -math.inf
        for step, _ in story.marks:
            x = self.x_of(step)
            if x - drawn < 3.0:
                continue  # one sign stands for all that lie on one another
            drawn = x
            top = groove.top() - 2
            painter.drawPolygon(
                QPolygonF([QPointF(x - 3, top - 5), QPointF(x + 3, top - 5), QPointF(x, top)])
            )
        if story.best is not None:
            x, y = self.x_of(story.best), groove.bottom() + 4
            painter.setBrush(theme.color("accent"))
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(x, y - 3),
                        QPointF(x + 3, y),
                        QPointF(x, y + 3),
                        QPointF(x - 3, y),
                    ]
                )
            )

    def _empty(self, groove: QRectF) -> QPixmap:
        """The groove alone, as a picture: soft curves take Qt as long as all the rest."""
        ratio, role = self.devicePixelRatioF(), "accent" if self.hasFocus() else "line"
        key = f"groove {self.width()}x{self.height()} {ratio} {role} {self._theme.name}"
        picture = QPixmap()
        if not QPixmapCache.find(key, picture):
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(self._theme.color(role), 1.0))
                painter.setBrush(self._theme.color("sunken"))
                painter.drawRoundedRect(groove.adjusted(-3, -0.5, 3, 0.5), 4.5, 4.5)
            QPixmapCache.insert(key, picture)
        return picture

    def _film_lane(self, width: float) -> tuple[QImage, float]:
        """A row of pixels, dark where the film has many frames, and how far the run had come then.

        A run that goes on pushes what lies behind it together: the picture is drawn narrower, and
        is made anew where there are more frames or it would be coarse.
        """
        story, columns = self.story, max(1, round(width))
        made = self._lane
        if (
            made is not None
            and (made[0] is story.frames and made[2].width() == columns)
            and made[1] <= story.last <= _STRETCHED * made[1]
        ):
            return made[2], float(made[1])
        counts = np.bincount(
            np.minimum(story.frames * (columns - 1) // max(1, story.last), columns - 1),
            minlength=columns,
        )
        ink = QColor(self._theme.muted)
        row = np.zeros((1, columns, 4), np.uint8)
        row[0, :, :3] = ink.red(), ink.green(), ink.blue()
        row[0, :, 3] = np.where(counts > 0, 70 + 40 * np.minimum(counts - 1, 3), 0)
        image = QImage(row.data, columns, 1, 4 * columns, QImage.Format.Format_RGBA8888).copy()
        self._lane = story.frames, story.last, image
        return image, float(story.last)
