"""Where everything lies on a card: sizes, neuron places, controls and ports, in scene units."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF

GRID = 20.0
"""Cards snap to this; columns of 200 are ten of it."""
WIDTH = 140.0
PADDING = 10.0
HEADER = 46.0
ROW = 30.0
CONTROL = 24.0
FOOTER_LINE = 15.0
RADIUS = 10.0
PORT = 5.0
PORT_REACH = 13.0
"""How near to a port's centre the mouse must be."""

LINES_UP_TO = 32
"""Layers up to this wide show every weight as a line, as PRODUCT.md asks."""
ROWS = 8
COLUMNS = 5
IMAGES = 116.0
"""The height of the place for a card's images."""
LARGEST_IMAGE = 84.0
MOST_IMAGES = 36
"""So many channels are shown, six times six."""


@dataclass(frozen=True)
class Tiles:
    """The places of the neurons of one card, relative to the card's position."""

    size: float
    centers: tuple[QPointF, ...]
    hidden: int
    """How many units have no tile of their own; told as "+12"."""
    more: QPointF | None
    """Where that is told."""
    height: float
    images: bool = False
    """They show images, whose corners count."""

    @cached_property
    def rect(self) -> QRectF:
        """The smallest rectangle around all tiles."""
        if not self.centers:
            return QRectF()
        xs = [c.x() for c in self.centers]
        ys = [c.y() for c in self.centers]
        h = self.size / 2
        return QRectF(QPointF(min(xs) - h, min(ys) - h), QPointF(max(xs) + h, max(ys) + h))


def tiles(n: int, x: float = 0.0) -> Tiles:
    """Tiles for n units around (x, 0): one column while that is readable, then a grid of 8 rows."""
    if n <= 4:
        size, pitch = ((0.0, 0.0), (46.0, 0.0), (42.0, 52.0), (31.0, 37.0), (25.0, 29.0))[n]
        centers = tuple(QPointF(x, (i - (n - 1) / 2) * pitch) for i in range(n))
        return Tiles(size, centers, 0, None, 116.0)
    pitch, size = 22.0, 19.0
    cells = ROWS * COLUMNS
    shown = n if n <= cells else cells - 1
    columns = min(COLUMNS, math.ceil(n / ROWS))
    rows = min(ROWS, math.ceil(n / columns))
    places = [
        QPointF(x + (c - (columns - 1) / 2) * pitch, (r - (rows - 1) / 2) * pitch)
        for c in range(columns)
        for r in range(rows)
    ]
    hidden = n - shown
    return Tiles(
        size,
        tuple(places[:shown]),
        hidden,
        places[-1] if hidden else None,
        max(116.0, rows * pitch + 8),
    )


def image_tiles(n: int) -> Tiles:
    """Tiles for n channels of images: as large as they can be in a square of columns and rows."""
    shown = n if n <= MOST_IMAGES else MOST_IMAGES - 1
    cells = min(n, MOST_IMAGES)
    room = WIDTH - 2 * PADDING
    pitches = [min(room / c, IMAGES / math.ceil(cells / c)) for c in range(1, cells + 1)]
    pitch = min(max(pitches), LARGEST_IMAGE)
    columns = pitches.index(max(pitches)) + 1
    rows = math.ceil(cells / columns)
    places = [
        QPointF((c - (columns - 1) / 2) * pitch, (r - (rows - 1) / 2) * pitch)
        for r in range(rows)
        for c in range(columns)
    ]
    hidden = n - shown
    more = places[cells - 1] if hidden else None
    return Tiles(pitch - 3.0, tuple(places[:shown]), hidden, more, IMAGES, images=True)


@dataclass(frozen=True)
class CardGeometry:
    """The rectangles of a card, relative to its position, which is the middle of its tiles."""

    tiles: Tiles
    rows: tuple[str, ...] = ()
    """The settings that have a control on the card, from top to bottom."""
    footer_lines: int = 0
    extra: float = 0.0
    """How much wider than usual it is, on the right."""
    rect: QRectF = field(init=False)

    def __post_init__(self) -> None:
        top = -self.tiles.height / 2 - HEADER
        bottom = self.tiles.height / 2 + len(self.rows) * ROW + self.footer_lines * FOOTER_LINE + 10
        object.__setattr__(self, "rect", QRectF(-WIDTH / 2, top, WIDTH + self.extra, bottom - top))

    @property
    def header(self) -> QRectF:
        return QRectF(self.rect.left(), self.rect.top(), self.rect.width(), HEADER)

    def _line(self, top: float, height: float) -> QRectF:
        return QRectF(self.rect.left() + PADDING, top, self.rect.width() - 2 * PADDING, height)

    @property
    def name(self) -> QRectF:
        """The line of the name, where it is also edited."""
        return self._line(self.rect.top() + 7, 19).adjusted(0, 0, -20, 0)

    @property
    def icon(self) -> QRectF:
        return QRectF(self.rect.right() - PADDING - 16, self.rect.top() + 9, 16, 16)

    @property
    def frozen(self) -> QRectF:
        """The mark of a layer that does not learn, at the end of the subtitle."""
        return QRectF(self.rect.right() - PADDING - 14, self.rect.top() + 26, 14, 14)

    @property
    def subtitle(self) -> QRectF:
        return self._line(self.rect.top() + 25, 16)

    @property
    def zone(self) -> QRectF:
        height = self.tiles.height
        return QRectF(self.rect.left(), -height / 2, self.rect.width(), height)

    def row(self, name: str) -> QRectF:
        top = self.tiles.height / 2 + self.rows.index(name) * ROW + (ROW - CONTROL) / 2
        return self._line(top, CONTROL)

    def footer(self, line: int) -> QRectF:
        top = self.tiles.height / 2 + len(self.rows) * ROW + line * FOOTER_LINE + 3
        return self._line(top, FOOTER_LINE)

    @property
    def badge(self) -> QRectF:
        return QRectF(self.rect.right() - 15, self.rect.top() - 7, 22, 22)

    @property
    def input(self) -> QPointF:
        return QPointF(self.rect.left(), 0.0)

    @property
    def output(self) -> QPointF:
        return QPointF(self.rect.right(), 0.0)


def stepper_parts(row: QRectF, wide: bool) -> tuple[QRectF, QRectF, QRectF]:
    """The −, the field and the + of a number control; a wide field leaves no room for a label."""
    side = row.height() - 3.0
    field_width = row.width() - 2 * side - (0.0 if wide else 52.0)
    field_left = row.right() - side - field_width
    return (
        QRectF(field_left - side, row.top(), side, side),
        QRectF(field_left, row.top(), field_width, side),
        QRectF(row.right() - side, row.top(), side, side),
    )


def snap(point: QPointF) -> QPointF:
    """The nearest point of the grid."""
    return QPointF(round(point.x() / GRID) * GRID, round(point.y() / GRID) * GRID)
