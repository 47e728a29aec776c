"""What the canvas shows: live weights and neurons, problems with their remedies, themes."""

import random

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from netbuilder.document.model.network import COST, DATA, Edge, network_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.layer import LAYERS
from netbuilder.engine.layers import Add, Dense
from netbuilder.gui.canvas.geometry import tiles
from netbuilder.gui.canvas.neurons import Pattern
from netbuilder.gui.canvas.weights import _blocks
from netbuilder.gui.theme.colours import DARK, LIGHT
from netbuilder.lens.ranges import Range


def is_blue(color):
    return color.blue() > color.red() + 40


def is_orange(color):
    return color.red() > color.blue() + 40


def test_neurons_show_their_maps_before_any_training(hands):
    card = hands.card(DATA)
    places = [card.pos() + center for center in card.geometry.tiles.centers]
    left = hands.colors(places[0] - QPointF(12, 0), 2)
    right = hands.colors(places[0] + QPointF(12, 0), 2)
    # x1 grows to the right: orange where it is negative, blue where it is positive.
    assert all(map(is_orange, left)) and all(map(is_blue, right))
    top = hands.colors(places[1] - QPointF(0, 12), 2)
    assert all(map(is_blue, top))


def test_before_any_training_the_output_has_decided_nothing(hands):
    """Its p are within 0.5 ± 0.0001 of each other: no colour may tell them apart."""
    card, values = hands.card("n2"), hands.view.canvas.neurons["n2"].values
    assert np.abs(values - 0.5).max() < 0.01
    tile = card.pos() + card.geometry.tiles.centers[0]
    for x, y in ((-12, -12), (12, -12), (0, 0), (-12, 12), (12, 12)):
        for color in hands.colors(tile + QPointF(x, y), 1):
            assert not is_blue(color) and not is_orange(color)


def test_a_mean_near_zero_is_a_neutral_disc(open_canvas):
    network = network_of([Dense(3, "tanh"), Dense(3, "softmax")], "cross_entropy")
    hands = open_canvas(Project(network, data=DataChoice("iris")))
    item, card = hands.view.canvas.neurons["n1"], hands.card("n1")
    hands.view._sharpen.stop()  # on a busy machine it would bring the true means back
    hands.view._sharpen.stop()  # it would bring the real ones back
    item.render(np.array([0.001, -0.002, 0.9]), 1.0)
    neutral, also, blue = (card.pos() + center for center in card.geometry.tiles.centers)
    for color in (*hands.colors(neutral, 1), *hands.colors(also, 1)):
        assert not is_blue(color) and not is_orange(color)
    assert all(map(is_blue, hands.colors(blue, 1)))


def test_a_legend_says_what_the_colours_of_a_card_mean(hands):
    legend = hands.view.surface.legend
    assert legend.isVisible() and legend.shown == ("Dense 2", Range(0.0, 0.5, 1.0))
    hands.move(hands.ground("n1"))
    assert legend.shown == ("Dense 1", Range(-1.0, 0.0, 1.0))
    hands.move(hands.ground(COST))
    assert legend.shown == ("Dense 2", Range(0.0, 0.5, 1.0))
    hands.view.edits.set_setting("n1", "activation", "relu")
    hands.view.show_live()
    hands.move(hands.ground("n1"))
    assert legend.shown == ("Dense 1", Range(0.0, 0.0, 1.0))
    bar = hands.view.grab(legend.geometry()).toImage()
    assert is_blue(bar.pixelColor(bar.width() - 14, 22))
    assert not is_orange(bar.pixelColor(14, 22)) and not is_blue(bar.pixelColor(14, 22))


def test_every_weight_is_a_line_that_training_moves(hands, qtbot):
    edge = Edge(DATA, "n1")
    item = hands.view.canvas.weights[edge]
    assert hands.view.canvas.wires[edge].lines
    before = item.pixmap().toImage()
    with qtbot.waitSignal(hands.view.bridge.snapshot, check_params_cb=lambda s: s.step >= 200):
        hands.view.bridge.play()
    hands.view.bridge.pause()
    qtbot.waitUntil(lambda: hands.view.bridge.state == "paused")
    assert item.pixmap().toImage() != before
    seen = hands.colors(hands.port("n1", "in") - QPointF(20, 0), 40)
    assert any(map(is_blue, seen)) and any(map(is_orange, seen))


