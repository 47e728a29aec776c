"""The gestures of the mouse: what they do to the document, and that Esc takes each of them back."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from netbuilder.document.model.network import COST, DATA, Edge, network_of
from netbuilder.document.model.project import Project
from netbuilder.engine.layers import Add, Dense
from netbuilder.gui.canvas.card import CANDIDATE, TARGET
from netbuilder.gui.canvas.geometry import GRID

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_card_is_moved_along_the_grid_in_one_step(hands):
    before = hands.network.node("n1").position
    start = hands.ground("n1")
    hands.drag(start, start + QPointF(33, 68))
    x, y = hands.network.node("n1").position
    assert (x, y) == (before[0] + 40, before[1] + 60)
    assert x % GRID == y % GRID == 0
    hands.store.undo()
    assert hands.network.node("n1").position == before
    assert hands.card("n1").pos() == QPointF(*before)


def test_several_cards_move_together(hands):
    hands.click(hands.ground("n1"))
    hands.click(hands.ground("n2"), CONTROL)
    assert hands.store.selection == {"n1", "n2"}
    before = {id: hands.network.node(id).position for id in ("n1", "n2")}
    start = hands.ground("n2")
    hands.drag(start, start + QPointF(0, 40))
    for id, (x, y) in before.items():
        assert hands.network.node(id).position == (x, y + 40)
    hands.store.undo()
    assert {id: hands.network.node(id).position for id in before} == before


def test_the_wires_follow_a_card_while_it_moves(hands):
    wire = hands.view.canvas.wires[Edge("n1", "n2")]
    start = hands.ground("n1")
    hands.carry(start, start + QPointF(0, 80))
    assert wire.start == hands.port("n1", "out")
    assert hands.card("n1").pos().y() == 80
    hands.release(start)


def test_a_click_selects_and_control_click_adds_and_takes_away(hands):
    hands.click(hands.ground("n1"))
    assert hands.store.selection == {"n1"}
    hands.click(hands.ground("n2"), CONTROL)
    hands.click(hands.ground("n1"), CONTROL)
    assert hands.store.selection == {"n2"}
    hands.click(hands.card("n1").scene_rect().bottomLeft() + QPointF(0, 60))
    assert hands.store.selection == frozenset()


def test_a_rubber_band_selects_what_it_touches(hands):
    rect = hands.card("n1").scene_rect().united(hands.card("n2").scene_rect())
    hands.drag(rect.topLeft() - QPointF(12, 12), rect.bottomRight() + QPointF(8, 8))
    assert hands.store.selection == {"n1", "n2"}


def loose_second(open_canvas):
    """data → n1 → cost, and n2 without wires below it."""
    network = network_of([Dense(4, "tanh")], "binary_cross_entropy")
    network, _ = network.add(Dense(3, "tanh"), (0.0, 320.0))
    hands = open_canvas(network, 900, 760)
    return hands


def test_a_wire_is_drawn_from_output_to_input(open_canvas):
    hands = loose_second(open_canvas)
    hands.drag(hands.port(DATA, "out"), hands.port("n2", "in"))
    assert Edge(DATA, "n2") in hands.network.edges
    hands.store.undo()
    assert Edge(DATA, "n2") not in hands.network.edges


def test_a_wire_is_drawn_backwards_from_a_free_input(open_canvas):
    hands = loose_second(open_canvas)
    hands.drag(hands.port("n2", "in"), hands.port(DATA, "out"))
    assert Edge(DATA, "n2") in hands.network.edges


def test_a_wire_may_be_dropped_anywhere_on_the_card(open_canvas):
    hands = loose_second(open_canvas)
    hands.drag(hands.port("n1", "out"), hands.ground("n2"))
    assert Edge("n1", "n2") in hands.network.edges


def test_ports_that_can_take_the_wire_light_up(open_canvas):
    hands = loose_second(open_canvas)
    start = hands.port("n2", "out")
    hands.carry(start, start + QPointF(60, 40))
    assert hands.card(COST).port_marks == {"in": CANDIDATE}
    assert hands.card("n1").port_marks == {"in": CANDIDATE}
    assert hands.card("n2").port_marks == {}
    hands.key(Key.Key_Escape)
    assert all(card.port_marks == {} for card in hands.view.canvas.cards.values())


def test_a_cycle_is_refused_while_the_wire_is_dragged(hands):
    before = hands.store.project
    hands.carry(hands.port("n2", "out"), hands.port("n1", "in"))
    assert hands.view.hint.isVisible()
    assert "cycle" in hands.view.hint.text()
    hands.release(hands.port("n1", "in"))
    assert hands.store.project is before
    assert any("cycle" in notice for notice in hands.notices)
    assert not hands.view.hint.isVisible()


def test_a_loose_card_is_put_into_the_wire_it_is_moved_onto(open_canvas):
    hands = loose_second(open_canvas)
    start = hands.ground("n2")
    wire = hands.view.canvas.wires[Edge("n1", COST)]
    hands.carry(start, wire.middle)
    assert wire.mark == TARGET
    hands.release(hands.point(wire.middle))
    assert hands.network.inputs("n2") == ("n1",)
    assert hands.network.outputs("n2") == (COST,)
    hands.store.undo()
    assert hands.network.node("n2").position == (0.0, 320.0)
    assert hands.network.inputs("n2") == ()


def test_one_output_feeds_several_and_joins_take_several(open_canvas):
    network = network_of([Dense(4), Dense(4), Add(), Dense(1, "sigmoid")], "binary_cross_entropy")
    hands = open_canvas(Project(network), 1200, 560)
    hands.drag(hands.port("n1", "out"), hands.port("n3", "in"))
    assert hands.network.inputs("n3") == ("n2", "n1")
    assert hands.network.outputs("n1") == ("n2", "n3")
    assert hands.store.compiled.ok


def test_a_new_wire_replaces_the_one_of_a_single_input(hands):
    hands.drag(hands.port("n1", "out"), hands.port(COST, "in"))
    assert hands.network.inputs(COST) == ("n1",)


def test_a_wire_is_deleted_by_dragging_its_end_away(hands):
    end = hands.port("n2", "in")
    hands.drag(end, end + QPointF(-30, 220))
    assert Edge("n1", "n2") not in hands.network.edges
    hands.store.undo()
    assert Edge("n1", "n2") in hands.network.edges


def test_a_wires_end_is_carried_to_another_card(hands):
    hands.drag(hands.port(COST, "in"), hands.port("n1", "in") + QPointF(0, 300))
    assert hands.network.inputs(COST) == ()
    hands.store.undo()
    # Taken at its cost end, the wire n2 → cost cannot go to n1: that would be a cycle.
    before = hands.store.project
    hands.drag(hands.port(COST, "in"), hands.port("n1", "in"))
    assert hands.store.project is before


def test_a_wire_is_selected_and_deleted_with_the_key(hands):
    hands.click(hands.view.canvas.wires[Edge("n1", "n2")].middle)
    assert hands.view.selection.edges == {Edge("n1", "n2")}
    hands.key(Key.Key_Delete)
    assert Edge("n1", "n2") not in hands.network.edges
    assert hands.view.selection.edges == frozenset()


@pytest.mark.parametrize("how", ["middle", "space"])
def test_the_canvas_is_panned(hands, how):
    before = hands.view.camera.visible_center()
    button = Qt.MouseButton.MiddleButton if how == "middle" else Qt.MouseButton.LeftButton
    if how == "space":
        QTest.keyPress(hands.view, Key.Key_Space)
    hands.press(QPoint(500, 60), button)
    hands.move(QPoint(560, 90))
    hands.release(QPoint(560, 90), button)
    if how == "space":
        QTest.keyRelease(hands.view, Key.Key_Space)
    way = hands.view.camera.visible_center() - before
    assert way.x() * hands.view.camera.zoom == pytest.approx(-60, abs=1.5)
    assert way.y() * hands.view.camera.zoom == pytest.approx(-30, abs=1.5)


def wheel(view, at, turn):
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


@pytest.mark.parametrize("turn", [120, -120, 600, -900])
def test_the_wheel_zooms_to_the_pointer(hands, turn):
    at = QPoint(222, 333)
    before, zoom = hands.view.mapToScene(at), hands.view.camera.zoom
    wheel(hands.view, at, turn)
    assert (hands.view.camera.zoom > zoom) == (turn > 0)
    after = hands.view.mapToScene(at)
    assert (after - before).manhattanLength() * hands.view.camera.zoom < 3


def test_zoom_stays_within_reason(hands):
    for _ in range(80):
        wheel(hands.view, QPoint(100, 100), 1200)
    assert hands.view.camera.zoom <= 4.0
    for _ in range(80):
        wheel(hands.view, QPoint(100, 100), -1200)
    assert hands.view.camera.zoom >= 0.05
    hands.view.camera.fit()
    assert hands.view.camera.visible_rect().contains(hands.view.canvas.content_rect())


def test_zoomed_out_cards_become_blocks(hands):
    assert hands.card("n1").block_scale is None
    hands.view.camera.set_zoom(0.3)
    assert hands.card("n1").block_scale is not None
    assert hands.view.canvas.neurons["n1"].isVisible(), "what is learned is still seen"
    hands.view.camera.set_zoom(0.1)
    assert not hands.view.canvas.neurons["n1"].isVisible()
    assert not hands.view.canvas.weights[Edge("n1", "n2")].isVisible()
    hands.view.camera.fit()
    assert hands.card("n1").block_scale is None
    assert hands.view.canvas.neurons["n1"].isVisible()


GESTURES = {
    "move": lambda h: h.carry(h.ground("n1"), h.ground("n1") + QPointF(70, 90)),
    "rubber band": lambda h: h.carry(QPointF(-400, -200), QPointF(400, 200)),
    "connect": lambda h: h.carry(h.port("n1", "out"), h.port(COST, "in")),
    "carry a wire's end": lambda h: h.carry(h.port("n2", "in"), QPointF(0, 260)),
    "pull a wire": lambda h: h.carry(h.view.canvas.wires[Edge("n1", "n2")].middle, QPointF(0, 260)),
    "press": lambda h: h.press(h.part("n1", "units+")),
    "drop": lambda h: h.bring("dense", h.view.canvas.wires[Edge("n1", "n2")].middle),
}


@pytest.mark.parametrize("name", GESTURES)
def test_esc_takes_every_gesture_back(hands, name):
    before, picture = hands.store.project, hands.picture()
    selection = hands.store.selection
    GESTURES[name](hands)
    assert hands.view.gesture is not None
    if name == "drop":
        # The system's own drag takes Esc and tells us that it has left.
        hands.leave()
    else:
        hands.key(Key.Key_Escape)
    assert hands.view.gesture is None
    hands.release(QPoint(3, 3))
    hands.view.selection.only(selection)
    hands.move(QPoint(2, 2))
    assert hands.store.project is before
    assert hands.picture() == picture


def test_a_gesture_ends_when_the_document_changes_under_it(hands):
    hands.carry(hands.ground("n1"), hands.ground("n1") + QPointF(60, 60))
    hands.view.edits.edit_network(hands.network.remove({"n1"}), "Delete")
    assert hands.view.gesture is None
    hands.release(QPoint(5, 5))
    assert "n1" not in hands.view.canvas.cards
