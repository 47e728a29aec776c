"""The neurons of a card as one picture: maps of the input plane, or mean activations."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QGraphicsPixmapItem

from netbuilder.gui.canvas.card import Z_NEURONS, CardItem
from netbuilder.gui.canvas.geometry import Tiles
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import Theme

Array = NDArray[Any]

MAP = 32
"""Pixels along a side of a neuron's map."""


DISC, MAP_TILE, IMAGE_TILE = 1.0, 0.45, 0.08
"""How round a tile's corners are, as a share of half its side."""


@lru_cache(maxsize=64)
def _stencil(size: int, roundness: float) -> tuple[Array, Array]:
    """(size, size, 1) opacity of a tile's shape, and of the thin ring around it, both 0 to 1."""
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
    return shape[:, :, None], ring[:, :, None]


def compose(values: Array | None, tiles: Tiles, theme: Theme, ratio: float) -> QImage:
    """All tiles in one image of ``tiles.rect``, ``ratio`` pixels to a scene unit.

    ``values``: (n, h, w) maps or images, (n,) numbers, or None for units nothing is known of.
    """
    shown = len(tiles.centers)
    size = max(2, round(tiles.size * ratio))
    rect = tiles.rect
    width, height = math.ceil(rect.width() * ratio), math.ceil(rect.height() * ratio)
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    is_map = values is not None and values.ndim == 3
    shape, ring = _stencil(size, IMAGE_TILE if tiles.images else MAP_TILE if is_map else DISC)
    if values is None:
        rgb = np.broadcast_to(_rgb(theme.color("sunken")), (shown, 1, 1, 3))
    elif values.ndim == 3:
        values = _squared(values[:shown])
        pixel = np.arange(size) * values.shape[1] // size
        rgb = colour_scale.rgb(values[:, pixel][:, :, pixel], theme, "sunken")
    else:
        rgb = colour_scale.rgb(values, theme, "sunken")[:shown, None, None, :]
    rgb = rgb * (1 - ring) + _rgb(theme.color("strong_line")) * ring
    alpha = np.broadcast_to((shape * 255).astype(np.uint8), (size, size, 1))
    for center, tile in zip(tiles.centers, rgb.astype(np.uint8), strict=True):
        left = round((center.x() - tiles.size / 2 - rect.left()) * ratio)
        top = round((center.y() - tiles.size / 2 - rect.top()) * ratio)
        left, top = min(left, width - size), min(top, height - size)
        pixels[top : top + size, left : left + size, :3] = tile
        pixels[top : top + size, left : left + size, 3:] = alpha
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.copy()


def _squared(images: Array) -> Array:
    """(n, h, w) with neutral margins where an image is wider than high, or higher than wide."""
    _, h, w = images.shape
    side = max(h, w)
    up, left = (side - h) // 2, (side - w) // 2
    return np.pad(images, ((0, 0), (up, side - h - up), (left, side - w - left)))


def _rgb(color: QColor) -> Array:
    return np.array([color.red(), color.green(), color.blue()], dtype=np.float32)


class NeuronsItem(QGraphicsPixmapItem):
    """The picture of one card's neurons; Qt paints it without a line of Python."""

    def __init__(self, card: CardItem) -> None:
        super().__init__()
        self.card = card
        self.values: Array | None = None
        self._painted: tuple[Tiles, Theme, float] | None = None
        """What the picture was painted for, beside the values."""
        self.setZValue(Z_NEURONS)
        self.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def follow(self) -> None:
        """Takes the card's place."""
        self.setPos(self.card.pos() + self.card.geometry.tiles.rect.topLeft())

    def render(self, values: Array | None, ratio: float) -> None:
        """Paints other values; arrays that do not fit the card any more count as unknown."""
        tiles = self.card.geometry.tiles
        if values is None:
            # While the network has a problem, what was seen last stays.
            values = self.values
        if values is not None and values.shape[0] != self.card.content.tiles:
            values = None
        painted, self._painted = self._painted, (tiles, self.card.theme, ratio)
        if values is self.values and painted == self._painted:
            self.follow()
            return
        self.values = values
        if not tiles.centers:
            self.setPixmap(QPixmap())
            return
        pixmap = QPixmap.fromImage(compose(values, tiles, self.card.theme, ratio))
        pixmap.setDevicePixelRatio(ratio)
        self.setPixmap(pixmap)
        self.follow()

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
