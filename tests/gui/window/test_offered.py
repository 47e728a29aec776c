"""What file dialogs offer, and the lines that ask a network from another program."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from netbuilder.data.table import Table
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.document.templates import new_project
from netbuilder.gui.window.main_window import MainWindow


def offered(window: MainWindow, monkeypatch, *actions: str) -> list[tuple[Path, str]]:
    """What the dialogs of some actions begin with; they are cancelled."""
    seen = []

    def cancel(_parent, _title, start, filters="", chosen=""):
        seen.append((Path(start), chosen or filters.split(";;")[0]))
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", cancel)
    for action in actions:
        window.actions_[action].trigger()
    return seen


def test_an_untitled_network_is_offered_the_place_of_its_data(
    standing_window: MainWindow, qtbot, monkeypatch
):
    window = standing_window
    rng = np.random.default_rng(0)
    table = Table(rng.normal(size=(40, 3)), ("area", "rooms", "price"))
    choice = DataChoice(FILE, path="/data/of mine/homes.csv", table=table)
    window.store.replace(new_project(choice))
    qtbot.waitUntil(lambda: window.bridge.ready)
    found = offered(window, monkeypatch, "save_as", "export", "report", "export_curves")
    assert {start.parent for start, _ in found} == {Path("/data/of mine")}
    names = [start.name for start, _ in found]
    assert names == ["homes.netb", "homes.npz", "homes.html", "homes curves.svg"]
    assert found[1][1].endswith("(*.npz)")  # the format is that of the name


def test_a_network_of_made_up_points_is_called_network(standing_window, monkeypatch):
    ((start, _),) = offered(standing_window, monkeypatch, "save_as")
    assert start.name == "network.netb"


@pytest.mark.parametrize("saved", [True, False])
def test_lines_that_ask_it_from_another_program_are_copied(
    saved, standing_window: MainWindow, qtbot, monkeypatch, tmp_path: Path
):
    window, path = standing_window, tmp_path / "my net.netb"
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    if saved:
        window.actions_["save"].trigger()
        qtbot.waitUntil(lambda: not window.documents.modified)
    window.actions_["serve"].trigger()
    qtbot.waitUntil(lambda: window.documents.exporting.shown is not None)
    dialog = window.documents.exporting.shown
    assert path.exists() and dialog.isVisible()
    dialog.copy.click()
    start, ask = QGuiApplication.clipboard().text().splitlines()
    assert shlex.split(start)[-2:] == ["serve", str(path)]
    assert shlex.split(ask)[0] == "curl" and shlex.split(ask)[-1].endswith(":8000/predict")
    dialog.close()
    window.documents.exporting.close()


def test_without_a_name_there_is_nothing_to_ask(standing_window: MainWindow, monkeypatch):
    offered(standing_window, monkeypatch, "serve")
    assert standing_window.documents.exporting.shown is None
