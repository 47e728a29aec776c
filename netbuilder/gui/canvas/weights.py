"""The weights of the wires: coloured lines from unit to unit, or a heatmap where they are many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QPixmap, QRegion
from PySide6.QtWidgets import QGraphicsPixmapItem

from netbuilder.gui.canvas.card import Z_WIRE
from netbuilder.gui.canvas.geometry import LINES_UP_TO
from netbuilder.gui.canvas.wires import HEAT, WireItem, bend
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.units import Unit

Array = NDArray[Any]

BUCKETS = 6
CHEAP = 0.003
"""Seconds that a picture of weights may take in every frame."""
_HEAT_PAUSE = 0.2
"""Seconds between two heatmaps of an edge while it trains, as they change but slowly."""
FADED = 0.22
"""How much is left of other weights while those of one unit are lit."""
CURVES_UP_TO = 48
"""So many weights are drawn as soft curves; more as straight lines, which are cheaper."""


class WeightsItem(QGraphicsPixmapItem):
    """The weights of one edge as a picture: coloured lines between the units, or a heatmap."""

    def __init__(self, wire: WireItem) -> None:
        super().__init__()
        self.wire = wire
        self._last: Array | None = None
        self._painted: tuple[object, ...] = ()
        """What the picture was painted for, beside the weights."""
        self._lines: Lines | None = None
        self._lined: tuple[object, ...] = ()
        """What the lines were laid for."""
        self._levels: NDArray[np.int8] | None = None
        """What the picture of lines shows."""
        self._free_at = 0.0
        self._row: int | None = None
        """The row of W that is lit."""
        # Below the wires, so that their labels stay readable.
        self.setZValue(Z_WIRE - 0.5)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setTransformationMode(Qt.TransformationMode.SmoothTransformation)

    def light(self, unit: Unit | None) -> None:
        """Lights the weights that lead to a unit and fades all others; None shows all alike."""
        here = unit is not None and unit.node == self.wire.edge.target
        self.setOpacity(1.0 if unit is None or here else FADED)
        self._row = unit.number if here and unit is not None else None

    def render_if_cheap(self, W: Array | None, ratio: float) -> bool:
        """Like ``render``, but a picture that takes long is only painted now and then."""
        start = perf_counter()
        if start < self._free_at:
            return False
        self.render(W, ratio)
        took = perf_counter() - start
        rest = took * 8 if took > CHEAP else 0.0
        self._free_at = start + took + max(rest, _HEAT_PAUSE if self.wire.heat else 0.0)
        return True

    def render(self, W: Array | None, ratio: float) -> None:
        """Paints other weights, W (n_out, n_in) or filters; None draws what is unknown in grey."""
        source, target = self.wire.source, self.wire.target
        shape = (target.content.units, source.content.units)
        if W is None:
            # While the network has a problem, what was seen last stays.
            W = self._last
        if W is not None and W.shape != shape and W.ndim != 4:
            W = None
        wire, painted = self.wire, self._painted
        self._painted = wire.laid, wire.covered, wire.theme, ratio, self._row
        if W is self._last and painted == self._painted:
            return
        self._last = W
        if self.wire.lines:
            self._render_lines(W, ratio)
        elif self.wire.heat and W is not None:
            self._render_heat(W, ratio)
        else:
            self._levels = None
            self.setPixmap(QPixmap())

    def keep(self, ratio: float) -> None:
        """Until other weights are known: those seen last, where the units lie now."""
        shape = (self.wire.target.content.units, self.wire.source.content.units)
        if self._last is not None and (self._last.shape == shape or self._last.ndim == 4):
            self.render(self._last, ratio)

    def weight_at(self, point: QPointF, reach: float) -> tuple[int, int] | None:
        """(row, column) in W of the line within reach of a point of the scene, or of its field."""
        near = self.nearest(point, reach)
        return None if near is None else near[1]

    def path_of(self, row: int, column: int) -> QPainterPath:
        """The line of a weight, in the scene; empty where there are no lines."""
        path, lines = QPainterPath(), self._lines
        if self.wire.lines and lines is not None and row < lines.shape[0]:
            line = lines.each[row * lines.shape[1] + column]
            path.moveTo(line.p1())
            if len(lines.each) <= CURVES_UP_TO:
                bend(path, line.p1(), line.p2())
            else:
                path.lineTo(line.p2())
        return path

    def nearest(self, point: QPointF, reach: float) -> tuple[float, tuple[int, int]] | None:
        """As ``weight_at``, and how far it is away."""
        shape = (self.wire.target.content.units, self.wire.source.content.units)
        if self.wire.lines and self._lines is not None and self._lines.shape == shape:
            if not self._lines.area.contains(point):
                return None
            return self._lines.nearest(point, reach, curved=math.prod(shape) <= CURVES_UP_TO)
        W, at = self._last, (point - self.pos()) / HEAT
        if not self.wire.heat or W is None or W.ndim != 2 or not (0 <= at.x() < 1 > at.y() >= 0):
            return None
        side = round(self.pixmap().height())
        rows, columns = (_field(n, side, x) for n, x in zip(W.shape, (at.y(), at.x()), strict=True))
        field = np.abs(np.nan_to_num(W[rows, columns]))
        row, column = np.unravel_index(int(field.argmax()), field.shape)
        return 0.0, (rows.start + int(row), columns.start + int(column))

    def _render_heat(self, W: Array, ratio: float) -> None:
        side = max(8, round(HEAT * ratio))
        if W.ndim == 4:
            W = _side_by_side(W)
        # The strongest weight of each field stands for it, so that no large one goes unseen.
        rows = _blocks(W, side)
        rgb = np.ascontiguousarray(colour_scale.rgb(rows, self.wire.theme, "window"))
        h, w = rgb.shape[:2]
        image = QImage(rgb.data, w, h, 3 * w, QImage.Format.Format_RGB888)
        pixmap = QPixmap.fromImage(image.scaled(side, side))
        with QPainter(pixmap) as painter:
            painter.setPen(QPen(self.wire.theme.color("strong_line"), max(1.0, ratio)))
            painter.drawRect(QRectF(0.5, 0.5, side - 1, side - 1))
            if self._row is not None and len(rows) < side:
                tall = side / len(rows)
                painter.setPen(QPen(self.wire.theme.color("accent"), max(1.0, ratio)))
                painter.drawRect(QRectF(0.5, self._row * tall + 0.5, side - 1, tall - 1))
        pixmap.setDevicePixelRatio(ratio)
        self._levels = None
        self.setPixmap(pixmap)
        self.setPos(self.wire.middle - QPointF(HEAT / 2, HEAT / 2))

    def _render_lines(self, W: Array | None, ratio: float) -> None:
        lines = self._lines
        if lines is None or self._painted != self._lined:
            lines, self._lined, self._levels = self._lay_lines(), self._painted, None
            self._lines = lines
        levels = levels_of(W, lines.shape)
        if self._levels is not None and np.array_equal(levels, self._levels):
            return  # other weights, but no other line
        self._levels = levels
        area = lines.area
        # Cards far apart must not ask for an image of many megapixels.
        ratio = min(ratio, 2000 / max(area.width(), area.height()))
        pixmap = QPixmap(round(area.width() * ratio), round(area.height() * ratio))
        pixmap.fill(Qt.GlobalColor.transparent)
        pixmap.setDevicePixelRatio(ratio)
        curved = levels.size <= CURVES_UP_TO
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(-area.topLeft())
            if not self.wire.covered.isEmpty():
                painter.setClipRegion(QRegion(area.toAlignedRect()) - self.wire.covered)
            if self._row is None:
                self._draw(painter, lines, levels, curved, lit=False)
            else:
                lit = np.arange(levels.size) // lines.shape[1] == self._row
                painter.setOpacity(FADED)
                self._draw(painter, lines, np.where(lit, NOT_A_NUMBER, levels), curved, lit=False)
                painter.setOpacity(1.0)
                self._draw(painter, lines, np.where(lit, levels, NOT_A_NUMBER), curved, lit=True)
        self.setPixmap(pixmap)
        self.setPos(area.topLeft())

    def _draw(
        self, painter: QPainter, lines: Lines, levels: NDArray[np.int8], curved: bool, *, lit: bool
    ) -> None:
        of_level: dict[int, list[QLineF]] = {}
        for level, line in zip(levels.tolist(), lines.each, strict=True):
            of_level.setdefault(level, []).append(line)
        of_level.pop(NOT_A_NUMBER, None)
        for level, drawn in sorted(of_level.items()):
            if not (curved or lit):
                _draw_straight(painter, self.wire.theme, level, drawn)
                continue
            pen = _pen(self.wire.theme, level, many=False)
            if lit:
                color = pen.color()
                color.setAlphaF(1.0)
                pen = QPen(color, max(1.0, pen.widthF()), c=Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            if curved:
                path = QPainterPath()
                for line in drawn:
                    path.moveTo(line.p1())
                    bend(path, line.p1(), line.p2())
                painter.drawPath(path)
            else:
                painter.drawLines(drawn)

    def _lay_lines(self) -> Lines:
        """From unit to unit, as the cards lie now."""
        source, target = self.wire.source, self.wire.target
        s, t = source.geometry.tiles, target.geometry.tiles
        starts = [c + source.pos() + QPointF(s.size / 2, 0) for c in s.centers]
        ends = [c + target.pos() - QPointF(t.size / 2, 0) for c in t.centers]
        xs = [p.x() for p in (*starts, *ends)]
        ys = [p.y() for p in (*starts, *ends)]
        area = QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys)))
        area.adjust(-6, -6, 6, 6)
        each = [QLineF(start, end) for end in ends for start in starts]
        return Lines(area, (len(ends), len(starts)), each)


@dataclass(frozen=True, eq=False)
class Lines:
    """Where the weights of one edge are drawn."""

    area: QRectF
    shape: tuple[int, int]
    """(units of the target, units of the source)"""
    each: list[QLineF]
    """Row by row."""

    @cached_property
    def _ends(self) -> Array:
        """x1, y1, x2, y2, each (lines, 1)"""
        return np.array([line.toTuple() for line in self.each]).T[..., None]

    @cached_property
    def _points(self) -> tuple[Array, Array]:
        """(lines, 49) x and y along every curve, as wires.bend draws it, from left to right."""
        x1, y1, x2, y2 = self._ends
        t = np.linspace(0, 1, 49)
        pull = np.maximum((x2 - x1) / 2, np.minimum(90, abs(x2 - x1) / 2 + abs(y2 - y1) / 4))
        near, far = 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t)
        x = x1 * (1 - t) ** 3 + (x1 + pull) * near + (x2 - pull) * far + x2 * t**3
        return x, y1 * ((1 - t) ** 3 + near) + y2 * (far + t**3)

    def nearest(
        self, point: QPointF, reach: float, *, curved: bool
    ) -> tuple[float, tuple[int, int]] | None:
        """How far away the nearest line is and its (row, column); None beyond reach."""
        if curved:
            x, y = self._points
        else:
            x1, y1, x2, y2 = self._ends
            across, up = x2 - x1, y2 - y1
            length = np.maximum(across**2 + up**2, 1e-9)
            t = np.clip(((point.x() - x1) * across + (point.y() - y1) * up) / length, 0, 1)
            x, y = x1 + across * t, y1 + up * t
        away = np.hypot(x - point.x(), y - point.y()).min(axis=1)
        best = int(away.argmin())
        if away[best] > reach:
            return None
        return float(away[best]), divmod(best, self.shape[1])


UNKNOWN, NOT_A_NUMBER = -1, -2


_BOUNDS = -1.5 * np.log(1.0 - np.arange(1, BUCKETS) / BUCKETS)
"""The sizes at which a weight gets the next pen: 1 − exp(−|w| / 1.5) in equal steps.

