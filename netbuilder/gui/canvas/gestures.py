"""The gestures of the mouse: one object each, from press to release; Esc takes any of them back."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QApplication, QGraphicsPathItem, QGraphicsRectItem

from netbuilder.document.model.network import Edge
from netbuilder.document.model.project import Project
from netbuilder.document.model.room import make_room
from netbuilder.errors import Message
from netbuilder.gui.canvas.card import CANDIDATE, REFUSED, TARGET, Z_RAISED, CardItem
from netbuilder.gui.canvas.geometry import snap
from netbuilder.gui.canvas.room import place_on
from netbuilder.gui.canvas.surface import Surface
from netbuilder.gui.canvas.wires import WireItem, curve
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.units import Unit
from netbuilder.gui.widgets.labels import name_of, what

translate = QCoreApplication.translate


class Gesture:
    """What the mouse is doing. Positions are of the scene; ``at`` is in the viewport."""

    survives_edits = False
    """Whether a change of the document leaves it going."""
    silences_problems = True
    """Whether what is wrong with cards is not told meanwhile."""

    def __init__(self, surface: Surface, start: QPointF) -> None:
        self.surface = surface
        self.scene = surface.scene
        self.start = start

    def move(self, pos: QPointF, at: QPoint) -> None:
        """The mouse moved, with the button down."""

    def finish(self, pos: QPointF, at: QPoint) -> None:
        """The button was released: put it in force."""

    def cancel(self) -> None:
        """Leave everything as it was before the press."""

    def is_drag(self, pos: QPointF) -> bool:
        """Whether the mouse has gone farther than a trembling hand."""
        way = self.surface.view.mapFromScene(pos) - self.surface.view.mapFromScene(self.start)
        return way.manhattanLength() >= QApplication.startDragDistance() // 2


class PanGesture(Gesture):
    """Moves the view over the canvas."""

    survives_edits = True
    silences_problems = False

    def __init__(self, surface: Surface, start: QPointF, at: QPoint) -> None:
        super().__init__(surface, start)
        self._last = at
        self._origin = surface.camera.visible_center()
        surface.view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, pos: QPointF, at: QPoint) -> None:
        self.surface.camera.scroll_by(at - self._last)
        self._last = at

    def cancel(self) -> None:
        self.surface.view.centerOn(self._origin)


class MoveGesture(Gesture):
    """Moves the selected cards; the document hears of it once, at the end."""

    silences_problems = False

    def __init__(
        self,
        surface: Surface,
        start: QPointF,
        card: CardItem,
        narrow: bool,
        unit: Unit | None = None,
    ) -> None:
        """``narrow``: a mere click leaves only this card selected. It chooses the ``unit``."""
        super().__init__(surface, start)
        self._card = card
        self._narrow, self._unit = narrow, unit
        self._moving = False
        ids = surface.selection.ids
        self._places = {id: self.scene.cards[id].pos() for id in ids if id in self.scene.cards}
        network, id = surface.network, card.node.id
        self._loose = (
            len(self._places) == 1
            and not card.node.fixed
            and not network.inputs(id)
            and not network.outputs(id)
        )
        self._wire: WireItem | None = None
        """The wire under a loose card, into which it would be put."""

    def move(self, pos: QPointF, at: QPoint) -> None:
        if not self._moving and not self.is_drag(pos):
            return
        if not self._moving:
            self._moving = True
            self.surface.view.viewport().setCursor(Qt.CursorShape.SizeAllCursor)
            self.scene.bring_to_front(self._places)
            self._raise(Z_RAISED)
        way = self._way(pos)
        self.scene.move_cards({id: place + way for id, place in self._places.items()})
        if self._loose:
            self._mark(self.scene.wire_at(pos))
        self.surface.bubble.follow()

    def finish(self, pos: QPointF, at: QPoint) -> None:
        wire = self._wire
        self._end()
        if not self._moving:
            if self._narrow:
                self.surface.store.select({self._card.node.id})
            units = self.surface.units
            units.choose(None if units.chosen == self._unit else self._unit)
            return
        if wire is not None:
            id, edge = self._card.node.id, wire.edge
            spot = place_on(self.surface.network, edge, pos)
            new = make_room(self.surface.network, edge).splice(id, edge).move({id: spot})
        else:
            way = self._way(pos)
            new = self.surface.network.move(
                {id: ((place + way).x(), (place + way).y()) for id, place in self._places.items()}
            )
        ids = [self._card.node.id] if wire is not None else self._places
        label = translate("Canvas", "move {what}").format(what=what(new, ids))
        moved = self.surface.edits.edit_network(new, label)
        if not moved:
            self.scene.move_cards(self._places)

    def cancel(self) -> None:
        self._end()
        self.scene.move_cards(self._places)

    def _mark(self, wire: WireItem | None) -> None:
        for item, mark in ((self._wire, ""), (wire, TARGET)):
            if item is not None:
                item.mark = mark
                item.update()
        self._wire = wire

    def _way(self, pos: QPointF) -> QPointF:
        """How far the cards go: such that the one under the mouse lands on the grid."""
        home = self._places[self._card.node.id]
        return snap(home + pos - self.start) - home

    def _raise(self, by: float) -> None:
        for id in self._places:
            card = self.scene.cards[id]
            card.setZValue(card.zValue() + by)
        for edge, weights in self.scene.weights.items():
            if edge.source in self._places or edge.target in self._places:
                weights.setZValue(weights.zValue() + by)

    def _end(self) -> None:
        self._mark(None)
        if self._moving:
            self._raise(-Z_RAISED)


class RubberBand(Gesture):
    """Selects the cards inside a rectangle; wires too, when both their cards are."""

    def __init__(self, surface: Surface, start: QPointF, add: bool) -> None:
        super().__init__(surface, start)
        self._before = (surface.selection.ids, surface.selection.edges)
        self._kept = surface.selection.ids if add else frozenset()
        self._item = QGraphicsRectItem()
        theme = surface.theme
        pen = QPen(theme.color("accent"), 1.0)
        pen.setCosmetic(True)
        self._item.setPen(pen)
        self._item.setBrush(theme.color("accent", 0.12))
        self._item.setZValue(3 * Z_RAISED)
        self.scene.addItem(self._item)
        if not add:
            surface.selection.only()

    def move(self, pos: QPointF, at: QPoint) -> None:
        rect = QRectF(self.start, pos).normalized()
        self._item.setRect(rect)
        inside = {id for id, card in self.scene.cards.items() if rect.intersects(card.scene_rect())}
        self.surface.store.select(self._kept | inside)

    def finish(self, pos: QPointF, at: QPoint) -> None:
        self.scene.removeItem(self._item)

    def cancel(self) -> None:
        self.scene.removeItem(self._item)
        ids, edges = self._before
        self.surface.selection.only(ids, edges)


class ConnectGesture(Gesture):
    """Draws a wire from a port to another one, or carries an end of a wire that was there."""

    def __init__(
        self, surface: Surface, start: QPointF, card: CardItem, port: str, old: Edge | None = None
    ) -> None:
        """The wire hangs on ``port`` of ``card``; ``old`` is the wire whose other end was taken."""
        super().__init__(surface, start)
        self._card, self._port, self._old = card, port, old
        network = surface.store.project.network
        self._network = network.disconnect([old]) if old else network
        self._target: CardItem | None = None
        self._refusal: Message | None = None
        self._moved = False
        self._item = QGraphicsPathItem()
        self._item.setPen(
            QPen(
                surface.theme.color("accent"),
                2.2,
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
            )
        )
        self._item.setZValue(3 * Z_RAISED)
        self.scene.addItem(self._item)
        if old is not None:
            self.scene.wires[old].setOpacity(0.15)
            self.scene.weights[old].setOpacity(0.15)
        for other in self.scene.cards.values():
            if self._other_port in other.ports() and self._refusal_of(other) is None:
                other.set_state(port_marks={self._other_port: CANDIDATE})
        surface.view.viewport().setCursor(Qt.CursorShape.CrossCursor)

    @property
    def _other_port(self) -> str:
        return "in" if self._port == "out" else "out"

    def _edge_to(self, other: CardItem) -> Edge:
        here, there = self._card.node.id, other.node.id
        return Edge(here, there) if self._port == "out" else Edge(there, here)

    def _refusal_of(self, other: CardItem) -> Message | None:
        edge = self._edge_to(other)
        return self._network.refusal(edge.source, edge.target)

    def move(self, pos: QPointF, at: QPoint) -> None:
        self._moved = self._moved or self.is_drag(pos)
        found = self.scene.card_at(pos)
        target = found[0] if found else None
        if target is self._card and (found and found[1] == self._port):
            target = None
        if target is not self._target:
            self._mark(self._target, CANDIDATE)
            self._target = target
            self._refusal = self._refusal_of(target) if target else None
            self._mark(target, TARGET)
        end = pos
        if target is not None and self._refusal is None:
            end = target.port_pos(self._other_port)
        here = self._card.port_pos(self._port)
        self._item.setPath(curve(here, end) if self._port == "out" else curve(end, here))
        role = "error" if self._refusal else "accent"
        pen = self._item.pen()
        pen.setColor(self.surface.theme.color(role))
        pen.setStyle(Qt.PenStyle.DashLine if self._refusal else Qt.PenStyle.SolidLine)
        self._item.setPen(pen)
        words = tr_message(self._refusal) if self._refusal else self._promise()
        role = "error" if self._refusal else "strong_line"
        self.surface.hint.say(words, at, self.surface.theme, role)

    def _promise(self) -> str:
        """What a release would do, where that is not plain to see."""
        if self._target is None:
            return translate("Canvas", "Release to delete the wire") if self._old else ""
        target = self.scene.cards[self._edge_to(self._target).target].node
        taken = self._network.inputs(target.id)
        if target.layer.max_inputs == 1 and taken:
            return translate("Canvas", "Replaces the wire from {name}").format(
                name=self._network.node(taken[0]).name
            )
        return ""

    def _mark(self, card: CardItem | None, mark: str) -> None:
        if card is None:
            return
        port = self._other_port
        if port not in card.ports():
            return
        refused = self._refusal_of(card) is not None
        if mark == TARGET:
            card.set_state(port_marks={port: REFUSED if refused else TARGET})
        else:
            card.set_state(port_marks={} if refused else {port: mark})

    def finish(self, pos: QPointF, at: QPoint) -> None:
        self.move(pos, at)
        target, refusal, moved = self._target, self._refusal, self._moved
        self._end()
        if not moved:
            if self._old is not None:
                self.surface.selection.only(edges={self._old})
            return
        if refusal is not None:
            self.surface.store.notified.emit("warning", refusal)
            return
        store = self.surface.store
        if target is not None:
            edge = self._edge_to(target)
            if edge == self._old:
                return
            old = [self._old] if self._old else []
            store.edit(
                lambda project: project.with_network(
                    project.network.disconnect(old).connect(edge.source, edge.target)
                ),
                translate("Canvas", "connect {source} to {target}").format(
                    source=name_of(self.surface.network, edge.source),
                    target=name_of(self.surface.network, edge.target),
                ),
            )
        elif self._old is not None:
            gone = self._old
            store.edit(
                lambda project: project.with_network(project.network.disconnect([gone])),
                translate("Canvas", "delete {what}").format(
                    what=what(self.surface.network, [], [gone])
                ),
            )

    def cancel(self) -> None:
        self._end()

    def _end(self) -> None:
        self.scene.removeItem(self._item)
        self.surface.hint.hide()
        for card in self.scene.cards.values():
            card.set_state(port_marks={})
        if self._old in self.scene.wires:
            self.scene.wires[self._old].setOpacity(1.0)
            self.scene.weights[self._old].setOpacity(1.0)


class PressGesture(Gesture):
    """Presses a control of a card. A − or + held down goes on by itself, as one undo step."""

    survives_edits = True

    def __init__(self, surface: Surface, start: QPointF, card: CardItem, part: str) -> None:
        super().__init__(surface, start)
        self._card, self._part = card, part
        self._before: Project | None = None
        self._timer = QTimer(surface.view)
        self._timer.timeout.connect(self._repeat)
        card.set_state(pressed_part=part)
        if part.endswith(("+", "-")):
            self._before = surface.store.project
            self._step()
            self._timer.start(400)

    def _step(self) -> None:
        steps = 1 if self._part.endswith("+") else -1
        self.surface.edits.step_setting(self._card.node.id, self._part[:-1], steps)

    def _repeat(self) -> None:
        self._timer.setInterval(70)
        if self._card.scene() is None:
            self._timer.stop()
        elif self._card.pressed_part:
            self._step()

    def move(self, pos: QPointF, at: QPoint) -> None:
        inside = self._card.part_at(pos) == self._part
        self._card.set_state(pressed_part=self._part if inside else "")

    def finish(self, pos: QPointF, at: QPoint) -> None:
        inside = self._card.part_at(pos) == self._part
        self._end()
        if inside and self._before is None:
            self.surface.fields.activate_part(self._card, self._part)

    def cancel(self) -> None:
        self._end()
        if self._before is not None and self.surface.store.project is not self._before:
            self.surface.store.undo()

    def _end(self) -> None:
        self._timer.stop()
        self._timer.deleteLater()
        self.surface.store.seal()
        self._card.set_state(pressed_part="")
