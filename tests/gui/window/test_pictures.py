"""Pictures of the canvas and of panels, and the canvas for all of the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from netbuilder.gui.canvas.camera import ROOM
from netbuilder.gui.theme.colours import LIGHT
from netbuilder.gui.window.main_window import MainWindow


def colors(image: QImage) -> set[int]:
    small = image.convertToFormat(QImage.Format.Format_RGB32)
    return {small.pixel(x, y) for x in range(small.width()) for y in range(small.height())}


@pytest.fixture
def asked(monkeypatch, tmp_path: Path):
    """Answers the question for a file's name."""

    def answer(name: str) -> Path:
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        return path

    return answer


@pytest.mark.parametrize("name", ["n.png", "n.svg", "n.pdf"])
def test_the_whole_network_goes_into_a_file_wherever_the_camera_is(
    name, standing_window: MainWindow, asked, qtbot
):
    window = standing_window
    window.canvas.camera.set_zoom(4.0)
    path = asked(name)
    window.actions_["save_picture"].trigger()
    qtbot.waitUntil(lambda: window.strip.text.text() == f"Saved the picture as {name}.")
    size = window.canvas.canvas.content_rect().adjusted(-ROOM, -ROOM, ROOM, ROOM).size().toSize()
    if name.endswith(".pdf"):
        assert path.read_bytes().startswith(b"%PDF")
    elif name.endswith(".svg"):
        assert QSvgRenderer(str(path)).viewBox().size() == size
        assert "Dense 1" in path.read_text(encoding="utf-8")
    else:
        image = QImage(str(path))
        assert image.size() == size * 2 and image.pixel(2, 2) == LIGHT.color("window").rgb()
        assert LIGHT.color("card").rgb() in colors(image)


def test_a_name_without_an_ending_gets_one(standing_window: MainWindow, asked, qtbot, tmp_path):
    asked("n")
    standing_window.actions_["save_picture"].trigger()
    qtbot.waitUntil(lambda: (tmp_path / "n.png").exists())
    qtbot.waitUntil(lambda: not standing_window.pictures._writer.busy)


def test_what_cannot_be_written_is_said(standing_window: MainWindow, asked, qtbot):
    asked("nowhere/n.svg")
    standing_window.actions_["save_picture"].trigger()
    qtbot.waitUntil(lambda: standing_window.strip.kind == "error")
    assert "there is no folder" in standing_window.strip.text.text()


def test_a_right_click_on_a_panel_copies_it_as_it_is_seen(standing_window: MainWindow):
    window = standing_window
    panel = window.workspaces.panels["cost_curve"]
    at = QPoint(80, 90)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, at, panel.plot.viewport().mapToGlobal(at)
    )
    QApplication.sendEvent(panel.plot.viewport(), event)
    (menu,) = (m for m in window.workspaces.docks["cost_curve"].findChildren(QMenu))
    assert menu.isVisible()
    save, copy = menu.actions()
    copy.trigger()
    menu.close()
    image = QGuiApplication.clipboard().image()
    assert image.size() == panel.size() * 2 and len(colors(image)) > 4
    assert save.text() == "Save a picture…"


def test_the_menu_has_the_panels_that_are_open(standing_window: MainWindow):
    window = standing_window
    (menu,) = (m for m in window.findChildren(QMenu) if m.title() == "Picture of a panel")
    menu.aboutToShow.emit()
    names = [action.text() for action in menu.actions()]
    assert "Cost curve" in names and "Runs" not in names


def test_the_ground_of_the_canvas_offers_its_picture(standing_window: MainWindow):
    canvas = standing_window.canvas
    corner = QPoint(canvas.viewport().width() - 3, 3)
    where = canvas.viewport().mapToGlobal(corner)
    canvas.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, corner, where))
    menu = canvas.fields.menu
    assert standing_window.actions_["copy_picture"] in menu.actions()
    menu.close()


def test_a_presenter_fills_the_screen_with_the_network(window: MainWindow):
    camera = window.canvas.camera
    window.resize(QSize(1900, 1000))
    camera.fit()
    assert camera.zoom == 1.0
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen() and window.actions_["full_screen"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert not window.isFullScreen()
    window.resize(QSize(1900, 1000))
    window.actions_["fill"].trigger()
    assert camera.zoom > 1.0 and camera.follows_fit
    window.actions_["fit"].trigger()
    assert camera.zoom == 1.0
