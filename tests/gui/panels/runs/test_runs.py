"""The list of runs in the window: with the mouse and with the keyboard, undone and looked at."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from netbuilder.engine.layers import Dense
from netbuilder.gui.panels.runs.model import ACCURACY, COST, EPOCHS, NAME, PIN
from netbuilder.gui.panels.runs.panel import RunsPanel
from netbuilder.gui.run_book import run_color
from netbuilder.gui.window.main_window import MainWindow

LEFT, CTRL, KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.Key


class Hands:
    """What a user does with the panel."""

    def __init__(self, window: MainWindow, qtbot: Any) -> None:
        self.window, self.store, self.bridge = window, window.store, window.bridge
        self.book, self.wait = window.runs, qtbot.waitUntil
        window.workspaces.show("watch")
        window.workspaces.docks["runs"].raise_()
        self.panel: RunsPanel = window.workspaces.panels["runs"]
        self.curve = window.workspaces.panels["cost_curve"]
        self.table = self.panel.table
        self.wait(self.panel.isVisible)

    def train(self, updates: int) -> None:
        self.wait(
            lambda: (last := self.bridge.last) is not None and last.stretch is self.store.stretch
        )
        goal = self.bridge.last.step + updates
        for _ in range(updates):
            self.bridge.step()
        self.wait(lambda: self.bridge.last.step == goal and not self.bridge.running)
        self.seen()

    def seen(self) -> None:
        QApplication.processEvents()
        self.wait(lambda: not self.panel.stale and not self.curve.stale)
        QApplication.processEvents()

    def rate(self, alpha: float) -> None:
        self.store.edit(
            lambda p: replace(p, training=replace(p.training, learning_rate=alpha)), "rate"
        )

    def two(self) -> None:
        """A first run, and one with another learning rate that goes on."""
        self.train(60)
        self.bridge.reset()
        self.rate(0.3)
        self.train(20)

    def names(self) -> list[str]:
        return [row.name for row in self.panel.model.rows]

    def at(self, number: int, column: int = NAME) -> QPoint:
        row = self.panel.model.place_of(number)
        assert row is not None
        return self.table.visualRect(self.panel.model.index(row, column)).center()

    def click(self, number: int, *keys: Qt.KeyboardModifier) -> None:
        QTest.mouseClick(self.table.viewport(), LEFT, *keys, pos=self.at(number))

    def click_swatch(self, number: int) -> None:
        row = self.panel.model.place_of(number)
        rect = self.table.visualRect(self.panel.model.index(row, NAME))
        QTest.mouseClick(
            self.table.viewport(), LEFT, pos=QPoint(rect.left() + 10, rect.center().y())
        )
        self.seen()

    def push(self, name: str) -> None:
        button = self.panel.buttons[name]
        assert button.isEnabled(), button.toolTip()
        QTest.mouseClick(button, LEFT)
        self.seen()

    def drawn(self, number: int) -> int:
        """How many pixels of the cost curve have the colour of a run."""
        picture = self.curve.plot.viewport().grab().toImage()
        wanted = run_color(self.window.themes.theme, number)
        found = 0
        for y in range(picture.height()):
            for x in range(picture.width()):
                color = QColor(picture.pixel(x, y))
                distance = max(
                    abs(color.red() - wanted.red()),
                    abs(color.green() - wanted.green()),
                    abs(color.blue() - wanted.blue()),
                )
                found += distance < 40
        return found


@pytest.fixture
def hands(standing_window: MainWindow, qtbot: Any) -> Hands:
    return Hands(standing_window, qtbot)


def test_empty_it_says_what_will_appear(hands: Hands) -> None:
    hands.seen()
    assert "Press play" in hands.panel.sentence
    hands.train(1)
    assert hands.panel.sentence == "" and hands.names() == ["first run"]


def test_a_row_tells_epochs_best_cost_and_accuracy(hands: Hands) -> None:
    hands.two()
    assert hands.names() == ["α 1.2 → 0.3", "first run"], "the latest first"
    first, log = hands.panel.model.rows[1], hands.book.listed[0].log
    assert first.epochs == "60"
    assert first.cost == f"{log.rows()['train_cost'].min():.5f}"
    assert first.accuracy == f"{100 * log.evaluations()['train_accuracy'][-1]:.1f} %"
    model = hands.panel.model
    header = [
        model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())
    ]
    assert header == ["Run", "Epochs", "Best cost", "Accuracy", ""]


def test_a_click_on_the_swatch_hides_the_curve_and_shows_it_again(hands: Hands) -> None:
    hands.two()
    assert hands.drawn(1) > 50
    label = hands.store.undo_label
    hands.click_swatch(1)
    assert hands.drawn(1) == 0
    assert "curve hidden" in hands.panel.model.data(
        hands.panel.model.index(1, NAME), Qt.ItemDataRole.AccessibleTextRole
    )
    hands.click_swatch(1)
    assert hands.drawn(1) > 50
    assert hands.store.undo_label == label, "a way to look, and no edit"


def test_the_keyboard_does_it_all(hands: Hands, qtbot: Any) -> None:
    hands.two()
    table, book = hands.table, hands.book
    hands.window.store.select(["n1"])
    table.setFocus()
    QTest.keyClick(table, KEY.Key_Home)
    QTest.keyClick(table, KEY.Key_Down)
    assert table.numbers == [1]
    QTest.keyClick(table, KEY.Key_Space)
    assert [run.number for run in book.shown] == [2]
    QTest.keyClick(table, KEY.Key_Space)
    assert [run.number for run in book.shown] == [1, 2]
    QTest.keyClick(table, KEY.Key_F2)
    editor = table.findChild(QLineEdit)
    assert editor is not None and editor.text() == "first run"
    QTest.keyClicks(editor, "the fast one")
    QTest.keyClick(editor, KEY.Key_Return)
    hands.seen()
    assert hands.names() == ["α 1.2 → 0.3", "the fast one"]
    assert hands.window.cursor_.live, "the Return was the field's"
    assert "the fast one" in re.sub("&nbsp;", " ", hands.curve.legend.text())
    QTest.keyClick(table, KEY.Key_Return)
    assert hands.window.cursor_.moment.run == book.runs[1].run
    QTest.keyClick(table, KEY.Key_Return)
    assert hands.window.cursor_.live
    QTest.keyClick(table, KEY.Key_Delete)
    hands.seen()
    assert hands.names() == ["α 1.2 → 0.3"]
    assert "n1" in hands.store.project.network.by_id, "not the layer that is selected"
    QTest.keyClick(hands.window, KEY.Key_Z, CTRL)
    hands.seen()
    assert hands.names() == ["α 1.2 → 0.3", "the fast one"]
    QTest.keyClick(hands.window, KEY.Key_Z, CTRL)
    hands.seen()
    assert hands.names()[1] == "first run"


def test_the_tab_key_comes_to_a_row(hands: Hands) -> None:
    hands.two()
    hands.table.clearSelection()
    hands.curve.setFocus()
    hands.table.setFocus(Qt.FocusReason.TabFocusReason)
    assert len(hands.table.numbers) == 1
    QTest.keyClick(hands.table, KEY.Key_Home)
    assert hands.table.numbers == [2]


def test_a_double_click_renames(hands: Hands) -> None:
    hands.two()
    hands.click(2)
    QTest.mouseDClick(hands.table.viewport(), LEFT, pos=hands.at(2))
    editor = hands.table.findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "slow")
    QTest.keyClick(editor, KEY.Key_Return)
    hands.seen()
    assert hands.names()[0] == "slow"
    assert hands.store.undo_label == "rename α 1.2 → 0.3 to slow"


def test_the_run_that_goes_on_cannot_be_deleted(hands: Hands) -> None:
    hands.two()
    hands.click(2)
    assert not hands.panel.buttons["delete"].isEnabled()
    assert "Reset begins another" in hands.panel.buttons["delete"].toolTip()
    QTest.keyClick(hands.table, KEY.Key_Delete)
    assert len(hands.names()) == 2
    hands.click(1)
    hands.push("delete")
    assert hands.names() == ["α 1.2 → 0.3"]


def test_looked_at_every_view_shows_that_run(hands: Hands) -> None:
    hands.two()
    end = hands.book.runs[1].moment
    hands.click(1)
    hands.push("look")
    moment = hands.window.cursor_.moment
    assert (moment.run, moment.step) == (end.run, 60)
    for name, W in end.weights.items():
        np.testing.assert_array_equal(moment.weights[name], W)
    assert hands.window.toolbar.epoch.value.text() == "60"
    assert hands.curve.run.log is hands.book.runs[1].log
    assert hands.panel.buttons["look"].isChecked()
    hands.push("look")
    assert hands.window.cursor_.live
    assert hands.window.toolbar.epoch.value.text() == "20"


def test_training_on_from_a_run_makes_a_fork(hands: Hands) -> None:
    hands.train(60)
    hands.bridge.reset()
    hands.train(20)
    hands.click(1)
    hands.push("fork")
    assert hands.store.undo_label == "train on from first run"
    hands.train(5)
    assert hands.names() == ["from epoch 60", "reset", "first run"]
    fork = hands.book.runs.now
    assert (fork.parent, fork.step, fork.epochs) == (1, 60, 65)
    assert len(hands.book.runs[1].log.updates()["step"]) == 60, "its parent stays as it is"
    hands.store.undo()
    hands.train(1)
    assert hands.book.runs.current == 2 and hands.book.runs.now.epochs == 21
    hands.store.redo()
    hands.train(1)
    assert hands.book.runs.current == fork.number
    assert hands.book.runs.now.epochs == 66


def test_a_run_of_another_network_is_looked_at_and_trained_on_from(hands: Hands) -> None:
    hands.train(5)
    hands.bridge.reset()
    network = hands.store.project.network.set_layer("n1", Dense(5, "tanh", "normal"))
    hands.store.edit(lambda p: p.with_network(network), "units")
    hands.train(5)
    hands.click(1)
    hands.push("look")
    assert hands.window.cursor_.look().plan.node("n1").shape == (4,)
    hands.push("fork")
    hands.train(1)
    assert hands.store.project.network.node("n1").layer.units == 4
    assert (hands.book.runs.now.parent, hands.book.runs.now.step) == (1, 5)


def test_what_cannot_be_done_says_why(hands: Hands) -> None:
    hands.two()
    hands.click(2)
    assert "goes on already" in hands.panel.buttons["fork"].toolTip()
    assert not hands.panel.buttons["compare"].isEnabled()


def test_two_runs_are_compared(hands: Hands) -> None:
    hands.two()
    hands.click(1)
    hands.click(2, CTRL)
    assert hands.table.numbers == [2, 1]
    hands.push("compare")
    table = hands.panel.comparison
    assert table.isVisible() and not hands.table.isVisible()
    assert [table.headerItem().text(column) for column in (1, 2)] == ["first run", "α 1.2 → 0.3"]
    said = {
        item.text(0): (item.text(1), item.text(2))
        for item in map(table.topLevelItem, range(table.topLevelItemCount()))
    }
    rows = {row.number: row for row in hands.panel.model.rows}
    assert said["best cost"] == (rows[1].cost, rows[2].cost)
    assert said["epochs"] == ("60", "20")
    assert said["α"] == ("1.2", "0.3")
    assert len(said) == 5
    hands.rate(0.7)
    hands.train(1)
    assert table.topLevelItem(4).text(2) == "0.7", "what goes on is followed"
    QTest.keyClick(hands.panel.back, KEY.Key_Space)
    assert hands.table.isVisible() and hands.table.numbers == [2, 1]


def test_pinned_from_the_list_or_the_curve_it_is_the_same(hands: Hands) -> None:
    hands.two()
    hands.click(2)
    hands.push("pin")
    assert hands.curve.pin.isChecked()
    assert hands.panel.model.rows[0].pinned
    QTest.mouseClick(hands.curve.pin, LEFT)
    hands.seen()
    assert not hands.panel.model.rows[0].pinned
    assert not hands.panel.buttons["pin"].isChecked()


def test_the_selection_stays_when_another_run_begins(hands: Hands) -> None:
    hands.two()
    hands.click(1)
    hands.bridge.reset()
    hands.train(3)
    assert len(hands.names()) == 3
    assert hands.table.numbers == [1]


def test_the_menu_has_what_the_buttons_do(hands: Hands) -> None:
    hands.two()
    hands.click(1)
    hands.table.customContextMenuRequested.emit(hands.at(1))
    (menu,) = [menu for menu in hands.panel.findChildren(QMenu) if menu.isVisible()]
    words = {action.text(): action for action in menu.actions()}
    assert list(words) == [chip.text() for chip in hands.panel.buttons.values()]
    assert not words["Compare"].isEnabled()
    words["Pin"].trigger()
    menu.close()
    hands.seen()
    assert hands.panel.model.rows[1].pinned


def test_where_there_is_little_room_the_name_and_the_cost_stay(hands: Hands) -> None:
    hands.two()
    hidden = {}
    for width in (420, 260, 200):
        hands.table.setFixedWidth(width)
        QApplication.processEvents()
        hidden[width] = [
            column
            for column in (NAME, EPOCHS, COST, ACCURACY, PIN)
            if hands.table.isColumnHidden(column)
        ]
        assert hands.table.columnWidth(NAME) > 70
    assert hidden == {420: [], 260: [EPOCHS], 200: [EPOCHS, ACCURACY]}
    hands.table.setMinimumSize(QSize(0, 0))
    hands.table.setMaximumSize(QSize(16777215, 16777215))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_swatches_have_the_colours_of_the_curves(hands: Hands, theme: str) -> None:
    hands.two()
    hands.window.themes.choose(theme)
    hands.seen()
    picture = hands.table.viewport().grab().toImage()
    for number in (1, 2):
        row = hands.panel.model.place_of(number)
        rect = hands.table.visualRect(hands.panel.model.index(row, NAME))
        color = QColor(picture.pixel(rect.left() + 5 + 7, rect.center().y()))
        assert color == run_color(hands.window.themes.theme, number)
        assert hands.drawn(number) > 20
    hands.window.themes.choose("light")
