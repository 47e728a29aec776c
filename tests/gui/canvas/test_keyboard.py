"""The canvas without a mouse, its context menus, and the clipboard."""

import json

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from netbuilder.document.model.network import COST, DATA, Edge, network_of
from netbuilder.engine.layers import Add, Dense, Dropout
from netbuilder.gui.canvas import clipboard
from netbuilder.gui.canvas.room import Landing

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_arrows_walk_along_the_wires(hands):
    hands.key(Key.Key_Right)
    assert hands.store.selection == {DATA}
    walked = []
    for _ in range(4):
        hands.key(Key.Key_Right)
        walked += hands.store.selection
    assert walked == ["n1", "n2", COST, COST]
    hands.key(Key.Key_Left)
    assert hands.store.selection == {"n2"}


def test_arrows_walk_up_and_down_between_branches(open_canvas):
    network = network_of([Dense(4), Add(), Dense(1, "sigmoid")], "binary_cross_entropy")
    network, node = network.add(Dense(4), (-200.0, 300.0))
    network = network.connect(DATA, node.id).connect(node.id, "n2")
    hands = open_canvas(network)
    hands.store.select({"n1"})
    hands.key(Key.Key_Down)
    assert hands.store.selection == {node.id}
    hands.key(Key.Key_Up)
    assert hands.store.selection == {"n1"}


def test_tab_goes_through_all_cards_and_on(hands):
    seen = []
    for _ in range(4):
        hands.key(Key.Key_Tab)
        seen += hands.store.selection
    assert seen == [DATA, "n1", "n2", COST]
    hands.key(Key.Key_Backtab, SHIFT)
    assert hands.store.selection == {"n2"}


def test_plus_and_minus_change_units(hands):
    hands.store.select({"n1"})
    hands.key(Key.Key_Plus)
    hands.key(Key.Key_Plus)
    hands.key(Key.Key_Minus)
    assert hands.network.node("n1").layer.units == 5
    hands.store.undo()
    assert hands.network.node("n1").layer.units == 6


def test_enter_edits_units_and_the_loss(hands):
    hands.store.select({"n1"})
    hands.key(Key.Key_Return)
    hands.type("3")
    hands.enter()
    assert hands.network.node("n1").layer.units == 3
    hands.store.select({COST})
    hands.key(Key.Key_Return)
    assert hands.view.fields.menu is not None
    QTest.keyClick(hands.view.fields.menu, Key.Key_Down)
    QTest.keyClick(hands.view.fields.menu, Key.Key_Return)
    assert hands.network.node(COST).layer.loss == "cross_entropy"


@pytest.mark.parametrize("key", [Key.Key_Delete, Key.Key_Backspace])
def test_delete_removes_and_the_wire_heals(hands, key):
    hands.store.select({"n1"})
    hands.key(key)
    assert hands.network.inputs("n2") == (DATA,)
    assert "n1" not in hands.view.canvas.cards
    hands.store.undo()
    assert hands.network.inputs("n2") == ("n1",)


def test_delete_all_leaves_data_and_cost_wired(hands):
    hands.view.selection.all()
    hands.key(Key.Key_Delete)
    assert set(hands.network.by_id) == {DATA, COST}
    assert hands.network.inputs(COST) == (DATA,)


def test_data_and_cost_are_not_deleted_and_it_is_said(hands):
    hands.store.select({DATA})
    hands.key(Key.Key_Delete)
    assert DATA in hands.network.by_id
    assert any("stay" in notice for notice in hands.notices)


def test_esc_clears_the_selection(hands):
    hands.view.selection.all()
    hands.key(Key.Key_Escape)
    assert hands.store.selection == frozenset()
    assert hands.view.selection.edges == frozenset()


def test_keys_do_nothing_in_the_middle_of_a_gesture(hands):
    hands.store.select({"n1"})
    start = hands.ground("n1")
    hands.carry(start, start + QPointF(50, 50))
    hands.key(Key.Key_Delete)
    hands.key(Key.Key_Tab)
    assert "n1" in hands.network.by_id
    hands.release(start)


# --- menus ---------------------------------------------------------------------------------------


def open_menu(hands, place):
    at = hands.point(place)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, at, hands.view.viewport().mapToGlobal(at)
    )
    QApplication.sendEvent(hands.view.viewport(), event)
    assert hands.view.fields.menu is not None
    return hands.view.fields.menu


def trigger(menu, words):
    action = next(a for a in menu.actions() if a.text() == words)
    if action.menu() is not None:
        return action.menu()
    action.trigger()
    menu.close()
    return None


