"""The sketch of a network: its layers as columns of units, small enough for a picture on a card."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from netbuilder.document.model.network import COST, DATA, Network, Node
from netbuilder.gui.theme.colours import Theme

_UNITS = 8
"""A column has no more dots than this, one each up to four, then one more for twice as many."""
_SHEETS = 3


def sketch(painter: QPainter, place: QRectF, network: Network, features: int, theme: Theme) -> None:
    """Paints the network and its data into a rectangle, without Cost, which they all have."""
    nodes = [node for node in network.nodes if node.id != COST]
    xs, ys = sorted({node.position[0] for node in nodes}), [node.position[1] for node in nodes]
    across = place.width() / len(xs)
    middle, span = (min(ys) + max(ys)) / 2, max(ys) - min(ys)
    centers = {
        node.id: QPointF(
            place.left() + (xs.index(node.position[0]) + 0.5) * across,
            place.center().y()
            + (0.45 * place.height() * (node.position[1] - middle) / (span or 1)),
        )
        for node in nodes
    }
    tall = place.height() * (0.5 if span else 0.94)
    size = min(across * 0.5, tall / _UNITS * 0.62)
    dots = {node.id: _dots(node, features, centers[node.id], tall, size) for node in nodes}
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("strong_line"), 0.7))
    for edge in network.edges:
        if edge.target != COST:
            for start in dots[edge.source]:
                for end in dots[edge.target]:
                    painter.drawLine(start, end)
    for node in nodes:
        _paint(painter, node, dots[node.id], size, theme)


def _dots(node: Node, features: int, center: QPointF, tall: float, size: float) -> list[QPointF]:
    """A dot for every unit of a layer that says how many it has, as far as there is room."""
    width = features if node.id == DATA else node.layer.own_width
    count = 1
    if width is not None and not node.layer.takes_images:
        count = width if width <= 4 else min(_UNITS, 4 + round(math.log2(width / 4)))
    pitch = min(tall / _UNITS, size * 1.62)
    return [QPointF(center.x(), center.y() + (i - (count - 1) / 2) * pitch) for i in range(count)]


def _paint(painter: QPainter, node: Node, dots: list[QPointF], size: float, theme: Theme) -> None:
    layer, radius = node.layer, size / 2
    learns = layer.own_width is not None
    painter.setPen(QPen(theme.color("card"), 0.8))
    painter.setBrush(theme.color("accent" if learns else "muted"))
    if layer.takes_images:
        # What learns has its filters one behind the other.
        for back in range(_SHEETS - 1 if learns else 0, -1, -1):
            sheet = QRectF(-size, -size, 2 * size, 2 * size).translated(dots[0])
            painter.drawRoundedRect(sheet.translated(back * 0.5 * size, -back * 0.5 * size), 2, 2)
    elif layer.max_inputs != 1 and node.id != DATA:
        painter.setBrush(theme.color("card"))
        painter.setPen(QPen(theme.color("muted"), 1.4))
        painter.drawEllipse(dots[0], 1.2 * radius, 1.2 * radius)
        for way in (QPointF(0.6 * radius, 0), QPointF(0, 0.6 * radius)):
            painter.drawLine(dots[0] - way, dots[0] + way)
    else:
        for number, dot in enumerate(dots):
            if node.id == DATA:
                painter.setBrush(QColor(theme.classes[number % 2]))
            painter.drawEllipse(dot, radius, radius)
