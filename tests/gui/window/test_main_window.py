"""The window as a whole: nothing cut off, everything in a menu, the layout remembered."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import QByteArray, QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage, QKeySequence, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QToolButton,
    QWidget,
)

import netbuilder
from netbuilder.document.model.network import COST
from netbuilder.document.templates import first_start
from netbuilder.errors import Message
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window import report
from netbuilder.gui.window.actions import ACTIONS
from netbuilder.gui.window.app import InputWatch
from netbuilder.gui.window.dialogs import AboutDialog, ShortcutsDialog
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.gui.window.workspaces import WORKSPACES

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
SIZES = [(1280, 720), (1440, 900)]


def cut_off(window) -> list[str]:
    """The words of this window that have less room than they need."""
    found = []
    for widget in window.findChildren(QLabel):
        if widget.isVisible() and widget.text() and not widget.wordWrap():
            need = widget.fontMetrics().horizontalAdvance(widget.text())
            if need > widget.contentsRect().width() + 1:
                found.append(widget.text())
    for widget in window.findChildren(QAbstractButton):
        icon_only = isinstance(widget, QToolButton) and not widget.icon().isNull()
        if widget.isVisible() and widget.text() and not icon_only:
            lines = widget.text().replace("&", "").splitlines()
            need = max(widget.fontMetrics().horizontalAdvance(line) for line in lines)
            if need > widget.width():
                found.append(widget.text())
    for widget in window.findChildren(QComboBox):
        if widget.isVisible():
            option = QStyleOptionComboBox()
            widget.initStyleOption(option)
            room = widget.style().subControlRect(
                QStyle.ComplexControl.CC_ComboBox,
                option,
                QStyle.SubControl.SC_ComboBoxEditField,
                widget,
            )
            if widget.fontMetrics().horizontalAdvance(widget.currentText()) > room.width():
                found.append(widget.currentText())
    for widget in window.findChildren(QLineEdit):
        if widget.isVisible():
            need = widget.fontMetrics().horizontalAdvance(widget.text())
            if need > widget.width() - 12:
                found.append(widget.text())
    return found


def own(window) -> list[str]:
    """What is cut off in the parts that are not the live views, which look after themselves."""
    views = (
        window.workspaces.panels["cost_curve"],
        window.workspaces.panels["heatmaps"],
        window.workspaces.panels["boundary"],
        window.workspaces.panels["confusion"],
        window.workspaces.panels["runs"],
    )
    words = cut_off(window)
    for view in views:
        for text in cut_off(view):
            words.remove(text)
    return words


@pytest.fixture
def window(standing_window: MainWindow) -> MainWindow:
    """One for all tests here; those that close it or arrange it anew open one of their own."""
    return standing_window


@pytest.mark.parametrize(
    ("size", "theme"), [(SIZES[0], "light"), (SIZES[1], "dark")], ids=["1280x720", "1440x900"]
)
def test_nothing_is_cut_off(open_window, themes, qtbot, size, theme):
    themes.choose(theme)
    window = open_window(size=size)
    assert (window.width(), window.height()) == size
    for workspace in [*WORKSPACES][::-1]:
        window.workspaces.show(workspace)
        QApplication.processEvents()
        assert own(window) == []
        for id in ("n1", COST, "data"):
            window.store.select([id])
            assert own(window) == []
    QTest.mouseClick(window.workspaces.panels["data"].buttons["iris"], LEFT)
    window.store.select([])
    QApplication.processEvents()
    assert own(window) == []
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last.step > 100, timeout=20_000)
    for workspace in WORKSPACES:
        window.workspaces.show(workspace)
        QApplication.processEvents()
        assert own(window) == []


@pytest.mark.parametrize("size", SIZES, ids=["1280x720", "1440x900"])
def test_every_panel_has_room(open_window, size):
    window = open_window(size=size)
    for name, dock in window.workspaces.docks.items():
        if name not in ("confusion", "runs", "timeline", "microscope", "analysis"):
            assert dock.isVisible(), name
            assert dock.height() >= 150, name
            assert dock.width() >= 190, name
    assert window.canvas.width() >= 0.5 * window.width()
    assert window.canvas.height() >= 0.45 * window.height()


def test_the_status_line_describes_the_network(window):
    assert window.status_summary.text() == "2-4-1, 17 parameters"
    assert "400 examples" in window.status_data.text()
    window.store.edit(lambda p: p.with_network(p.network.remove(["n1"])), "delete")
    assert window.status_summary.text() == "2-1, 3 parameters"


# --- actions -------------------------------------------------------------------------------------


def menu_actions(menu) -> list[QAction]:
    found = []
    for action in menu.actions():
        if action.menu() is not None:
            found += menu_actions(action.menu())
        elif not action.isSeparator():
            found.append(action)
    return found


def test_every_action_is_in_a_menu(window):
    names = {action.objectName() for action in menu_actions(window.menuBar())}
    assert {action.id for action in ACTIONS} <= names


def test_no_two_actions_share_a_shortcut():
    keys = [QKeySequence(keys).toString() for action in ACTIONS for keys in action.shortcuts]
    assert len(keys) == len(set(keys))
    assert all(keys)


def test_no_two_entries_of_a_menu_share_a_letter(window):
    for entry in window.menuBar().actions():
        letters = [
            action.text()[action.text().index("&") + 1].lower()
            for action in entry.menu().actions()
            if "&" in action.text()
        ]
        assert len(letters) == len(set(letters)), entry.text()


def test_undo_and_redo_say_what(window):
    window.store.select(["n1"])
    QTest.keyClick(window.canvas, KEY.Key_Delete)
    undo, redo = window.actions_["undo"], window.actions_["redo"]
    assert undo.text().startswith("&Undo ")
    assert len(undo.text()) > len("&Undo ")
    assert not redo.isEnabled()
    QTest.keyClick(window, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "n1" in window.store.project.network.by_id
    assert redo.isEnabled()
    assert not undo.isEnabled()


def test_keys_train(window, qtbot):
    QTest.keyClick(window, KEY.Key_F6)
    qtbot.waitUntil(lambda: window.bridge.last is not None and window.bridge.last.step == 1)
    QTest.keyClick(window, KEY.Key_F5)
    qtbot.waitUntil(lambda: window.bridge.running)
    assert "Pause" in window.actions_["play"].text()
    QTest.keyClick(window, KEY.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.bridge.running)
    QTest.keyClick(window, KEY.Key_F8)
    qtbot.waitUntil(lambda: window.bridge.last.step == 0)


def test_editing_actions_need_a_selection(window):
    for id in ("cut", "copy", "duplicate", "delete", "rename"):
        assert not window.actions_[id].isEnabled()
    window.store.select([COST])
    assert not window.actions_["delete"].isEnabled()
    window.store.select(["n1"])
    for id in ("cut", "copy", "duplicate", "delete", "rename"):
        assert window.actions_[id].isEnabled()
    window.actions_["duplicate"].trigger()
    assert len(window.store.project.network.nodes) == 5


def test_delete_in_a_field_is_the_fields_own(window):
    window.store.select(["n1"])
    field = window.workspaces.panels["inspector"].form.fields["units"]
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, KEY.Key_Delete)
    assert "n1" in window.store.project.network.by_id
    assert field.text() == ""


def test_the_theme_is_chosen_in_the_menu(window):
    themes = window.themes
    window.actions_["theme_dark"].trigger()
    assert themes.theme.name == "dark"
    assert window.actions_["theme_dark"].isChecked()
    assert not window.actions_["theme_light"].isChecked()
    window.actions_["theme_light"].trigger()
    assert themes.theme.name == "light"


# --- layout --------------------------------------------------------------------------------------


def test_panels_are_closed_shown_and_reset(open_window, qtbot):
    window = open_window()
    dock = window.workspaces.docks["data"]
    dock.toggleViewAction().trigger()
    assert not dock.isVisible()
    window.workspaces.docks["inspector"].setFloating(True)
    window.actions_["reset_layout"].trigger()
    assert dock.isVisible()
    assert not window.workspaces.docks["inspector"].isFloating()


def test_tabbed_panels_have_tabs_in_place_of_titles(open_window):
    window = open_window()
    assert window.workspaces.docks["boundary"].title.height() == 0
    assert window.workspaces.docks["cost_curve"].title.height() > 20
    window.workspaces.docks["confusion"].close()
    QApplication.processEvents()
    assert window.workspaces.docks["boundary"].title.height() > 20


def test_docks_of_a_window_that_does_not_come_back_are_not_squeezed_into_another(
    open_window, themes, settings, qtbot
):
    first = open_window()
    first.resizeDocks([first.workspaces.docks["inspector"]], [10], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: first.workspaces.docks["inspector"].width() == 160)
    first.workspaces.docks["data"].close()
    first.close()
    settings.setValue("geometry", QByteArray(b"of another screen"))
    store = Store(first_start())
    second = MainWindow(store, TrainingBridge(store), themes, settings)
    qtbot.addWidget(second)
    second.show()
    assert second.workspaces.docks["data"].isVisible()
    second.close()


def test_the_window_is_remembered(open_window, themes, settings, qtbot):
    # The offscreen screen is 800 × 800, and a remembered window is kept on the screen.
    first = open_window(size=(1280, 700))
    first.workspaces.docks["layers"].close()
    first.actions_["theme_dark"].trigger()
    first.close()
    store = Store(first_start())
    second = MainWindow(store, TrainingBridge(store), themes, settings)
    qtbot.addWidget(second)
    second.show()
    assert second.height() == 700
    assert not second.workspaces.docks["layers"].isVisible()
    assert second.workspaces.docks["data"].isVisible()
    assert settings.value("theme") == "dark"
    second.close()


# --- messages ------------------------------------------------------------------------------------


def test_a_notice_is_shown_and_closed(window):
    strip = window.strip
    assert not strip.isVisible()
    window.store.notify("warning", "Mind the gap.")
    assert strip.isVisible()
    assert strip.kind == "warning"
    assert strip.geometry().intersects(window.canvas.geometry())
    QTest.mouseClick(strip.close_button, LEFT)
    assert not strip.isVisible()


def test_a_problem_of_the_whole_stands_until_it_is_mended(window):
    window.store.edit(
        lambda p: replace(p, training=replace(p.training, patience=5)), "early stopping"
    )
    strip = window.strip
    assert strip.isVisible()
    assert strip.remedy.isVisible()
    QTest.mouseClick(strip.remedy, LEFT)
    assert not strip.isVisible()
    assert window.store.project.data.validation == 0.2


def test_divergence_is_told_in_the_strip(window, qtbot):
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    message = Message("The cost went astray in {layer}.", layer="Dense 1")
    window.bridge.snapshot.emit(replace(window.bridge.last, state="diverged", message=message))
    assert window.strip.kind == "error"
    assert "Dense 1" in window.strip.text.text()


def test_an_error_in_the_program_becomes_a_sentence(window, caplog):
    try:
        raise RuntimeError("boom")
    except RuntimeError as error:
        report.reporter(window.strip.tell)(type(error), error, error.__traceback__)
    assert window.strip.kind == "error"
    assert "boom" in window.strip.text.text()
    assert "boom" in caplog.text
    assert window.strip.remedy.text() == "Copy report"
    QTest.mouseClick(window.strip.remedy, LEFT)
    copied = QGuiApplication.clipboard().text()
    assert "RuntimeError: boom" in copied and "NumPy" in copied


def test_the_hint_points_at_play_until_something_happens(open_window, qtbot):
    window = open_window()
    window.hint.offer()
    assert window.hint.isVisible()
    assert (
        window.hint.y()
        >= window.toolbar.play.mapTo(window, window.toolbar.play.rect().bottomLeft()).y()
    )
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: not window.hint.isVisible())


# --- help ----------------------------------------------------------------------------------------


def test_help_lists_every_shortcut(window, qtbot):
    QTest.keyClick(window, KEY.Key_F1)
    dialog = window.findChild(ShortcutsDialog)
    assert dialog.isVisible()
    words = [label.text() for label in dialog.findChildren(QLabel)]
    for action in ACTIONS:
        if action.shortcuts:
            keys = QKeySequence(action.shortcuts[0]).toString(
                QKeySequence.SequenceFormat.NativeText
            )
            assert any(text.startswith(keys) for text in words), action.id
    assert cut_off(dialog) == []
    dialog.reject()


def test_about_tells_version_and_licence(window):
    window.actions_["about"].trigger()
    dialog = window.findChild(AboutDialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert netbuilder.__version__ in words
    assert "MIT" in words
    dialog.reject()


# --- keeping the user first, and Python alive ----------------------------------------------------


def test_input_holds_the_worker(open_window, qtbot, monkeypatch):
    window = open_window()
    held = []
    monkeypatch.setattr(window.bridge._session, "hold", held.append)
    watch = InputWatch(window.bridge, window)
    watch.watch(window.windowHandle())
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.running)
    QTest.mouseMove(window.windowHandle(), window.rect().center())
    QTest.keyClick(window.windowHandle(), KEY.Key_Shift)
    assert held
    held.clear()
    QApplication.sendEvent(window.windowHandle(), QEvent(QEvent.Type.UpdateRequest))
    assert held == []
    window.bridge.pause()


def test_painting_does_not_eat_references_to_none(qapp):
    """PySide6 6.12.0 on Python 3.11 lost one with every call, and then ended the process."""
    image = QImage(64, 64, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(1000):
        painter.setOpacity(0.5)
        painter.drawRect(QRectF(1, 1, 20, 20))
        painter.drawEllipse(QPointF(30, 30), 5, 5)
    after = sys.getrefcount(None)
    painter.end()
    assert after > before - 100


def test_a_selected_wire_can_be_deleted_from_the_menu(window):
    delete = window.actions_["delete"]
    assert not delete.isEnabled()
    wire = window.store.project.network.edges[-1]
    window.canvas.selection.only(edges=[wire])
    assert delete.isEnabled()
    delete.trigger()
    assert wire not in window.store.project.network.edges


def test_a_new_window_fits_on_the_screen_with_its_frame(themes, settings):
    store = Store(first_start())
    window = MainWindow(store, TrainingBridge(store), themes, settings)
    room = window.screen().availableGeometry()
    # A title bar of the system comes on top of it.
    assert window.height() + 24 <= room.height()
    window._may_close = True
    window.close()
    window.deleteLater()


def test_a_bubble_hides_no_control_of_a_card_and_lies_under_no_message(window):
    canvas, bubble = window.canvas, window.canvas.bubble
    canvas.edits.set_setting("n2", "units", 3)
    assert bubble.isVisible()

    def hidden() -> list[str]:
        found = []
        for id, card in canvas.canvas.cards.items():
            for control in card.content.controls:
                row = card.geometry.row(control.setting.name).translated(card.pos())
                rect = canvas.viewportTransform().mapRect(row).toRect()
                if rect.intersects(bubble.geometry()):
                    found.append(f"{id} {control.setting.name}")
        return found

    assert hidden() == []
    for words in ("A short word.", "A word that is longer than the other one. " * 4):
        window.strip.tell("warning", words)
        corner = canvas.viewport().mapFromGlobal(window.strip.mapToGlobal(QPoint(0, 0)))
        assert not bubble.geometry().intersects(QRect(corner, window.strip.size()))
        assert hidden() == []
    window.store.undo()


def test_the_hint_hides_no_heading_and_no_card(open_window):
    window = open_window()
    window.hint.offer()
    canvas, hint = window.canvas, window.hint.geometry()
    corner = canvas.viewport().mapTo(window, QPoint(0, 0))
    assert QRect(corner, canvas.viewport().size()).contains(hint)
    for card in canvas.canvas.cards.values():
        rect = canvas.viewportTransform().mapRect(card.scene_rect()).toRect()
        assert not rect.translated(corner).intersects(hint)


def test_every_stop_of_tab_can_be_seen(open_window, qtbot):
    window = open_window()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    if (first := QApplication.focusWidget()) is not None:
        first.clearFocus()  # which has it without a key: nobody has to be shown where it is
    seen: list[QWidget] = []
    unseen = []
    for _ in range(90):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        if widget is None or widget in seen:
            continue
        seen.append(widget)
        place = widget.rect().translated(widget.mapTo(window, QPoint(0, 0)))
        with_focus = window.grab(place).toImage()
        widget.clearFocus()
        without = window.grab(place).toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if with_focus == without:
            unseen.append(f"{type(widget).__name__} {widget.accessibleName()}")
    assert len(seen) > 40
    assert unseen == []


def test_tab_goes_back_past_what_lies_behind_another_tab(standing_window):
    window = standing_window
    window.workspaces.show("watch")
    QApplication.processEvents()
    window.canvas.setFocus()
    seen: list[QWidget] = []
    hidden = []
    # On the canvas Tab walks through the cards first.
    while (widget := QApplication.focusWidget()) is window.canvas or widget not in seen:
        seen.append(widget)
        if not QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).intersects(window.rect()):
            hidden.append(f"{type(widget).__name__} {widget.accessibleName()}")
        QTest.keyClick(widget, Qt.Key.Key_Backtab)
        assert len(seen) < 200
    assert hidden == []
    assert len(set(seen)) > 10
    window.workspaces.show("build")
