"""The wires: a curve between two cards with its shape, around the cards in its way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QRegion
from PySide6.QtWidgets import (
    QGraphicsItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from netbuilder.document.check.problems import SEVERITIES, Problem
from netbuilder.document.model.network import Edge
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.card import CANDIDATE, TARGET, Z_WIRE, CardItem
from netbuilder.gui.canvas.obstacles import Obstacles
from netbuilder.gui.theme.colours import Theme
from netbuilder.numbers import shape_text

Array = NDArray[Any]

REACH = 9.0
"""How near to a wire the mouse must be."""
HEAT = 38.0


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """A wire's path: it leaves to the right and arrives from the left."""
    path = QPainterPath(start)
    bend(path, start, end)
    return path


def bend(path: QPainterPath, start: QPointF, end: QPointF) -> None:
    """Goes on from one point to another as a wire does."""
    dx = end.x() - start.x()
    reach = max(dx / 2, min(90.0, abs(dx) / 2 + abs(end.y() - start.y()) / 4))
    path.cubicTo(QPointF(start.x() + reach, start.y()), QPointF(end.x() - reach, end.y()), end)


@dataclass(frozen=True, eq=False)
class Reach:
    """Where a wire can be hit: along its curve, and between the outer lines of its weights."""

    line: Array
    """(points, 2)"""
    corners: tuple[QLineF, QLineF] | None

    @cached_property
    def area(self) -> QRectF:
        """The rectangle around all of it."""
        (left, top), (right, bottom) = self.line.min(axis=0), self.line.max(axis=0)
        area = QRectF(left, top, right - left, bottom - top)
        for edge in self.corners or ():
            area |= QRectF(edge.p1(), edge.p2()).normalized()
        return area

    def is_near(self, point: QPointF, most: float) -> bool:
        """Whether a point may be so near; False is quick, and certain."""
        return self.area.adjusted(-most, -most, most, most).contains(point)

    def distance(self, point: QPointF) -> float:
        """From a point of the scene; zero within the weights' lines."""
        if self.corners is not None:
            upper, lower = self.corners
            share = (point.x() - upper.x1()) / upper.dx()
            if 0 < share < 1 and upper.pointAt(share).y() <= point.y() <= lower.pointAt(share).y():
                return 0.0
        p = np.array([point.x(), point.y()])
        a, b = self.line[:-1], self.line[1:]
        ab = b - a
        length = np.maximum((ab * ab).sum(axis=1), 1e-9)
        t = np.clip(((p - a) * ab).sum(axis=1) / length, 0, 1)
        nearest = a + t[:, None] * ab
        return float(np.hypot(*(nearest - p).T).min())


