"""The heatmaps: colours of signs, names of cells, and selection from the strip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QScrollArea, QWidget

from netbuilder.document import templates
from netbuilder.document.model.network import DATA
from netbuilder.document.model.project import DataChoice
from netbuilder.errors import Message
from netbuilder.gui.panels.heatmaps import layer_strip
from netbuilder.gui.panels.heatmaps.labels import fitting
from netbuilder.gui.panels.heatmaps.panel import HeatmapsPanel
from netbuilder.gui.theme.colours import LIGHT
from netbuilder.gui.units import Unit
from netbuilder.lens.picture import Cell, Picture

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


def test_the_scale_beside_it_is_blue_above_and_orange_below(panel: HeatmapsPanel) -> None:
    picture, bar = panel.map.grab().toImage(), panel.map._bar_field
    middle = int(bar.center().x())
    above = picture.pixelColor(middle, int(bar.top()) + 3)
    below = picture.pixelColor(middle, int(bar.bottom()) - 3)
    assert above.blue() > above.red() + 80
    assert below.red() > below.blue() + 80


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
    look = panel.cursor_.look()
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
    look = at.cursor.look()
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


# --- layers of images ----------------------------------------------------------------------------

IMAGES = "reshape 1x8x8, conv 2 3x3 tanh, conv 3 2x2, batch norm, relu, flatten, 10 softmax"


def choose(qtbot: Any, panel: HeatmapsPanel, id: str, quantity: str) -> None:
    panel.store.select([id])
    if panel.quantities.choice != quantity:
        qtbot.mouseClick(panel.quantities.chips[quantity], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.stale)


@pytest.fixture
def images(stage: Any) -> HeatmapsPanel:
    """data → n1 reshape → n2 conv (6×6) → n3 conv (5×5) → n4 norm → n5 relu → n6 flatten → n7."""
    at = stage(templates.new_project(DataChoice(source="digits"), IMAGES))
    return at.panel(HeatmapsPanel, 420, 260)


def test_filters_are_small_images_and_hover_names_the_weight(
    qtbot: Any, images: HeatmapsPanel
) -> None:
    W1, W2 = np.zeros((2, 1, 3, 3)), np.zeros((3, 2, 2, 2))
    W1[1, 0, 2, 1], W2[2, 1, 0, 1] = 1.0, -0.5
    images.bridge.show_weights(n2_W=W1, n3_W=W2)
    choose(qtbot, images, "n2", "W")
    assert images.title.text() == "W[1] · Conv2D 1  (2, 1, 3, 3)"
    cell = Cell(1, 2 * 3 + 1)
    assert hover(qtbot, images, cell) == (
        "W[1][2, 1, 3, 2] = 1.00, filter 2, channel 1, pixel (3, 2)"
    )
    picture = images.map.grab().toImage()
    at = images.map.cell_rect(cell).center().toPoint()
    assert picture.pixelColor(at) == QColor(images.themes.theme.positive)
    choose(qtbot, images, "n3", "W")
    # A column for each of three filters, a row for each of two channels.
    first, right, below = (images.map.cell_rect(Cell(row, 0)) for row in (0, 1, 3))
    assert right.left() > first.left() and right.top() == first.top()
    assert below.top() > first.top() and below.left() == first.left()
    assert hover(qtbot, images, Cell(1 * 3 + 2, 1)) == (
        "W[2][3, 2, 1, 2] = −0.500, filter 3, channel 2, pixel (1, 2)"
    )


def test_very_many_filters_are_wrapped_not_a_strip(qtbot: Any, images: HeatmapsPanel) -> None:
    picture = Picture(
        np.random.RandomState(0).randn(3 * 128, 9),
        tile=(3, 3),
        tile_columns=128,
        row_title=Message("channel"),
        column_title=Message("filter"),
    )
    images.map.show_picture(picture)
    one = images.map.cell_rect(Cell(0, 0))
    assert one.height() >= 2.0
    for row in (0, 127, 128, 383):
        cell = Cell(row, 4)
        assert images.map.cell_at(images.map.cell_rect(cell).center()) == cell
    last = images.map.cell_rect(Cell(383, 8))
    assert last.bottom() - one.top() > 0.4 * images.map.height()


def test_activations_of_images_are_images_of_some_examples(
    qtbot: Any, images: HeatmapsPanel
) -> None:
    choose(qtbot, images, "n3", "A")
    look = images.cursor_.look()
    A = look.activations()["n3"]
    assert A.shape == (3, 5, 5, len(look.sample))
    assert images.title.text() == "A[2] · Conv2D 2  (3, 5, 5, 10)"
    # Row 2, the fourth of ten examples, in its pixel (2, 3).
    example = np.linspace(0, len(look.sample) - 1, 10).astype(int)[3]
    row, value = int(look.sample[example]) + 1, float(A[1, 1, 2, example])
    said = hover(qtbot, images, Cell(1 * 10 + 3, 1 * 5 + 2))
    assert said.startswith("A[2][2, 2, 3, 4] = ")
    shown = said.split(" = ")[1].split(",")[0].replace("−", "-")
    assert float(shown) == pytest.approx(value, rel=1e-2)
    name = look.dataset.info.class_names[look.dataset.train.Y[row - 1].argmax()]
    assert said.endswith(f"channel 2, pixel (2, 3) for training example {row:,}, class {name}")


def test_weights_behind_a_flatten_come_from_a_pixel_of_a_channel(
    qtbot: Any, images: HeatmapsPanel
) -> None:
    choose(qtbot, images, "n7", "W")
    said = hover(qtbot, images, Cell(4, 1 * 25 + 2 * 5 + 3))
    assert said.startswith("W[3][5, 39] = ")
    assert said.endswith("from pixel (3, 4) of channel 2 of Activation 1 to class 4")


def test_a_norm_shows_gamma_and_beta(qtbot: Any, images: HeatmapsPanel) -> None:
    images.bridge.show_weights(n4_gamma=[[1.5], [1.0], [0.5]], n4_beta=[[0.0], [-0.2], [0.0]])
    choose(qtbot, images, "n4", "W")
    assert images.title.text() == "γ[2] · BatchNorm 1  (3, 1)"
    assert hover(qtbot, images, Cell(0, 0)) == "γ[2][1] = 1.50, the scale of channel 1"
    assert hover(qtbot, images, Cell(1, -1)) == "β[2][2] = −0.200, the shift of channel 2"
    images.bridge.train(2)
    choose(qtbot, images, "n4", "dW")
    assert hover(qtbot, images, Cell(0, 0)).startswith("dγ[2][1] = ")


def test_a_layer_norm_of_images_has_a_gamma_for_each_pixel(qtbot: Any, stage: Any) -> None:
    layers = "reshape 1x8x8, conv 2 3x3, layer norm, flatten, 10 softmax"
    panel = stage(templates.new_project(DataChoice(source="digits"), layers)).panel(HeatmapsPanel)
    choose(qtbot, panel, "n3", "W")
    said = hover(qtbot, panel, Cell(36 + 6 + 2, 0))
    assert said == "γ[1][45] = 1.00, the scale of pixel (2, 3) of channel 2"


@pytest.mark.parametrize("quantity", ["W", "A", "dW"])
def test_every_layer_of_images_has_its_picture_or_says_why(
    qtbot: Any, images: HeatmapsPanel, quantity: str
) -> None:
    images.bridge.train(1)
    for node in images.cursor_.look().plan.nodes[:-1]:
        choose(qtbot, images, node.id, quantity)
        assert images.map.isVisible() == (quantity == "A" or bool(node.parameter_shapes))
        if images.map.isVisible():
            at = images.map.cell_rect(Cell(1, 0)).bottomRight() - QPointF(0.1, 0.1)
            qtbot.mouseMove(images.map, at.toPoint())
            assert images.read_out.isVisible() and " = " in images.read_out.text()
        else:
            assert "nothing in it is learned" in images.note.text()
    assert len(images.strip._thumbs) == (8 if quantity == "A" else 4)


@pytest.mark.parametrize("value", [-0.0042, 0.00056, -1.2e79, 123456.0, -0.5, float("nan")])
@pytest.mark.parametrize("room", [20.0, 40.0, 80.0])
def test_a_number_in_a_cell_never_touches_the_next(qapp: Any, value: float, room: float) -> None:
    metrics = QFontMetrics(qapp.font())
    text = fitting(value, metrics, room)
    assert metrics.horizontalAdvance(text) <= room
    assert text or room < 80.0


def test_how_alike_units_are_is_one_of_the_ways_to_see_a_layer(
    qtbot: Any, panel: HeatmapsPanel
) -> None:
    panel.displays.setFocus()
    qtbot.keyClicks(panel.displays, "alike")
    qtbot.waitUntil(lambda: not panel.stale)
    assert panel._view.shape == (4, 4)
    theme = panel.themes.theme
    assert corner_color(panel.map, panel, Cell(2, 2)) == QColor(theme.positive)
    assert "unit 1 and unit 2: " in hover(qtbot, panel, Cell(0, 1))


def test_a_chosen_unit_keeps_its_frame_when_the_rows_are_sorted(
    qtbot: Any, panel: HeatmapsPanel
) -> None:
    panel.cursor_.units.choose(Unit("n1", 3))
    panel.displays.setCurrentIndex(panel.displays.findData("sorted"))
    qtbot.waitUntil(lambda: not panel.stale)
    row = panel.map.row
    assert row is not None and panel._view.picture.row_names[row] == "4"
    assert hover(qtbot, panel, Cell(row, 0)).startswith("W[1][4, 1] = ")


def test_the_plane_is_shown_with_its_examples_in_their_colours(
    qtbot: Any, panel: HeatmapsPanel
) -> None:
    panel.displays.setCurrentIndex(panel.displays.findData("warp"))
    qtbot.waitUntil(lambda: not panel.stale)
    assert panel.plane.isVisible() and not panel.map.isVisible() and not panel.note.isVisible()
    picture = panel.plane.grab().toImage()
    theme = panel.themes.theme
    seen = {picture.pixel(int(x), int(y)) for x, y in panel.plane.places()}
    assert {QColor(theme.classes[code]).rgb() for code in (0, 1)} <= seen
    panel.displays.setCurrentIndex(0)
    qtbot.waitUntil(lambda: not panel.stale)
    assert panel.map.isVisible() and not panel.plane.isVisible()


def test_of_many_layers_only_the_thumbs_in_sight_are_made(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    image = layer_strip.matrix.image
    monkeypatch.setattr(
        layer_strip.matrix, "image", lambda *given: made.append(given) or image(*given)
    )
    strip, area = layer_strip.LayerStrip(LIGHT), QScrollArea()
    area.setWidget(strip)
    qtbot.addWidget(area)
    area.resize(400, 90)
    strip.show_thumbs(
        tuple(layer_strip.Thumb(f"n{k}", str(k), "", np.eye(4)) for k in range(200)), "n0"
    )
    strip.adjustSize()
    area.show()
    area.grab()
    assert 0 < len(made) <= 400 // layer_strip.PITCH + 2
    at = strip.thumb_rect(150)
    area.horizontalScrollBar().setValue(round(at.left()))
    picture = area.grab().toImage()
    inside = strip.mapTo(area, at.topLeft().toPoint()) + QPoint(3, 3)
    assert picture.pixelColor(inside).name() != picture.pixelColor(inside + QPoint(20, 0)).name()