def test_the_menu_of_a_card(hands):
    trigger(open_menu(hands, hands.ground("n1")), "Duplicate")
    assert hands.network.node("n3").layer == hands.network.node("n1").layer
    trigger(open_menu(hands, hands.ground("n1")), "Delete")
    assert "n1" not in hands.network.by_id
    sub = trigger(open_menu(hands, hands.ground("n2")), "Activation")
    next(a for a in sub.actions() if a.data() == "relu").trigger()
    assert hands.network.node("n2").layer.activation == "relu"
    trigger(open_menu(hands, hands.ground("n2")), "Disconnect")
    assert hands.network.inputs("n2") == hands.network.outputs("n2") == ()


def test_data_and_cost_offer_only_what_they_can(hands):
    for id in (DATA, COST):
        menu = open_menu(hands, hands.ground(id))
        words = {action.text() for action in menu.actions()}
        assert not words & {"Delete", "Rename", "Cut", "Copy", "Duplicate"}
        menu.close()


def test_the_menu_of_a_wire(hands):
    sub = trigger(open_menu(hands, hands.view.canvas.wires[Edge("n1", "n2")].middle), "Insert")
    trigger(sub, "Dropout")
    assert hands.network.inputs("n2") == ("n3",)
    assert isinstance(hands.network.node("n3").layer, Dropout)
    trigger(open_menu(hands, hands.view.canvas.wires[Edge("n1", "n3")].middle), "Delete wire")
    assert hands.network.inputs("n3") == ()


def test_the_menu_of_the_ground(hands):
    sub = trigger(open_menu(hands, QPoint(500, 30)), "Add layer")
    trigger(sub, "Add")
    assert isinstance(hands.network.node("n3").layer, Add)
    trigger(open_menu(hands, QPoint(500, 30)), "Select all")
    assert hands.store.selection == set(hands.network.by_id)


def test_arrange_can_be_undone(hands):
    hands.view.edits.edit_network(hands.network.move({"n1": (0.0, 500.0)}), "Move")
    before = hands.network
    hands.view.edits.arrange()
    assert hands.network.node("n1").position[1] != 500.0
    rects = [card.scene_rect() for card in hands.view.canvas.cards.values()]
    assert not any(a.intersects(b) for a in rects for b in rects if a is not b)
    hands.store.undo()
    assert hands.network == before


# --- clipboard -----------------------------------------------------------------------------------


def put_text(words):
    mime = QMimeData()
    mime.setText(words)
    QApplication.clipboard().setMimeData(mime)


def test_copy_and_paste_in_another_window(hands, open_canvas):
    hands.view.selection.all()
    hands.view.edits.copy()
    other = open_canvas(network_of([], "mse"))
    other.view.edits.paste()
    names = {other.network.node(id).layer for id in other.store.selection}
    assert names == {hands.network.node("n1").layer, hands.network.node("n2").layer}
    assert len(other.network.edges) == len([Edge(DATA, COST)]) + 1
    other.store.undo()
    assert set(other.network.by_id) == {DATA, COST}


def test_cut_heals_and_comes_back(hands):
    hands.store.select({"n1"})
    hands.view.edits.cut()
    assert hands.network.inputs("n2") == (DATA,)
    hands.view.edits.paste()
    (new,) = hands.store.selection
    assert hands.network.node(new).layer.units == 4


def test_pasting_twice_does_not_stack_the_copies(hands):
    hands.store.select({"n1"})
    hands.view.edits.copy()
    hands.view.edits.paste()
    hands.view.edits.paste()
    places = [node.position for node in hands.network.nodes]
    assert len(set(places)) == len(places)


def test_what_is_copied_is_readable_text(hands):
    hands.store.select({"n1"})
    hands.view.edits.copy()
    clip = json.loads(QApplication.clipboard().text())
    assert clip["layers"][0]["settings"]["units"] == 4
    put_text(QApplication.clipboard().text().replace('"units": 4', '"units": 11'))
    hands.view.edits.paste()
    (new,) = hands.store.selection
    assert hands.network.node(new).layer.units == 11