class WireItem(QGraphicsItem):
    """One edge: its curve where no weights are drawn, its label, and its marks."""

    def __init__(self, edge: Edge, source: CardItem, target: CardItem, theme: Theme) -> None:
        super().__init__()
        self.edge, self.source, self.target = edge, source, target
        self.theme = theme
        self.problems: tuple[Problem, ...] = ()
        self.selected = False
        self.hovered = False
        self.mark = ""
        self.shape_text: tuple[str, str] = ("", "")
        """The label in full, and a shorter one for a narrow gap."""
        self.lines = False
        """The weights are drawn as lines, so that the curve itself is not."""
        self.heat = False
        self.labelled = True
        self.bare = False
        """From afar: a curve without weights."""
        self._path = QPainterPath()
        self._bounds = QRectF()
        self.corridor = QRectF()
        """Where a card would be in the way of the straight wire; empty where none can be."""
        self.laid: tuple[object, ...] = ()
        """What its course depends on, as it was when it was laid."""
        self.reach: Reach
        """Where it can be hit at this moment."""
        self.setZValue(Z_WIRE)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.detour: tuple[float, float, float] | None = None
        """Around cards that lie in the way: (from x, to x, y) of a straight piece."""
        self.covered = QRegion()
        """Where other cards lie over it, and over its weights."""

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Takes other problems; of them only the worst severity is painted."""
        if problems or self.problems:
            before, self.problems = self.severity, problems
            if self.severity != before:
                self.update()

    @property
    def severity(self) -> str | None:
        kinds = {problem.severity for problem in self.problems}
        return next((kind for kind in SEVERITIES if kind in kinds), None)

    # --- geometry ----------------------------------------------------------------------------

    @property
    def start(self) -> QPointF:
        return self.source.port_pos("out")

    @property
    def end(self) -> QPointF:
        return self.target.port_pos("in")

    @property
    def middle(self) -> QPointF:
        return self._path.pointAtPercent(0.5)

    @property
    def course(self) -> tuple[object, ...]:
        """All that its course depends on but for the cards in its way."""
        source, target = self.source, self.target
        return (
            *(source.pos(), source.geometry, target.pos(), target.geometry),
            *(self.lines, self.heat, self.shape_text),
        )

    def route(self, cards: Obstacles) -> None:
        """Runs from card to card, around those of all cards that a straight wire would cross."""
        start, end = self.start, self.end
        self.detour, self.corridor = None, QRectF()
        if not self.lines and end.x() - start.x() >= 1:
            straight = curve(start, end)
            self.corridor = straight.boundingRect().adjusted(-1, -1, 1, 1)
            points = [straight.pointAtPercent(i / 24) for i in range(1, 24)]
            hit = cards.hit(points, self.corridor, self.source, self.target)
            if hit is not None:
                left, top, right, bottom = hit
                middle = (start.y() + end.y()) / 2
                y = top - 22 if middle - top <= bottom - middle else bottom + 22
                self.detour = max(left + 8, start.x()), min(right - 8, end.x()), y
        self.adjust()
        area = self._bounds
        if self.lines:
            # From unit to unit, over the two cards themselves.
            for card in (self.source, self.target):
                area = area | card.geometry.tiles.rect.translated(card.pos())
            self.corridor = area
        covered = cards.over(area, self.source, self.target)
        if covered != self.covered:
            self.covered = covered
            self.update()

    def adjust(self) -> None:
        """Takes its course between the two cards as they lie."""
        self.prepareGeometryChange()
        self.laid = self.course
        self._path = curve(self.start, self.end)
        if self.detour is not None:
            left, right, y = self.detour
            self._path = curve(self.start, QPointF(left, y))
            self._path.lineTo(QPointF(right, y))
            bend(self._path, QPointF(right, y), self.end)
        percents = np.linspace(0, 1, 33)
        points = [self._path.pointAtPercent(float(t)) for t in percents]
        self.reach = Reach(np.array([[p.x(), p.y()] for p in points]), self._corners())
        label = self._label_rect()
        self._bounds = self._path.boundingRect().united(label).adjusted(-10, -10, 10, 10)
        self.update()

    def distance(self, point: QPointF) -> float:
        """From a point of the scene to the wire; zero within the weights' lines."""
        return self.reach.distance(point)

    def _corners(self) -> tuple[QLineF, QLineF] | None:
        """The upper and the lower edge of the weights' lines, from card to card."""
        start, end = self.start, self.end
        if not self.lines or self.bare or start.x() >= end.x():
            return None
        left = self.source.geometry.tiles.rect.translated(self.source.pos())
        right = self.target.geometry.tiles.rect.translated(self.target.pos())
        return (
            QLineF(start.x(), left.top(), end.x(), right.top()),
            QLineF(start.x(), left.bottom(), end.x(), right.bottom()),
        )

    def boundingRect(self) -> QRectF:
        return self._bounds

    # --- painting ----------------------------------------------------------------------------

    def label(self) -> str:
        """(n[l], m), or (n[l], "m") where the gap has no room for the number."""
        full, short = self.shape_text
        return full if painting.width_of(full, 11) <= self._gap - 10 else short

    @property
    def _gap(self) -> float:
        return self.end.x() - self.start.x()

    def _label_rect(self) -> QRectF:
        middle = self.middle
        y = middle.y() - 13
        if self.lines or self.heat:
            top = HEAT / 2 if self.heat else 0.0
            if self.lines:
                left, right = self.source.geometry.tiles.rect, self.target.geometry.tiles.rect
                size = (self.source.geometry.tiles.size + self.target.geometry.tiles.size) / 4
                top = -(left.top() + right.top()) / 2 - size
            y = middle.y() - top - 13
        # Wide enough for both wordings, so that the area does not depend on which one is shown.
        width = max(painting.width_of(words, 11) for words in self.shape_text) + 10
        rect = QRectF(0, 0, width, 16)
        rect.moveCenter(QPointF(middle.x(), y))
        return rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if not self.covered.isEmpty():
            painter.setClipRegion(QRegion(self._bounds.toAlignedRect()) - self.covered)
        theme = self.theme
        plain = not self.lines or self.bare
        if self.mark == TARGET or self.selected:
            painter.setPen(QPen(theme.color("accent", 0.22), 11, c=Qt.PenCapStyle.RoundCap))
            painter.drawPath(self._path)
            painter.setPen(QPen(theme.color("accent"), 2.4))
            painter.drawPath(self._path)
        elif self.mark == CANDIDATE:
            painter.setPen(QPen(theme.color("accent", 0.16), 9, c=Qt.PenCapStyle.RoundCap))
            painter.drawPath(self._path)
            painter.setPen(QPen(theme.color("accent", 0.75), 1.6))
            painter.drawPath(self._path)
        elif self.problems:
            severity = "error" if self.severity == "error" else "warning"
            painter.setPen(QPen(theme.color(severity), 2.0, Qt.PenStyle.DashLine))
            painter.drawPath(self._path)
        elif self.hovered:
            painter.setPen(QPen(theme.color("accent", 0.18), 9, c=Qt.PenCapStyle.RoundCap))
            painter.drawPath(self._path)
            if plain:
                painter.setPen(QPen(theme.color("accent"), 1.8))
                painter.drawPath(self._path)
        elif plain:
            painter.setPen(QPen(theme.color("strong_line"), 1.8))
            painter.drawPath(self._path)
        if self.labelled:
            self._paint_label(painter)

    def _paint_label(self, painter: QPainter) -> None:
        words = self.label()
        if not words:
            return
        rect = self._label_rect()
        # The shape of an image is long: in a narrow gap it is written a little smaller.
        size = 11 if painting.width_of(words, 11) <= self._gap - 6 else 10
        width = painting.width_of(words, size) + 6
        pill = QRectF(rect.center().x() - width / 2, rect.top(), width, rect.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("window", 0.85))
        painter.drawRoundedRect(pill, 8, 8)
        role = "accent" if self.selected or self.hovered else "muted"
        color = self.theme.color(role)
        painting.text(painter, pill, words, color, size, center=True, least=size)


def shape_words(shape: tuple[int, ...] | None, m: int | None) -> tuple[str, str]:
    """The label of a wire in full, and a shorter one for a narrow gap; m is None without data."""
    if not shape:
        return "", ""
    return shape_text(shape, m or "m"), shape_text(shape, "m")
