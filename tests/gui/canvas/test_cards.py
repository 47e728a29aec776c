"""Controls on the cards: pressing, typing, renaming, and what is said of wrong values."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from netbuilder.document.model.network import COST, DATA, network_of
from netbuilder.engine.layers import Dense, Dropout

Key = Qt.Key


def units(hands, id="n1"):
    return hands.network.node(id).layer.units


def test_plus_and_minus_change_the_units_and_can_be_undone(hands):
    hands.click(hands.part("n1", "units+"))
    assert units(hands) == 5
    hands.click(hands.part("n1", "units-"))
    hands.click(hands.part("n1", "units-"))
    assert units(hands) == 3
    assert hands.store.selection == {"n1"}
    hands.store.undo()
    hands.store.undo()
    assert units(hands) == 5


def test_minus_stops_at_one_unit(hands):
    hands.click(hands.part("n2", "units-"))
    assert units(hands, "n2") == 1
    assert hands.notices == []


def test_a_held_button_goes_on_and_is_one_step_of_undo(hands, qtbot):
    spot = hands.part("n1", "units+")
    hands.press(spot)
    qtbot.waitUntil(lambda: units(hands) >= 8)
    hands.release(hands.part("n1", "units+"))
    hands.store.undo()
    assert units(hands) == 4


def test_esc_takes_a_held_button_back(hands, qtbot):
    hands.press(hands.part("n1", "units+"))
    qtbot.waitUntil(lambda: units(hands) >= 7)
    hands.key(Key.Key_Escape)
    assert units(hands) == 4
    hands.release(hands.part("n1", "units+"))
    assert units(hands) == 4


def test_a_number_is_typed_in_place(hands):
    hands.click(hands.part("n1", "units"))
    hands.type("12")
    hands.enter()
    assert units(hands) == 12
    assert hands.view.fields.editor is None


@pytest.mark.parametrize("text", ["0", "-3", "1e9", "abc", "", "2.5", "inf", "nan", "1e400"])
def test_a_wrong_number_is_told_beside_the_field_which_stays_open(hands, text):
    hands.click(hands.part("n1", "units"))
    hands.view.fields.editor.setText("")
    hands.view.fields.editor.setModified(True)
    hands.type(text)
    hands.enter()
    editor = hands.view.fields.editor
    assert editor is not None and editor.isVisible()
    assert "from 1 to 1,000,000" in editor.message
    assert units(hands) == 4
    QTest.keyClick(editor, Key.Key_Escape)
    assert hands.view.fields.editor is None
    assert units(hands) == 4


@pytest.mark.parametrize("text", ["0,5", "0.5", "5e-1"])
def test_a_share_on_a_card_may_be_typed_with_a_decimal_comma(open_canvas, text):
    """It was read as thousands: "0,5" became 5, and was refused."""
    layers = (Dense(4, "tanh"), Dropout(0.2), Dense(1, "sigmoid"))
    hands = open_canvas(network_of(layers, "binary_cross_entropy"))
    hands.click(hands.part("n2", "rate"))
    hands.type(text)
    hands.enter()
    assert hands.view.fields.editor is None
    assert hands.network.node("n2").layer.rate == 0.5


def test_a_decimal_comma_in_a_whole_number_is_refused(hands):
    hands.click(hands.part("n1", "units"))
    hands.type("1,5")
    hands.enter()
    assert "a whole number" in hands.view.fields.editor.message
    assert units(hands) == 4


def test_a_wrong_number_can_be_mended(hands):
    hands.click(hands.part("n1", "units"))
    hands.type("0")
    hands.enter()
    hands.view.fields.editor.selectAll()
    hands.type("6")
    assert hands.view.fields.editor.message == ""
    hands.enter()
    assert units(hands) == 6


def test_clicking_elsewhere_takes_what_was_typed(hands):
    hands.click(hands.part("n1", "units"))
    hands.type("9")
    hands.click(hands.card("n1").scene_rect().bottomLeft() + QPointF(20, 60))
    assert units(hands) == 9
    assert hands.view.fields.editor is None


@pytest.mark.parametrize(
    ("id", "part", "choice", "setting"),
    [("n1", "activation", "relu", "activation"), (COST, "loss", "mse", "loss")],
)
def test_a_drop_down_changes_a_choice_in_place(hands, id, part, choice, setting):
    hands.click(hands.part(id, part))
    menu = hands.view.fields.menu
    assert menu is not None and menu.isVisible()
    action = next(action for action in menu.actions() if action.data() == choice)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert getattr(hands.network.node(id).layer, setting) == choice
    hands.store.undo()
    assert getattr(hands.network.node(id).layer, setting) != choice


def test_a_drop_down_is_left_with_esc(hands):
    before = hands.store.project
    hands.click(hands.part("n1", "activation"))
    QTest.keyClick(hands.view.fields.menu, Key.Key_Escape)
    assert hands.view.fields.menu is None
    assert hands.store.project is before


def double_click(hands, place):
    at = hands.point(place)
    QTest.mouseDClick(hands.view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_double_click_renames(hands):
    double_click(hands, hands.part("n1", "name"))
    hands.type("Hidden")
    hands.enter()
    assert hands.network.node("n1").name == "Hidden"


@pytest.mark.parametrize(
    ("name", "words"), [("Dense 2", "already"), ("   ", "1 to 40"), ("a.b", "dot")]
)
def test_a_wrong_name_is_told_beside_the_field(hands, name, words):
    hands.click(hands.ground("n1"))
    hands.key(Key.Key_F2)
    hands.type(name)
    hands.enter()
    assert words in hands.view.fields.editor.message
    assert hands.network.node("n1").name == "Dense 1"
    assert hands.notices == []


def test_data_and_cost_keep_their_names(hands):
    for id in (DATA, COST):
        hands.store.select({id})
        hands.key(Key.Key_F2)
        assert hands.view.fields.editor is None


def test_a_field_closes_when_its_card_goes(hands):
    hands.click(hands.part("n1", "units"))
    hands.view.edits.edit_network(hands.network.remove({"n1"}), "Delete")
    assert hands.view.fields.editor is None


def test_the_card_follows_other_hands(hands):
    hands.view.edits.set_setting("n1", "units", 7)
    card = hands.card("n1")
    assert card.content.units == 7
    assert "(7, 2)" in card.content.footer[0]
    assert card.content.footer[1] == "21 parameters"
    assert len(card.geometry.tiles.centers) == 7


def test_many_units_are_shown_in_part_and_counted(hands):
    hands.view.edits.set_setting("n1", "units", 1_000)
    tiles = hands.card("n1").geometry.tiles
    assert tiles.hidden + len(tiles.centers) == 1_000
    assert tiles.more is not None


def test_buttons_react_to_the_mouse(hands):
    spot = hands.part("n1", "units+")
    still = {color.name() for color in hands.colors(spot, 8)}
    hands.move(spot)
    hovered = {color.name() for color in hands.colors(spot, 8)}
    assert hovered != still
    assert hands.view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    hands.move(hands.part("n1", "units"))
    assert hands.view.viewport().cursor().shape() == Qt.CursorShape.IBeamCursor
