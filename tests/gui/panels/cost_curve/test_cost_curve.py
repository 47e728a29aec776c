"""The cost curve: what is drawn and said, zoom and fit, axes, smoothing, pins and marks."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from netbuilder.document import templates
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.errors import Message
from netbuilder.gui.panels.cost_curve.panel import CostCurvePanel
from netbuilder.gui.run_book import run_color
from netbuilder.runs.log import MetricLog


@pytest.fixture
def panel(stage: Any) -> CostCurvePanel:
    at = stage()
    at.bridge.train(400)
    return at.panel(CostCurvePanel)


def place(panel: CostCurvePanel, x: float, y: float) -> QPoint:
    """A point of the plot, in its own units, as a pixel of its viewport."""
    return panel.plot.mapFromScene(panel.plot.box.mapViewToScene(QPointF(x, y)))


def middle(panel: CostCurvePanel) -> QPoint:
    return panel.plot.data_area().center().toPoint()


def plain(html: str) -> str:
    return re.sub("<[^>]*>", "", html.replace("<br>", "\n")).replace("&nbsp;", " ")


def scroll(panel: CostCurvePanel, clicks: int) -> None:
    """A turn of the mouse wheel over the middle of the plot."""
    viewport = panel.plot.viewport()
    at = QPointF(middle(panel))
    event = QWheelEvent(
        at,
        QPointF(viewport.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * clicks),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def test_before_training_it_asks_for_play(stage: Any) -> None:
    panel = stage().panel(CostCurvePanel)
    assert "play" in panel.legend.text()
    assert not panel.pin.isEnabled()


def test_the_line_is_painted_where_the_cost_is(panel: CostCurvePanel) -> None:
    costs = panel.bridge.last.log.rows()["train_cost"]
    picture = panel.plot.viewport().grab().toImage()
    accent = QColor(panel.themes.theme.accent)
    for epoch in (100, 250, 390):
        at = place(panel, epoch, float(costs[epoch]))
        near = [
            picture.pixelColor(at.x(), at.y() + dy).green()
            - picture.pixelColor(at.x(), at.y() + dy).red()
            for dy in (-2, -1, 0, 1, 2)
        ]
        assert max(near) > 0.5 * (accent.green() - accent.red())


def test_the_whole_run_is_in_view_and_later_epochs_too(panel: CostCurvePanel) -> None:
    (low, high), _ = panel.plot.box.viewRange()
    assert low <= 0 and high >= 399
    panel.bridge.train(900)
    assert panel.plot.box.viewRange()[0][1] >= 899


def test_the_crosshair_reads_epoch_cost_and_accuracy(qtbot: Any, panel: CostCurvePanel) -> None:
    costs = panel.bridge.last.log.rows()["train_cost"]
    qtbot.mouseMove(panel.plot.viewport(), place(panel, 200, 0.4))
    said = plain(panel.read_out.text())
    epoch = int(said.split()[1])
    assert abs(epoch - 200) <= 2
    assert f"epoch {epoch} · update {epoch}" in said
    assert f"training {costs[epoch]:.4f}" in said
    assert "%" in said
    assert panel.rect().contains(panel.read_out.geometry())


def test_the_crosshair_goes_when_the_mouse_leaves_the_plot(
    qtbot: Any, panel: CostCurvePanel
) -> None:
    qtbot.mouseMove(panel.plot.viewport(), middle(panel))
    assert panel.read_out.isVisible()
    qtbot.mouseMove(panel.plot.viewport(), QPoint(2, 2))
    assert not panel.read_out.isVisible()


def test_zooming_stops_following_and_fit_follows_again(qtbot: Any, panel: CostCurvePanel) -> None:
    scroll(panel, 3)
    assert not panel.fit.isChecked()
    zoomed = panel.plot.box.viewRange()[0]
    assert zoomed[1] - zoomed[0] < 300
    panel.bridge.train(1000)
    assert panel.plot.box.viewRange()[0] == zoomed
    qtbot.mouseClick(panel.fit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.plot.box.viewRange()[0][1] >= 999)


def test_a_double_click_fits(qtbot: Any, panel: CostCurvePanel) -> None:
    scroll(panel, 3)
    qtbot.mouseDClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel))
    assert panel.fit.isChecked()


def test_log_axes_hold_logarithms(qtbot: Any, panel: CostCurvePanel) -> None:
    qtbot.mouseClick(panel.log_y, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.log_x, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.stale)
    rows = panel.bridge.last.log.rows()
    xs, ys = panel._main[0].getData()
    assert xs[-1] == pytest.approx(np.log10(rows["epoch"][-1]))
    assert ys[-1] == pytest.approx(np.log10(rows["train_cost"][-1]))
    assert np.isfinite(xs).all()
    qtbot.mouseMove(panel.plot.viewport(), place(panel, 2.0, float(ys[-1])))
    assert re.search(r"epoch (9\d|10\d)\b", plain(panel.read_out.text()))


def test_accuracy_in_percent(qtbot: Any, panel: CostCurvePanel) -> None:
    qtbot.mouseClick(panel.measure.chips["accuracy"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "%" in panel.legend.text())
    accuracy = panel.bridge.last.log.evaluations()["train_accuracy"][-1]
    assert f"training {100 * accuracy:.1f} %" in plain(panel.legend.text())
    assert panel.plot.plotItem.getAxis("left").tickStrings([0.5], 1.0, 0.5) == ["50 %"]


def test_smoothing_leaves_the_raw_line_pale_behind(qtbot: Any, panel: CostCurvePanel) -> None:
    assert not panel._raw[0].isVisible()
    panel.smoothing.setValue(60)
    qtbot.waitUntil(lambda: panel._raw[0].isVisible())
    raw, smooth = panel._raw[0].getData()[1], panel._main[0].getData()[1]
    assert raw[-1] == pytest.approx(panel.bridge.last.log.rows()["train_cost"][-1])
    # A falling cost's average lags above it.
    assert smooth[len(smooth) // 4] > raw[len(raw) // 4]
    assert panel._raw[0].opts["pen"].color().alphaF() < 0.5


def mini_batches() -> Project:
    choice = DataChoice(source="moons", validation=0.25)
    return templates.new_project(choice, "6 tanh, 1 sigmoid")


def test_updates_lie_pale_behind_the_epochs_means(stage: Any) -> None:
    at = stage(mini_batches())
    at.bridge.train(12, batch_size=20, evaluate_every=1)
    panel = at.panel(CostCurvePanel)
    xs, _ = panel._updates.getData()
    assert panel._updates.isVisible()
    updates = at.bridge.last.log.updates()
    assert len(panel.run.updates) == len(updates["step"])
    assert 11.0 < xs[-1] <= 12.0
    assert "validation" in panel.legend.text()
    assert panel._main[1].isVisible()


def test_with_a_full_batch_there_is_nothing_behind(panel: CostCurvePanel) -> None:
    assert not panel._updates.isVisible()


@pytest.fixture
def two(panel: CostCurvePanel, qtbot: Any) -> CostCurvePanel:
    """A run of 400 epochs, and in front of it one of 150 with another learning rate."""
    store = panel.store
    store.edit(
        lambda p: replace(p, training=replace(p.training, learning_rate=0.3)), "learning rate"
    )
    panel.bridge.train(150)
    qtbot.waitUntil(lambda: not panel.stale)
    return panel


def test_the_run_before_stays_behind_in_its_colour(two: CostCurvePanel) -> None:
    (behind,) = [curve for curve in two.behind.curves if curve.isVisible()]
    first = two.book.runs[1]
    assert behind.getData()[1][-1] == pytest.approx(first.log.rows()["train_cost"][-1])
    assert behind.opts["pen"].color() == run_color(two.themes.theme, 1)
    assert two._main[0].opts["pen"].color() == run_color(two.themes.theme, 2)
    assert behind.zValue() < two._main[0].zValue()
    said = plain(two.legend.text())
    assert "first run ×" in said and "α 1.2 → 0.3" in said
    assert two.plot.box.viewRange()[0][1] >= 399, "all of both is in view"


def test_a_curve_behind_goes_with_its_link_in_the_legend(two: CostCurvePanel, qtbot: Any) -> None:
    two.legend.linkActivated.emit("1")
    qtbot.waitUntil(lambda: not any(curve.isVisible() for curve in two.behind.curves))
    assert "first run" not in plain(two.legend.text())
    two.book.show(1, True)
    qtbot.waitUntil(lambda: two.behind.curves[0].isVisible())


def test_pinning_is_a_step_that_can_be_undone(two: CostCurvePanel, qtbot: Any) -> None:
    qtbot.mouseClick(two.pin, Qt.MouseButton.LeftButton)
    assert two.book.marks.pinned == {2}
    assert two.store.undo_label == "pin α 1.2 → 0.3"
    qtbot.waitUntil(lambda: not two.stale and two.pin.isChecked())
    two.store.undo()
    qtbot.waitUntil(lambda: not two.stale and not two.pin.isChecked())
    assert two.store.project.training.learning_rate == 0.3, "it was no edit"


def test_the_cross_hair_reads_each_run_as_far_as_it_goes(two: CostCurvePanel, qtbot: Any) -> None:
    first, now = two.book.runs.all
    qtbot.mouseMove(two.plot.viewport(), place(two, 100, 0.5))
    said = plain(two.read_out.text())
    epoch = int(said.split()[1])
    assert f"training {now.log.rows()['train_cost'][epoch]:.4f}" in said
    assert f"first run {first.log.rows()['train_cost'][epoch]:.4f}" in said
    assert len(two.crosshair.dots.points()) == 2
    qtbot.mouseMove(two.plot.viewport(), place(two, 300, 0.5))
    said = plain(two.read_out.text())
    assert "training" not in said and "first run" in said
    assert abs(int(said.split()[1]) - 300) <= 2
    assert len(two.crosshair.dots.points()) == 1


def test_curves_that_rest_are_not_drawn_with_each_frame(
    two: CostCurvePanel, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    set_data = pg.PlotCurveItem.setData
    monkeypatch.setattr(
        pg.PlotCurveItem,
        "setData",
        lambda self, *args, **kwargs: (drawn.append(self), set_data(self, *args, **kwargs)),
    )
    last = two.bridge.last
    rows = len(last.log.rows()["step"])
    for more in range(1, 200):
        last.log.add_rows([rows + more], [rows + more], [0.5])
        two.bridge.publish(replace(last, step=rows + more + 1, state="running"))
        two.look_now()
    in_front = drawn.count(two._main[0])
    assert in_front > 150
    assert drawn.count(two.behind.curves[0]) <= 1


def test_growing_beyond_the_others_the_axis_grows_in_steps(two: CostCurvePanel) -> None:
    last = two.bridge.last
    ends = set()
    for epoch in range(400, 800):
        last.log.add_rows([epoch], [epoch], [0.5])
        two.bridge.publish(replace(last, step=epoch + 1, state="running"))
        two.look_now()
        ends.add(two.plot.box.viewRange()[0][1])
        assert max(ends) >= epoch
    assert len(ends) < 10
    two.bridge.publish(replace(last, step=800, state="paused"))
    assert two.plot.box.viewRange()[0][1] == 799


def test_runs_of_other_data_are_kept_but_not_drawn(panel: CostCurvePanel, qtbot: Any) -> None:
    panel.store.edit(lambda p: replace(p, data=DataChoice("moons")), "data set Moons")
    panel.bridge.train(30)
    qtbot.waitUntil(lambda: not panel.stale)
    assert [run.number for run in panel.book.listed] == [1, 2]
    assert not any(curve.isVisible() for curve in panel.behind.curves)
    panel.book.show(1, True)
    qtbot.waitUntil(lambda: any(curve.isVisible() for curve in panel.behind.curves))


def test_looked_at_again_an_earlier_run_is_in_front(two: CostCurvePanel, qtbot: Any) -> None:
    first = two.book.runs[1]
    two.cursor_.rest_at(first.moment)
    qtbot.waitUntil(lambda: not two.stale)
    assert two.run.log is first.log
    assert two._main[0].opts["pen"].color() == run_color(two.themes.theme, 1)
    two.cursor_.go_live()
    qtbot.waitUntil(lambda: not two.stale)
    assert two.run.log is two.bridge.last.log


def test_changes_of_settings_are_marked_and_named(qtbot: Any, panel: CostCurvePanel) -> None:
    log: MetricLog = panel.bridge.last.log
    log.mark(200, Message("learning rate {old} → {new}", setting="a", old="1.2", new="0.4"))
    panel.bridge.publish(panel.bridge.last)
    qtbot.waitUntil(lambda: not panel.stale)
    ((x, text),) = panel.marks.placed()
    assert panel.marks.mapToScene(x, 0).x() == pytest.approx(place(panel, 200, 0.4).x(), abs=1)
    assert text == "learning rate 1.2 → 0.4"
    qtbot.mouseMove(panel.plot.viewport(), place(panel, 200, 0.4))
    assert "learning rate 1.2 → 0.4" in plain(panel.read_out.text())


def test_many_changes_of_settings_are_one_item_and_those_in_view_are_drawn(
    qtbot: Any, panel: CostCurvePanel
) -> None:
    def items() -> int:
        return len(panel.plot.scene().items())

    before, log = items(), panel.bridge.last.log
    plain_plot = panel.plot.grab().toImage()
    for step in range(20, 380, 2):
        log.mark(step, Message("rate {new}", setting=f"s{step}", new=step))
    panel.bridge.publish(panel.bridge.last)
    qtbot.waitUntil(lambda: not panel.stale)
    assert items() == before and panel.plot.grab().toImage() != plain_plot
    placed = panel.marks.placed()
    xs = [x for x, _ in placed]
    assert len(placed) > 10 and min(np.diff(xs)) >= 3  # pixels
    named = [x for x, text in placed if text]
    assert placed[-1][1] == "rate 378" and len(named) < len(placed)
    panel.plot.box.setXRange(261, 271, padding=0)
    panel.fit.setChecked(False)
    panel.mark_stale()
    qtbot.waitUntil(lambda: not panel.stale)
    assert [text for _, text in panel.marks.placed()] == [
        "rate 262",
        "rate 264",
        "rate 266",
        "rate 268",
        "rate 270",
    ]


def test_regression_has_no_accuracy(stage: Any, plane: Project) -> None:
    at = stage(plane)
    at.bridge.train(20)
    panel = at.panel(CostCurvePanel)
    assert not panel.measure.chips["accuracy"].isEnabled()


def test_hidden_it_remembers_that_it_is_stale(panel: CostCurvePanel) -> None:
    panel.hide()
    panel.bridge.train(50)
    assert panel.stale
    assert len(panel.run.traces["train_cost"]) == 400
    panel.show()
    assert len(panel.run.traces["train_cost"]) == 50


def test_the_curve_stays_while_the_network_is_being_edited(
    qtbot: Any, panel: CostCurvePanel
) -> None:
    project = panel.store.project
    cut = project.network.disconnect(project.network.edges[:1])
    panel.store.commit(project.with_network(cut), "disconnect")
    qtbot.waitUntil(lambda: not panel.stale)
    assert panel.sentence == ""
    assert len(panel._main[0].getData()[0]) > 100


def test_zooming_far_out_on_log_axes_harms_nothing(qtbot: Any, panel: CostCurvePanel) -> None:
    qtbot.mouseClick(panel.log_y, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.log_x, Qt.MouseButton.LeftButton)
    for _ in range(8):
        scroll(panel, -60)
        qtbot.waitUntil(lambda: not panel.stale)
    (low, high), _ = panel.plot.box.viewRange()
    assert high - low > 600
    panel.plot.viewport().grab()
    qtbot.mouseMove(panel.plot.viewport(), middle(panel))
    qtbot.mouseClick(panel.fit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.plot.box.viewRange()[0][1] < 3)


def test_zooming_far_on_linear_axes_harms_nothing(qtbot: Any, panel: CostCurvePanel) -> None:
    for clicks in (-20, 20, 20, 20):
        for _ in range(60):
            scroll(panel, clicks)
        qtbot.waitUntil(lambda: not panel.stale)
        panel.plot.viewport().grab()
    qtbot.mouseClick(panel.fit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.plot.box.viewRange()[0] == [0.0, 399.0])
