"""The confusion matrix: counts, shares, the choice of the part, and points for regression."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel

from netbuilder.document import templates
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine import metrics
from netbuilder.gui.panels.confusion.panel import ConfusionPanel


def plain(html: str) -> str:
    return re.sub("<[^>]*>", "", html)


@pytest.fixture
def panel(stage: Any, iris: Project) -> ConfusionPanel:
    at = stage(iris)
    at.bridge.train(40, learning_rate=0.5)
    return at.panel(ConfusionPanel)


def hover(qtbot: Any, panel: ConfusionPanel, row: int, column: int) -> str:
    qtbot.mouseMove(panel.table, panel.table.cell_rect(row, column).center().toPoint())
    return plain(panel.read_out.text()) if panel.read_out.isVisible() else ""


def test_hover_tells_every_cell_in_words(qtbot: Any, panel: ConfusionPanel) -> None:
    look = panel.cursor_.look()
    part = look.dataset.train
    Y_hat = look._program().predict(part.X)
    counts = metrics.confusion_matrix(Y_hat, part.Y, "classes")
    names = look.dataset.info.class_names
    for row in range(3):
        for column in range(3):
            said = hover(qtbot, panel, row, column)
            assert said.startswith(f"{counts[row, column]} of {counts[row].sum()} examples")
            assert names[row] in said
            assert (names[column] in said) and (("taken for" in said) == (row != column))
    assert panel.count.text() == f"m = {part.m}"


def test_the_metrics_stand_above_in_full(panel: ConfusionPanel) -> None:
    values = panel.cursor_.look().metrics("train")
    shares = {name: f"{100 * values[name]:.1f} %" for name in ("accuracy", "precision", "recall")}
    areas = {"F1": f"{values['f1']:.3f}", "AUC": f"{values['roc_auc']:.3f}"}
    assert panel.figures.texts == shares | areas
    tips = [label.toolTip() for pair in panel.figures._pairs for label in pair]
    assert all(tip.endswith(".") for tip in tips)
    assert "The mean over all classes." in tips[-1]


def test_of_two_classes_the_metrics_are_those_of_the_second(stage: Any) -> None:
    at = stage(templates.new_project(DataChoice(source="gaussians"), "1 sigmoid"))
    at.bridge.show_weights(n1_W=[[0.0, 0.0]], n1_b=[[-9.0]])
    panel = at.panel(ConfusionPanel)
    # Nothing is taken for class 1, and all outputs are alike.
    shown = panel.figures.texts
    assert (shown["precision"], shown["recall"], shown["F1"]) == ("0.0 %", "0.0 %", "0.000")
    assert shown["AUC"] == "0.500"
    assert "Of class 1." in panel.figures._pairs[1][0].toolTip()


def test_right_is_blue_and_wrong_is_orange(stage: Any) -> None:
    at = stage(templates.new_project(DataChoice(source="gaussians"), "1 sigmoid"))
    at.bridge.show_weights(n1_W=[[0.0, 0.0]], n1_b=[[-9.0]])
    panel = at.panel(ConfusionPanel)
    picture = panel.table.grab().toImage()

    def color(row: int, column: int) -> Any:
        return picture.pixelColor((panel.table.cell_rect(row, column).topLeft()).toPoint() + corner)

    corner = QPoint(4, 4)
    # Everything is taken for class 0.
    assert color(0, 0).blue() > color(0, 0).red() + 60
    assert color(1, 0).red() > color(1, 0).blue() + 60
    assert color(0, 1) == color(1, 1), "empty cells are quiet"


def test_the_part_is_chosen_by_a_click(qtbot: Any, panel: ConfusionPanel) -> None:
    assert not panel.part.chips["test"].isEnabled()
    qtbot.mouseClick(panel.part.chips["validation"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.count.text() == "m = 30")


def test_every_text_has_room_in_a_small_panel(qtbot: Any, panel: ConfusionPanel) -> None:
    assert panel.figures.texts["precision"].count(".") == 1
    panel.resize(255, 222)  # as in a window of 1280 by 720
    qtbot.waitUntil(lambda: "." not in panel.figures.texts["precision"])
    QApplication.processEvents()
    field, _, _ = panel.table._frame()
    assert field.right() < panel.table.width() and field.bottom() <= panel.table.height()
    assert panel.width() == 255
    for label in (panel.count, *panel.figures.findChildren(QLabel)):
        assert label.width() >= label.sizeHint().width(), label.text()
        assert label.height() >= label.sizeHint().height(), label.text()


def test_regression_shows_predicted_against_true(stage: Any, plane: Project) -> None:
    at = stage(plane)
    at.bridge.train(400, learning_rate=0.2)
    panel = at.panel(ConfusionPanel)
    assert not panel.table.isVisible() and panel.plot.isVisible()
    look = at.cursor.look()
    r2 = look.metrics("train")["r2"]
    assert r2 > 0.9
    assert panel.figures.texts["R²"] == f"{r2:.3f}"
    assert list(panel.figures.texts) == ["R²", "MAE", "RMSE"]
    true, predicted = panel._points.getData()
    assert np.corrcoef(true, predicted)[0, 1] > 0.95
    assert len(true) == look.dataset.train.m


def test_hidden_it_does_not_look(panel: ConfusionPanel) -> None:
    before = panel.figures.texts
    panel.hide()
    panel.bridge.train(1, learning_rate=1e-6)
    assert panel.stale and panel.figures.texts == before
    panel.show()
    assert not panel.stale and panel.figures.texts != before


def test_while_training_a_sample_is_called_one(stage: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("netbuilder.lens.look.BUDGET", 1)
    at = stage()
    at.bridge.publish(dataclasses.replace(at.bridge.train(1), state="running"))
    panel = at.panel(ConfusionPanel)
    assert panel.count.text() == "a sample"
    assert panel.count.toolTip().startswith("256 of 400 examples")


def test_many_classes_are_coloured_even_where_no_number_fits(stage: Any) -> None:
    at = stage(templates.new_project(DataChoice(source="digits"), "12 tanh, 10 softmax"))
    panel = at.panel(ConfusionPanel, 220, 150)
    image = panel.table.grab().toImage()
    colors = {
        image.pixelColor(panel.table.cell_rect(row, column).center().toPoint()).name()
        for row in range(10)
        for column in range(10)
    }
    assert len(colors) > 3
