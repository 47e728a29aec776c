"""The neurons of a card as one picture: maps of the input plane, or mean activations."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGraphicsPixmapItem

from netbuilder.gui.canvas.biases import BiasesItem
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.geometry import Tiles
from netbuilder.gui.canvas.spoken import SpokenItem
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import Theme
from netbuilder.lens.ranges import Range

Array = NDArray[Any]

MAP = 32
"""Pixels along a side of a neuron's map."""


DISC, MAP_TILE, IMAGE_TILE = 1.0, 0.45, 0.08
"""How round a tile's corners are, as a share of half its side."""


@lru_cache(maxsize=64)
def _stencil(size: int, roundness: float) -> tuple[Array, Array]:
    """(size, size) opacity of a tile's shape, and of the thin ring around it, both 0 to 1."""
    at = np.arange(size) + 0.5 - size / 2
    x, y = np.abs(at)[None, :], np.abs(at)[:, None]
    half = size / 2 - 0.5
    corner = half * roundness
    dx, dy = x - (half - corner), y - (half - corner)
    # How deep a pixel lies within a square with round corners.
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
    inside = corner - outside - np.minimum(np.maximum(dx, dy), 0)
    shape = np.clip(inside + 0.5, 0, 1)
    thick = 1.0 if roundness == IMAGE_TILE else max(1.0, size / 24)
    ring = np.clip(thick - inside + 0.5, 0, 1)
    return shape, ring


NOTHING = 256
"""What is beside a tile: one past the colour scale's entries."""


class Pattern:
    """Which number each pixel of a card's picture shows, worked out once for many pictures.

    Inside a tile a colour is looked up and nothing else; only the thin rim is mixed.
    """

    def __init__(self, tiles: Tiles, theme: Theme, ratio: float, shape: tuple[int, ...]) -> None:
        """``shape`` of the values: (n, h, w), or (n,), or () for units nothing is known of."""
        self._of = tiles, theme, ratio, shape
        shown, rect = len(tiles.centers), tiles.rect
        size = max(2, round(tiles.size * ratio))
        width, height = math.ceil(rect.width() * ratio), math.ceil(rect.height() * ratio)
        image = len(shape) == 3
        kind = IMAGE_TILE if tiles.images else MAP_TILE if image else DISC
        inside, ring = _stencil(size, kind)
        h, w = shape[1:] if image else (1, 1)
        # An image that is not square has neutral margins; see ``picture`` for both of these.
        margin, nothing = shown * h * w, shown * h * w + 1
        pixel = np.arange(size) * max(h, w) // size
        row, column = pixel - (max(h, w) - h) // 2, pixel - (max(h, w) - w) // 2
        known = ((row >= 0) & (row < h))[:, None] & ((column >= 0) & (column < w))
        place = row[:, None] * w + column
        at = np.full((height, width), nothing)
        rim = np.zeros((height, width))
        alpha = np.zeros((height, width))
        for number, center in enumerate(tiles.centers):
            left = round((center.x() - tiles.size / 2 - rect.left()) * ratio)
            top = round((center.y() - tiles.size / 2 - rect.top()) * ratio)
            left, top = min(left, width - size), min(top, height - size)
            area = slice(top, top + size), slice(left, left + size)
            at[area] = np.where(known, number * h * w + place, margin)
            rim[area], alpha[area] = ring, inside
        self._at = at
        # Where there is more to a pixel than its number's colour.
        self._rim = np.flatnonzero((rim > 0) | ((alpha < 1) & (at != nothing)))
        share, opaque = (a.ravel()[self._rim, None].astype(np.float32) for a in (rim, alpha))
        line = theme.color("strong_line")
        ink = np.array([line.blue(), line.green(), line.red(), 255], dtype=np.float32)
        # Of a pixel's colour so much, and so much of the ring's: of every byte, for speed.
        self._share = np.repeat((1 - share) * opaque, 4, axis=1).ravel()
        self._ink = (ink * share * opaque).ravel()
        self._colors = np.array((*colour_scale.packed(theme, "sunken"), 0), dtype=np.uint32)

    def fits(self, tiles: Tiles, theme: Theme, ratio: float, shape: tuple[int, ...]) -> bool:
        return self._of == (tiles, theme, ratio, shape)

    def entries(self, values: Array | None, range_: Range) -> NDArray[np.uint8]:
        """(numbers that are shown,) what the values are in the colour scale's table.

        ``range_`` is closed.
        """
        tiles, *_, shape = self._of
        shown = len(tiles.centers)
        if values is None:
            return np.full(shown, colour_scale.CLEAR, dtype=np.uint8)
        if len(shape) == 3:
            values = values[:shown]
        found = colour_scale.entries(range_.signed(values), 1.0)
        return found[:shown].ravel()

    def colors(self, entries: NDArray[np.uint8]) -> list[int]:
        """ARGB of each."""
        found: list[int] = self._colors[entries].tolist()
        return found

    def picture(self, entries: NDArray[np.uint8]) -> QImage:
        """The picture of numbers of which these are the entries, of all tiles in one."""
        colors = self._colors[np.append(entries.astype(np.intp), (colour_scale.ZERO, NOTHING))]
        pixels = colors.take(self._at)
        height, width = pixels.shape
        if len(self._rim):
            # Gathered and put back as whole pixels: byte by byte NumPy takes six times as long.
            flat = pixels.reshape(-1)
            mixed = flat.take(self._rim).view(np.uint8) * self._share
            mixed += self._ink
            flat[self._rim] = mixed.astype(np.uint8).view(np.uint32)
        format_ = QImage.Format.Format_ARGB32_Premultiplied
        return QImage(pixels.data, width, height, 4 * width, format_).copy()


