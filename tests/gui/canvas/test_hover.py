"""What a mouse that rests on the canvas is told."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip

from netbuilder import numbers
from netbuilder.document.model.network import DATA, Edge, network_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.layers import Dense


def rest_elsewhere(hands, qtbot) -> None:
    """Nothing is pressed, nothing is told, and the window is the one in use."""
    hands.view.activateWindow()
    qtbot.waitUntil(hands.view.isActiveWindow)
    # Qt's test library goes on with a button that another test has never let go.
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
        QTest.mouseRelease(hands.view.viewport(), button, pos=QPoint(1, 1))
    QToolTip.hideText()
    QTest.mouseMove(hands.view.viewport(), QPoint(1, 1))


def test_a_tool_tip_comes_by_itself_where_the_mouse_rests(hands, qtbot):
    rest_elsewhere(hands, qtbot)
    hands.move(hands.part("n1", "activation"))
    qtbot.waitUntil(QToolTip.isVisible)
    assert QToolTip.text() == hands.card("n1").content.control("activation").setting.help
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_a_tool_tip_that_stands_follows_the_training(hands, qtbot):
    card = hands.card("n1")
    place = card.pos() + card.geometry.tiles.centers[2]
    rest_elsewhere(hands, qtbot)
    hands.move(place)
    qtbot.waitUntil(QToolTip.isVisible)  # by itself, and not again as long as the mouse rests
    first = QToolTip.text()
    hands.view.bridge.step()
    qtbot.waitUntil(lambda: QToolTip.text() != first)
    b = float(hands.view.canvas.cursor_.look().weights["n1.b"][2, 0])
    assert f"b[1][3] = {numbers.number(b)}, its bias" in QToolTip.text()
    assert QToolTip.text().splitlines()[0] == "Unit 3 of Dense 1"


def test_a_tool_tip_goes_when_what_it_spoke_of_is_gone(hands, qtbot):
    card = hands.card("n1")
    hands.rest(card.pos() + card.geometry.tiles.centers[2])
    hands.store.edit(lambda p: p.with_network(p.network.remove({"n1"})), "delete")
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_a_unit_says_its_bias_and_its_activation(hands):
    card, look = hands.card("n1"), hands.view.canvas.cursor_.look()
    told = hands.tip(card.pos() + card.geometry.tiles.centers[2])
    b = numbers.number(float(look.weights["n1.b"][2, 0]))
    A = numbers.number(float(look.means()["n1"][2]))
    first, bias, mean = told.splitlines()
    assert first == "Unit 3 of Dense 1"
    assert bias == f"b[1][3] = {b}, its bias"
    assert mean == f"A[1][3] = {A} on the mean of 64 examples"
    assert hands.tip(hands.ground("n1")) == ""


@pytest.mark.parametrize("unit", [0, 1, 3])
@pytest.mark.parametrize("beside", [0, 4])
def test_a_weight_says_its_number_and_from_where_to_where_it_goes(hands, unit, beside):
    item, look = hands.view.canvas.weights[Edge("n1", "n2")], hands.view.canvas.cursor_.look()
    # A few pixels beside it will do, since nobody hits a single one.
    told = hands.tip(item._lines.each[unit].p1() + QPointF(6, beside))
    W = numbers.number(float(look.weights["n2.W"][0, unit]))
    assert told == f"W[2][1, {unit + 1}] = {W}, from unit {unit + 1} of layer 1 to unit 1"


def test_a_weight_of_the_data_names_the_feature(hands):
    item = hands.view.canvas.weights[Edge(DATA, "n1")]
    assert ", from feature x2 to unit " in hands.tip(item._lines.each[1].p1() + QPointF(6, 0))


def test_every_line_can_be_hit_where_it_is_painted(hands):
    item = hands.view.canvas.weights[Edge("n1", "n2")]
    hit = set()
    x = item._lines.each[0].x1() + 10
    for place in range(0, 101):
        y = item._lines.area.top() + place / 100 * item._lines.area.height()
        at = item.weight_at(QPointF(x, y), 6.0)
        if at is not None:
            hit.add(at)
    assert hit == {(0, 0), (0, 1), (0, 2), (0, 3)}


def test_a_field_of_a_heatmap_says_its_strongest_weight(open_canvas):
    network = network_of([Dense(50), Dense(33), Dense(1, "sigmoid")], "binary_cross_entropy")
    hands = open_canvas(Project(network, data=DataChoice(examples=40)))
    item = hands.view.canvas.weights[Edge("n1", "n2")]
    W = np.zeros((33, 50), dtype=np.float32)
    W[0, 49] = -9.0
    item.render(W, 1.0)
    assert item.weight_at(item.pos() + QPointF(37.5, 0.5), 6.0) == (0, 49)
    assert item.weight_at(item.pos() + QPointF(39.5, 0.5), 6.0) is None
    told = hands.tip(item.pos() + QPointF(19, 19))
    assert told.startswith("W[2][") and "of layer 1 to unit" in told
