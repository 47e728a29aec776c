"""Heatmaps on paper: small matrices cell by cell with their numbers, large ones as pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.engine.plan import PlanNode
from netbuilder.errors import Message
from netbuilder.lens.layer_views import View
from netbuilder.lens.look import Look
from netbuilder.lens.picture import Picture
from netbuilder.lens.quantities import QUANTITIES
from netbuilder.report.drawing import (
    CLASSES,
    color,
    colors,
    image,
    ink,
    rect,
    short,
    svg,
    text,
)
from netbuilder.report.subject import Say

Array = NDArray[Any]

SHOWN = ("W", "A")
"""What is seen of each layer: what it has learned, and what it says of a sample of examples."""
LEGEND = Message(
    "Blue is positive, orange is negative, neutral is zero; each picture has its scale above it. "
    "W are the weights, a row for every unit, with b beside them; A is what every unit says of a "
    "sample of training examples."
)
_WIDTH = 396.0
"""Of a picture; two stand side by side."""
_WRITTEN = 64
"""So many cells have their numbers in them."""
_CELLS = 128
"""A side of more cells shows only the strongest of each few."""
_TILES, _PIXEL = 36, 14.0
"""So many images are shown, and how large a pixel of one may be."""
_LEFT, _TOP = 62.0, 22.0


def heatmaps(look: Look, node: PlanNode, say: Say) -> list[str]:
    """The pictures of one layer, each with its name; none for a layer that has none."""
    found = []
    for name in SHOWN:
        view = QUANTITIES[name].view(look, node)
        if isinstance(view, View):
            found.append(_figure(view, say))
    return found


def _figure(view: View, say: Say) -> str:
    picture = view.picture
    values = np.asarray(picture.values, float)
    scale = _largest(values, picture.beside)
    told = f"{view.name}  {numbers.shape_text(view.shape)}"
    drawn = _tiles(picture, values, scale) if picture.tile else _cells(picture, values, scale, say)
    top = text(0, 12, told, "start", 12, "#18212c", ' class="strong"')
    ends = f"−{numbers.number(scale)} … {numbers.number(scale)}"
    height, parts = drawn
    parts = [top, text(_WIDTH, 12, ends, "end", 10), *parts]
    return svg(_WIDTH, height, parts, label=told)


def _largest(values: Array, beside: Array | None) -> float:
    sizes = [np.abs(a[np.isfinite(a)]) for a in (values, beside) if a is not None]
    return max((float(size.max()) for size in sizes if size.size), default=0.0) or 1.0


def _cells(picture: Picture, values: Array, scale: float, say: Say) -> tuple[float, list[str]]:
    """The matrix with b beside it; the names of rows and columns where there are few."""
    rows, columns = values.shape
    band = 7.0 if picture.band else 0.0
    beside = picture.beside
    room = _WIDTH - _LEFT - (34.0 if beside is not None else 0.0)
    pixels = rows * columns > 600
    shown = _strongest(values)
    width = room / columns if pixels else min(46.0, room / columns)
    height = min(max(width, 13.0), 24.0, 320.0 / rows) if not pixels else min(14.0, 320.0 / rows)
    top = _TOP + band + (16.0 if picture.column_names and columns <= 12 else 0.0)
    parts = []
    for k, code in enumerate(picture.band):
        parts.append(rect(_LEFT + k * width, _TOP, width + 0.2, 4, CLASSES[code % len(CLASSES)]))
    if pixels:
        parts.append(image(_LEFT, top, columns * width, rows * height, colors(shown / scale)))
    for i, j in [] if pixels else np.ndindex(rows, columns):
        parts += _cell(
            _LEFT + j * width, top + i * height, width, height, float(values[i, j]), scale
        )
    if beside is not None and beside.shape[0] == rows:
        x = _LEFT + columns * width + 8
        column = _strongest(np.asarray(beside, float))
        if pixels or rows > 40:
            parts.append(image(x, top, 14, rows * height, colors(column / scale)))
        else:
            for i in range(rows):
                parts.append(
                    rect(x, top + i * height, 20, height - 0.6, color(beside[i, 0] / scale))
                )
        parts.append(text(x + 9, top + rows * height + 12, picture.beside_name, size=10))
    if picture.column_names and columns <= 12:
        for j, name in enumerate(picture.column_names):
            most = max(3, int(width / 6))
            parts.append(text(_LEFT + (j + 0.5) * width, top - 5, short(name, most), size=9.5))
    if rows <= 24:
        names = picture.row_names or tuple(map(str, range(1, rows + 1)))
        for i, name in enumerate(names):
            y = top + (i + 0.5) * height + 3.5
            parts.append(text(_LEFT - 6, y, short(name, 10), "end", 9.5))
    bottom = top + rows * height
    if picture.column_title is not None:
        parts.append(
            text(_LEFT + columns * width / 2, bottom + 13, say(picture.column_title), size=10)
        )
    if picture.row_title is not None and rows > 24:
        parts.append(text(_LEFT - 6, (top + bottom) / 2, say(picture.row_title), "end", 10))
    return bottom + 22, parts


def _cell(x: float, y: float, width: float, height: float, value: float, scale: float) -> list[str]:
    ground = color(value / scale)
    parts = [rect(x, y, width - 0.6, height - 0.6, ground)]
    if width >= 30 and height >= 13:
        number = numbers.number(value, 2)
        parts.append(text(x + width / 2, y + height / 2 + 3, number, size=8.5, fill=ink(ground)))
    return parts


def _tiles(picture: Picture, values: Array, scale: float) -> tuple[float, list[str]]:
    """Each row as an image, side by side."""
    assert picture.tile is not None
    h, w = picture.tile
    columns = picture.tile_columns or math.ceil(math.sqrt(1.6 * min(len(values), _TILES)))
    most = max(_TILES, columns) // columns * columns * (3 if picture.tile_columns else 1)
    shown = values[:most]
    columns = min(columns, len(shown))
    side = min((_WIDTH - 4) / columns - 3, 84.0, _PIXEL * max(h, w))
    tall = side * h / w
    parts = []
    for k, row in enumerate(shown):
        i, j = divmod(k, columns)
        pixels = colors(row.reshape(h, w) / scale)
        parts.append(image(j * (side + 3), _TOP + i * (tall + 3), side, tall, pixels))
    bottom = _TOP + math.ceil(len(shown) / columns) * (tall + 3)
    if len(shown) < len(values):
        parts.append(text(0, bottom + 10, f"+{len(values) - len(shown):,}", "start", 10))
        bottom += 14
    return bottom + 4, parts


def _strongest(values: Array) -> Array:
    """Of at most so many cells a side: of each few the one that is farthest from zero."""
    for axis in (0, 1):
        length = values.shape[axis]
        if length > _CELLS:
            few = math.ceil(length / _CELLS)
            pad = [(0, 0), (0, 0)]
            pad[axis] = (0, -length % few)
            grouped = np.moveaxis(np.pad(values, pad), axis, 0)
            grouped = grouped.reshape(-1, few, grouped.shape[1])
            at = np.abs(grouped).argmax(axis=1)[:, None]
            values = np.moveaxis(np.take_along_axis(grouped, at, 1)[:, 0], 0, axis)
    return values
