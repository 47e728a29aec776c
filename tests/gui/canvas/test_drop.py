"""Layers of the palette dropped on the canvas, and the palette itself."""

from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from netbuilder.document.model.network import COLUMN, COST, DATA, Edge, network_of
from netbuilder.engine.layer import LAYERS
from netbuilder.engine.layers import Add, Dense
from netbuilder.gui.canvas.card import CANDIDATE, TARGET
from netbuilder.gui.canvas.drop import LAYER_MIME
from netbuilder.gui.panels.layers.panel import LayerPalette, layer_mime

KINDS = [kind for kind, layer in LAYERS.items() if layer.in_palette]


def middle(hands, source, target):
    return hands.view.canvas.wires[Edge(source, target)].middle


@pytest.mark.parametrize("kind", KINDS)
def test_dropped_on_a_wire_a_layer_is_inserted_there(hands, kind):
    hands.drop(kind, middle(hands, "n1", "n2"))
    (new,) = set(hands.network.by_id) - {DATA, "n1", "n2", COST}
    assert hands.network.node(new).layer.kind == kind
    assert hands.network.inputs(new) == ("n1",)
    assert hands.network.outputs(new) == ("n2",)
    assert hands.store.selection == {new}
    hands.store.undo()
    assert new not in hands.view.canvas.cards


def test_room_is_made_for_it_to_the_right(hands):
    before = hands.network
    hands.drop("dense", middle(hands, "n1", "n2"))
    x, y = before.node("n2").position
    assert hands.network.node("n3").position == (x, y)
    assert hands.network.node("n2").position == (x + COLUMN, y)
    assert hands.network.node("n1").position == before.node("n1").position


def test_a_long_wire_has_room_already(open_canvas):
    network = network_of([Dense(4), Dense(1, "sigmoid")], "binary_cross_entropy")
    network = network.move({"n2": (500.0, 0.0), COST: (700.0, 0.0)})
    hands = open_canvas(network, 1300, 560)
    hands.drop("dense", middle(hands, "n1", "n2"))
    assert hands.network.node("n2").position == (500.0, 0.0)
    x, _ = hands.network.node("n3").position
    assert -100 + COLUMN <= x <= 500 - COLUMN


def test_wires_light_up_and_a_ghost_shows_the_place(hands):
    pictures = hands.picture()
    hands.bring("dense", QPointF(0, 400))
    wires = hands.view.canvas.wires
    assert {wire.mark for wire in wires.values()} == {CANDIDATE}
    hands.carry_on(middle(hands, "n1", "n2"))
    assert wires[Edge("n1", "n2")].mark == TARGET
    assert "Dense 1" in hands.view.hint.text() and "Dense 2" in hands.view.hint.text()
    # The cards to the right have gone out of the way, though the document knows nothing of it.
    assert hands.card("n2").pos().x() == hands.network.node("n2").position[0] + COLUMN
    hands.leave()
    assert {wire.mark for wire in wires.values()} == {""}
    assert hands.picture() == pictures


def test_wires_do_not_flee_from_what_is_carried(hands):
    place = middle(hands, "n1", "n2")
    hands.bring("dense", middle(hands, DATA, "n1"))
    assert hands.view.gesture.landing.edge == Edge(DATA, "n1")
    hands.carry_on(place)
    assert hands.view.gesture.landing.edge == Edge("n1", "n2")
    assert hands.card("n1").pos() == QPointF(*hands.network.node("n1").position)
    hands.leave()


def test_dropped_in_the_open_it_stays_loose_and_says_so(hands):
    hands.bring("dense", QPointF(0, 280))
    assert "Loose" in hands.view.hint.text()
    hands.drop("dense", QPointF(0, 280))
    node = hands.network.node("n3")
    assert node.position == (0.0, 280.0)
    assert hands.network.inputs("n3") == hands.network.outputs("n3") == ()
    assert any("loose" in notice for notice in hands.notices)
    assert any("loose" in str(p.message) for p in hands.view.bubble.problems)
    assert hands.card("n3").pos() == QPointF(0, 280)


def test_dropped_on_a_card_it_is_inserted_behind_it_and_the_others_move_aside(hands):
    before = hands.network
    hands.bring("dense", hands.card("n1").pos())
    assert "Dense 1" in hands.view.hint.text()
    hands.drop("dense", hands.card("n1").pos())
    assert hands.network.inputs("n3") == ("n1",) and hands.network.outputs("n3") == ("n2",)
    assert hands.network.node("n3").position == before.node("n2").position
    assert no_card_lies_on_another(hands)


def test_dropped_on_a_card_that_feeds_several_it_feeds_them_all(open_canvas):
    network = network_of([Dense(4), Add(), Dense(1, "sigmoid")], "binary_cross_entropy")
    hands = open_canvas(network.connect(DATA, "n2"))
    hands.drop("dropout", hands.card(DATA).pos())
    assert hands.network.outputs(DATA) == ("n4",)
    assert hands.network.outputs("n4") == ("n1", "n2")
    assert hands.network.inputs("n2") == ("n1", "n4")
    assert no_card_lies_on_another(hands)


def test_dropped_on_cost_it_is_inserted_before_it(hands):
    hands.drop("dropout", hands.card(COST).pos())
    assert hands.network.inputs(COST) == ("n3",) and hands.network.inputs("n3") == ("n2",)


def test_dropped_on_the_last_wire_one_button_puts_it_before_the_output(hands):
    hands.drop("dense", middle(hands, "n2", COST))
    buttons = [b for b in hands.view.bubble.findChildren(QPushButton) if b.isVisible()]
    assert [b.accessibleName() for b in buttons] == ["Put Dense 3 before the output layer Dense 2"]
    QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert hands.store.compiled.ok
    assert hands.network.inputs("n3") == ("n1",) and hands.network.inputs(COST) == ("n2",)


