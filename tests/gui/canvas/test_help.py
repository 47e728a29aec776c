"""The help on a layer, from its card."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.engine.layer import LAYERS
from netbuilder.gui.canvas.help import LayerHelp, help_on


def test_two_clicks_on_its_icon_say_what_a_layer_does(hands, qtbot):
    card = hands.card("n1")
    at = card.pos() + card.geometry.icon.center()
    QTest.mouseDClick(hands.view.viewport(), Qt.MouseButton.LeftButton, pos=hands.point(at))
    (help_,) = hands.view.findChildren(LayerHelp)
    words = help_.words.text()
    assert "Dense" in words and card.node.layer.settings()[0].help in words
    assert hands.tip(at) == "Double-click for what this layer does"
    QTest.keyClick(help_, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not hands.view.findChildren(LayerHelp))


def test_every_kind_has_its_words(hands):
    for kind in LAYERS.values():
        words = help_on(kind(), hands.view.theme)
        assert kind.title in words and words.count("<p") >= 2
