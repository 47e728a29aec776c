"""What a network has learned of the data at hand: the fitting view, by its name, in own units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.data.table import Table
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.document.templates import new_project

LEFT = Qt.MouseButton.LeftButton


def numbers(features: int) -> DataChoice:
    """Prices around 350,000."""
    rng = np.random.RandomState(5)
    X = np.column_stack([rng.uniform(30, 200, 120), *rng.randn(features - 1, 120)])
    price = 350_000 + 60_000 * np.sin(X[:, 0] / 30) + 2_000 * rng.randn(120)
    table = Table(np.column_stack([X, price]), ("area", *"bcd"[: features - 1], "price"))
    return DataChoice(
        FILE,
        path="p.csv",
        table=table,
        scale="standard",
        target_scale="standard",
        validation=0.2,
    )


def learned(window, qtbot, name: str):
    """After one press of Play, with the panel of that name in front."""
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: window.bridge.last.state == "finished", timeout=30_000)
    panel = window.workspaces.panels[name]
    window.workspaces.docks[name].raise_()
    qtbot.waitUntil(lambda: panel.isVisible() and not panel.stale)
    return panel


def test_one_input_and_one_output_are_a_curve_through_the_data(open_window, qtbot):
    window = open_window(new_project(numbers(1)))
    panel = learned(window, qtbot, "boundary")
    assert window.workspaces.docks["boundary"].windowTitle() == "Curve fit"
    assert panel.curve.isVisible() and not panel.plot.isVisible() and panel.sentence == ""
    x, y = panel.curve._lines[0].getData()
    expected = 350_000 + 60_000 * np.sin(x / 30)
    inside = (x > 35) & (x < 195)
    assert np.abs(y - expected)[inside].mean() < 15_000
    axes = panel.curve.plotItem
    assert axes.getAxis("bottom").labelText == "area"
    assert axes.getAxis("left").labelText == "price"
    (low, high) = panel.curve.box.viewRange()[1]
    assert 200_000 < low < 300_000 and 400_000 < high < 500_000
    assert len(panel.curve._points.data) == 96 and len(panel.curve._hollow.data) == 24


@pytest.mark.parametrize(("kinds", "lines"), [(2, 1), (3, 3)])
def test_one_input_and_classes_are_curves_of_probability(open_window, qtbot, kinds, lines):
    x = np.linspace(-3, 3, 90)
    codes = np.minimum((x + 3) * kinds // 6, kinds - 1)
    table = Table(
        np.column_stack([x, codes]), ("x", "k"), {"k": tuple("abc"[:kinds])}, targets=("k",)
    )
    window = open_window(new_project(DataChoice(FILE, path="k.csv", table=table)))
    panel = learned(window, qtbot, "boundary")
    found = [line.getData()[1] for line in panel.curve._lines if line.isVisible()]
    assert len(found) == lines
    assert found[-1][0] < 0.2 and found[-1][-1] > 0.8
    said = "probability of b" if kinds == 2 else "probability"
    assert panel.curve.plotItem.getAxis("left").labelText == said


def test_regression_has_views_of_its_own_name_and_residuals(open_window, qtbot):
    window = open_window(new_project(numbers(3)))
    panel = learned(window, qtbot, "confusion")
    docks = window.workspaces.docks
    assert docks["confusion"].windowTitle() == "Predicted and true"
    assert docks["boundary"].windowTitle() == "Map of the output"
    assert panel.plot.plotItem.getAxis("bottom").labelText == "true price"
    (low, _), _ = panel.plot.box.viewRange()
    assert low > 200_000, "zero is far away"
    QTest.mouseClick(panel.shown.chips["residuals"], LEFT)
    qtbot.waitUntil(lambda: not panel.stale)
    _, up = panel._points.getData()
    seen = panel.cursor_.look().prediction()
    np.testing.assert_allclose(up, (seen.part.Y - seen.Y_hat).ravel())
    assert panel.plot.plotItem.getAxis("left").labelText == "residual"
    bottom, top = panel.plot.box.viewRange()[1]
    assert bottom == pytest.approx(-top)
    QTest.mouseClick(window.workspaces.panels["data"].buttons["iris"], LEFT)
    assert docks["confusion"].windowTitle() == "Confusion matrix"
    assert docks["boundary"].windowTitle() == "Decision boundary"


def test_the_toolbar_shows_validation_beside_training(open_window, qtbot):
    window = open_window()
    assert not window.toolbar.validation.isVisible()
    QTest.mouseClick(window.workspaces.panels["data"].buttons["iris"], LEFT)
    learned(window, qtbot, "confusion")
    assert window.toolbar.validation.isVisible()
    look = window.workspaces.panels["confusion"].cursor_.look()
    for reading, part in (
        (window.toolbar.score, "train"),
        (window.toolbar.validation, "validation"),
    ):
        expected = f"{100 * look.metrics(part)['accuracy']:.1f} %"
        qtbot.waitUntil(lambda r=reading, e=expected: r.value.text() == e)


def test_counts_agree_everywhere(window):
    QTest.mouseClick(window.workspaces.panels["data"].buttons["iris"], LEFT)
    told = window.status_data.text()
    assert told == "iris: 150 examples (120 training, 30 validation), 4 features"
    window.store.select(["data"])
    facts = dict(
        window.workspaces.panels["inspector"]._facts_of(window.store.project.network.nodes[0])
    )
    assert (facts["X"], facts["Y"]) == ("(4, 120)", "(3, 120)")
    assert "(4, 120)" in window.canvas.canvas.cards["data"].content.footer[0]


def test_images_bring_the_confusion_matrix_to_the_front(window, qtbot):
    docks = window.workspaces.docks
    docks["boundary"].raise_()
    QTest.mouseClick(window.workspaces.panels["data"].buttons["digits"], LEFT)
    panel = window.workspaces.panels["confusion"]
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
    assert window.workspaces.panels["boundary"].visibleRegion().isEmpty()


def test_images_bring_it_to_the_front_wherever_they_are_chosen(window, qtbot):
    workspaces = window.workspaces
    panel = workspaces.panels["confusion"]
    workspaces.docks["boundary"].raise_()
    workspaces.show("understand")
    window.store.choose(lambda old: replace(old, source="digits"), "digits")
    workspaces.show("build")
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
    workspaces.docks["boundary"].raise_()
    workspaces.reset()
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
