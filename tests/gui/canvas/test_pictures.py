"""Pictures on the canvas: made anew only where they would look otherwise, and in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication

from netbuilder.document.model.network import DATA, Edge
from netbuilder.gui.canvas import scene as scene_module
from netbuilder.gui.theme.colours import DARK


def test_weights_that_differ_by_a_hair_need_no_new_picture(hands: Any) -> None:
    item = hands.view.canvas.weights[Edge(DATA, "n1")]
    W = np.linspace(-1.0, 1.0, 8).reshape(4, 2)
    item.render(W, 1.0)
    first = item.pixmap().cacheKey()
    item.render(W * (1 + 1e-6), 1.0)
    assert item.pixmap().cacheKey() == first
    item.render(-W, 1.0)
    assert item.pixmap().cacheKey() != first


def test_neurons_that_differ_by_a_hair_need_no_new_picture(hands: Any) -> None:
    item = hands.view.canvas.neurons["n1"]
    maps = np.random.RandomState(0).randn(4, 32, 32)
    item.render(maps, 1.0)
    first = item.pixmap().cacheKey()
    item.render(maps * (1 + 1e-7), 1.0)
    assert item.pixmap().cacheKey() == first
    item.render(-maps, 1.0)
    assert item.pixmap().cacheKey() != first


def test_the_same_numbers_are_drawn_anew_in_another_theme_and_size(hands: Any) -> None:
    for item, values in (
        (hands.view.canvas.neurons["n1"], np.ones((4, 32, 32))),
        (hands.view.canvas.weights[Edge(DATA, "n1")], np.ones((4, 2))),
    ):
        item.render(values, 1.0)
        before = item.pixmap().toImage()
        item.render(values, 2.0)
        assert item.pixmap().width() > before.width()
    hands.themes.choose(DARK.name)
    item.render(values, 1.0)
    assert item.pixmap().toImage() != before


def test_a_card_that_moves_takes_its_lines_along(hands: Any) -> None:
    item = hands.view.canvas.weights[Edge(DATA, "n1")]
    item.render(np.ones((4, 2)), 1.0)
    before = item.sceneBoundingRect()
    hands.drag(hands.ground("n1"), hands.ground("n1") + hands.card("n1").pos() * 0.2)
    assert item.sceneBoundingRect() != before


def test_a_frame_without_time_for_all_pictures_goes_on_in_the_next(
    hands: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = hands.view
    made: list[str] = []
    for id, item in view.canvas.neurons.items():
        monkeypatch.setattr(item, "render", lambda *_, id=id: made.append(id) or True)
    monkeypatch.setattr(scene_module, "_PICTURES", -1.0)  # none fits
    monkeypatch.setattr(type(view.canvas.cursor_), "running", property(lambda self: True))
    rect = view.camera.visible_rect()
    assert view.canvas.show_live(rect) is False and made == []
    ticks = iter(np.arange(0.0, 1000.0, 0.6))
    monkeypatch.setattr(scene_module, "perf_counter", lambda: next(ticks))
    monkeypatch.setattr(scene_module, "_PICTURES", 1.0)  # one and the next
    for _ in range(20):
        view.canvas.show_live(rect)
    assert set(made) == set(view.canvas.neurons)


def test_while_zooming_pictures_are_scaled_and_at_rest_they_are_sharp(
    hands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, card = hands.view, hands.card("n1")
    now, drawn = [1000.0], []
    monkeypatch.setattr(scene_module, "perf_counter", lambda: now[0])
    draw = type(card)._drawn
    monkeypatch.setattr(
        type(card), "_drawn", lambda self, ratio: drawn.append(ratio) or draw(self, ratio)
    )
    hands.picture()
    drawn.clear()
    cards = len(view.canvas.cards)
    for step in range(1, 8):
        now[0] += 0.02
        view.camera.set_zoom(1.0 + 0.01 * step)
        view.viewport().repaint()
    # The first step may be the only one; those after it are a movement.
    assert set(drawn) == {1.01} and len(drawn) == cards
    now[0] += 1.0
    hands.picture()
    assert drawn[cards:] == [1.07] * cards
    assert card._ratio == pytest.approx(view.camera.zoom)


def test_cards_lie_in_the_window_where_they_lie_in_the_canvas(window: Any, qtbot: Any) -> None:
    """A part of a window is painted with an offset that painters do not tell of."""
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    window.cursor_.rest_at(window.bridge.last)
    QApplication.processEvents()
    view = window.canvas
    place = QRect(view.mapTo(window, QPoint(0, 0)), view.size())
    assert place.topLeft() != QPoint(0, 0)
    there, here = window.grab().copy(place).toImage(), view.grab().toImage()
    assert there.convertToFormat(here.format()) == here
