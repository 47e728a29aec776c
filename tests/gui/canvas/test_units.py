"""Units and weights are touched: lit, chosen, and given other numbers, by mouse and keyboard."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtTest import QTest

from netbuilder.document.model.network import DATA, Edge, network_of
from netbuilder.engine.layers import Dense
from netbuilder.gui.units import Unit


def tile(hands, id: str, unit: int) -> QPointF:
    return hands.card(id).pos() + hands.card(id).geometry.tiles.centers[unit]


def near(hands, place: QPointF, color, reach: int = 3) -> bool:
    return any(
        abs(c.red() - color.red()) + abs(c.green() - color.green()) + abs(c.blue() - color.blue())
        < 40
        for c in hands.colors(place, reach)
    )


def line(hands, edge: Edge, number: int, share: float = 0.5) -> QPointF:
    """A place on the line of a weight, between the cards."""
    item = hands.view.canvas.weights[edge]
    return item.path_of(*divmod(number, item._lines.shape[1])).pointAtPercent(share)


def weights(hands):
    return hands.view.canvas.cursor_.look().weights


def typed(hands, qtbot, words: str) -> None:
    """Types into the open field, and waits until the training has it."""
    hands.type(words)
    before = hands.view.bridge.last
    hands.enter()
    qtbot.waitUntil(lambda: hands.view.bridge.last is not before)


def double_click(hands, place: QPointF) -> None:
    hands.click(place)
    QTest.mouseDClick(hands.view.viewport(), Qt.MouseButton.LeftButton, pos=hands.point(place))


def test_the_unit_under_the_mouse_is_pointed_at_until_the_mouse_leaves(hands):
    units = hands.view.canvas.cursor_.units
    hands.move(tile(hands, "n1", 2))
    assert units.pointed == Unit("n1", 2)
    hands.move(tile(hands, DATA, 1))
    assert units.pointed == Unit(DATA, 1)
    hands.move(hands.ground("n1"))
    assert units.pointed is None


def test_a_click_chooses_a_unit_and_its_card_and_a_second_one_lets_go(hands):
    units = hands.view.canvas.cursor_.units
    hands.click(tile(hands, "n1", 1))
    assert units.chosen == Unit("n1", 1)
    assert hands.store.selection == {"n1"}
    hands.click(tile(hands, "n1", 1))
    assert units.chosen is None
    assert hands.store.selection == {"n1"}
    hands.click(tile(hands, "n1", 3))
    hands.key(Qt.Key.Key_Escape)
    assert units.chosen is None
    hands.click(tile(hands, "n1", 3))
    hands.click(hands.ground("n2"))
    assert units.chosen is None, "another card is selected"
    hands.click(tile(hands, "n1", 3))
    hands.click(hands.part("n1", "units-"))
    assert units.chosen is None, "there are but three units now"


def test_dragging_a_card_by_a_unit_moves_it_and_chooses_nothing(hands):
    at = tile(hands, "n1", 1)
    hands.drag(at, at + QPointF(0, 80))
    assert hands.view.canvas.cursor_.units.chosen is None
    assert hands.store.undo_label == "move Dense 1"


def test_the_weights_of_the_chosen_unit_are_lit_and_all_others_fade(hands):
    canvas, theme = hands.view.canvas, hands.themes.theme
    own, after = canvas.weights[Edge(DATA, "n1")], canvas.weights[Edge("n1", "n2")]

    def ink(edge: Edge, number: int) -> int:
        """How much a line stands out from the ground, at its darkest."""
        ground = theme.color("window").lightness()
        place = line(hands, edge, number, 0.15)
        return max(abs(c.lightness() - ground) for c in hands.colors(place, 1))

    before = [ink(Edge(DATA, "n1"), number) for number in range(8)]
    hands.click(tile(hands, "n1", 3))
    hands.move(hands.ground("cost"))
    assert (own.opacity(), round(after.opacity(), 2)) == (1.0, 0.22)
    lit = [ink(Edge(DATA, "n1"), number) for number in range(8)]
    assert lit[6] >= before[6]
    assert lit[7] >= before[7]
    assert lit[0] < before[0] / 2
    assert near(hands, tile(hands, "n1", 3) + QPointF(0, -14.5), theme.color("accent")), "a ring"
    hands.key(Qt.Key.Key_Escape)
    assert (own.opacity(), after.opacity()) == (1.0, 1.0)
    assert [ink(Edge(DATA, "n1"), number) for number in range(8)] == before


def test_marks_tell_the_biases_and_are_painted_anew_only_when_one_looks_otherwise(hands):
    canvas, theme = hands.view.canvas, hands.themes.theme
    neurons = canvas.neurons["n1"]
    hands.view._sharpen.stop()  # it would bring the real ones back
    b = np.array([[3.0], [-3.0], [0.0], [1e-5]])
    neurons.render(None, canvas.ratio, None, b)
    tiles = hands.card("n1").geometry.tiles
    corners = [
        tile(hands, "n1", unit) + QPointF(-tiles.size, tiles.size) * 0.44 for unit in range(4)
    ]
    assert near(hands, corners[0], theme.color("positive"), 0)
    assert near(hands, corners[1], theme.color("negative"), 0)
    assert near(hands, corners[2], theme.color("strong_line"), 0)
    picture = neurons.biases.pixmap().cacheKey()
    neurons.render(None, canvas.ratio, None, b + 1e-4 * (b != 0))
    assert neurons.biases.pixmap().cacheKey() == picture
    neurons.render(None, canvas.ratio, None, -b)
    assert neurons.biases.pixmap().cacheKey() != picture
    assert near(hands, corners[0], theme.color("negative"), 0)


def test_a_double_click_types_a_bias_which_undo_takes_back(hands, qtbot):
    double_click(hands, tile(hands, "n1", 2))
    assert hands.view.fields.editor.text() == "0"
    W = weights(hands)["n1.W"].copy()
    typed(hands, qtbot, "-1,5")
    assert hands.store.undo_label == "set b[1][3] to −1.50"
    assert weights(hands)["n1.b"].ravel().tolist() == [0, 0, -1.5, 0]
    assert np.array_equal(weights(hands)["n1.W"], W)
    tiles = hands.card("n1").geometry.tiles
    corner = tile(hands, "n1", 2) + QPointF(-tiles.size, tiles.size) * 0.44
    hands.view.show_live()
    assert near(hands, corner, hands.themes.theme.color("negative"), 0)
    hands.store.undo()
    qtbot.waitUntil(lambda: not weights(hands)["n1.b"].any())
    hands.store.redo()
    qtbot.waitUntil(lambda: weights(hands)["n1.b"][2, 0] == -1.5)


@pytest.mark.parametrize("words", ["", "x", "1e12", "nan"])
def test_what_is_no_number_is_refused_beside_the_field(hands, words):
    double_click(hands, tile(hands, "n1", 0))
    hands.view.fields.editor.setText(words)
    hands.view.fields.editor.setModified(True)
    hands.enter()
    assert "−1e9 to 1e9" in hands.view.fields.editor.message
    QTest.keyClick(hands.view.fields.editor, Qt.Key.Key_Escape)
    assert not hands.store.can_undo


def test_a_click_on_a_line_types_its_weight(hands, qtbot):
    edge = Edge("n1", "n2")
    place = line(hands, edge, 3, 0.45)
    hands.move(place + QPointF(0, 3))
    lit = hands.view.surface.lit.line
    assert lit.isVisible()
    assert near(hands, place, hands.themes.theme.color("accent"))
    hands.click(place + QPointF(0, 3))
    assert float(hands.view.fields.editor.text()) == pytest.approx(
        float(weights(hands)["n2.W"][0, 3]), rel=1e-5
    )
    typed(hands, qtbot, "2.5")
    assert weights(hands)["n2.W"][0, 3] == 2.5
    assert hands.store.undo_label == "set W[2][1, 4] to 2.50"
    hands.move(hands.ground("cost"))
    assert not lit.isVisible()
    hands.key(Qt.Key.Key_Escape)
    hands.view.show_live()
    assert any(c.blue() > c.red() + 100 for c in hands.colors(line(hands, edge, 3, 0.45), 1))


def test_a_click_beside_all_lines_opens_nothing_and_a_drag_takes_the_wire(hands):
    edge = Edge("n1", "n2")
    hands.click(QPointF(hands.port("n1", "out").x() + 30, hands.card("n1").pos().y() - 70))
    assert hands.view.fields.editor is None
    place = line(hands, edge, 3, 0.4)
    hands.drag(place, place + QPointF(0, 300))
    assert hands.view.fields.editor is None
    assert edge not in hands.network.edge_set


def test_the_nearest_of_many_lines_is_found(open_canvas):
    hands = open_canvas(
        network_of([Dense(32), Dense(32), Dense(1, "sigmoid")], "binary_cross_entropy")
    )
    item = hands.view.canvas.weights[Edge("n1", "n2")]
    for number in (0, 500, 1023):
        place = item.path_of(*divmod(number, 32)).pointAtPercent(0.37)
        away, (row, column) = item.nearest(place, 6.0)
        assert away < 1e-6
        found = item._lines.each[row * 32 + column]
        way = QLineF(found.p1(), place)
        assert abs(way.dx() * found.dy() - way.dy() * found.dx()) < 1e-6, "or one that covers it"
    assert item.nearest(item._lines.area.topLeft() + QPointF(1, 1), 1.0) is None


def test_typing_while_it_trains_goes_on_training_from_there(hands, qtbot):
    bridge = hands.view.bridge
    bridge.play()
    qtbot.waitUntil(lambda: bridge.last.step > 20)
    double_click(hands, tile(hands, "n1", 2))
    hands.type("40")
    hands.enter()
    qtbot.waitUntil(lambda: bridge.last.weights["n1.b"][2, 0] > 30)
    step = bridge.last.step
    assert step > 20
    assert bridge.running
    qtbot.waitUntil(lambda: bridge.last.step > step)
    bridge.pause()
    qtbot.waitUntil(lambda: not bridge.running)
    assert "b[1][3] = 40.0" in [str(mark[1]) for mark in bridge.last.log.marks]


def test_an_earlier_moment_is_not_rewritten(hands, qtbot):
    cursor, bridge = hands.view.canvas.cursor_, hands.view.bridge
    for _ in range(4):
        bridge.step()
    qtbot.waitUntil(lambda: bridge.last.step == 4 and not bridge.running)
    cursor.go_to(2)
    qtbot.waitUntil(lambda: not cursor.live and not cursor.seeking)
    double_click(hands, tile(hands, "n1", 2))
    hands.type("1")
    hands.enter()
    assert "earlier moment" in hands.view.fields.editor.message
    QTest.keyClick(hands.view.fields.editor, Qt.Key.Key_Escape)
    assert not hands.store.can_undo


def test_a_layer_frozen_in_mid_run_keeps_its_weights_and_says_so_on_its_card(hands, qtbot):
    bridge = hands.view.bridge

    def train(goal: int) -> dict[str, np.ndarray]:
        for _ in range(goal - bridge.last.step):
            bridge.step()
        qtbot.waitUntil(lambda: bridge.last.step == goal and not bridge.running)
        return bridge.last.weights

    mark = hands.card("n1").pos() + hands.card("n1").geometry.frozen.center()
    accent = hands.themes.theme.color("accent")
    before = train(3)
    assert not near(hands, mark, accent, 6)
    hands.view.edits.set_setting("n1", "frozen", "all")
    assert near(hands, mark, accent, 6)
    assert hands.store.undo_label == "frozen of Dense 1"
    qtbot.waitUntil(lambda: bridge.last.stretch is hands.store.stretch)
    after = train(6)
    for key in ("n1.W", "n1.b"):
        assert np.array_equal(after[key], before[key])
    assert not np.array_equal(after["n2.W"], before["n2.W"])
    hands.view.edits.set_setting("n1", "frozen", "bias")
    assert hands.card("n1").content.frozen == "b"
    qtbot.waitUntil(lambda: bridge.last.stretch is hands.store.stretch)
    last = train(8)
    assert np.array_equal(last["n1.b"], before["n1.b"])
    assert not np.array_equal(last["n1.W"], before["n1.W"])
