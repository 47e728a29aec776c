"""One example on the canvas: its numbers on the tiles, on the wires and in words, and the keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from netbuilder.document.model.network import DATA, Edge
from netbuilder.document.model.project import DataChoice
from netbuilder.gui.canvas.weights import levels_of
from netbuilder.lens.cases import Example


def choose(hands, row: int) -> None:
    hands.view.canvas.cursor_.examples.hold(Example("train", row), hands.store.dataset)


def case(hands):
    return hands.view.canvas.cursor_.examples.case(hands.view.canvas.cursor_.look())


def test_tiles_show_the_examples_numbers_in_words_and_colours(hands):
    choose(hands, 3)
    x = hands.store.dataset.train.X[3]
    neurons = hands.view.canvas.neurons
    assert neurons[DATA].spoken.texts == ("0.349", "−2.06")
    np.testing.assert_allclose(neurons[DATA].values, x, rtol=1e-6)
    np.testing.assert_allclose(neurons["n1"].values, case(hands).A["n1"])
    card = hands.card(DATA)
    beside = card.pos() + card.geometry.tiles.centers[1] + QPointF(0, 16)
    (color,) = hands.colors(beside, 0)
    assert color.red() > color.blue() + 40, "a negative number is orange"
    assert hands.view.surface.example.isVisible()
    words = hands.view.surface.example.words.text()
    assert "Training example 4" in words
    assert f"{100 * case(hands).Y_hat[0]:.1f} %" in words


def test_lines_show_what_the_weights_pass_on(hands):
    edge = Edge(DATA, "n1")
    item = hands.view.canvas.weights[edge]
    W = hands.view.canvas.cursor_.look().weights["n1.W"]
    before = item._last
    choose(hands, 3)
    x = hands.store.dataset.train.X[3]
    np.testing.assert_allclose(item._last, W * x, rtol=1e-5)
    assert (item._levels == levels_of(W * x, W.shape)).all()
    middle = item.path_of(2, 1).pointAtPercent(0.5)
    told = hands.tip(middle)
    assert "passes on" in told and told.startswith("W[1][3, 2] = ")
    hands.view.canvas.cursor_.examples.let_go()
    np.testing.assert_array_equal(item._last, before)


def test_arrow_keys_lead_to_the_next_and_escape_lets_go(hands):
    examples, view = hands.view.canvas.cursor_.examples, hands.view
    choose(hands, 0)
    hands.store.select([])
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert examples.chosen == Example("train", 1)
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert examples.chosen == Example("train", hands.store.dataset.train.m - 1)
    assert f"example {hands.store.dataset.train.m:,}" in view.surface.example.words.text()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert examples.chosen is None
    assert not view.surface.example.isVisible()
    assert view.canvas.neurons["n1"].values.ndim == 3, "the maps are back"
    assert not view.canvas.neurons["n1"].spoken.texts


def test_with_a_card_selected_arrow_keys_walk_the_cards(hands):
    choose(hands, 0)
    hands.store.select([DATA])
    hands.view.setFocus()
    QTest.keyClick(hands.view, Qt.Key.Key_Right)
    assert hands.store.selection == {"n1"}
    assert hands.view.canvas.cursor_.examples.chosen == Example("train", 0)


def test_the_buttons_of_the_bar_lead_on_and_close_it(hands):
    examples, bar = hands.view.canvas.cursor_.examples, hands.view.surface.example
    choose(hands, 7)
    QTest.mouseClick(bar.on, Qt.MouseButton.LeftButton)
    assert examples.chosen == Example("train", 8)
    QTest.mouseClick(bar.back, Qt.MouseButton.LeftButton)
    assert examples.chosen == Example("train", 7)
    assert hands.view.viewport().rect().contains(bar.geometry())
    QTest.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert examples.chosen is None and not bar.isVisible()


def test_while_it_trains_the_example_stays_and_its_numbers_move(hands, qtbot):
    choose(hands, 3)
    before = case(hands).Y_hat.copy()
    hands.view.bridge.play()
    qtbot.waitUntil(lambda: hands.view.bridge.last.step > 200)
    hands.view.bridge.pause()
    qtbot.waitUntil(lambda: not hands.view.bridge.running)
    assert hands.view.canvas.cursor_.examples.chosen == Example("train", 3)
    now = case(hands)
    assert abs(now.Y_hat[0] - before[0]) > 0.01
    np.testing.assert_allclose(hands.view.canvas.neurons["n2"].values, now.Y_hat)


def test_other_data_lets_go_and_other_edits_do_not(hands):
    examples = hands.view.canvas.cursor_.examples
    choose(hands, 3)
    hands.view.edits.step_setting("n1", "units", 1)
    assert examples.chosen == Example("train", 3)
    hands.store.choose(lambda old: DataChoice(source="moons"), "moons")
    assert examples.chosen is None
