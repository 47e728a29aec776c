"""Layers of images on the canvas: feature maps, filters, and building a network for the digits."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from netbuilder import numbers
from netbuilder.data.table import Table
from netbuilder.document.model.network import COST, DATA, Edge
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import new_project
from netbuilder.engine.layer import LAYERS
from netbuilder.engine.layers import Conv2D, Flatten, MaxPool2D, Reshape
from netbuilder.gui.canvas.geometry import MOST_IMAGES, image_tiles
from netbuilder.gui.canvas.neurons import Pattern
from netbuilder.gui.canvas.weights import _side_by_side
from netbuilder.gui.panels.layers.panel import LayerPalette
from netbuilder.gui.theme.colours import LIGHT
from netbuilder.lens.cases import Example
from netbuilder.lens.ranges import Range

CONVOLUTION = "reshape 1x8x8, conv 8 3x3 relu, max pool 2, flatten, 10 softmax"


def digits(layers: str = CONVOLUTION) -> Project:
    return new_project(DataChoice(source="digits"), layers)


@pytest.fixture
def hands(open_canvas):
    """data → n1 reshape → n2 conv → n3 pool → n4 flatten → n5 dense → cost, large enough to see."""
    hands = open_canvas(digits(), 1600, 600)
    assert not hands.view.canvas.blocks
    return hands


def kinds(network):
    return [network.node(id).layer.kind for id in network.order if id not in (DATA, COST)]


# --- what the cards say --------------------------------------------------------------------------


def test_a_card_of_images_has_a_tile_for_each_channel(hands):
    conv, pool, flatten = (hands.card(id).content for id in ("n2", "n3", "n4"))
    assert (conv.image, conv.tiles, conv.units) == ((8, 6, 6), 8, 288)
    assert len(hands.card("n2").geometry.tiles.centers) == 8
    assert [control.setting.name for control in conv.controls] == [
        "filters",
        "kernel",
        "activation",
    ]
    assert conv.footer == ("W1 (8, 1, 3, 3)", "80 parameters")
    assert (pool.image, pool.block) == ((8, 3, 3), "8×3×3")
    assert (flatten.image, flatten.units, flatten.block) == (None, 72, "72")
    assert hands.card(DATA).content.image == (1, 8, 8)


def test_norms_tell_their_parameters(open_canvas):
    hands = open_canvas(digits("reshape 1x8x8, conv 8 3x3, batch norm, relu, flatten, 10 softmax"))
    assert hands.card("n3").content.footer == ("γ1 (8, 1)  β1 (8, 1)", "16 parameters")
    assert hands.card("n3").content.controls == ()


def test_wires_tell_the_shape_of_images(hands):
    wires = hands.view.canvas.wires
    assert wires[Edge("n2", "n3")].shape_text == ("(8, 6, 6, 1,797)", "(8, 6, 6, m)")
    assert wires[Edge("n2", "n3")].label() == "(8, 6, 6, m)"
    assert wires[Edge("n4", "n5")].label() == "(72, m)"


def test_filters_are_changed_on_the_card(hands):
    hands.click(hands.part("n2", "filters+"))
    hands.click(hands.part("n2", "kernel-"))
    layer = hands.network.node("n2").layer
    assert (layer.filters, layer.kernel) == (9, 2)
    assert hands.card("n2").content.image == (9, 7, 7)
    assert len(hands.card("n2").geometry.tiles.centers) == 9


# --- what they show ------------------------------------------------------------------------------


def test_a_card_shows_the_feature_maps_of_one_example(hands):
    canvas = hands.view.canvas
    look = canvas.cursor_.look()
    x = look.dataset.train.X[look.sample[0]]
    np.testing.assert_allclose(canvas.neurons[DATA].values, x.reshape(1, 8, 8))
    np.testing.assert_allclose(canvas.neurons["n1"].values, x.reshape(1, 8, 8))
    W, maps = look.weights["n2.W"], canvas.neurons["n2"].values
    patch = x.reshape(8, 8)[2:5, 3:6]
    assert maps.shape == (8, 6, 6)
    assert maps[5, 2, 3] == pytest.approx(max(0, (W[5, 0] * patch).sum()), abs=1e-5)
    assert maps.min() >= 0
    np.testing.assert_allclose(canvas.neurons["n3"].values[5, 1, 1], maps[5, 2:4, 2:4].max())


def test_the_pixels_of_a_digit_are_painted_where_they_are(hands):
    hands.view.camera.set_zoom(1.0)
    hands.view.centerOn(hands.card(DATA))
    card, values = hands.card(DATA), hands.view.canvas.neurons[DATA].values[0]
    tiles = card.geometry.tiles
    row, column = np.unravel_index(values.argmax(), values.shape)
    corner = card.pos() + tiles.centers[0] - QPointF(tiles.size / 2, tiles.size / 2)
    pixel = tiles.size / 8
    at = corner + QPointF((column + 0.5) * pixel, (row + 0.5) * pixel)
    seen = hands.colors(at, 1)
    assert all(color.blue() > color.red() + 60 for color in seen)
    empty = np.argwhere(values == 0)[0]
    at = corner + QPointF((empty[1] + 0.5) * pixel, (empty[0] + 0.5) * pixel)
    assert all(color == LIGHT.color("zero") for color in hands.colors(at, 1))


def test_a_tile_names_its_channel_and_the_example(hands):
    look = hands.view.canvas.cursor_.look()
    number = f"{look.sample[0] + 1:,}"
    card = hands.card("n2")
    tip = hands.tip(card.pos() + card.geometry.tiles.centers[4])
    b = numbers.number(float(look.weights["n2.b"][4, 0]))
    words = f"Channel 5 of Conv2D 1: Training example {number}"
    assert tip == f"{words}\nb[1][5] = {b}, its bias"
    assert hands.tip(hands.card(DATA).pos()) == f"Training example {number}"


def test_the_chosen_example_takes_the_place_of_the_samples(hands):
    dataset, canvas = hands.store.dataset, hands.view.canvas
    canvas.cursor_.examples.hold(Example("train", 5), dataset)
    shown = canvas.neurons[DATA].values
    assert shown.shape == (1, 8, 8)
    np.testing.assert_allclose(shown.ravel(), dataset.train.X[5])
    assert canvas.neurons["n2"].values.shape == (8, 6, 6)
    assert hands.tip(hands.card(DATA).pos()) == "Training example 6"
    canvas.cursor_.examples.let_go()
    np.testing.assert_allclose(
        canvas.neurons[DATA].values.ravel(), dataset.train.X[canvas.cursor_.look().sample[0]]
    )


def test_the_filters_are_seen_on_their_wire(hands):
    item = hands.view.canvas.weights[Edge("n1", "n2")]
    assert hands.view.canvas.wires[Edge("n1", "n2")].heat
    assert not item.pixmap().isNull()
    before = item.pixmap().toImage()
    W = np.zeros((8, 1, 3, 3))
    W[3, 0, 1, 1] = 2.0
    item.render(W, 1.0)
    assert item.pixmap().toImage() != before


def test_filters_side_by_side():
    W = np.arange(2 * 3 * 4).reshape(2, 3, 2, 2).astype(float)
    picture = _side_by_side(W)
    assert picture.shape == (8, 5), "three channels below each other, two filters"
    np.testing.assert_array_equal(picture[3:5, 3:5], W[1, 1])
    assert np.isnan(picture[2]).all() and np.isnan(picture[:, 2]).all()
    single = _side_by_side(W.reshape(6, 1, 2, 2))
    assert single.shape == (5, 8)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 16, 36, 37, 10_000])
def test_tiles_of_images_have_room_and_all_channels_are_counted(n):
    tiles = image_tiles(n)
    assert len(tiles.centers) + tiles.hidden == n and len(tiles.centers) <= MOST_IMAGES
    assert (tiles.more is None) == (tiles.hidden == 0)
    assert tiles.rect.height() <= tiles.height and tiles.rect.width() <= 120
    places = {(center.x(), center.y()) for center in tiles.centers}
    assert len(places) == len(tiles.centers)
    values = np.ones((n, 3, 5))
    pattern = Pattern(tiles, LIGHT, 1.0, values.shape)
    image = pattern.picture(pattern.entries(values, Range(-1.0, 0.0, 1.0)))
    assert image.width() >= tiles.rect.width() - 1


def test_a_wide_image_keeps_its_form():
    tiles = image_tiles(1)
    values = np.ones((1, 2, 8))
    pattern = Pattern(tiles, LIGHT, 1.0, values.shape)
    image = pattern.picture(pattern.entries(values, Range(-1.0, 0.0, 1.0)))
    middle, top = image.height() // 2, image.height() // 8
    assert image.pixelColor(middle, middle).blue() > image.pixelColor(middle, middle).red() + 60
    assert image.pixelColor(middle, top) == LIGHT.color("zero")


def tiny(layers):
    """40 images of 5×5, in two classes."""
    values = np.column_stack([np.random.RandomState(0).rand(40, 25), np.arange(40) % 2])
    names = (*(f"p{k}" for k in range(25)), "y")
    table = Table(values, names, {"y": ("a", "b")}, ("y",), name="tiny", image_shape=(5, 5))
    return new_project(DataChoice(source=FILE, path="tiny.npz", table=table), layers)


def test_small_images_keep_a_disc_and_a_line_for_every_pixel(open_canvas):
    hands = open_canvas(tiny("4 tanh, 1 sigmoid"))
    assert hands.card(DATA).content.image is None
    assert hands.view.canvas.wires[Edge(DATA, "n1")].lines


def test_two_features_may_be_an_image_too(open_canvas):
    project = new_project(DataChoice(examples=40), "reshape 1x1x2, conv 3 1, flatten, 1 sigmoid")
    hands = open_canvas(project)
    assert hands.store.compiled.ok
    assert hands.view.canvas.neurons["n2"].values.shape == (3, 1, 2)
    assert hands.view.canvas.neurons["n3"].values.shape == (6, 32, 32)


def test_while_there_is_a_problem_the_last_images_stay(hands):
    before = hands.view.canvas.neurons["n2"].values
    hands.view.edits.set_setting("n5", "units", 3)
    hands.picture()
    assert hands.view.canvas.neurons["n2"].values is before


# --- building ------------------------------------------------------------------------------------


@pytest.fixture
def palette(hands, qtbot):
    palette = LayerPalette(hands.centre)
    qtbot.addWidget(palette)
    with qtbot.waitExposed(palette):
        palette.show()
    return palette


def double_click(palette, kind):
    (item,) = palette.findItems(LAYERS[kind].title, Qt.MatchFlag.MatchExactly)
    palette.scrollToItem(item)
    at = palette.visualItemRect(item).center()
    QTest.mouseClick(palette.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(palette.viewport(), Qt.MouseButton.LeftButton, pos=at)


def press_remedy(hands, words):
    (button,) = hands.view.bubble.findChildren(QPushButton)
    assert words in button.accessibleName()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_by_double_clicks_and_one_remedy(open_canvas, qtbot):
    hands = open_canvas(digits("16 tanh, 10 softmax"), 1600, 600)
    palette = LayerPalette(hands.centre)
    qtbot.addWidget(palette)
    with qtbot.waitExposed(palette):
        palette.show()
    for kind in ("reshape", "conv2d", "max_pool2d"):
        double_click(palette, kind)
    assert not hands.store.compiled.ok
    press_remedy(hands, "Put a Flatten before Dense 1")
    assert kinds(hands.network) == ["reshape", "conv2d", "max_pool2d", "flatten", "dense", "dense"]
    assert hands.store.compiled.problems == ()
    with qtbot.waitSignal(hands.view.bridge.snapshot, check_params_cb=lambda s: s.step >= 3):
        hands.view.bridge.play()
    hands.view.bridge.pause()
    qtbot.waitUntil(lambda: hands.view.bridge.state == "paused")


def test_by_drag_with_a_remedy_where_something_is_missing(open_canvas):
    hands = open_canvas(digits("10 softmax"), 1600, 600)
    wires = hands.view.canvas.wires
    hands.drop("conv2d", wires[Edge(DATA, "n1")].middle)
    assert hands.card("n2").severity == "error"
    assert wires[Edge(DATA, "n2")].problems
    press_remedy(hands, "Put a Reshape to 1×8×8 before Conv2D 1, and a Flatten before Dense 1")
    assert kinds(hands.network) == ["reshape", "conv2d", "flatten", "dense"]
    assert hands.store.compiled.problems == ()
    hands.drop("max_pool2d", wires[Edge("n2", "n4")].middle)
    assert kinds(hands.network) == ["reshape", "conv2d", "max_pool2d", "flatten", "dense"]
    assert hands.store.compiled.problems == ()
    hands.store.undo()
    hands.store.undo()
    assert kinds(hands.network) == ["conv2d", "dense"]


def test_a_dropped_reshape_is_as_the_data_has_it(open_canvas):
    hands = open_canvas(tiny("1 sigmoid"))
    hands.drop("reshape", hands.view.canvas.wires[Edge(DATA, "n1")].middle)
    assert hands.network.node("n2").layer == Reshape(1, 5, 5)


def test_captions_of_the_palette_are_no_layers(palette, hands):
    before = hands.store.project
    (caption,) = palette.findItems("Images", Qt.MatchFlag.MatchExactly)
    rect: QRect = palette.visualItemRect(caption)
    QTest.mouseClick(palette.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    QTest.mouseDClick(palette.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert palette.currentItem().text() == "Dense"
    # The keyboard goes over them, from the last kind above to the first below.
    for _ in range(5):
        QTest.keyClick(palette, Qt.Key.Key_Down)
    assert palette.currentItem().text() == "Reshape"
    assert hands.store.project is before


def test_another_set_of_data_takes_the_layers_of_images_away_in_one_click(hands):
    project = hands.store.project
    hands.store.commit(dataclasses.replace(project, data=DataChoice(source="iris")), "iris")
    problem = next(p for p in hands.store.compiled.problems if p.node == "n1")
    assert str(problem.fix.label) == "Remove Reshape 1, Conv2D 1, MaxPool2D 1, Flatten 1"
    hands.store.mend(problem)
    assert kinds(hands.network) == ["dense"]
    assert all(
        not isinstance(node.layer, (Conv2D, MaxPool2D, Flatten)) for node in hands.network.nodes
    )
