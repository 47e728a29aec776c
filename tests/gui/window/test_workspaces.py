"""Workspaces and the registry of panels: where panels stand, and that a folder makes a panel."""

from __future__ import annotations

import importlib
import sys

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTabBar

from netbuilder.document.templates import first_start
from netbuilder.gui import panels
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.panels.microscope.panel import MicroscopePanel
from netbuilder.gui.panels.registry import AREAS, PANELS, find_panels
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.gui.window.workspace_tabs import WorkspaceTabs
from netbuilder.gui.window.workspaces import WORKSPACES

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
SHOWN = {
    "build": {
        *("layers", "data", "inspector", "training", "timeline"),
        *("cost_curve", "heatmaps", "boundary"),
    },
    "watch": {"timeline", "cost_curve", "heatmaps", "boundary", "confusion"},
    "understand": {"timeline", "heatmaps", "inspector"},
    "inside": {"timeline", "microscope", "inspector"},
}


def visible(window) -> set[str]:
    """The panels in sight; a tab in the background is not."""
    return {
        name
        for name, dock in window.workspaces.docks.items()
        if not dock.isHidden() and not dock.visibleRegion().isEmpty()
    }


def panels_menu(window) -> QMenu:
    return next(menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "&Panels")


# --- the registry --------------------------------------------------------------------------------


def test_every_row_names_workspaces_and_areas_that_there_are():
    for name, row in find_panels().items():
        assert row.spots, name
        assert set(row.spots) <= set(WORKSPACES), name
        assert {spot.area for spot in row.spots.values()} <= set(AREAS), name


PANEL = '''"""A throw-away panel: the update of the moment looked at."""

from PySide6.QtWidgets import QLabel


class Throwaway(QLabel):
    def __init__(self, centre):
        super().__init__()
        self.centre = centre
        centre.cursor.moved.connect(lambda moment: self.setText(f"update {moment.step}"))
'''
ROW = '''"""A throw-away panel."""

from netbuilder.gui.panels.registry import PANELS, Panel, Spot

PANELS.add("throwaway", Panel("Throw-away", "Throwaway", {"watch": Spot("bottom", 3)}))
'''


@pytest.fixture
def folder_more(tmp_path, monkeypatch):
    """A folder more among the panels, and nothing else."""
    folder = tmp_path / "panels" / "throwaway"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(ROW)
    (folder / "panel.py").write_text(PANEL)
    find_panels()
    with monkeypatch.context() as patch:
        patch.setattr(panels, "__path__", [*panels.__path__, str(folder.parent)])
        importlib.invalidate_caches()
        yield
    PANELS._items.pop("throwaway", None)
    for name in [name for name in sys.modules if name.startswith(f"{panels.__name__}.throwaway")]:
        del sys.modules[name]


def test_a_new_folder_is_a_new_panel(folder_more, open_window, qtbot):
    window = open_window()
    dock = window.workspaces.docks["throwaway"]
    assert dock.windowTitle() == "Throw-away"
    assert dock.toggleViewAction() in panels_menu(window).actions()
    assert not dock.isVisible(), "its row names no place in Build"
    window.workspaces.show("watch")
    assert dock.isVisible() and not dock.isFloating()
    assert window.dockWidgetArea(dock) == Qt.DockWidgetArea.BottomDockWidgetArea
    dock.close()
    window.actions_["reset_layout"].trigger()
    assert dock.isVisible()

    panel = window.workspaces.panels["throwaway"]
    window.bridge.step()
    qtbot.waitUntil(lambda: panel.text() == "update 1")
    early = window.bridge.last
    window.bridge.step()
    qtbot.waitUntil(lambda: panel.text() == "update 2")
    window.cursor_.rest_at(early)
    assert panel.text() == "update 1"
    window.cursor_.go_live()
    assert panel.text() == "update 2"
    # It may ask for anything that there is an action for.
    panel.centre.perform("theme_dark")
    assert window.themes.choice == "dark"


# --- workspaces ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)], ids=["1280x720", "1440x900"])
def test_each_workspace_shows_its_panels_with_room(open_window, size):
    window = open_window(size=size)
    for name, shown in SHOWN.items():
        window.workspaces.show(name)
        QApplication.processEvents()
        assert visible(window) == shown
        assert (window.width(), window.height()) == size
        strip = window.workspaces.docks["timeline"].geometry()
        assert 40 <= strip.height() <= 72 and strip.width() >= 0.55 * window.width()
        assert strip.top() > window.centralWidget().geometry().bottom()
        for panel in shown - {"timeline"}:
            dock = window.workspaces.docks[panel]
            assert not strip.intersects(dock.geometry())
            assert dock.width() >= 190 and dock.height() >= 150, (name, panel)
        assert window.canvas.width() >= 0.5 * window.width()
        # In the microscope it shows where one is; the page of the update needs the room.
        least = 0.24 if name == "inside" else 0.35
        assert window.canvas.height() >= least * window.height()
    heatmaps = window.workspaces.docks["heatmaps"]
    assert heatmaps.width() >= 0.6 * window.width() and heatmaps.height() >= 0.37 * window.height()


