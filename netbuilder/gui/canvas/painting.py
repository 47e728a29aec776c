"""Small painters that the cards share: text, shadows, and what looks like controls."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
    QTransform,
)

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.icons import tinted

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTER = Qt.AlignmentFlag.AlignCenter


def font(pixels: float, bold: bool = False) -> QFont:
    """The application's font in a size of scene units; one object for all who ask for it."""
    return _font(QGuiApplication.font().toString(), pixels, bold)


@lru_cache(maxsize=128)
def _font(_family: str, pixels: float, bold: bool) -> QFont:
    made = QFont(QGuiApplication.font())
    made.setPixelSize(max(1, round(pixels)))
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def width_of(text: str, pixels: float, bold: bool = False) -> float:
    return _width(QGuiApplication.font().toString(), text, pixels, bold)


@lru_cache(maxsize=4096)
def _width(family: str, text: str, pixels: float, bold: bool) -> float:
    return QFontMetricsF(_font(family, pixels, bold)).horizontalAdvance(text)


def fitting(text: str, pixels: float, width: float, bold: bool = False, least: float = 11) -> QFont:
    """The font in that size, or as much smaller as the text needs, but never under ``least``."""
    while pixels > least and width_of(text, pixels, bold) > width:
        pixels -= 1
    return font(pixels, bold)


def text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    color: QColor,
    pixels: float = 12,
    *,
    bold: bool = False,
    center: bool = False,
    least: float = 11,
) -> None:
    """One line of text that shrinks a little, and ends in "…" only when even that is too long."""
    chosen = fitting(words, pixels, rect.width(), bold, least)
    shown = QFontMetricsF(chosen).elidedText(words, Qt.TextElideMode.ElideRight, rect.width() + 0.5)
    painter.setFont(chosen)
    painter.setPen(color)
    painter.drawText(rect, _CENTER if center else _LEFT, shown)


def icon(painter: QPainter, rect: QRectF, name: str, color: QColor) -> None:
    """One of the program's icons, as sharp as the painter's zoom allows."""
    ratio = painter.worldTransform().m11() * painter.device().devicePixelRatioF()
    pixmap = tinted(name, color, round(rect.width()), max(1.0, ratio))
    painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))


def shadow(painter: QPainter, rect: QRectF, radius: float, theme: Theme) -> None:
    """A soft shadow below a card: a few pale rounded rectangles, one inside the other.

    From afar nobody would see it.
    """
    if painter.worldTransform().m11() < 0.3:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    color = QColor(0, 0, 0)
    strength = 0.016 if theme.name == "light" else 0.05
    for spread in (6.0, 4.5, 3.0, 1.5):
        color.setAlphaF(strength)
        painter.setBrush(color)
        painter.drawRoundedRect(
            rect.adjusted(-spread, -spread + 3, spread, spread + 3),
            radius + spread,
            radius + spread,
        )


def button(
    painter: QPainter, rect: QRectF, sign: str, theme: Theme, *, hover: bool, down: bool, on: bool
) -> None:
    """A − or + with the states of a real button."""
    painter.setPen(Qt.PenStyle.NoPen)
    if down and on:
        painter.setBrush(theme.color("accent", 0.35))
        painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), 5, 5)
    elif hover and on:
        painter.setBrush(theme.color("accent", 0.16))
        painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), 5, 5)
    role = "accent" if hover and on else "muted"
    painter.setPen(QPen(theme.color(role, 1.0 if on else 0.35), 1.6))
    c = rect.center()
    lines = [QPointF(c.x() - 4, c.y()), QPointF(c.x() + 4, c.y())]
    if sign == "+":
        lines += [QPointF(c.x(), c.y() - 4), QPointF(c.x(), c.y() + 4)]
    painter.drawLines(lines)


def field(
    painter: QPainter, rect: QRectF, theme: Theme, *, hover: bool, down: bool = False
) -> None:
    """The sunken ground of a number or of a drop-down."""
    painter.setPen(QPen(theme.color("accent" if hover else "line"), 1.0))
    painter.setBrush(theme.color("selection" if down else "sunken"))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


def chevron(painter: QPainter, center: QPointF, color: QColor) -> None:
    painter.setPen(QPen(color, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(
        QPolygonF(
            [
                QPointF(center.x() - 3.5, center.y() - 1.75),
                QPointF(center.x(), center.y() + 1.75),
                QPointF(center.x() + 3.5, center.y() - 1.75),
            ]
        )
    )


def badge(painter: QPainter, rect: QRectF, severity: str, theme: Theme) -> None:
    """The "!" of a problem, or the "i" of a hint."""
    disc = rect.adjusted(2, 2, -2, -2)
    ground = theme.color("card")
    painter.setPen(QPen(ground, 2))
    painter.setBrush(theme.color("muted" if severity == "hint" else severity))
    painter.drawEllipse(disc)
    painter.setPen(QPen(ground, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    c = disc.center()
    turn = -1 if severity == "hint" else 1
    painter.drawLine(QPointF(c.x(), c.y() - 4.5 * turn), QPointF(c.x(), c.y() + 0.8 * turn))
    painter.drawPoint(QPointF(c.x(), c.y() + 4.4 * turn))


def ground(painter: QPainter, rect: QRectF, grid: float, zoom: float, theme: Theme) -> None:
    """The empty canvas with the dots of its grid, as many of them as the zoom has room for.

    A row of dots is drawn once for each of PHASES places between two pixels, and then copied.
    """
    painter.fillRect(rect, theme.color("window"))
    while grid * zoom < 14:
        grid *= 2
    device = painter.device().devicePixelRatioF()
    to_pixels = painter.worldTransform() * QTransform.fromScale(device, device)
    first, last = int(rect.left() // grid), int(rect.right() // grid) + 2
    start = to_pixels.map(QPointF(first * grid, 0.0)).x()
    pitch = grid * to_pixels.m11()
    strips: dict[int, QPixmap] = {}
    painter.save()
    painter.resetTransform()
    for row in range(int(rect.top() // grid), int(rect.bottom() // grid) + 2):
        y = to_pixels.map(QPointF(0.0, row * grid)).y()
        whole, phase = divmod(round(y * _PHASES), _PHASES)
        if phase not in strips:
            strips[phase] = _dots(start % 1.0, pitch, last - first, phase / _PHASES, device, theme)
        place = QPointF((start // 1.0 - _MARGIN) / device, (whole - _MARGIN) / device)
        painter.drawPixmap(place, strips[phase])
    painter.restore()


_PHASES, _MARGIN = 4, 3


def _dots(x: float, pitch: float, count: int, y: float, device: float, theme: Theme) -> QPixmap:
    """So many dots side by side, the first at (x, y) of a pixel; with a margin around them."""
    width, height = math.ceil(x + pitch * count) + 2 * _MARGIN, 2 * _MARGIN + 1
    strip = QPixmap(width, height)
    strip.fill(Qt.GlobalColor.transparent)
    with QPainter(strip) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("strong_line", 0.7), 1.4 * device)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        left, top = _MARGIN + x, _MARGIN + y
        painter.drawPoints([QPointF(left + pitch * dot, top) for dot in range(count)])
    strip.setDevicePixelRatio(device)
    return strip
