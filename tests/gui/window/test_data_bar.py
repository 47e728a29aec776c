"""A data file that has changed since is asked about, beside and off the GUI thread."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.document.file import storage
from netbuilder.document.file.storage import load, save
from netbuilder.document.templates import data_choice, new_project

LEFT = Qt.MouseButton.LeftButton


def project_on(path: Path, rows: str) -> Path:
    """A project that has learned from a file, which then was changed."""
    data = path / "own.csv"
    data.write_text("a,b,y\n" + "".join(f"{k},{k % 3},{k % 2}\n" for k in range(60)))
    save(path / "n.netb", new_project(data_choice(str(data))), None)
    data.write_text("a,b,y\n" + rows)
    return path / "n.netb"


ROWS = "".join(f"{k},{k % 4},{k % 2}\n" for k in range(80))


def opened(window, qtbot, path: Path):
    window.store.replace(load(path).project, path)
    qtbot.waitUntil(lambda: not window.documents.importing.work.busy)
    return window.data_bar


@pytest.fixture
def window(standing_window):
    return standing_window


def test_data_in_the_project_stays_and_can_be_read_anew(window, qtbot, tmp_path) -> None:
    bar = opened(window, qtbot, project_on(tmp_path, ROWS))
    assert bar.text.text().startswith("own.csv has changed since it was imported.")
    assert window.store.dataset.info.m == 60
    settings = window.store.project.training
    QTest.mouseClick(bar._buttons[0], LEFT)
    qtbot.waitUntil(lambda: not window.documents.importing.work.busy)
    assert window.store.dataset.info.m == 80 and window.store.project.training == settings
    assert bar.isHidden()
    window.store.undo()
    assert window.store.dataset.info.m == 60


def test_what_was_learned_of_a_large_file_is_kept(window, qtbot, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(storage, "LARGEST_TABLE", 100)
    bar = opened(window, qtbot, project_on(tmp_path, ROWS))
    assert "cannot go on learning" in bar.text.text() and window.store.dataset is None
    QTest.mouseClick(bar._buttons[1], LEFT)
    assert bar.isHidden() and window.store.dataset is None
    bar = opened(window, qtbot, tmp_path / "n.netb")
    QTest.mouseClick(bar._buttons[0], LEFT)
    qtbot.waitUntil(lambda: not window.documents.importing.work.busy)
    assert window.store.dataset.info.m == 80


def test_other_classes_are_fitted_to(window, qtbot, tmp_path) -> None:
    rows = "".join(f"{k},{k % 4},{k % 3}\n" for k in range(90))
    bar = opened(window, qtbot, project_on(tmp_path, rows))
    QTest.mouseClick(bar._buttons[0], LEFT)
    qtbot.waitUntil(lambda: not window.documents.importing.work.busy)
    assert len(window.store.dataset.info.class_names) == 3
    assert window.store.compiled.plan is not None


def test_a_file_that_is_as_it_was_is_not_mentioned(window, qtbot, tmp_path) -> None:
    path = project_on(tmp_path, "")
    (tmp_path / "own.csv").write_text(
        "a,b,y\n" + "".join(f"{k},{k % 3},{k % 2}\n" for k in range(60))
    )
    assert opened(window, qtbot, path).isHidden()
