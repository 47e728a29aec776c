"""Cards that lie on others: each is one opaque thing."""

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from netbuilder.document.model.network import Edge, network_of
from netbuilder.engine.layers import Dense

FAR = (0.0, 500.0)


@pytest.fixture
def hands(open_canvas):
    """A loose card far below a row of others."""
    network = network_of([Dense(4, "tanh"), Dense(1, "sigmoid")], "binary_cross_entropy")
    network, _ = network.add(Dense(3), FAR)
    hands = open_canvas(network, 1000, 900)
    hands.view.camera.set_zoom(1.0)
    hands.view.centerOn(0, 200)
    hands.view.camera.follows_fit = False
    return hands


def seen(hands, id) -> QImage:
    """What is seen within a card's frame."""
    hands.picture()
    rect = hands.view.mapFromScene(hands.card(id).scene_rect()).boundingRect()
    return hands.view.grab(rect.adjusted(12, 12, -12, -12)).toImage()


@pytest.mark.parametrize("place", [(-100.0, 40.0), (-40.0, 20.0), (0.0, 40.0), (20.0, 0.0)])
def test_nothing_shines_through_a_card_that_lies_on_others(hands, place):
    hands.view.bubble.setVisible(False)
    hands.view.hover.over(None)
    alone = seen(hands, "n3")
    hands.view.edits.edit_network(hands.network.move({"n3": place}), "move")
    hands.view.bubble.setVisible(False)
    assert seen(hands, "n3") == alone


def test_a_card_that_was_dragged_lies_on_top_and_is_what_a_click_meets(hands):
    start = hands.ground("n1")
    # The older card over the newer one.
    hands.drag(start, start + QPointF(FAR[0] + 120, FAR[1] + 20))
    place = hands.card("n1").pos() + QPointF(-20, -20)
    assert hands.view.canvas.card_at(place)[0] is hands.card("n1")
    assert hands.card("n3").scene_rect().contains(place)
    items = [i for i in hands.view.canvas.items(place) if i in hands.view.canvas.cards.values()]
    assert items[0] is hands.card("n1")


def test_lines_go_under_a_card_between_and_come_back_when_it_goes(hands):
    item = hands.view.canvas.weights[Edge("n1", "n2")]
    whole = item.pixmap().toImage()
    hands.view.edits.edit_network(hands.network.move({"n3": (0.0, 0.0)}), "move")
    hands.view.show_live()
    assert item.pixmap().toImage() != whole
    hands.store.undo()
    hands.view.show_live()
    assert item.pixmap().toImage() == whole
