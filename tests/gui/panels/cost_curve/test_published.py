"""Published figures on the cost curve: rings that fill, words that count, and what ends them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from netbuilder.gui.panels.cost_curve.panel import CostCurvePanel
from netbuilder.lab.entries import LAB


def words(panel: CostCurvePanel) -> str:
    return re.sub("<[^>]*>", "", panel.published.words.text())


def color_at(panel: CostCurvePanel, epoch: float, value: float) -> QColor:
    at = panel.plot.mapFromScene(panel.plot.box.mapViewToScene(QPointF(epoch, value)))
    return panel.plot.viewport().grab().toImage().pixelColor(at)


@pytest.fixture
def panel(stage: Any, qtbot: Any) -> CostCurvePanel:
    return stage(LAB["initialisation-zeros"].opened()).panel(CostCurvePanel, 500, 300)


def trained(panel: CostCurvePanel, qtbot: Any, epochs: int, **settings: Any) -> None:
    panel.bridge.train(epochs, **settings)
    qtbot.waitUntil(lambda: not panel.stale)


def test_rings_are_there_before_the_run_and_filled_when_it_meets_them(
    panel: CostCurvePanel, qtbot: Any
) -> None:
    trained(panel, qtbot, 1)
    assert words(panel) == "1 of 1 published figures agree, 16 to come"
    assert panel.plot.box.viewRange()[0][1] > 1000, "the next ring is not seen"
    theme, cost = panel.themes.theme, float(np.log(2))
    assert color_at(panel, 1000, cost) == theme.color("panel"), "the ring is hollow"
    trained(panel, qtbot, 1_500)
    assert words(panel) == "2 of 2 published figures agree, 15 to come"
    assert color_at(panel, 1000, cost) == theme.color("accent")
    assert color_at(panel, 2000, cost) == theme.color("panel")


def test_a_figure_that_is_missed_is_red_and_named(panel: CostCurvePanel, qtbot: Any) -> None:
    entry = LAB["initialisation-he"]
    panel.store.replace(entry.opened())
    panel.bridge.train(1_100, learning_rate=0.02)
    qtbot.waitUntil(lambda: not panel.stale)
    assert "1 of 2 published figures agree" in words(panel)
    assert "cost at 1,000 is" in words(panel) and "published 0.6879825919728063" in words(panel)
    assert panel.themes.theme.error in panel.published.words.text()


def test_accuracies_are_rings_of_the_other_measure(panel: CostCurvePanel, qtbot: Any) -> None:
    panel.measure.choose("accuracy")
    trained(panel, qtbot, 200)
    matching = panel.published.matching
    assert matching is not None and len(panel.published.rings.points()) == 2
    assert {(spot.pos().x(), spot.pos().y()) for spot in panel.published.rings.points()} == {
        (15_000, 0.5)
    }


def test_another_setting_ends_the_comparison_and_says_so(panel: CostCurvePanel, qtbot: Any) -> None:
    trained(panel, qtbot, 100)
    store = panel.store
    training = replace(store.project.training, learning_rate=0.5)
    store.edit(lambda project: replace(project, training=training), "learning rate")
    trained(panel, qtbot, 100)
    said = "No longer “Initialisation with zeros”: learning rate is 0.5, there 0.01. Forget it"
    assert words(panel) == said and not panel.published.rings.isVisible()
    store.undo()
    trained(panel, qtbot, 100)
    assert "agree" in words(panel) and panel.published.rings.isVisible()
    store.redo()
    trained(panel, qtbot, 100)
    panel.published.words.linkActivated.emit("forget")
    trained(panel, qtbot, 100)
    assert store.project.experiment == "" and not panel.published.words.isVisible()
    assert store.undo_label == "experiment of the network"


def test_a_document_of_ones_own_has_none_of_it(stage: Any, qtbot: Any) -> None:
    panel = stage().panel(CostCurvePanel)
    trained(panel, qtbot, 100)
    assert not panel.published.words.isVisible() and not panel.published.rings.isVisible()


def test_rounding_is_told_where_it_begins(stage: Any, qtbot: Any) -> None:
    panel = stage(LAB["flower"].opened()).panel(CostCurvePanel)
    trained(panel, qtbot, 10)
    assert "rounding" not in words(panel)
    panel.bridge.publish(replace(panel.bridge.last, epoch=7_900, step=7_900))
    qtbot.waitUntil(lambda: not panel.stale)
    assert "from update 7,827 on rounding decides" in words(panel)