@pytest.mark.parametrize(
    ("weight", "colour"), [(2.0, "positive"), (-2.0, "negative"), (0.0, "strong_line")]
)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_a_line_is_blue_above_zero_orange_below_and_neutral_at_zero(hands, weight, colour, theme):
    hands.themes.choose(theme.name)
    item = hands.view.canvas.weights[Edge(DATA, "n1")]
    item.render(np.full((4, 2), weight), 1.0)
    image = item.pixmap().toImage()
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    # Where the line is strongest its edge is not blended with the ground.
    strongest = max((image.pixelColor(x, y) for x, y in places), key=lambda c: c.alpha())
    expected = theme.color(colour)
    for channel in ("red", "green", "blue"):
        shown, wanted = getattr(strongest, channel)(), getattr(expected, channel)()
        assert shown == pytest.approx(wanted, abs=6)


def test_the_cost_card_says_j(hands, qtbot):
    bridge = hands.view.bridge
    with qtbot.waitSignal(bridge.snapshot, check_params_cb=lambda s: s.step >= 1):
        bridge.step()
    shown = float(hands.view.canvas._cost_text.text())
    assert shown == pytest.approx(bridge.last.cost, abs=1e-4)


def test_wide_layers_get_a_heatmap_in_place_of_lines(open_canvas):
    network = network_of([Dense(32), Dense(33), Dense(1, "sigmoid")], "binary_cross_entropy")
    hands = open_canvas(Project(network, data=DataChoice(examples=40)))
    wires, weights = hands.view.canvas.wires, hands.view.canvas.weights
    assert wires[Edge(DATA, "n1")].lines
    assert wires[Edge("n1", "n2")].heat and not wires[Edge("n1", "n2")].lines
    assert not weights[Edge("n1", "n2")].pixmap().isNull()
    assert weights[Edge("n3", COST)].pixmap().isNull()


def test_the_strongest_weight_of_a_field_is_seen():
    W = np.zeros((100, 70))
    W[57, 31], W[3, 3] = -9.0, 4.0
    small = _blocks(W, 10)
    assert small.shape == (10, 10)
    assert small[5, 4] == -9.0 and small[0, 0] == 4.0


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 9, 32, 40, 41, 5000])
def test_tiles_have_room_and_all_units_are_counted(n):
    places = tiles(n)
    assert len(places.centers) + places.hidden == n
    assert places.rect.height() <= places.height
    assert places.rect.width() <= 120
    centers = [(c.x(), c.y()) for c in places.centers]
    assert len(set(centers)) == len(centers)
    for values in (None, np.linspace(-1, 1, n), np.zeros((n, 4, 4))):
        shape = () if values is None else values.shape
        pattern = Pattern(places, LIGHT, 1.0, shape)
        image = pattern.picture(pattern.entries(values, Range(-1.0, 0.0, 1.0)))
        assert image.width() >= places.rect.width() - 1


def test_zero_is_neutral_and_nan_harmless():
    places = tiles(3)
    values = np.array([0.0, np.nan, np.inf])
    pattern = Pattern(places, LIGHT, 2.0, values.shape)
    image = pattern.picture(pattern.entries(values, Range(-1.0, 0.0, 1.0)))
    middle = places.centers[0] - places.rect.topLeft()
    color = image.pixelColor(int(middle.x() * 2), int(middle.y() * 2))
    assert color == LIGHT.color("zero")


def test_wires_tell_the_shape(hands):
    wires = hands.view.canvas.wires
    assert wires[Edge(DATA, "n1")].label() == "(2, 400)"
    assert wires[Edge("n1", "n2")].label() == "(4, 400)"
    hands.view.edits.set_setting("n1", "units", 100_000)
    assert wires[Edge("n1", "n2")].label() == "(100,000, m)"