Absolute, not relative to the largest: lines grow while the network learns.
"""


def levels_of(W: Array | None, shape: tuple[int, int]) -> NDArray[np.int8]:
    """(rows · columns,) which pen draws each weight, the weak ones first.

    UNKNOWN for all of them where there is no W; what is NOT_A_NUMBER is not drawn.
    """
    if W is None:
        return np.full(shape[0] * shape[1], UNKNOWN, dtype=np.int8)
    W = W.ravel()
    level = _BOUNDS.searchsorted(np.abs(W), side="right").astype(np.int8)
    level *= 3
    level += 1
    level += W > 0
    level -= W < 0
    level[W != W] = NOT_A_NUMBER
    return level


@lru_cache(maxsize=128)
def _pen(theme: Theme, level: int, many: bool) -> QPen:
    """The pen of a level; ``many`` lines are paler and thinner."""
    if level == UNKNOWN:
        return QPen(theme.color("strong_line", 0.6), 1.0)
    bucket, side = divmod(level, 3)
    part = (bucket + 0.5) / BUCKETS
    # Up to one pixel Qt has a faster way to draw lines: most of many should be so thin.
    width = 0.5 + 2.4 * part**2 if many else 0.7 + 4.4 * part**1.2
    color = theme.color(colour_scale.SIDES[side], (0.3 if many else 0.4) + 0.6 * part)
    return QPen(color, width, c=Qt.PenCapStyle.FlatCap)


def _draw_straight(painter: QPainter, theme: Theme, level: int, lines: list[QLineF]) -> None:
    """Thick ones as thin ones side by side: beyond a pixel Qt takes six times as long for each."""
    pen, places = _passes(theme, level)
    painter.setPen(pen)
    for place in places:
        if place:
            lengths = [place / max(line.length(), 1.0) for line in lines]
            beside = [
                line.translated(-line.dy() * part, line.dx() * part)
                for line, part in zip(lines, lengths, strict=True)
            ]
        painter.drawLines(beside if place else lines)


@lru_cache(maxsize=128)
def _passes(theme: Theme, level: int) -> tuple[QPen, tuple[float, ...]]:
    """The pen of a level of many lines, thin, and how far from the line it is drawn each time."""
    pen = QPen(_pen(theme, level, True))
    width = pen.widthF()
    passes = math.ceil(width)
    if passes == 1:
        return pen, (0.0,)
    # Thin lines overlap: together they are to look as strong as the one thick line.
    color = pen.color()
    color.setAlphaF(color.alphaF() * math.sqrt(width / passes))
    pen.setColor(color)
    pen.setWidthF(1.0)
    return pen, tuple((width - 1) * (place / (passes - 1) - 0.5) for place in range(passes))


def _side_by_side(W: Array) -> Array:
    """Filters (F, channels, k, k) as one picture, with lines of NaN between them.

    Filters of several channels have a column each, filters of one channel stand in a square.
    """
    filters, channels, k, _ = W.shape
    columns = math.ceil(math.sqrt(filters)) if channels == 1 else filters
    rows = math.ceil(filters * channels / columns)
    tiles = np.full((rows * columns, k + 1, k + 1), np.nan)
    tiles[: filters * channels, :k, :k] = W.transpose(1, 0, 2, 3).reshape(-1, k, k)
    grid = tiles.reshape(rows, columns, k + 1, k + 1).transpose(0, 2, 1, 3)
    return grid.reshape(rows * (k + 1), columns * (k + 1))[:-1, :-1]


def _blocks(W: Array, most: int) -> Array:
    """A matrix brought to at most (most, most): each field its number of largest size."""
    for axis in (0, 1):
        n = W.shape[axis]
        if n > most:
            edges = np.linspace(0, n, most + 1).astype(int)[:-1]
            high = np.fmax.reduceat(W, edges, axis=axis)
            low = np.fmin.reduceat(W, edges, axis=axis)
            W = np.where(high >= -low, high, low)
    return W


def _field(n: int, side: int, share: float) -> slice:
    """Which of n rows lie at a share of the height of a heatmap of at most ``side`` fields."""
    fields = min(n, side)
    edges = np.linspace(0, n, fields + 1).astype(int)
    field = int(share * fields)
    return slice(int(edges[field]), int(edges[field + 1]))


def shows_lines(n_out: int, n_in: int) -> bool:
    """Whether every weight of a W (n_out, n_in) is drawn as a line."""
    return 0 < n_out <= LINES_UP_TO and 0 < n_in <= LINES_UP_TO
