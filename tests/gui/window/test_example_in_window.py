"""One example in the whole window: chosen in one panel, it is followed by all others."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.gui.window.main_window import MainWindow
from netbuilder.lens.mistakes import Sight, rows_of

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(standing_window: MainWindow) -> MainWindow:
    return standing_window


def test_a_click_on_a_confusion_cell_shows_its_examples_everywhere(window, qtbot):
    panels, cursor = window.workspaces.panels, window.cursor_
    window.workspaces.bring("predict")
    window.workspaces.bring("confusion")
    table = panels["confusion"].table
    qtbot.waitUntil(lambda: table._counts.size == 4)
    counts = table._counts
    cell = (0, 1) if counts[0, 1] else (1, 0)
    QTest.mouseClick(table, LEFT, pos=table.cell_rect(*cell).center().toPoint())
    rows = rows_of(cursor.look(), Sight(cell=cell))
    assert len(rows) == counts[cell]
    assert cursor.examples.chosen == ("train", int(rows[0]))
    gallery = panels["examples"].gallery
    qtbot.waitUntil(lambda: gallery.items is not None and gallery.chosen == rows[0])
    assert panels["examples"].seen, "the panel came to the front"
    assert gallery.items.rows.tolist() == rows.tolist()
    qtbot.waitUntil(lambda: not panels["predict"].stale)
    predict, names = panels["predict"], window.store.dataset.info.class_names
    assert predict.truth.text() == f"in truth {names[cell[0]]}"
    assert predict.verdict.text() == names[cell[1]]
    assert predict.form.values == pytest.approx(window.store.dataset.train.X[rows[0]], abs=1e-6)
    qtbot.waitUntil(lambda: not panels["confusion"].stale)
    assert table.marked == cell
    bar = window.canvas.surface.example
    assert f"example {rows[0] + 1:,}" in bar.words.text() and bar.isVisible()
    # The panel that was clicked has the keys: on through the cell's examples, and away.
    QTest.keyClick(panels["confusion"], Qt.Key.Key_Right)
    assert cursor.examples.chosen == ("train", int(rows[1]))
    QTest.keyClick(panels["confusion"], Qt.Key.Key_Escape)
    assert cursor.examples.chosen is None and not bar.isVisible()


def test_the_chip_of_predicting_chooses_an_example_for_all(window, qtbot):
    window.workspaces.bring("predict")
    predict = window.workspaces.panels["predict"]
    qtbot.waitUntil(lambda: not predict.stale)
    QTest.mouseClick(predict.example, LEFT)
    chosen = window.cursor_.examples.chosen
    assert chosen is not None and chosen.part == "train"
    qtbot.waitUntil(lambda: not predict.stale)
    assert predict.truth.text()
    expected = window.store.dataset.train.X[chosen.row]
    assert predict.form.values == pytest.approx(expected, abs=1e-6)
    assert window.canvas.surface.example.isVisible()
