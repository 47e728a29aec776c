"""Dropping a layer from the palette: where it would go, shown as a ghost while it is carried."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from netbuilder.document.model.network import COLUMN, DATA, Edge, Node, Point
from netbuilder.document.model.room import make_room
from netbuilder.engine.layer import LAYERS
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.card import CANDIDATE, TARGET, Z_RAISED, CardItem
from netbuilder.gui.canvas.content import describe
from netbuilder.gui.canvas.geometry import HEADER, RADIUS, WIDTH, snap
from netbuilder.gui.canvas.gestures import Gesture
from netbuilder.gui.canvas.room import Landing, clear_of, place_on
from netbuilder.gui.canvas.surface import Surface
from netbuilder.gui.canvas.wires import WireItem, curve
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_text

translate = QCoreApplication.translate

LAYER_MIME = "application/x-netbuilder-layer"
WIRE_REACH = 34.0
END_REACH = 130.0
GHOST_HEIGHT = 180.0


class Ghost(QGraphicsItem):
    """The pale outline of the card to come, with the wires it would get."""

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self._title, self._theme = title, theme
        self._wires: list[tuple[QPointF, QPointF]] = []
        self.setZValue(2 * Z_RAISED)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def lay(self, position: Point, wires: list[tuple[QPointF, QPointF]]) -> None:
        """Shows it there; wires run from scene point to scene point."""
        self.prepareGeometryChange()
        self.setPos(*position)
        self._wires = wires
        self.update()

    @property
    def rect(self) -> QRectF:
        return QRectF(-WIDTH / 2, -GHOST_HEIGHT / 2, WIDTH, GHOST_HEIGHT)

    def boundingRect(self) -> QRectF:
        rect = self.rect
        for start, end in self._wires:
            rect = rect.united(QRectF(start - self.pos(), end - self.pos()).normalized())
        return rect.adjusted(-12, -12, 12, 12)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        theme, rect = self._theme, self.rect
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent"), 2.0, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for start, end in self._wires:
            painter.drawPath(curve(start - self.pos(), end - self.pos()))
        painter.setPen(QPen(theme.color("accent"), 1.6, Qt.PenStyle.DashLine))
        painter.setBrush(theme.color("selection", 0.82))
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
        top = QRectF(rect.left() + 10, rect.top(), rect.width() - 20, HEADER)
        painting.text(painter, top, self._title, theme.color("text"), 13, bold=True, center=True)


class DropGesture(Gesture):
    """A layer of the palette is carried over the canvas; a drop puts it where the ghost is."""

    def __init__(self, surface: Surface, start: QPointF, kind: str) -> None:
        super().__init__(surface, start)
        self.layer = LAYERS[kind]()
        self.landing: Landing | None = None
        # At rest: a wire that makes room for the ghost must not become a larger target by it, nor
        # may the wires behind it flee from the pointer.
        self._reaches = {edge: wire.reach for edge, wire in self.scene.wires.items()}
        self._cards = {card: card.scene_rect() for card in self.scene.cards.values()}
        node = Node("", self.layer.title, self.layer, (0.0, 0.0))
        self._rect = describe(node, surface.store.compiled).geometry().rect
        """Of the card to come, around its position."""
        self._ghost = Ghost(tr_text(self.layer.title), surface.theme)
        self._ghost.hide()
        self.scene.addItem(self._ghost)
        self._mark_wires(None)
        self._mark_ports(None)

    def move(self, pos: QPointF, at: QPoint) -> None:
        self.landing = self.landing_at(pos)
        landing = self.landing
        wire = self.scene.wires.get(landing.edge) if landing.edge else None
        self._show_room(landing)
        self._mark_wires(wire)
        self._mark_ports(landing)
        self._ghost.lay(landing.position, self._ghost_wires(landing))
        self._ghost.show()
        self.surface.hint.say(self._words(landing), at, self.surface.theme)

    def finish(self, pos: QPointF, at: QPoint) -> None:
        self.move(pos, at)
        landing = self.landing
        self.cancel()
        assert landing is not None
        self.surface.edits.add_layer(self.layer, landing)

    def cancel(self) -> None:
        self._show_room(None)
        self.surface.hint.hide()
        if self._ghost.scene() is not None:
            self.scene.removeItem(self._ghost)
        for wire in self.scene.wires.values():
            wire.mark = ""
            wire.update()
        for card in self.scene.cards.values():
            card.set_state(port_marks={})

    def landing_at(self, pos: QPointF) -> Landing:
        """What a drop at a point of the scene would do."""
        network = self.surface.network
        distances = {edge: reach.distance(pos) for edge, reach in self._reaches.items()}
        edge = min(distances, key=distances.__getitem__, default=None)
        if edge is not None and distances[edge] <= WIRE_REACH:
            return Landing(place_on(network, edge, pos), edge=edge)
        for card, rect in reversed(self._cards.items()):
            if rect.contains(pos):
                return self._landing_on(card)
        spot = snap(pos)
        near: tuple[float, Landing] | None = None
        for card, port in self._free_ends():
            # Measured from where the new card's own port would be.
            side = -1.0 if port == "out" else 1.0
            mine = spot + QPointF(side * WIDTH / 2, 0)
            away = mine - QPointF(*card.node.position) - card.ports()[port]
            distance = abs(away.x()) + abs(away.y())
            if distance > END_REACH or (near is not None and distance >= near[0]):
                continue
            id = card.node.id
            x, y = card.node.position
            place = snap(QPointF(x - side * max(COLUMN, abs(spot.x() - x)), y))
            end = {"after": id} if port == "out" else {"before": id}
            near = distance, Landing((place.x(), place.y()), **end)
        if near:
            return near[1]
        spot += clear_of(self._cards.values(), [self._rect.translated(spot)])
        return Landing((spot.x(), spot.y()))

    def _landing_on(self, card: CardItem) -> Landing:
        """Behind the card; before it where it has no output."""
        network, node = self.surface.network, card.node
        if not node.layer.has_output:
            sources = network.inputs(node.id)
            if not sources:
                x, y = node.position
                return Landing((x - COLUMN, y), before=node.id)
            edge = Edge(sources[-1], node.id)
            return Landing(place_on(network, edge), edge=edge)
        targets = network.outputs(node.id)
        if len(targets) == 1:
            edge = Edge(node.id, targets[0])
            return Landing(place_on(network, edge), edge=edge)
        x, y = node.position
        return Landing((x + COLUMN, y), behind=node.id)

    def _show_room(self, landing: Landing | None) -> None:
        """Shows the cards to the right of the wire where they would go."""
        network = self.surface.network
        roomy = network
        if landing is not None and landing.edge is not None:
            roomy = make_room(network, landing.edge)
        elif landing is not None and landing.behind is not None:
            for target in network.outputs(landing.behind):
                roomy = make_room(roomy, Edge(landing.behind, target))
        self.scene.move_cards(
            {
                node.id: QPointF(*node.position)
                for node in roomy.nodes
                if QPointF(*node.position) != self.scene.cards[node.id].pos()
            }
        )

    def _free_ends(self) -> list[tuple]:
        """(card, port) of the outputs that feed nothing, and of the inputs that lack a wire."""
        network = self.surface.network
        found = []
        for id, card in self.scene.cards.items():
            layer = card.node.layer
            if layer.has_output and not network.outputs(id) and self.layer.max_inputs != 0:
                found.append((card, "out"))
            if len(network.inputs(id)) < layer.min_inputs and self.layer.has_output:
                found.append((card, "in"))
        return found

    def _ghost_wires(self, landing: Landing) -> list[tuple[QPointF, QPointF]]:
        spot = QPointF(*landing.position)
        left, right = spot - QPointF(WIDTH / 2, 0), spot + QPointF(WIDTH / 2, 0)
        cards = self.scene.cards
        wires = []
        after = landing.after or landing.behind
        if after is not None:
            wires.append((cards[after].port_pos("out"), left))
        if landing.before is not None:
            wires.append((right, cards[landing.before].port_pos("in")))
        return wires

    def _mark_wires(self, chosen: WireItem | None) -> None:
        for wire in self.scene.wires.values():
            mark = TARGET if wire is chosen else CANDIDATE
            if wire.mark != mark:
                wire.mark = mark
                wire.update()

    def _mark_ports(self, landing: Landing | None) -> None:
        chosen = (landing.after or landing.behind, landing.before) if landing else (None, None)
        marks: dict[str, dict[str, str]] = {}
        for card, port in self._free_ends():
            is_chosen = card.node.id == chosen[0 if port == "out" else 1]
            marks.setdefault(card.node.id, {})[port] = TARGET if is_chosen else CANDIDATE
        for id, card in self.scene.cards.items():
            card.set_state(port_marks=marks.get(id, {}))

    def _words(self, landing: Landing) -> str:
        network = self.surface.network

        def name(id: str) -> str:
            card = self.scene.cards[id]
            return card.content.title if id == DATA else network.node(id).name

        if landing.edge is not None:
            return translate("Canvas", "Between {a} and {b}").format(
                a=name(landing.edge.source), b=name(landing.edge.target)
            )
        after = landing.after or landing.behind
        if after is not None:
            return translate("Canvas", "After {name}").format(name=name(after))
        if landing.before is not None:
            return translate("Canvas", "Before {name}").format(name=name(landing.before))
        return translate("Canvas", "Loose: drop it on a wire to insert it")
