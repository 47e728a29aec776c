"""The timeline with mouse and keys: every view shows the moment, the film plays, forks train."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from netbuilder.engine.layers import Dense
from netbuilder.gui import player
from netbuilder.gui.panels.timeline.track import MARGIN, Story, Track
from netbuilder.gui.theme.colours import LIGHT
from netbuilder.gui.window.actions import ACTIONS
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.training.replay import Replay

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(standing_window: MainWindow) -> Iterator[MainWindow]:
    """One for all tests here, in Watch, where most follows the cursor."""
    standing_window.workspaces.show("watch")
    yield standing_window
    standing_window.player.stop()
    standing_window.workspaces.show("build")


@pytest.fixture
def panel(window):
    return window.workspaces.panels["timeline"]


def train(window, qtbot, updates: int = 300) -> None:
    """Plays until there are so many updates more, and rests."""
    goal = (window.bridge.last.step if window.bridge.last else 0) + updates
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last.step >= goal, timeout=20_000)
    window.bridge.pause()
    qtbot.waitUntil(lambda: not window.bridge.running)
    QApplication.processEvents()


def point(track: Track, step: int) -> QPoint:
    return QPoint(round(track.x_of(step)), track.height() // 2)


def drag(track: Track, *steps: int) -> None:
    """From one step over others to the last one."""
    QTest.mousePress(track, LEFT, pos=point(track, steps[0]))
    for step in steps[1:]:
        QTest.mouseMove(track, point(track, step))
    QTest.mouseRelease(track, LEFT, pos=point(track, steps[-1]))


def found(window, qtbot):
    """The exact moment, once it has come."""
    cursor = window.cursor_
    qtbot.waitUntil(lambda: not cursor.live and cursor.moment.exact and not cursor.seeking)
    return cursor.moment


def exactly(moment) -> dict[str, bytes]:
    """The weights of that moment, replayed by ourselves."""
    again = Replay(moment.recorder).snapshot(moment.step, moment)
    assert again is not None
    return {name: W.tobytes() for name, W in again.weights.items()}


def picture(widget) -> QImage:
    QApplication.processEvents()
    return widget.grab().toImage()


def views(window) -> dict[str, object]:
    names = ("cost_curve", "heatmaps", "boundary", "confusion")
    return {name: window.workspaces.panels[name] for name in names} | {
        "canvas": window.canvas,
        "toolbar": window.toolbar,
    }


# --- looking back --------------------------------------------------------------------------------


def test_dragging_the_head_brings_every_view_to_that_moment(window, panel, qtbot):
    train(window, qtbot)
    late = {name: picture(view) for name, view in views(window).items()}
    track, last = panel.track, window.bridge.last.step
    assert track.head == last and panel.live.isChecked()
    moved = []
    window.cursor_.moved.connect(lambda moment: moved.append((moment.step, moment.exact)))
    wanted = track.step_at(point(track, last // 5).x())
    drag(track, last, last // 2, last // 5)
    assert moved[-1] == (wanted, False), "the film's frame is there at once"
    assert panel.read_out.text().startswith(f"≈ update {wanted:,} of {last:,}")
    moment = found(window, qtbot)
    assert moment.step == wanted
    assert {name: W.tobytes() for name, W in moment.weights.items()} == exactly(moment)
    assert moment.gradients and panel.read_out.text().startswith(f"update {wanted:,} of")
    assert window.toolbar.epoch.value.text() == f"{moment.epoch:,}"
    for name, view in views(window).items():
        assert picture(view) != late[name], name
    assert not panel.live.isChecked() and track.head == wanted


def test_dragging_to_the_right_end_is_live_again(window, panel, qtbot):
    train(window, qtbot)
    track, last = panel.track, window.bridge.last.step
    drag(track, last // 2)
    found(window, qtbot)
    QTest.mousePress(track, LEFT, pos=point(track, last // 2))
    QTest.mouseMove(track, QPoint(track.width() + 40, 5))
    QTest.mouseRelease(track, LEFT, pos=QPoint(track.width() + 40, 5))
    assert window.cursor_.live and panel.live.isChecked()
    drag(track, 0)
    assert found(window, qtbot).step == 0
    QTest.mouseClick(panel.live, LEFT)
    assert window.cursor_.live and window.cursor_.moment is window.bridge.last


def test_it_can_be_looked_back_while_it_trains(window, panel, qtbot):
    train(window, qtbot)
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.running)
    drag(panel.track, panel.track.story.last, panel.track.story.last // 3)
    moment = found(window, qtbot)
    step = window.bridge.last.step
    qtbot.waitUntil(lambda: window.bridge.last.step > step, timeout=20_000)
    assert window.bridge.running and window.cursor_.moment is moment
    qtbot.waitUntil(lambda: panel.track.story.last > moment.step)
    QTest.keyClick(window, KEY.Key_F9)
    assert window.cursor_.live
    window.bridge.pause()


def test_the_newest_wish_wins(window, panel, qtbot):
    train(window, qtbot)
    last = window.bridge.last.step
    drag(panel.track, *range(last, 0, -max(1, last // 40)), 1)
    assert found(window, qtbot).step == panel.track.step_at(point(panel.track, 1).x())


def test_keys_go_by_update_and_by_epoch(window, panel, qtbot):
    training = replace(window.store.project.training, batch_size=100)
    window.store.edit(lambda p: replace(p, training=training), "batches")
    for _ in range(10):
        window.bridge.step()
    qtbot.waitUntil(lambda: window.bridge.last.step == 10 and not window.bridge.running)
    cursor, track = window.cursor_, panel.track
    track.setFocus()
    for key, modifiers, step in (
        (KEY.Key_Left, Qt.KeyboardModifier.NoModifier, 9),
        (KEY.Key_Left, CTRL, 8),
        (KEY.Key_PageUp, Qt.KeyboardModifier.NoModifier, 4),
        (KEY.Key_Right, Qt.KeyboardModifier.NoModifier, 5),
        (KEY.Key_Right, CTRL, 8),
        (KEY.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        (KEY.Key_Left, Qt.KeyboardModifier.NoModifier, 0),
        (KEY.Key_PageDown, Qt.KeyboardModifier.NoModifier, 4),
    ):
        QTest.keyClick(track, key, modifiers)
        assert cursor.moment.step == step, (key, modifiers)
    assert found(window, qtbot).epoch == 1
    for key, modifiers, step in (
        (KEY.Key_F6, CTRL, 5),
        (KEY.Key_F7, SHIFT, 4),
        (KEY.Key_F7, CTRL, 8),
        (KEY.Key_F6, SHIFT, 7),
    ):
        QTest.keyClick(window, key, modifiers)
        assert cursor.moment.step == step, (key, modifiers)
    QTest.keyClick(track, KEY.Key_End)
    assert cursor.live


def test_every_button_is_reached_by_tab_and_says_its_shortcut(window, panel, qtbot):
    train(window, qtbot, 20)
    drag(panel.track, 10)
    found(window, qtbot)
    keys = {action.id: action.shortcuts[0] for action in ACTIONS if action.shortcuts}
    for id, button in panel.buttons.items():
        shown = QKeySequence(keys[id]).toString(QKeySequence.SequenceFormat.NativeText)
        assert button.toolTip().endswith(f"({shown})") and button.accessibleName()
    assert "(F9)" in panel.live.toolTip() and "(Shift+F9)" in panel.train_on.toolTip()
    reached, widget = set(), panel.buttons["epoch_back"]
    widget.setFocus()
    for _ in range(9):
        reached.add(widget)
        QTest.keyClick(widget, KEY.Key_Tab)
        widget = QApplication.focusWidget()
    assert reached == {*panel.buttons.values(), panel.track, panel.train_on, panel.live}
    panel.buttons["update_back"].setFocus()
    QTest.keyClick(panel.buttons["update_back"], KEY.Key_Space)
    assert window.cursor_.moment.step == 9


def test_training_that_is_asked_for_is_looked_at(window, panel, qtbot):
    train(window, qtbot, 20)
    for key, button in ((KEY.Key_F6, "step"), (KEY.Key_F5, "play")):
        drag(panel.track, 3)
        found(window, qtbot)
        QTest.keyClick(window, key)
        assert window.cursor_.live, button
        qtbot.waitUntil(lambda: window.bridge.running or window.bridge.last.step > 20)
        window.bridge.pause()
        qtbot.waitUntil(lambda: not window.bridge.running)


def test_another_run_is_followed_live(window, panel, qtbot):
    train(window, qtbot, 20)
    drag(panel.track, 3)
    found(window, qtbot)
    QTest.mouseClick(window.toolbar.buttons["reset"], LEFT)
    qtbot.waitUntil(lambda: window.bridge.last.step == 0)
    assert window.cursor_.live and panel.track.story.last == 0


def test_another_runs_moment_is_shown_on_that_runs_track(window, panel, qtbot):
    train(window, qtbot, 40)
    earlier, last = window.bridge.last, window.bridge.last.step
    QTest.mouseClick(window.toolbar.buttons["reset"], LEFT)
    qtbot.waitUntil(lambda: window.bridge.last.step == 0)
    window.cursor_.rest_at(earlier)
    assert panel.track.story.last == last and panel.track.head == last
    drag(panel.track, last // 2)
    assert {n: W.tobytes() for n, W in found(window, qtbot).weights.items()} == exactly(
        window.cursor_.moment
    )
    drag(panel.track, last)
    assert found(window, qtbot).step == last
    assert not window.cursor_.live, "the end of another run is not live"
    assert panel.train_on.isEnabled()
    QTest.keyClick(window, KEY.Key_F9)
    assert window.cursor_.moment is window.bridge.last


# --- the film ------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    """A film that takes no longer than a test may."""
    monkeypatch.setattr(player, "SECONDS", 0.3)


def test_the_film_plays_forwards_and_backwards(window, panel, qtbot, quick):
    train(window, qtbot)
    steps = []
    window.cursor_.moved.connect(lambda moment: steps.append(moment.step))
    QTest.mouseClick(panel.buttons["film"], LEFT)
    assert window.player.direction == 1
    qtbot.waitUntil(lambda: window.player.direction == 0)
    assert window.cursor_.live
    assert len(steps) > 3 and steps == sorted(steps) and steps[0] == 0
    steps.clear()
    panel.track.setFocus()
    QTest.keyClick(panel.track, KEY.Key_Space, SHIFT)
    qtbot.waitUntil(lambda: window.player.direction == 0)
    assert found(window, qtbot).step == 0
    assert len(steps) > 3 and steps == sorted(steps, reverse=True)


def test_the_film_stops_where_it_is_told_to_and_the_exact_moment_follows(window, panel, qtbot):
    train(window, qtbot)
    QTest.keyClick(window, KEY.Key_F5, SHIFT)
    qtbot.waitUntil(lambda: not window.cursor_.live and window.cursor_.moment.step > 3)
    QTest.mouseClick(panel.buttons["film"], LEFT)
    assert window.player.direction == 0
    step = window.cursor_.moment.step
    assert found(window, qtbot).step == step
    QTest.keyClick(window, KEY.Key_F5, SHIFT)
    drag(panel.track, 2)
    assert window.player.direction == 0, "a hand on the head ends the film"
    found(window, qtbot)


# --- training on ---------------------------------------------------------------------------------


def test_train_on_from_here_undo_and_redo(window, panel, qtbot):
    train(window, qtbot)
    end = window.bridge.last
    assert not panel.train_on.isEnabled() and "Go back" in panel.train_on.toolTip()
    drag(panel.track, end.step // 2)
    moment = found(window, qtbot)
    assert panel.train_on.isEnabled()
    QTest.mouseClick(panel.train_on, LEFT)
    qtbot.waitUntil(lambda: window.bridge.last.run != end.run and window.bridge.running)
    assert window.cursor_.live
    assert window.store.undo_label == f"train on from update {moment.step:,}"
    qtbot.waitUntil(lambda: window.bridge.last.step > end.step, timeout=20_000)
    window.bridge.pause()
    qtbot.waitUntil(lambda: not window.bridge.running)
    again = Replay(window.bridge.last.recorder).snapshot(end.step, window.bridge.last)
    for name, W in end.weights.items():
        assert again.weights[name].tobytes() == W.tobytes(), name
    QTest.keyClick(window, KEY.Key_Z, CTRL)
    qtbot.waitUntil(lambda: window.bridge.last.step == end.step)
    for name, W in end.weights.items():
        assert window.bridge.last.weights[name].tobytes() == W.tobytes(), name


def test_a_moment_of_an_earlier_network_is_seen_and_trained_on_from(window, panel, qtbot):
    train(window, qtbot, 60)
    split = window.bridge.last.step
    boundary = window.workspaces.panels["boundary"]
    drag(panel.track, split // 2)
    step = found(window, qtbot).step
    qtbot.waitUntil(lambda: not boundary.stale)
    seen = picture(boundary)
    QTest.keyClick(window, KEY.Key_F9)
    first = window.store.project
    network = first.network.set_layer("n1", Dense(9, "relu"))
    window.store.edit(lambda p: p.with_network(network), "units of Dense 1")
    train(window, qtbot, 60)
    assert panel.track.story.breaks == (split,)
    window.cursor_.go_to(step)
    found(window, qtbot)
    qtbot.waitUntil(lambda: not boundary.stale)
    assert picture(boundary) == seen
    assert panel.train_on.isEnabled()
    QTest.keyClick(window, KEY.Key_F9, SHIFT)
    qtbot.waitUntil(lambda: window.store.project == first)
    assert window.store.undo_label == f"train on from update {step:,}"
    window.bridge.pause()
    window.store.undo()
    assert window.store.project.network is network


def test_where_it_cannot_be_trained_on_from_the_button_says_why(window, panel, qtbot):
    train(window, qtbot, 20)
    drag(panel.track, 5)
    elsewhere = found(window, qtbot)
    window.store.replace(replace(window.store.project, seed=77))
    window.cursor_.rest_at(elsewhere)
    assert not panel.train_on.isEnabled()
    assert "no longer in the history" in panel.train_on.toolTip()


# --- what the track shows ------------------------------------------------------------------------


def test_the_track_tells_of_changes_the_best_and_what_is_not_kept(qtbot):
    track = Track(LIGHT)
    qtbot.addWidget(track)
    track.resize(400, 24)
    assert "brought back" in track.told_at(10)
    track.show_story(
        Story(last=1000, first=200, marks=((500, "rate: 1 → 2"),), breaks=(700,), best=900), 1000
    )
    assert track.told_at(track.x_of(500) + 2) == "update 500: rate: 1 → 2"
    assert track.told_at(track.x_of(900)) == "update 900: the lowest cost so far"
    assert track.told_at(track.x_of(600)) == "update 600"
    assert track.told_at(track.x_of(700)) == "update 700: training was taken up again here"
    assert "not kept" in track.told_at(track.x_of(50))
    assert (track.step_at(0), track.step_at(400)) == (200, 1000)
    assert track.step_at(MARGIN + (400 - 2 * MARGIN) / 2) == 500


def test_no_search_is_left_when_the_window_closes(open_window, qtbot):
    window = open_window()
    train(window, qtbot)
    for step in range(100, 0, -7):
        window.cursor_.go_to(step)
    window.player.play(1)
    window._may_close = True
    window.close()


def test_the_film_moves_along_with_a_run_that_goes_on(qtbot) -> None:
    track = Track(LIGHT)
    qtbot.addWidget(track)
    track.resize(618, 24)
    frames = np.arange(0, 1001, 10)

    def filled(last: int) -> float:
        """The place of the last frame, as a share of the track."""
        track.show_story(Story(last=last, frames=frames), head=0)
        image = track.grab().toImage()
        ratio, empty = image.width() / track.width(), LIGHT.color("sunken").rgb()
        within = range(round(MARGIN * ratio), round((618 - MARGIN) * ratio))
        last_x = max(x for x in within if image.pixel(x, round(12 * ratio)) != empty)
        return (last_x / ratio - MARGIN) / (618 - 2 * MARGIN)

    assert filled(1_000) == pytest.approx(1.0, abs=0.01)
    # Both where the picture is only drawn narrower, and where it is made anew.
    assert filled(1_050) == pytest.approx(1_000 / 1_050, abs=0.01)
    assert filled(2_000) == pytest.approx(0.5, abs=0.01)
