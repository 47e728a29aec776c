"""The scene: the cards and wires of one network, kept in step with it by differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QGraphicsScene, QGraphicsSimpleTextItem

from netbuilder import numbers
from netbuilder.document.check.compile import Compiled, Problem
from netbuilder.document.model.network import COST, Edge, Network, Node, diff
from netbuilder.errors import UserError
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.content import describe, said_of
from netbuilder.gui.canvas.neurons import NeuronsItem
from netbuilder.gui.canvas.obstacles import Obstacles
from netbuilder.gui.canvas.tile_values import Seen
from netbuilder.gui.canvas.weights import WeightsItem, shows_lines
from netbuilder.gui.canvas.wires import REACH, WireItem, shape_words
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import Theme
from netbuilder.lens.later import NotYet
from netbuilder.lens.look import Look
from netbuilder.lens.ranges import Range

Array = NDArray[Any]

BLOCKS_BELOW = 0.5
"""The zoom under which cards turn into labelled blocks: a name, a number and the tiles."""
TILES_ABOVE = 0.2
"""The zoom under which there are neither tiles nor weights."""
_FAR = 100_000.0
_HURRIED = 0.15
"""Seconds within which another zoom makes a movement of two."""
_CHEAP_TILES, _TILES_PAUSE = 0.001, 0.1
"""Seconds that finding what the tiles show may take at every frame; and how long it rests else."""
_PICTURES = 0.0015
"""Seconds of a frame that pictures of neurons and weights may take while it trains."""


class CanvasScene(QGraphicsScene):
    """Holds one CardItem a node and one WireItem an edge; never rebuilds what did not change."""

    def __init__(self, store: Store, cursor: Cursor, theme: Theme, parent: QObject) -> None:
        super().__init__(-_FAR, -_FAR, 2 * _FAR, 2 * _FAR, parent)
        self.store, self.cursor_, self.theme = store, cursor, theme
        self.cards: dict[str, CardItem] = {}
        """The lowest first."""
        self.neurons: dict[str, NeuronsItem] = {}
        self.wires: dict[Edge, WireItem] = {}
        self.weights: dict[Edge, WeightsItem] = {}
        self.zoom = 1.0
        self.pixel_ratio = 1.0
        self._hurried, self._zoomed_at, self._ratio = False, -_HURRIED, 1.0
        self._free_at = 0.0
        self._first_picture = 0
        """Which one is the next to be made while it trains."""
        self.compiled = store.compiled
        """What the items say."""
        self._settled: dict[str, QRectF] = {}
        """Where each card lay when the wires were routed last."""
        self.seen: Seen | None = None
        """The last look with what the tiles show of it."""
        self._cost_shown: tuple[object, ...] = ()
        self._cost_text = QGraphicsSimpleTextItem()
        self._cost_text.setFont(painting.font(23, bold=True))
        # Items move and come and go in small numbers; an index would cost more than it saves.
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.apply(Network(()), store.project.network)

    # --- following the document ----------------------------------------------------------------

    def apply(self, old: Network, new: Network) -> None:
        """Brings the items from one network to another, and to what the compiler says now.

        Only cards and wires of the difference are touched, and those of which the compiler says
        something else than before.
        """
        before, self.compiled = self.compiled, self.store.compiled
        changes = diff(old, new)
        for edge in changes.removed_edges:
            self.removeItem(self.weights.pop(edge))
            self.removeItem(self.wires.pop(edge))
        for node in changes.removed:
            if node.id == COST:
                self._cost_text.setParentItem(None)  # type: ignore[arg-type]
                self.removeItem(self._cost_text)
            del self.neurons[node.id]  # it goes with its card
            self.removeItem(self.cards.pop(node.id))
        for node in changes.added:
            self._add_card(node)
        for edge in changes.added_edges:
            self._add_wire(edge)
        edges = (*changes.added_edges, *changes.removed_edges)
        touched = {node.id for node in changes.added} | {node.id for _, node in changes.changed}
        touched |= {id for edge in edges for id in (edge.source, edge.target) if id in self.cards}
        if self.compiled is not before:
            touched |= {
                id for id in self.cards if said_of(id, before) != said_of(id, self.compiled)
            }
        for id in touched:
            self._show_card(id, new)
        self._show_wires(before, touched)

    def _add_card(self, node: Node) -> None:
        card = CardItem(node, describe(node, self.compiled), self.theme)
        card.block_scale = self._block_scale
        self.cards[node.id] = card
        self.addItem(card)
        neurons = self.neurons[node.id] = NeuronsItem(card)
        neurons.setVisible(self._shows_tiles)
        if node.id == COST:
            self._cost_text.setParentItem(card)

    def _add_wire(self, edge: Edge) -> None:
        wire = WireItem(edge, self.cards[edge.source], self.cards[edge.target], self.theme)
        wire.labelled, wire.bare = not self.blocks, not self._shows_tiles
        self.wires[edge] = wire
        self.addItem(wire)
        weights = self.weights[edge] = WeightsItem(wire)
        weights.setVisible(self._shows_tiles)
        weights.light(self.cursor_.units.chosen)
        self.addItem(weights)

    def _show_card(self, id: str, network: Network) -> None:
        card, node = self.cards[id], network.node(id)
        card.show_node(node, describe(node, self.compiled))
        card.show_problems(self.compiled.problems_of(id))
        card.set_state(connected=(bool(network.inputs(id)), bool(network.outputs(id))))

    def _show_wires(self, before: Compiled, touched: set[str]) -> None:
        """Brings the wires of these cards up to date; of the others only those now in the way."""
        compiled, shifted = self.compiled, self._shifted(touched)
        problems: dict[Edge | None, tuple[Problem, ...]] = {}
        for problem in compiled.problems:
            problems[problem.edge] = (*problems.get(problem.edge, ()), problem)
        m = compiled.info.m_train if compiled.info else None
        obstacles: Obstacles | None = None
        relabelled = m != (before.info.m_train if before.info else None)
        for edge, wire in self.wires.items():
            wire.show_problems(problems.get(edge, ()))
            crossed = bool(shifted) and any(rect.intersects(wire.corridor) for rect in shifted)
            if relabelled or edge.source in touched or edge.target in touched:
                shape = compiled.shapes.get(edge.source)
                W = compiled.parameter_shapes.get(edge.target, {}).get("W", ())
                fits = len(W) == 2 and (wire.target.content.units, wire.source.content.units) == W
                wire.shape_text = shape_words(shape, m)
                wire.lines = fits and shows_lines(*W)
                wire.heat = (fits and not wire.lines) or len(W) == 4
                crossed = crossed or wire.course != wire.laid
            if crossed:
                obstacles = obstacles or Obstacles(self.cards.values())
                wire.route(obstacles)

    def _shifted(self, touched: set[str]) -> list[QRectF]:
        """Where cards lay or lie that went, came, moved or changed their size since the last time.

        That is told from what was there then, as a drag has moved its cards before the edit.
        """
        found = [self._settled.pop(id) for id in list(self._settled) if id not in self.cards]
        for id in touched:
            before, now = self._settled.get(id), self.cards[id].scene_rect()
            if before != now:
                self._settled[id] = now
                found += [now] if before is None else [before, now]
        return found

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        for card in self.cards.values():
            card.set_state(theme=theme)
        for wire in self.wires.values():
            wire.theme = theme
            wire.update()
        self.invalidate()

    def show_selection(self, ids: frozenset[str], edges: frozenset[Edge]) -> None:
        for id, card in self.cards.items():
            card.set_state(selected=id in ids)
        for edge, wire in self.wires.items():
            if wire.selected != (edge in edges):
                wire.selected = edge in edges
                wire.update()

    def move_cards(self, places: dict[str, QPointF]) -> None:
        """Shows cards elsewhere, without a word to the document."""
        for id, place in places.items():
            self.cards[id].move_to(place)
        obstacles = Obstacles(self.cards.values())
        for edge, wire in self.wires.items():
            if edge.source in places or edge.target in places:
                wire.route(obstacles)
                self.weights[edge].render(None, self.ratio)

    def bring_to_front(self, ids: Iterable[str]) -> None:
        """Lays cards on top of those they overlap."""
        for id in ids:
            card = self.cards.pop(id)
            for other in self.cards.values():
                other.stackBefore(card)
            self.cards[id] = card

    # --- zoom and detail -----------------------------------------------------------------------

    def set_zoom(self, zoom: float, at_once: bool = False) -> None:
        """One zoom upon another is hurried: what is painted gets sharp when it comes to rest.

        With ``at_once`` it is sharp at once.
        """
        if at_once:
            self._hurry(False)
        if zoom != self.zoom:
            now = perf_counter()
            self._hurry(not at_once and now < self._zoomed_at + _HURRIED)
            self._zoomed_at, self.zoom = now, zoom
            self._apply_level()

    def come_to_rest(self) -> None:
        """After zooming: everything in its full sharpness."""
        if self._hurried and perf_counter() >= self._zoomed_at + _HURRIED:
            self._hurry(False)
            self._apply_level()

    def _hurry(self, hurried: bool) -> None:
        if hurried != self._hurried:
            self._hurried = hurried
            for card in self.cards.values():
                card.hurry(hurried)

    @property
    def blocks(self) -> bool:
        return self.zoom < BLOCKS_BELOW

    @property
    def _shows_tiles(self) -> bool:
        return self.zoom >= TILES_ABOVE

    @property
    def ratio(self) -> float:
        """Pixels to a scene unit for pictures; finer than that nobody sees."""
        if not self._hurried:
            self._ratio = min(max(self.zoom * self.pixel_ratio, 0.5), 4.0)
        return self._ratio

    @property
    def _block_scale(self) -> float | None:
        """The zoom for labels, in steps, so that not every turn of the wheel paints them all."""
        return 2.0 ** (math.floor(4 * math.log2(self.zoom)) / 4) if self.blocks else None

    def _apply_level(self) -> None:
        blocks, scale = self.blocks, self._block_scale
        for id, card in self.cards.items():
            if not self._hurried or blocks != (card.block_scale is not None):
                card.set_state(block_scale=scale)
            self.neurons[id].setVisible(self._shows_tiles)
        self._cost_text.setVisible(self._shows_tiles)
        for edge, wire in self.wires.items():
            if (wire.labelled, wire.bare) != (not blocks, not self._shows_tiles):
                wire.labelled, wire.bare = not blocks, not self._shows_tiles
                wire.adjust()
            self.weights[edge].setVisible(self._shows_tiles)

    # --- live values ---------------------------------------------------------------------------

    @np.errstate(all="ignore")  # a diverged network's numbers overflow here, too
    def show_live(self, visible: QRectF) -> bool:
        """Paints neurons, weights and cost of the present moment, where they can be seen.

        False when something was left out for the sake of speed, which only training does.
        """
        self._show_cost()
        if not self._shows_tiles:
            return True
        look, running = self.cursor_.look(), self.cursor_.running
        complete = look is None or self._see(look)
        seen = self.seen if self.seen is not None and self.seen.look is look else None
        values: Mapping[str, Array] = {} if seen is None else seen.values
        spans: Mapping[str, Range] = {} if seen is None else seen.ranges
        cards = [id for id in self.neurons if visible.intersects(self.cards[id].scene_rect())]
        ratio, now = self.ratio, {} if look is None else look.weights
        pictures: list[Callable[[], bool]] = []
        for id in cards:
            item, b = self.neurons[id], now.get(f"{id}.b")
            if seen is not None:
                item.of_example = seen.case is not None
            pictures.append(partial(item.render, values.get(id), ratio, spans.get(id), b))
        wires: list[tuple[WeightsItem, Array | None]] = []
        for edge, weights in self.weights.items():
            if self._is_seen(visible, edge, weights):
                W = now.get(f"{edge.target}.W")
                lines = seen is not None and self.wires[edge].lines
                wires.append((weights, seen.through(edge, W) if seen is not None and lines else W))
        if not running:
            for paint in pictures:
                paint()
            for weights, W in wires:
                weights.render(W, ratio)
            return True
        pictures += [partial(weights.render_if_cheap, W, ratio) for weights, W in wires]
        return self._render_some(pictures) and complete

    def _see(self, look: Look) -> bool:
        """Finds what the tiles show, unless that has to wait while it trains: then it is False."""
        example, start = self.cursor_.examples.of(look), perf_counter()
        if self.seen is not None and self.seen.shows(look, example):
            return True
        if self.cursor_.running and start < self._free_at:
            return False
        # What was seen last stays, and is made anew when this has been computed.
        with suppress(NotYet, UserError):
            self.seen = Seen.of(look, example, self.cards)
        took = perf_counter() - start
        # Many units take their time: what the tiles show then follows more slowly.
        rest = max(_TILES_PAUSE, took * 8) if took > _CHEAP_TILES else 0.0
        self._free_at = start + took + rest
        return True

    def _render_some(self, pictures: Sequence[Callable[[], bool]]) -> bool:
        """As many pictures as a frame has time for; the next frame begins with those left out.

        False where there were any.
        """
        start, complete = perf_counter(), True
        for turn in range(len(pictures)):
            if perf_counter() > start + _PICTURES:
                self._first_picture += turn
                return False
            complete &= pictures[(self._first_picture + turn) % len(pictures)]()
        return complete

    def keep_live(self, visible: QRectF) -> None:
        """Until the values after an edit are known: those seen last, where things lie now."""
        if not self._shows_tiles:
            return
        for id, neurons in self.neurons.items():
            if visible.intersects(self.cards[id].scene_rect()):
                neurons.keep(self.ratio)
        for edge, weights in self.weights.items():
            if self._is_seen(visible, edge, weights):
                weights.keep(self.ratio)

    def _is_seen(self, visible: QRectF, edge: Edge, weights: WeightsItem) -> bool:
        bounds = self.wires[edge].boundingRect()
        return visible.intersects(bounds) or visible.intersects(weights.sceneBoundingRect())

    def _show_cost(self) -> None:
        card = self.cards[COST]
        moment = self.cursor_.moment
        words = "–" if moment is None or not np.isfinite(moment.cost) else numbers.cost(moment.cost)
        shown = words, self.theme, card.geometry
        if shown == self._cost_shown:
            return
        self._cost_shown = shown
        self._cost_text.setText(words)
        self._cost_text.setBrush(QBrush(self.theme.color("text")))
        size = self._cost_text.boundingRect()
        middle = card.geometry.zone.center()
        self._cost_text.setPos(middle.x() - size.width() / 2, -size.height() / 2 + 6)

    # --- what lies where -----------------------------------------------------------------------

    def card_at(self, point: QPointF) -> tuple[CardItem, str] | None:
        """The topmost card under a point and its part."""
        for card in reversed(self.cards.values()):
            part = card.part_at(point)
            if part:
                return card, part
        return None

    def wire_at(self, point: QPointF, reach: float = REACH) -> WireItem | None:
        """The nearest wire within reach."""
        wires = [wire for wire in self.wires.values() if wire.reach.is_near(point, reach)]
        near = [(wire.distance(point), wire) for wire in wires]
        near = [(distance, wire) for distance, wire in near if distance <= reach]
        return min(near, key=lambda pair: pair[0])[1] if near else None

    def content_rect(self) -> QRectF:
        """All cards together."""
        rect = QRectF()
        for card in self.cards.values():
            rect = rect.united(card.scene_rect())
        return rect
