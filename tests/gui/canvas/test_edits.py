"""An edit touches what it is about and nothing else: counted on a network of 60 layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF

from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import new_project
from netbuilder.gui.canvas import scene
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.weights import WeightsItem
from netbuilder.gui.canvas.wires import WireItem

LAYERS = 60


class Touched:
    """Counts which cards and wires were worked on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.described: Counter[str] = Counter()
        self.painted: Counter[str] = Counter()
        self.routed: Counter[tuple[str, str]] = Counter()
        self.pictures: Counter[tuple[str, str]] = Counter()
        self.rects = 0
        describe = scene.describe

        def described(node, compiled):
            self.described[node.id] += 1
            return describe(node, compiled)

        monkeypatch.setattr(scene, "describe", described)
        self._count(monkeypatch, CardItem, "update", lambda c: self.painted.update([c.node.id]))
        self._count(monkeypatch, WireItem, "route", lambda w: self.routed.update([_ends(w)]))
        self._count(
            monkeypatch, WeightsItem, "setPixmap", lambda w: self.pictures.update([_ends(w.wire)])
        )
        self._count(monkeypatch, CardItem, "scene_rect", self._count_rect)

    def _count_rect(self, _card: CardItem) -> None:
        self.rects += 1

    @staticmethod
    def _count(monkeypatch, kind: type, name: str, note: Callable) -> None:
        real = getattr(kind, name)

        def counted(self, *args):
            note(self)
            return real(self, *args)

        monkeypatch.setattr(kind, name, counted)

    def forget(self) -> None:
        for counter in (self.described, self.painted, self.routed, self.pictures):
            counter.clear()
        self.rects = 0


def _ends(wire: WireItem) -> tuple[str, str]:
    return wire.edge.source, wire.edge.target


@pytest.fixture
def touched(monkeypatch) -> Touched:
    return Touched(monkeypatch)


@pytest.fixture
def deep(open_canvas, touched, qtbot):
    """Sixty layers, of which those around n30 are in sight; all that opening does is done."""
    layers = ", ".join(["4 tanh"] * LAYERS + ["1 sigmoid"])
    hands = open_canvas(new_project(DataChoice(examples=40), layers))
    qtbot.waitUntil(lambda: hands.view.bridge.last is not None)
    hands.view.camera.set_zoom(1.0)
    hands.view.centerOn(hands.card("n30"))
    hands.view.show_live()
    assert len(hands.view.canvas.cards) == LAYERS + 3
    touched.forget()
    return hands


def edit(hands, change: Callable[[Project], Project]) -> None:
    assert hands.store.edit(change, "edit")


def test_the_learning_rate_touches_no_card_and_no_wire(deep, touched):
    said = deep.store.compiled
    touched.forget()  # timers may have looked around meanwhile
    edit(deep, lambda p: replace(p, training=replace(p.training, learning_rate=0.5)))
    assert deep.store.compiled is said
    assert not touched.described and not touched.painted and not touched.routed
    assert not touched.pictures and touched.rects == 0


def test_the_snapshot_after_it_is_looked_at_as_the_one_before(deep, touched, qtbot):
    """The run tells of its new settings, with the weights that were seen already."""
    bridge = deep.view.bridge
    look = deep.view.canvas.cursor_.look()
    with qtbot.waitSignal(bridge.snapshot) as told:
        edit(deep, lambda p: replace(p, training=replace(p.training, learning_rate=0.5)))
    (snapshot,) = told.args
    assert snapshot.learning_rate == 0.5
    assert deep.view.canvas.cursor_.look() is look
    assert not touched.pictures and not touched.painted


def test_units_touch_their_card_the_next_one_and_their_wires(deep, touched):
    deep.view.edits.set_setting("n30", "units", 5)
    assert set(touched.described) == {"n30", "n31"}  # W of the next layer has another shape
    assert set(touched.painted) == {"n30", "n31"}
    assert set(touched.routed) <= {("n29", "n30"), ("n30", "n31"), ("n31", "n32")}
    assert max(touched.described.values()) == max(touched.routed.values()) == 1
    assert deep.card("n31").content.footer[0].startswith("W31 (4, 5)")


def test_a_new_name_touches_its_card_and_no_wire(deep, touched):
    deep.view.edits.edit_network(deep.network.rename("n30", "Middle"), "Rename")
    assert set(touched.described) == {"n30"} and set(touched.painted) == {"n30"}
    assert not touched.routed


def test_a_moved_card_takes_its_two_wires_along(deep, touched):
    x, y = deep.network.node("n30").position
    deep.view.edits.edit_network(deep.network.move({"n30": (x, y + 20)}), "Move")
    assert set(touched.described) == {"n30"}
    assert set(touched.routed) == set(touched.pictures) == {("n29", "n30"), ("n30", "n31")}
    touched.forget()
    deep.store.undo()
    assert set(touched.routed) == set(touched.pictures) == {("n29", "n30"), ("n30", "n31")}


def test_the_same_look_again_paints_nothing(deep, touched):
    deep.view.show_live()
    assert not touched.pictures and not touched.painted


def test_a_card_dropped_on_the_way_of_a_wire_turns_it_aside(deep, touched):
    """A wire that is not of the edit at all, but runs where the card now lies."""
    view, (x, y) = deep.view, deep.network.node("n30").position
    skip = deep.network.disconnect([e for e in deep.network.edges if "n30" in (e.source, e.target)])
    skip = skip.move({"n30": (x, y - 600)}).connect("n29", "n31")
    # Unequal widths: else the weights are drawn as lines, which keep straight.
    layer = skip.node("n31").layer
    skip = skip.set_layer("n31", replace(layer, units=40))
    view.edits.edit_network(skip, "Take out")
    wire = next(w for edge, w in view.canvas.wires.items() if edge.target == "n31")
    assert not wire.lines and wire.detour is None
    touched.forget()
    view.edits.edit_network(deep.network.move({"n30": (x, y)}), "Move")
    assert wire.detour is not None
    assert set(touched.routed) == {("n29", "n31")}
    view.edits.edit_network(deep.network.move({"n30": (x, y - 600)}), "Move")
    assert wire.detour is None


def test_a_dragged_card_turns_a_wire_aside_too(deep):
    """The drag has moved the card before the document hears of it."""
    view, (x, y) = deep.view, deep.network.node("n30").position
    skip = deep.network.disconnect([e for e in deep.network.edges if "n30" in (e.source, e.target)])
    skip = skip.move({"n30": (x, y - 240)}).connect("n29", "n31")
    skip = skip.set_layer("n31", replace(skip.node("n31").layer, units=40))
    view.edits.edit_network(skip, "Take out")
    view.camera.set_zoom(0.6)
    view.centerOn(deep.card("n30"))
    wire = next(w for edge, w in view.canvas.wires.items() if edge.target == "n31")
    assert wire.detour is None
    start = deep.ground("n30")
    deep.drag(start, start + QPointF(0, 240))
    assert deep.network.node("n30").position == (x, y)
    assert deep.network.inputs("n31") == ("n29",)  # it lies on the wire, but was not put into it
    assert wire.detour is not None


def test_the_card_s_rectangle_follows_place_and_size(deep):
    card = deep.card("n30")
    before = card.scene_rect()
    deep.view.edits.edit_network(deep.network.move({"n30": (20.0, 40.0)}), "Move")
    assert card.scene_rect() == card.geometry.rect.translated(card.pos()) != before
    deep.view.edits.set_setting("n30", "units", 16)
    assert card.scene_rect() == card.geometry.rect.translated(card.pos())
