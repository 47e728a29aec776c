"""The cards: one graphics item a node, painted by hand so that a canvas of many stays light."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPaintEngine, QPainter, QPen, QPixmap, QPixmapCache
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from netbuilder.document.check.problems import SEVERITIES, Problem
from netbuilder.document.model.network import Node
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.content import Content, Control
from netbuilder.gui.canvas.geometry import PORT, PORT_REACH, RADIUS, CardGeometry, stepper_parts
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_text

Z_CARD, Z_WIRE, Z_RAISED = 0.0, 1.0, 10.0

_STICKS_OUT = (-PORT_REACH, -PORT_REACH, PORT_REACH, PORT_REACH)
"""How far ports and the badge may be hit beyond the card."""

_OF_LINES = (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf)
"""Where pictures made of pixels would be out of place."""

CANDIDATE, TARGET, REFUSED = "candidate", "target", "refused"
"""How a port may be marked while a wire is dragged."""


class CardItem(QGraphicsItem):
    """A node's card. It paints and says what lies where; gestures and the keyboard do the rest."""

    def __init__(self, node: Node, content: Content, theme: Theme) -> None:
        super().__init__()
        self.node = node
        self.content = content
        self.geometry: CardGeometry = content.geometry()
        self.theme = theme
        self.problems: tuple[Problem, ...] = ()
        self.selected = False
        self.hover_part = ""
        self.pressed_part = ""
        self.lit_tile: tuple[int, float] | None = None
        """The tile that has a ring, and how round it is, as a share of half its side."""
        self.port_marks: dict[str, str] = {}
        self.connected = (False, False)
        """Whether the input and the output have wires."""
        self.block_scale: float | None = None
        """When zoomed out: the zoom, for labels of a readable size; None shows the whole card."""
        self._scene_rect = QRectF()
        self.move_to(QPointF(*node.position))
        self.setZValue(Z_CARD)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.hurried = False
        """While zooming the picture that there is will do, larger or smaller."""
        self._picture: QPixmapCache.Key | None = None
        self._ratio = 0.0
        """Pixels to a unit in the picture."""

    # --- state -------------------------------------------------------------------------------

    def show_node(self, node: Node, content: Content) -> None:
        """Follows the document; paints only when something differs."""
        self.node = node
        if content != self.content:
            geometry = content.geometry()
            if geometry.rect != self.geometry.rect:
                self.prepareGeometryChange()
            self.content, self.geometry = content, geometry
            self._look_otherwise()
        self.move_to(QPointF(*node.position))

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Takes other problems; of them only the worst severity is painted."""
        before, self.problems = self.severity, problems
        if self.severity != before:
            self._look_otherwise()

    def move_to(self, place: QPointF) -> None:
        """Lies elsewhere, without a word to the document."""
        if self.pos() != place:
            self.setPos(place)
        self._scene_rect = self.geometry.rect.translated(place)

    def set_state(self, **values: object) -> None:
        """Sets attributes that are seen, and repaints only if one of them changed."""
        changed = False
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
                changed = True
        if changed:
            self._look_otherwise()

    @property
    def severity(self) -> str | None:
        """The worst of the problems here: "error", "warning", "hint" or None."""
        kinds = {problem.severity for problem in self.problems}
        return next((kind for kind in SEVERITIES if kind in kinds), None)

    # --- what lies where ---------------------------------------------------------------------

    def parts(self) -> dict[str, QRectF]:
        """The rectangles that react to the mouse: "units-", "units", "units+", "activation", …"""
        found: dict[str, QRectF] = {}
        for control in self.content.controls:
            name = control.setting.name
            row = self.geometry.row(name)
            if control.is_choice:
                found[name] = row
            else:
                minus, number, plus = stepper_parts(row, control.wide)
                found |= {f"{name}-": minus, name: number, f"{name}+": plus}
        if not self.node.fixed:
            found["name"] = self.geometry.name
        return found

    def ports(self) -> dict[str, QPointF]:
        """The places of the ports this layer has, "in" and "out", relative to the card."""
        layer = self.node.layer
        found: dict[str, QPointF] = {}
        if layer.max_inputs != 0:
            found["in"] = self.geometry.input
        if layer.has_output:
            found["out"] = self.geometry.output
        return found

    def port_pos(self, port: str) -> QPointF:
        """In scene coordinates."""
        return self.pos() + self.ports()[port]

    def part_at(self, point: QPointF) -> str:
        """What lies under a point of the scene: a part, "in", "out", "badge", "card" or ""."""
        if not self._scene_rect.adjusted(*_STICKS_OUT).contains(point):
            return ""
        point = point - self.pos()
        for port, center in self.ports().items():
            away = point - center
            if away.x() ** 2 + away.y() ** 2 <= PORT_REACH**2:
                return port
        if self.block_scale is None:
            if self.problems and self.geometry.badge.contains(point):
                return "badge"
            for name, rect in self.parts().items():
                if rect.contains(point):
                    return name
        return "card" if self.geometry.rect.contains(point) else ""

    def scene_rect(self) -> QRectF:
        return self._scene_rect

    # --- painting ----------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self.geometry.rect.adjusted(-16, -14, 16, 18)

    def _look_otherwise(self) -> None:
        self._drop_picture()
        self.update()

    def _drop_picture(self) -> None:
        if self._picture is not None:
            QPixmapCache.remove(self._picture)
            self._picture = None

    def hurry(self, hurried: bool) -> None:
        """Whether speed counts more than sharpness; the end of that is seen."""
        if hurried != self.hurried:
            self.hurried = hurried
            self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paints its picture, which is drawn where there is none that will do.

        Qt's own cache draws every card anew at every step of a zoom, which is too slow for many.
        """
        if painter.paintEngine().type() in _OF_LINES:
            self._draw(painter)
            return
        to_view, device = painter.worldTransform(), painter.device().devicePixelRatioF()
        ratio, picture = to_view.m11() * device, QPixmap()
        found = self._picture is not None and QPixmapCache.find(self._picture, picture)
        if not found or (ratio != self._ratio and not self.hurried):
            self._drop_picture()
            picture = self._drawn(ratio)
            self._picture, self._ratio = QPixmapCache.insert(picture), ratio
        bounds = self.boundingRect()
        if self._ratio != ratio:
            size = picture.size().toSizeF() / self._ratio
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(QRectF(bounds.topLeft(), size), picture, picture.rect().toRectF())
            return
        # On whole pixels, where it is sharp.
        at = to_view.map(bounds.topLeft()) * device
        picture.setDevicePixelRatio(device)
        painter.resetTransform()
        painter.drawPixmap(QPointF(round(at.x()) / device, round(at.y()) / device), picture)

    def _drawn(self, ratio: float) -> QPixmap:
        bounds = self.boundingRect()
        picture = QPixmap(math.ceil(bounds.width() * ratio), math.ceil(bounds.height() * ratio))
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as painter:
            painter.scale(ratio, ratio)
            painter.translate(-bounds.topLeft())
            self._draw(painter)
        return picture

    def _draw(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        if self.block_scale is None:
            self._paint_text(painter)
            self._paint_ring(painter)
            for control in self.content.controls:
                self._paint_control(painter, control)
        else:
            self._paint_block(painter, self.block_scale)
        for port, center in self.ports().items():
            self._paint_port(painter, port, center)
        severity = self.severity
        if severity is not None:
            painting.badge(painter, self.geometry.badge, severity, self.theme)

    def _paint_ground(self, painter: QPainter) -> None:
        rect, theme = self.geometry.rect, self.theme
        painting.shadow(painter, rect, RADIUS, theme)
        severity = self.severity
        if self.selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent", 0.25))
            painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), RADIUS + 3, RADIUS + 3)
            pen = QPen(theme.color("accent"), 1.6)
        elif severity in ("error", "warning"):
            pen = QPen(theme.color(severity), 1.4)
        elif self.hover_part:
            pen = QPen(theme.color("strong_line"), 1.2)
        else:
            pen = QPen(theme.color("line"), 1.0)
        painter.setPen(pen)
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(rect, RADIUS, RADIUS)

    def _paint_text(self, painter: QPainter) -> None:
        g, theme, content = self.geometry, self.theme, self.content
        name = g.name
        if self.hover_part == "name":
            painting.field(painter, name.adjusted(-4, -1, 4, 1), theme, hover=False)
        painting.text(painter, name, content.title, theme.color("text"), 13, bold=True, least=9)
        painting.icon(painter, g.icon, content.icon, theme.color("muted"))
        if content.frozen:
            # With the word for it only where not all of the layer is frozen.
            word = "" if "W" in content.frozen else content.frozen
            room = painting.width_of(word, 11)
            place = g.frozen
            painting.icon(painter, place, "frozen", theme.color("accent"))
            place = QRectF(place.left() - room - 3, g.subtitle.top(), room + 2, g.subtitle.height())
            painting.text(painter, place, word, theme.color("accent"), 11)
            right = place.left() if word else g.frozen.left()
            subtitle = QRectF(g.subtitle.topLeft(), QPointF(right - 2, g.subtitle.bottom()))
            painting.text(painter, subtitle, content.subtitle, theme.color("muted"), 11)
        else:
            painting.text(painter, g.subtitle, content.subtitle, theme.color("muted"), 11)
        for line, words in enumerate(content.footer):
            painting.text(painter, g.footer(line), words, theme.color("muted"), 11)
        tiles = g.tiles
        if tiles.more is not None:
            place = QRectF(0, 0, 30, 16)
            place.moveCenter(tiles.more)
            painting.text(
                painter, place, f"+{tiles.hidden:,}", theme.color("muted"), 11, center=True
            )
        self._paint_labels(painter, 12)
        if content.icon == "cost":
            place = QRectF(g.zone.left(), -40, g.zone.width(), 18)
            painting.text(painter, place, "J", theme.color("muted"), 13, center=True)

    def _paint_labels(self, painter: QPainter, pixels: float) -> None:
        """The features' names beside their tiles."""
        tiles = self.geometry.tiles
        for label, center in zip(self.content.labels, tiles.centers, strict=False):
            left = self.geometry.rect.left() + 10
            right = center.x() - tiles.size / 2 - 8
            place = QRectF(left, center.y() - pixels, right - left, 2 * pixels)
            painting.text(painter, place, label, self.theme.color("text"), pixels)

    def _paint_ring(self, painter: QPainter) -> None:
        """Around the unit that is chosen; its tile lies over the middle of it."""
        tiles = self.geometry.tiles
        if self.lit_tile is None or self.lit_tile[0] >= len(tiles.centers):
            return
        number, roundness = self.lit_tile
        half = tiles.size / 2 + 2.0
        place = QRectF(-half, -half, 2 * half, 2 * half).translated(tiles.centers[number])
        painter.setPen(QPen(self.theme.color("accent"), 2.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(place, half * roundness, half * roundness)

    def _paint_control(self, painter: QPainter, control: Control) -> None:
        theme, name = self.theme, control.setting.name
        row = self.geometry.row(name)
        if control.is_choice:
            hover, down = self.hover_part == name, self.pressed_part == name
            painting.field(painter, row, theme, hover=hover, down=down)
            painting.text(
                painter, row.adjusted(9, 0, -20, 0), control.text, theme.color("text"), 12
            )
            center = QPointF(row.right() - 12, row.center().y())
            painting.chevron(painter, center, theme.color("accent" if hover else "muted"))
            return
        minus, number, plus = stepper_parts(row, control.wide)
        if not control.wide:
            label = QRectF(row.left(), row.top(), minus.left() - row.left(), row.height())
            painting.text(painter, label, control_label(control), theme.color("muted"), 11)
        ground = minus.united(plus)
        painting.field(painter, ground, theme, hover=self.hover_part == name)
        for sign, rect, step in (("−", minus, -1), ("+", plus, 1)):
            part = f"{name}{'-' if step < 0 else '+'}"
            painting.button(
                painter,
                rect,
                sign,
                theme,
                hover=self.hover_part == part,
                down=self.pressed_part == part,
                on=control.further(step) != control.value,
            )
        painting.text(painter, number, control.text, theme.color("text"), 12, center=True)

    def _paint_block(self, painter: QPainter, zoom: float) -> None:
        """The card from afar: its name and its main number, large enough to be read."""
        rect = self.geometry.rect.adjusted(6, 6, -6, -6)
        size = min(12.0 / zoom, 26.0)
        # Above and below the tiles, which go on showing what is learned.
        zone = self.geometry.zone
        upper = QRectF(rect.left(), rect.top(), rect.width(), zone.top() - rect.top())
        lower = QRectF(rect.left(), zone.bottom(), rect.width(), rect.bottom() - zone.bottom())
        theme = self.theme
        title, block = self.content.title, self.content.block
        painting.text(
            painter, upper, title, theme.color("text"), size, bold=True, center=True, least=12
        )
        painting.text(painter, lower, block, theme.color("muted"), size, center=True, least=14)
        self._paint_labels(painter, min(size, 20.0))

    def _paint_port(self, painter: QPainter, port: str, center: QPointF) -> None:
        theme = self.theme
        mark = self.port_marks.get(port, "")
        used = self.connected[0 if port == "in" else 1]
        radius = PORT
        fill, line = theme.color("card"), theme.color("strong_line")
        if used:
            fill = theme.color("strong_line")
        if mark == CANDIDATE:
            fill, line, radius = theme.color("card"), theme.color("accent"), PORT + 1.5
        elif mark == TARGET:
            fill, line, radius = theme.color("accent"), theme.color("accent"), PORT + 3
        elif mark == REFUSED:
            fill, line, radius = theme.color("error"), theme.color("error"), PORT + 2
        elif self.hover_part == port:
            fill, line, radius = theme.color("accent"), theme.color("accent"), PORT + 2
        painter.setPen(QPen(line, 1.5))
        painter.setBrush(fill)
        painter.drawEllipse(center, radius, radius)


def control_label(control: Control) -> str:
    """A number's label on the card, in the user's language."""
    return tr_text(control.setting.label)