def test_a_tab_a_key_and_the_menu_choose_it_and_agree(window):
    tabs = window.findChild(WorkspaceTabs)
    words = [tabs.tabText(tab) for tab in range(tabs.count())]
    assert words == ["Build", "Watch", "Understand", "Microscope"]
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(1).center())
    assert window.workspaces.current == "watch"
    assert window.actions_["workspace_watch"].isChecked()
    assert not window.actions_["workspace_build"].isChecked()
    QTest.keyClick(window, KEY.Key_3, CTRL)
    assert window.workspaces.current == "understand"
    assert tabs.tabText(tabs.currentIndex()) == "Understand"
    window.actions_["workspace_build"].trigger()
    window.actions_["workspace_build"].trigger()
    assert (window.workspaces.current, tabs.currentIndex()) == ("build", 0)
    assert window.actions_["workspace_build"].isChecked()


def test_each_is_kept_as_the_user_has_it_and_reset_by_itself(window):
    spaces = window.workspaces
    docks = spaces.docks
    docks["data"].close()
    spaces.show("watch")
    docks["confusion"].close()
    docks["inspector"].toggleViewAction().trigger()
    spaces.show("build")
    assert not docks["data"].isVisible() and docks["layers"].isVisible()
    spaces.show("watch")
    assert not docks["confusion"].isVisible() and docks["inspector"].isVisible()
    window.actions_["reset_layout"].trigger()
    QApplication.processEvents()
    assert visible(window) == SHOWN["watch"]
    spaces.show("build")
    assert not docks["data"].isVisible(), "only the workspace in force was reset"


def test_no_panel_is_out_of_reach_in_any(window):
    for name in WORKSPACES:
        window.workspaces.show(name)
        for panel, dock in window.workspaces.docks.items():
            action = dock.toggleViewAction()
            if not action.isChecked():
                action.trigger()
            else:
                dock.raise_()
            QApplication.processEvents()
            assert panel in visible(window), (name, panel)
            assert not dock.isFloating()
            assert window.rect().contains(dock.geometry()), (name, panel)


def test_all_of_them_are_remembered_across_starts(open_window, themes, settings, qtbot):
    first = open_window(size=(1280, 700))
    first.workspaces.docks["layers"].close()
    first.workspaces.show("watch")
    first.workspaces.docks["heatmaps"].close()
    first.close()
    store = Store(first_start())
    second = MainWindow(store, TrainingBridge(store), themes, settings)
    qtbot.addWidget(second)
    second.show()
    tabs, docks = second.findChild(WorkspaceTabs), second.workspaces.docks
    seen = [second.workspaces.current, tabs.currentIndex()]
    seen += [docks["heatmaps"].isVisible(), docks["cost_curve"].isVisible()]
    second.workspaces.show("build")
    seen += [docks["layers"].isVisible(), docks["data"].isVisible()]
    second.workspaces.show("understand")
    seen += [docks["inspector"].isVisible(), docks["data"].isVisible()]
    second.close()
    assert seen == ["watch", 1, False, True, False, True, True, False]


class Paints(QObject):
    """Counts what is painted of a window while it looks."""

    count = 0

    def eventFilter(self, watched, event):
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_switching_paints_nothing_half_done(window):
    paints = Paints()
    for widget in (window, window.canvas.viewport(), *window.workspaces.docks.values()):
        widget.installEventFilter(paints)
    window.workspaces.show("watch")
    window.workspaces.show("build")
    assert paints.count == 0
    assert window.updatesEnabled()
    QApplication.processEvents()
    assert paints.count > 0


# --- panels that nobody has seen -----------------------------------------------------------------


def made(window) -> set[str]:
    return {name for name, dock in window.workspaces.docks.items() if dock.widget() is not None}


def test_a_panel_is_made_when_it_is_first_seen(window):
    assert made(window) == visible(window)
    tab = next(
        (bar, place)
        for bar in window.findChildren(QTabBar)
        for place in range(bar.count())
        if bar.tabText(place) == "Predict"
    )
    QTest.mouseClick(tab[0], Qt.MouseButton.LeftButton, pos=tab[0].tabRect(tab[1]).center())
    assert "predict" in made(window) & visible(window)
    window.workspaces.docks["runs"].toggleViewAction().trigger()
    assert "runs" in made(window) & visible(window)
    window.workspaces.show("inside")
    assert "microscope" in made(window) & visible(window)


def test_a_panel_made_late_shows_what_it_would_have_shown(open_window, qtbot):
    """Of a run that began before, at a moment of it, after other data was chosen."""
    windows = [open_window(), open_window()]
    assert len(dict(windows[0].workspaces.panels)) == len(PANELS)  # made now, all of them
    for window in windows:
        window.workspaces.panels["data"].buttons["moons"].click()
        for step in (1, 2, 3):
            window.bridge.step()
            qtbot.waitUntil(lambda window=window, step=step: window.bridge.last.step == step)
    early, late = (pictures(window, qtbot) for window in windows)
    assert [name for name in early if early[name] != late[name]] == []


def pictures(window, qtbot):
    """Each panel as it looks, in the first workspace that has it."""
    found = {}
    for name, row in find_panels().items():
        window.workspaces.show(next(iter(row.spots)))
        window.workspaces.bring(name)
        panel = window.workspaces.panels[name]
        QApplication.processEvents()  # it takes its place, and looks anew
        if isinstance(panel, LivePanel):
            qtbot.waitUntil(lambda panel=panel: not panel.stale)
        if isinstance(panel, MicroscopePanel):
            qtbot.waitUntil(lambda panel=panel: panel.ready)
        QApplication.processEvents()
        # The room between its figures goes by the widths that the panel has had.
        found[name] = (panel.table if name == "confusion" else panel).grab().toImage()
    return found
