"""Looking back: at rest on an early moment, everything shows what it showed at that moment."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.panels.microscope.panel import MicroscopePanel
from netbuilder.gui.panels.registry import find_panels
from netbuilder.gui.window.main_window import MainWindow

OF_THE_RUN = {"inspector", "heatmaps", "boundary", "confusion", "canvas", "toolbar"}
"""What shows numbers of the training."""
STORIES = {"cost_curve", "runs", "timeline"}
"""They tell of the whole run, so they have tests of their own."""
TABLE = [*(name for name in find_panels() if name not in STORIES), "canvas", "toolbar"]


@pytest.fixture
def window(standing_window: MainWindow) -> MainWindow:
    """One for all tests here."""
    return standing_window


def bring(window, name: str):
    """The widget of this name, in sight."""
    if name in ("canvas", "toolbar"):
        return getattr(window, name)
    window.workspaces.show(next(iter(find_panels()[name].spots)))
    window.workspaces.docks[name].raise_()
    return window.workspaces.panels[name]


def picture(widget) -> QImage:
    QApplication.processEvents()
    return widget.grab().toImage()


def rested(widget, qtbot) -> QImage:
    """What is painted once there is nothing left to be done."""
    if isinstance(widget, LivePanel):
        qtbot.waitUntil(lambda: widget.isVisible() and not widget.stale)
    if isinstance(widget, MicroscopePanel):
        qtbot.waitUntil(lambda: widget.ready)
    return picture(widget)


def step(window, qtbot) -> None:
    wanted = window.bridge.last.step + 1 if window.bridge.last else 1
    window.bridge.step()
    qtbot.waitUntil(
        lambda: (
            window.bridge.last is not None
            and window.bridge.last.step == wanted
            and window.bridge.state == "paused"
        )
    )


def train_on(window, qtbot) -> None:
    wanted = window.bridge.last.step + 200
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last.step > wanted)
    window.bridge.pause()
    qtbot.waitUntil(lambda: window.bridge.state == "paused")


def pictures(window, qtbot) -> dict[str, QImage]:
    """Everything in the table as it looks now."""
    return {name: rested(bring(window, name), qtbot) for name in TABLE}


@pytest.fixture(scope="module")
def story() -> dict[str, dict[str, QImage]]:
    """What looked how at which point; empty until the first test asks."""
    return {}


@pytest.fixture
def told(story, window, qtbot) -> dict[str, dict[str, QImage]]:
    """Told once for all: to play it for each widget would take ten times as long."""
    if not story:
        window.store.select(["n1"])
        for _ in range(3):
            step(window, qtbot)
        pictures(window, qtbot)  # what is shown for the first time lays itself out
        early = window.bridge.last
        points = {"then": pictures(window, qtbot)}
        train_on(window, qtbot)
        points["later"] = pictures(window, qtbot)
        window.cursor_.rest_at(early)
        points["at rest"] = pictures(window, qtbot)
        step(window, qtbot)
        points["at rest, one update on"] = pictures(window, qtbot)
        window.cursor_.go_live()
        points["live"] = pictures(window, qtbot)
        window.cursor_.rest_at(early)
        points["at rest again"] = pictures(window, qtbot)
        story |= points
    return story


@pytest.mark.parametrize("name", TABLE)
def test_at_rest_each_shows_what_it_showed_then(told, name):
    seen = {point: shown[name] for point, shown in told.items()}
    then = seen["then"]
    if name in OF_THE_RUN:
        assert seen["later"] != then
        assert seen["live"] != then
    assert seen["at rest"] == then
    assert seen["at rest, one update on"] == then, "the training goes on, but not here"
    assert seen["at rest again"] == then


def said(panel) -> str:
    return re.sub("<[^>]*>", "", panel.legend.text()).replace("&nbsp;", " ")


def test_the_cost_curve_marks_the_moment_and_tells_its_cost(window, qtbot):
    panel = window.workspaces.panels["cost_curve"]
    for _ in range(3):
        step(window, qtbot)
    qtbot.waitUntil(lambda: not panel.stale)
    early, then = window.bridge.last, said(panel)
    train_on(window, qtbot)
    qtbot.waitUntil(lambda: not panel.stale)
    assert said(panel) != then
    assert not panel.moment_mark.line.isVisible()
    window.cursor_.rest_at(early)
    assert said(panel) == then
    mark = panel.moment_mark
    assert mark.line.isVisible() and mark.line.value() == 2, "the row of the third update"
    (dot,) = mark.dots.points()
    cost = early.log.rows()["train_cost"][2]
    assert (dot.pos().x(), dot.pos().y()) == (2, cost)
    assert len(panel._main[0].getData()[0]) > 100, "the whole curve stays in sight"
    painted = picture(panel)
    step(window, qtbot)
    assert picture(panel) == painted
    window.cursor_.go_live()
    assert not mark.line.isVisible()
    assert said(panel) != then