LAYER = {"id": "a", "kind": "dense", "settings": {}, "position": [0, 0]}
OTHER = LAYER | {"id": "b"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[" * 100_000,
        json.dumps({"netbuilder": 99, "layers": [], "wires": []}),
        json.dumps({"netbuilder": 1, "layers": [LAYER | {"kind": "cost"}], "wires": []}),
        json.dumps({"netbuilder": 1, "layers": [LAYER | {"kind": "no"}], "wires": []}),
        json.dumps({"netbuilder": 1, "layers": [LAYER, LAYER], "wires": []}),
        json.dumps({"netbuilder": 1, "layers": [LAYER], "wires": [["a", "z"]]}),
        json.dumps({"netbuilder": 1, "layers": [LAYER, OTHER], "wires": [["a", "b"], ["b", "a"]]}),
        json.dumps(
            {"netbuilder": 1, "layers": [LAYER | {"settings": {"units": 10**9}}], "wires": []}
        ),
        json.dumps({"netbuilder": 1, "layers": [LAYER | {"settings": {"x": 1}}], "wires": []}),
    ],
)
def test_what_are_no_layers_is_refused_with_a_sentence(hands, text):
    before = hands.store.project
    put_text(text)
    hands.view.edits.paste()
    assert hands.store.project is before
    assert len(hands.notices) == 1 and len(hands.notices[0]) > 20


def test_nothing_is_copied_from_data_and_cost(hands):
    assert clipboard.to_mime(hands.network, {DATA, COST}) is None
    hands.store.select({DATA})
    assert hands.view.edits.copy() is False


# --- wires and cards without a mouse -----------------------------------------------------------


def test_a_wire_is_drawn_by_keyboard_alone(open_canvas):
    network = network_of([Dense(4), Add(), Dense(1, "sigmoid")], "binary_cross_entropy")
    network, node = network.add(Dense(4), (-200.0, 300.0))
    hands = open_canvas(network)
    hands.store.select({DATA})
    hands.key(Key.Key_C)
    # Ends that would be refused are not offered: Data feeds n1 already.
    for _ in range(6):
        if node.name in hands.view.gesture._ends[hands.view.gesture._at].node.name:
            break
        hands.key(Key.Key_Right)
    hands.key(Key.Key_Return)
    assert Edge(DATA, node.id) in hands.network.edges
    assert hands.view.gesture is None
    hands.store.undo()
    assert Edge(DATA, node.id) not in hands.network.edges


def test_escape_draws_no_wire_and_tab_goes_both_ways(hands):
    before = hands.network
    hands.view.edits.add_layer(Dense(3), Landing((0.0, 300.0)))
    hands.store.select({"n3"})
    hands.key(Key.Key_C)
    first = hands.view.gesture._ends[hands.view.gesture._at]
    hands.key(Key.Key_Tab)
    assert hands.view.gesture._ends[hands.view.gesture._at] is not first
    hands.key(Key.Key_Backtab, SHIFT)
    assert hands.view.gesture._ends[hands.view.gesture._at] is first
    hands.key(Key.Key_Escape)
    assert hands.view.gesture is None
    assert hands.network.edges == before.edges


def test_cost_has_no_wire_to_draw_and_says_so(hands):
    hands.store.select({COST})
    hands.key(Key.Key_C)
    assert hands.view.gesture is None
    assert hands.notices == ["No other layer can take a wire from Cost."]


def test_wires_are_selected_and_deleted_by_keyboard_alone(hands):
    hands.store.select({"n1"})
    hands.key(Key.Key_W)
    assert hands.view.selection.edges == {Edge("n1", "n2")}
    hands.key(Key.Key_W)
    assert hands.view.selection.edges == {Edge("n2", COST)}
    hands.key(Key.Key_Left)
    assert hands.store.selection == {"n2"}
    hands.key(Key.Key_W)
    hands.key(Key.Key_Delete)
    assert Edge("n2", COST) not in hands.network.edges
    assert hands.network.by_id.keys() == {DATA, "n1", "n2", COST}


def test_shift_and_arrows_move_cards_as_one_step(hands):
    x, y = hands.network.node("n1").position
    hands.store.select({"n1"})
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Up):
        QTest.keyPress(hands.view, key, SHIFT)
    QTest.keyRelease(hands.view, Key.Key_Up, SHIFT)
    assert hands.network.node("n1").position == (x + 40, y - 20)
    assert hands.card("n1").pos() == QPointF(x + 40, y - 20)
    assert hands.store.selection == {"n1"}
    hands.store.undo()
    assert hands.network.node("n1").position == (x, y)


def test_what_another_view_selects_comes_into_sight(hands):
    hands.view.camera.set_zoom(4.0)
    hands.view.clearFocus()
    for id in (DATA, "n2"):
        hands.store.select([id])
        assert hands.view.camera.visible_rect().intersects(hands.card(id).scene_rect())
    hands.view.setFocus()
    before = hands.view.camera.visible_rect()
    hands.store.select([DATA])
    assert hands.view.camera.visible_rect() == before
