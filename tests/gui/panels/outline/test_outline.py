"""The outline: it follows the network and the selection, and builds by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from netbuilder.document.model.network import COST, DATA
from netbuilder.engine.layers import Dropout
from netbuilder.gui.panels.outline.model import ACTIVATION, NAME, SHAPE, UNITS
from netbuilder.gui.panels.outline.panel import Outline
from netbuilder.gui.window.main_window import MainWindow

Key = Qt.Key


class Hands:
    """What a user does with the panel."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.store = window, window.store
        window.workspaces.bring("outline")
        self.panel: Outline = window.workspaces.panels["outline"]
        self.tree, self.rows = self.panel.tree, self.panel.rows
        QApplication.processEvents()
        self.tree.setFocus()

    @property
    def network(self):
        return self.store.project.network

    def told(self, column: int) -> list[str]:
        return [self.rows.index(row, column).data() for row in range(self.rows.rowCount())]

    def key(self, *keys: Key) -> None:
        for key in keys:
            QTest.keyClick(QApplication.focusWidget(), key)

    def type(self, words: str) -> None:
        (field,) = (f for f in self.tree.findChildren(QLineEdit) if f.isVisible())
        field.selectAll()
        QTest.keyClicks(field, words)
        QTest.keyClick(field, Key.Key_Return)
        QApplication.processEvents()
        self.tree.setFocus()


@pytest.fixture
def hands(standing_window) -> Hands:
    return Hands(standing_window)


def test_it_lists_the_layers_in_order_with_what_they_say(hands):
    assert hands.told(NAME) == ["Data", "Dense 1", "Dense 2", "Cost"]
    assert hands.told(UNITS) == ["", "4", "1", ""]
    assert hands.told(ACTIVATION) == ["", "Tanh", "Sigmoid", "Binary cross-entropy"]
    assert hands.told(SHAPE) == ["(2, 400)", "(4, 400)", "(1, 400)", ""]


def test_the_selection_is_that_of_the_canvas_both_ways(hands):
    row = hands.tree.visualRect(hands.rows.index(1, NAME)).center()
    QTest.mouseClick(hands.tree.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert hands.store.selection == {"n1"}
    hands.key(Key.Key_Down)
    assert hands.store.selection == {"n2"}
    assert hands.window.canvas.selection.card.node.id == "n2"
    hands.window.canvas.selection.only({DATA})
    assert hands.tree.ids == [DATA]
    assert hands.tree.currentIndex().row() == 0
    hands.window.canvas.selection.all()
    assert set(hands.tree.ids) == set(hands.network.by_id)


def test_a_network_is_built_by_keyboard_alone(hands):
    hands.store.select({"n1"})
    hands.key(Key.Key_Insert)
    assert hands.panel.menu.isVisible()
    action = next(a for a in hands.panel.menu.actions() if a.text() == Dropout.title)
    while hands.panel.menu.activeAction() is not action:
        QTest.keyClick(hands.panel.menu, Key.Key_Down)
    QTest.keyClick(hands.panel.menu, Key.Key_Return)
    assert hands.network.inputs("n2") == ("n3",) and hands.network.inputs("n3") == ("n1",)
    assert hands.told(NAME) == ["Data", "Dense 1", "Dropout 1", "Dense 2", "Cost"]
    assert hands.store.selection == {"n3"} and hands.tree.ids == ["n3"]
    hands.tree.setFocus()
    hands.key(Key.Key_Delete)
    assert hands.network.inputs("n2") == ("n1",)
    hands.store.undo()
    assert "n3" in hands.network.by_id
    hands.store.undo()
    assert "n3" not in hands.network.by_id


def test_names_and_units_are_typed_and_stepped(hands):
    hands.store.select({"n1"})
    hands.key(Key.Key_F2)
    hands.type("Hidden")
    assert hands.network.node("n1").name == "Hidden"
    hands.key(Key.Key_Return)
    hands.type("6")
    assert hands.network.node("n1").layer.units == 6
    hands.key(Key.Key_Plus, Key.Key_Plus, Key.Key_Minus)
    assert hands.network.node("n1").layer.units == 7
    assert hands.told(UNITS)[1] == "7"
    assert hands.store.undo_label == "units of Hidden"
    hands.store.undo()
    hands.store.undo()
    hands.store.undo()
    assert hands.network.node("n1").name == "Dense 1"


def test_what_cannot_be_is_refused_and_said(hands):
    told = []
    hands.store.notified.connect(lambda kind, message: told.append(str(message)))
    before = hands.network
    hands.store.select({"n1"})
    hands.key(Key.Key_Return)
    hands.type("many")
    assert hands.network is before and "units" in told[-1]
    hands.store.select({COST})
    hands.key(Key.Key_F2, Key.Key_Return, Key.Key_Plus, Key.Key_Delete)
    assert hands.network is before and "stay" in told[-1]
    assert not hands.panel.delete.isEnabled()


def test_what_is_wrong_is_a_sign_and_words(hands):
    row = hands.rows.index(2, NAME)
    well = hands.rows.data(row, Qt.ItemDataRole.DecorationRole).pixmap(16).toImage()
    hands.window.canvas.edits.set_setting("n2", "units", 3)
    wrong = hands.rows.data(row, Qt.ItemDataRole.DecorationRole).pixmap(16).toImage()
    assert wrong != well
    message = str(hands.store.compiled.problems_of("n2")[0].message)
    assert hands.rows.data(row, Qt.ItemDataRole.ToolTipRole) == message
    assert message in hands.rows.data(row, Qt.ItemDataRole.AccessibleTextRole)
    hands.store.undo()


def test_tab_comes_to_a_layer(hands):
    hands.store.select([])
    hands.window.canvas.setFocus()
    hands.tree.setFocus(Qt.FocusReason.TabFocusReason)
    assert len(hands.tree.ids) == 1 and hands.store.selection == set(hands.tree.ids)