# --- problems ------------------------------------------------------------------------------------


def test_what_does_not_fit_is_marked_and_mended_with_one_click(hands):
    hands.view.edits.set_setting("n2", "units", 3)
    card = hands.card("n2")
    assert card.severity == "error"
    assert hands.view.bubble.isVisible()
    badge = hands.colors(card.pos() + card.geometry.badge.center(), 6)
    assert any(color == LIGHT.color("error") for color in badge)
    button = hands.view.bubble.findChild(QPushButton)
    assert "1 unit" in button.accessibleName()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert hands.network.node("n2").layer.units == 1
    assert hands.store.compiled.ok
    assert card.severity is None or card.severity == "hint"
    hands.store.undo()
    assert hands.card("n2").severity == "error"


def test_the_bubble_keeps_clear_of_its_card(hands):
    hands.view.edits.set_setting("n2", "units", 3)
    card = hands.view.viewportTransform().mapRect(hands.card("n2").scene_rect()).toRect()
    assert not hands.view.bubble.geometry().intersects(card)
    assert hands.view.viewport().rect().contains(hands.view.bubble.geometry())


def test_on_a_full_canvas_the_bubble_hides_no_name(open_canvas):
    network = network_of([Dense(4), Dense(3)], "binary_cross_entropy")
    for place in range(8):
        network, _ = network.add(Dense(4), (-360.0 + 240 * (place // 2), (-1) ** place * 400.0))
    hands = open_canvas(network, 900, 620)
    hands.view.camera.fit()
    bubble, seen = hands.view.bubble.geometry(), hands.view.viewportTransform()
    assert hands.view.bubble.isVisible()
    hidden = [
        card.node.name
        for card in hands.view.canvas.cards.values()
        if seen.mapRect(card.geometry.name.translated(card.pos())).toRect().intersects(bubble)
    ]
    assert hidden == []


def test_the_bubble_of_the_card_under_the_mouse_comes_first(hands):
    hands.drop("dense", QPointF(-300, 260))
    hands.view.edits.set_setting("n2", "units", 3)
    hands.view.selection.only()
    hands.move(hands.ground("n3"))
    assert any("Dense 3" in str(p.message) for p in hands.view.bubble.problems)
    hands.move(hands.ground("n2"))
    assert any("Dense 2" in str(p.message) for p in hands.view.bubble.problems)


def test_a_wire_that_does_not_fit_is_marked(open_canvas):
    network = network_of([Dense(4), Dense(3), Add(), Dense(1, "sigmoid")], "binary_cross_entropy")
    network = network.connect("n1", "n3")
    hands = open_canvas(network)
    assert hands.card("n3").severity == "error"
    network = network.set_layer("n2", Dense(4))
    hands.view.edits.edit_network(network, "mend")
    assert hands.card("n3").severity is None


def test_the_last_picture_stays_while_there_is_a_problem(hands):
    before = hands.view.canvas.neurons["n1"].values
    assert before is not None
    hands.view.edits.set_setting("n2", "units", 3)
    hands.picture()
    assert hands.view.canvas.neurons["n1"].values is before


# --- themes and the scene ------------------------------------------------------------------------


def test_both_themes_are_painted(hands):
    spot = QPointF(0, 200)
    assert LIGHT.color("window") in hands.colors(spot, 3)
    hands.themes.choose("dark")
    assert DARK.color("window") in hands.colors(spot, 3)
    assert DARK.color("card") in hands.colors(hands.ground("n1"), 1)


def test_only_what_changed_is_painted_anew(hands):
    hands.picture()
    cards = dict(hands.view.canvas.cards)
    hands.view.edits.set_setting("n1", "activation", "relu")
    assert hands.view.canvas.cards == cards
    assert hands.card("n1").content.control("activation").value == "relu"


def test_another_document_takes_the_place_of_this_one(hands):
    hands.view.selection.all()
    hands.view.camera.set_zoom(2.0)
    network = network_of([Dense(2), Dense(2), Dense(1)], "mse")
    hands.store.replace(Project(network, data=DataChoice("circles", examples=20)))
    assert set(hands.view.canvas.cards) == set(network.by_id)
    assert hands.view.camera.visible_rect().contains(hands.view.canvas.content_rect())


def random_edit(hands, dice):
    """One edit of any kind, sensible or not, through the canvas."""
    view, network = hands.view, hands.network
    id = dice.choice([node.id for node in network.nodes])
    kinds = [kind for kind, layer in LAYERS.items() if layer.in_palette]
    spot = QPointF(dice.randrange(-500, 500), dice.randrange(-220, 220))
    ports = [
        hands.port(node, port) for node, card in view.canvas.cards.items() for port in card.ports()
    ]
    match dice.randrange(13):
        case 0:
            hands.drop(dice.choice(kinds), spot)
        case 1:
            hands.drag(dice.choice(ports), dice.choice(ports))
        case 2:
            hands.drag(hands.ground(id), spot)
        case 3:
            view.selection.only({id})
            hands.key(Qt.Key.Key_Delete)
        case 4:
            hands.click(spot)
            hands.key(Qt.Key.Key_Delete)
        case 5:
            view.selection.only(dice.sample(sorted(network.by_id), 2))
            view.edits.duplicate()
        case 6:
            hands.store.undo()
        case 7:
            hands.store.redo()
        case 8:
            hands.click(hands.card(id).pos())
            hands.key(dice.choice([Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Tab]))
        case 9:
            hands.drag(spot, -spot)
        case 10:
            view.edits.arrange()
        case 11:
            problems = hands.store.compiled.problems
            if problems:
                hands.store.mend(dice.choice(problems))
        case 12:
            view.camera.set_zoom(dice.choice([0.2, 0.6, 1.0, 1.7]))


@pytest.mark.parametrize("seed", range(6))
def test_random_editing_never_fails_and_undo_brings_the_first_picture_back(hands, qtbot, seed):
    dice = random.Random(seed)

    def fresh_picture():
        hands.move(QPoint(2, 2))
        # Trained weights survive edits, so that only fresh ones can be compared.
        run = hands.view.bridge.last.run if hands.view.bridge.last else -1
        hands.view.bridge.reset()
        qtbot.waitUntil(lambda: hands.view.bridge.last and hands.view.bridge.last.run > run)
        return np.frombuffer(hands.picture(), np.uint8).astype(int)

    first = fresh_picture()
    for _ in range(45):
        random_edit(hands, dice)
        if hands.view.fields.menu is not None:
            hands.view.fields.menu.close()
        hands.view.fields.close_editor()
        canvas = hands.view.canvas
        assert set(canvas.cards) == set(hands.network.by_id)
        assert set(canvas.wires) == set(hands.network.edges)
    last, redone = hands.store.project, not hands.store.can_redo
    while hands.store.can_undo:
        hands.store.undo()
    hands.view.selection.only()
    hands.view.camera.fit()
    # Float32 and float64 weights may differ by a shade.
    assert np.abs(fresh_picture() - first).max() <= 3, _where(hands, fresh_picture() - first)
    while hands.store.can_redo:
        hands.store.redo()
    assert (hands.store.project is last) or not redone


def _where(hands, difference):
    """The places that differ, for the message of a failure."""
    size = hands.view.grab().toImage().size()
    at = np.argwhere(np.abs(difference.reshape(size.height(), size.width(), 4)).max(axis=2) > 3)
    return f"differs from {at.min(axis=0)} to {at.max(axis=0)}"


def test_redo_in_the_middle_of_a_rubber_band_brings_the_problem_back(hands):
    """The wire's problem is known before its card is: the bubble must not ask it for its first."""
    hands.store.edit(
        lambda project: project.with_network(project.network.disconnect([Edge("n1", "n2")])), "cut"
    )
    hands.store.undo()
    hands.view.selection.only({"n1"})
    corner = hands.card("n2").scene_rect().bottomRight() + QPointF(60, 60)
    hands.carry(corner, corner + QPointF(40, 30))
    hands.store.redo()
    hands.release(corner + QPointF(40, 30))
    assert hands.view.bubble.problems
