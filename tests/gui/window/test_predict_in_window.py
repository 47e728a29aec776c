"""Predicting in the whole window: the place of the panel, and the action of the menu."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog


def test_the_menu_brings_the_panel_and_asks_for_a_file(
    standing_window, qtbot, tmp_path, monkeypatch
):
    window = standing_window
    qtbot.waitUntil(lambda: window.bridge.ready)
    dock = window.workspaces.docks["predict"]
    assert dock.visibleRegion().isEmpty()  # behind the inspector, whose place it does not take
    source = tmp_path / "points.csv"
    source.write_text("x1,x2\n0.5,1\n")
    answers = iter([str(source), str(tmp_path / "out.csv")])
    for ask in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, ask, lambda *_: (next(answers), ""))
    window.actions_["predict_file"].trigger()
    panel = window.workspaces.panels["predict"]
    qtbot.waitUntil(lambda: bool(panel.file.told.text()))
    assert not dock.visibleRegion().isEmpty()
    assert (tmp_path / "out.csv").read_text().startswith("x1,x2,prediction,probability 0")
    window.workspaces.docks["inspector"].raise_()


def test_no_panel_gives_up_its_place_for_it(standing_window):
    workspaces = standing_window.workspaces
    for name in ("watch", "understand", "build"):
        workspaces.show(name)
        groups = [group for group in workspaces._groups("right") if "predict" in group]
        assert [group.index("predict") for group in groups] == [1]
