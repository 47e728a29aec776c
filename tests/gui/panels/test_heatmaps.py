"""The heatmaps: colours of signs, names of cells, and selection from the strip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from netbuilder.document import templates
from netbuilder.document.network import DATA
from netbuilder.document.project import DataChoice
from netbuilder.gui.heatmap import Cell
from netbuilder.gui.panels.heatmaps import HeatmapsPanel

W1 = np.array([[0.0, 0.9], [-0.9, 0.3], [0.45, -0.25], [0.1, 0.0]])
W2 = np.array([[0.6, -0.412, 0.0, 0.2]])


@pytest.fixture
def panel(stage: Any) -> HeatmapsPanel:
    at = stage()
    at.bridge.show_weights(n1_W=W1, n2_W=W2)
    return at.panel(HeatmapsPanel)


def corner_color(widget: QWidget, panel: HeatmapsPanel, cell: Cell) -> QColor:
    """The colour that is painted in a cell, near its corner, where no number is written."""
    at = panel.map.cell_rect(cell).topLeft().toPoint() + QPoint(3, 3)
    return widget.grab().toImage().pixelColor(at)


def test_zero_is_neutral_positive_is_blue_and_negative_orange(panel: HeatmapsPanel) -> None:
    theme = panel.themes.theme
    assert corner_color(panel.map, panel, Cell(0, 0)) == QColor(theme.zero)
    assert corner_color(panel.map, panel, Cell(3, 1)) == QColor(theme.zero)
    assert panel.map.scale == 1.0
    blue = corner_color(panel.map, panel, Cell(0, 1))
    orange = corner_color(panel.map, panel, Cell(1, 0))
    assert blue.blue() > blue.red() + 80
    assert orange.red() > orange.blue() + 80


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_theme_colours_the_ends_and_the_middle(panel: HeatmapsPanel, name: str) -> None:
    panel.themes.choose(name)
    theme = panel.themes.theme
    assert theme.name == name
    assert corner_color(panel.map, panel, Cell(0, 0)) == QColor(theme.zero)


def hover(qtbot: Any, panel: HeatmapsPanel, cell: Cell) -> str:
    qtbot.mouseMove(panel.map, panel.map.cell_rect(cell).center().toPoint())
    return panel.read_out.text() if panel.read_out.isVisible() else ""


def test_hover_names_the_weight_the_unit_and_the_feature(qtbot: Any, panel: HeatmapsPanel) -> None:
    assert hover(qtbot, panel, Cell(2, 1)) == "W[1][3, 2] = −0.250, from feature x2 to unit 3"
    assert hover(qtbot, panel, Cell(1, -1)) == "b[1][2] = 0, the bias of unit 2"


def test_hover_names_the_layer_before(qtbot: Any, panel: HeatmapsPanel) -> None:
    panel.store.select(["n2"])
    qtbot.waitUntil(lambda: not panel.stale)
    assert (
        hover(qtbot, panel, Cell(0, 1)) == "W[2][1, 2] = −0.412, from unit 2 of layer 1 to unit 1"
    )


def test_the_read_out_follows_the_numbers_below_a_resting_mouse(
    qtbot: Any, panel: HeatmapsPanel
) -> None:
    hover(qtbot, panel, Cell(0, 0))
    panel.bridge.show_weights(n1_W=W1 + 0.5, n2_W=W2)
    assert panel.read_out.text() == "W[1][1, 1] = 0.500, from feature x1 to unit 1"


def test_the_read_out_stays_inside_the_panel(qtbot: Any, panel: HeatmapsPanel) -> None:
    for cell in (Cell(0, 0), Cell(0, 1), Cell(3, 0), Cell(3, 1)):
        hover(qtbot, panel, cell)
        assert panel.rect().contains(panel.read_out.geometry())


def test_activations_show_a_sample_in_the_order_of_classes(
    qtbot: Any, panel: HeatmapsPanel
) -> None:
    qtbot.mouseClick(panel.quantities.chips["A"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.stale)
    look = panel.bridge.probe.look(panel.bridge.last)
    row = int(look.sample[0])
    x = look.dataset.train.X[row]
    a = np.tanh(W1[1] @ x)
    said = hover(qtbot, panel, Cell(1, 0))
    assert said.startswith("A[1][2, 1] = " + f"{a:.3f}".replace("-", "−"))
    name = look.dataset.info.class_names[0]
    assert said.endswith(f"unit 2 for training example {row + 1}, class {name}")


def test_gradients_come_with_the_first_update(qtbot: Any, stage: Any) -> None:
    at = stage()
    panel = at.panel(HeatmapsPanel)
    qtbot.mouseClick(panel.quantities.chips["dW"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.note.isVisible())
    assert "first update" in panel.note.text()
    snapshot = at.bridge.train(3)
    assert panel.map.isVisible() and not panel.note.isVisible()
    value = snapshot.gradients["n1.W"][0, 1]
    said = hover(qtbot, panel, Cell(0, 1))
    assert said.startswith("dW[1][1, 2] = ")
    assert ("−" in said.split(",")[1]) == (value < 0)


def test_a_click_in_the_strip_selects_the_layer(qtbot: Any, panel: HeatmapsPanel) -> None:
    at = panel.strip.thumb_rect(1).center().toPoint()
    qtbot.mouseClick(panel.strip, Qt.MouseButton.LeftButton, pos=at)
    assert panel.store.selection == {"n2"}
    qtbot.waitUntil(lambda: panel.title.text().startswith("W[2]"))


def test_the_strip_shows_every_layer_in_its_colours(panel: HeatmapsPanel) -> None:
    picture = panel.strip.grab().toImage()
    theme = panel.themes.theme
    place = panel.strip.thumb_rect(1)
    cell = place.width() / 4
    colors = [
        picture.pixelColor(int(place.left() + (column + 0.5) * cell), int(place.center().y()))
        for column in range(4)
    ]
    assert colors[0] == QColor(theme.positive)
    assert colors[1].red() > colors[1].blue()
    assert colors[2] == QColor(theme.zero)


def test_the_data_has_no_weights_and_says_so(qtbot: Any, panel: HeatmapsPanel) -> None:
    panel.store.select([DATA])
    qtbot.waitUntil(lambda: panel.note.isVisible())
    assert "no weights" in panel.note.text()


def test_first_layer_weights_are_images_where_the_input_is_one(qtbot: Any, stage: Any) -> None:
    at = stage(templates.new_project(DataChoice(source="digits"), "6 tanh, 10 softmax"))
    W = np.zeros((6, 64))
    W[4, 2 * 8 + 5] = 1.0
    at.bridge.show_weights(n1_W=W)
    panel = at.panel(HeatmapsPanel)
    cell = Cell(4, 2 * 8 + 5)
    assert hover(qtbot, panel, cell) == "W[1][5, 22] = 1.00, from pixel (3, 6) to unit 5"
    picture = panel.map.grab().toImage()
    at_pixel = panel.map.cell_rect(cell).center()
    blue = picture.pixelColor(at_pixel.toPoint())
    assert blue == QColor(panel.themes.theme.positive)
    beside = panel.map.cell_rect(Cell(4, 2 * 8 + 4)).center().toPoint()
    assert picture.pixelColor(beside) == QColor(panel.themes.theme.zero)


def test_a_large_matrix_is_shown_by_block_means_and_names_single_cells(
    qtbot: Any, stage: Any
) -> None:
    at = stage(templates.new_project(DataChoice(source="flower"), "900 tanh, 700 tanh, 1 sigmoid"))
    panel = at.panel(HeatmapsPanel)
    at.store.select(["n2"])
    qtbot.waitUntil(lambda: panel.title.text().startswith("W[2]"))
    assert panel.map.blocks[0] > 1 and panel.map.blocks[1] > 1
    look = at.bridge.probe.look(None)
    said = hover(qtbot, panel, Cell(300, 450))
    name, value = said.split(" = ")
    row, column = (int(part) - 1 for part in name.split("[2][")[1].strip("]").split(","))
    shown = float(value.split(",")[0].replace("−", "-"))
    assert shown == pytest.approx(look.weights["n2.W"][row, column], rel=1e-2)


def test_hidden_it_does_not_look_and_shown_it_does(qtbot: Any, panel: HeatmapsPanel) -> None:
    panel.hide()
    panel.bridge.show_weights(n1_W=-W1, n2_W=W2)
    assert panel.stale
    panel.show()
    assert not panel.stale
    orange = corner_color(panel.map, panel, Cell(0, 1))
    assert orange.red() > orange.blue() + 80


def test_a_problem_is_told_in_place_of_the_view(qtbot: Any, panel: HeatmapsPanel) -> None:
    store = panel.store
    network = store.project.network
    cut = network.disconnect([network.edges[0]])
    store.commit(store.project.with_network(cut), "disconnect")
    qtbot.waitUntil(lambda: panel.sentence != "")
    assert "cannot run yet" in panel.sentence
    store.undo()
    qtbot.waitUntil(lambda: panel.sentence == "")