def test_dropped_half_over_a_card_it_lies_beside_it(hands):
    hands.bring("dense", QPointF(0, 200))
    ghost = hands.view.gesture.landing.position
    hands.drop("dense", QPointF(0, 200))
    assert hands.network.node("n3").position == ghost != (0.0, 200.0)
    assert no_card_lies_on_another(hands)


def no_card_lies_on_another(hands) -> bool:
    rects = [card.scene_rect() for card in hands.view.canvas.cards.values()]
    return not any(a.intersects(b) for a, b in combinations(rects, 2))


def test_copies_keep_clear_of_their_originals(hands):
    hands.view.selection.only({"n1", "n2"})
    hands.view.edits.duplicate()
    hands.view.edits.copy()
    hands.view.edits.paste()
    hands.view.edits.paste()
    assert len(hands.view.canvas.cards) == 10
    assert no_card_lies_on_another(hands)
    # Side by side as they were.
    x, y = hands.network.node("n3").position
    assert hands.network.node("n4").position == (x + COLUMN, y)


def test_dropped_near_a_free_output_it_is_connected(open_canvas):
    network = network_of([Dense(4)], "binary_cross_entropy")
    network, node = network.add(Dense(3), (0.0, 300.0))
    network = network.connect(DATA, node.id)
    hands = open_canvas(network, 1000, 800)
    hands.drop("dense", hands.port(node.id, "out") + QPointF(110, 12))
    assert hands.network.inputs("n3") == (node.id,)
    assert hands.network.node("n3").position == (200.0, 300.0)


def test_dropped_near_a_free_input_it_is_connected(open_canvas):
    network = network_of([Dense(4)], "binary_cross_entropy")
    network, node = network.add(Dense(3), (100.0, 300.0))
    hands = open_canvas(network, 1000, 800)
    hands.drop("dense", hands.port(node.id, "in") - QPointF(110, 12))
    assert hands.network.outputs("n3") == (node.id,)
    assert Edge("n3", node.id) in hands.network.edges


@pytest.mark.parametrize("kind", ["input", "cost", "nonsense", "", "\udcff"])
def test_what_is_no_layer_of_the_palette_is_not_taken(hands, kind):
    before = hands.store.project
    hands._mime = layer_mime("x")
    hands._mime.setData(LAYER_MIME, kind.encode(errors="surrogateescape"))
    from PySide6.QtGui import QDragEnterEvent
    from PySide6.QtWidgets import QApplication

    event = QDragEnterEvent(
        hands.point(QPointF(0, 0)),
        Qt.DropAction.CopyAction,
        hands._mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(hands.view.viewport(), event)
    assert not event.isAccepted()
    assert hands.view.gesture is None
    assert hands.store.project is before


@pytest.fixture
def palette(hands, qtbot):
    palette = LayerPalette(hands.centre)
    qtbot.addWidget(palette)
    with qtbot.waitExposed(palette):
        palette.show()
    return palette


def row(palette, kind) -> QRect:
    title = LAYERS[kind].title
    (item,) = palette.findItems(title, Qt.MatchFlag.MatchExactly)
    return palette.visualItemRect(item)


def test_the_palette_lists_every_kind_with_icon_and_words(palette):
    assert [palette.item(row).text() for row in range(palette.count())] == [
        *("Dense", "BatchNorm", "LayerNorm", "Activation", "Dropout"),
        *("Images", "Reshape", "Conv2D", "AvgPool2D", "MaxPool2D", "Flatten", "GlobalAvgPool2D"),
        *("Joins", "Add", "Concatenate", "Multiply"),
    ]
    for kind in KINDS:
        item = palette.itemAt(row(palette, kind).center())
        assert item.text() == LAYERS[kind].title
        assert LAYERS[kind].summary in item.toolTip()
        assert not item.icon().isNull()


@pytest.mark.parametrize("how", ["double click", "enter"])
def test_the_palette_appends_before_the_output(hands, palette, how):
    rect = row(palette, "dropout")
    QTest.mouseClick(palette.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    if how == "enter":
        QTest.keyClick(palette, Qt.Key.Key_Return)
    else:
        QTest.mouseDClick(palette.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert hands.network.inputs("n2") == ("n3",)
    assert hands.network.inputs("n3") == ("n1",)
    assert hands.network.node("n3").layer.kind == "dropout"
    assert hands.store.selection == {"n3"}
    assert hands.view.camera.visible_rect().contains(hands.view.canvas.content_rect())


def test_what_the_palette_carries_is_what_the_canvas_takes(palette):
    mime = layer_mime("dense")
    assert bytes(mime.data(LAYER_MIME).data()) == b"dense"
    pixmap = palette._card(palette.item(0))
    image = pixmap.toImage()
    center = image.pixelColor(image.width() // 2, 8)
    assert center.alpha() == 255
    assert image.pixelColor(0, 0).alpha() < 40


def test_the_palette_finds_a_kind_by_its_name_or_by_what_it_does(palette, hands):
    QTest.keyClicks(palette.search, "pool")
    seen = [
        palette.item(at).text() for at in range(palette.count()) if not palette.item(at).isHidden()
    ]
    assert seen == ["AvgPool2D", "MaxPool2D", "GlobalAvgPool2D"]
    palette.search.clear()
    QTest.keyClicks(palette.search, "random silences")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    (new,) = hands.store.selection
    assert hands.network.node(new).layer.kind == "dropout"
    assert palette.search.text() == "" and not palette.item(0).isHidden()