class NeuronsItem(QGraphicsPixmapItem):
    """The picture of one card's neurons; Qt paints it without a line of Python."""

    def __init__(self, card: CardItem) -> None:
        super().__init__(card)  # it lies on the card, and under the same others
        self.card = card
        self.values: Array | None = None
        self.range = Range(-1.0, 0.0, 1.0)
        """What the colours stretch over."""
        self._pattern: Pattern | None = None
        self._entries: NDArray[np.uint8] | None = None
        """What the picture shows."""
        self.biases = BiasesItem(self)
        self.spoken = SpokenItem(self)
        self.of_example = False
        """The values are one example's, whose numbers are written on the tiles."""
        self.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def render(
        self,
        values: Array | None,
        ratio: float,
        range_: Range | None = None,
        b: Array | None = None,
    ) -> bool:
        """Paints other values; arrays that do not fit the card any more count as unknown.

        Without a range they have the last one. ``b`` (n, 1) are the units' biases.

        Always True: there is nothing that is left out.
        """
        tiles = self.card.geometry.tiles
        self.biases.render(b, tiles, self.card.content.tiles, self.card.theme, ratio)
        if values is None:
            # While the network has a problem, what was seen last stays.
            values = self.values
        if values is not None and values.shape[0] != self.card.content.tiles:
            values = None
        self.setPos(tiles.rect.topLeft())
        if not tiles.centers:
            self.values, self._entries = values, None
            self.setPixmap(QPixmap())
            self.spoken.render(None, (), tiles, self.card.theme, ratio)
            return True
        shape = () if values is None else values.shape
        same = self._pattern is not None and self._pattern.fits(
            tiles, self.card.theme, ratio, shape
        )
        if same and values is self.values and self._entries is not None:
            return True
        if self._pattern is None or not same:
            self._pattern = Pattern(tiles, self.card.theme, ratio, shape)
        if range_ is not None:
            self.range = range_.closed(values)
        entries = self._pattern.entries(values, self.range)
        told = values if self.of_example and len(shape) == 1 else None
        colors = self._pattern.colors(entries) if told is not None else ()
        self.spoken.render(told, colors, tiles, self.card.theme, ratio)
        before, self._entries, self.values = self._entries, entries, values
        if same and before is not None and np.array_equal(before, entries):
            return True  # other numbers, but no other colour
        pixmap = QPixmap.fromImage(self._pattern.picture(entries))
        pixmap.setDevicePixelRatio(ratio)
        self.setPixmap(pixmap)
        return True

    @property
    def roundness(self) -> float:
        """How round a tile's corners are, as a share of half its side."""
        maps = self.values is not None and self.values.ndim == 3
        return IMAGE_TILE if self.card.geometry.tiles.images else MAP_TILE if maps else DISC

    def keep(self, ratio: float) -> None:
        """Until other values are known: those seen last, where the tiles lie now."""
        if self.values is not None and self.values.shape[0] == self.card.content.tiles:
            self.render(self.values, ratio)

    def unit_at(self, point: QPointF) -> int | None:
        """Which unit's tile lies under a point of the scene."""
        local = point - self.card.pos()
        tiles = self.card.geometry.tiles
        for unit, center in enumerate(tiles.centers):
            away = local - center
            if max(abs(away.x()), abs(away.y())) <= tiles.size / 2:
                return unit
        return None
