"""What cannot be is refused with a sentence beside its place: numbers, names, files, junk."""

from __future__ import annotations

import errno
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from netbuilder import files
from netbuilder.document.file import storage
from netbuilder.document.model.project import Project
from netbuilder.document.templates import first_start
from netbuilder.gui.window.main_window import MainWindow

pytestmark = pytest.mark.usefixtures("nothing_on_stderr")

LEFT, NONE, KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


# --- hands ---------------------------------------------------------------------------------------


def put(field, text: str) -> None:
    """Types a text into a field in place of what is there, and Enter."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, KEY.Key_Return)


def at(window: MainWindow, id: str, part: str) -> QPoint:
    card = window.canvas.canvas.cards[id]
    return window.canvas.mapFromScene(card.pos() + card.parts()[part].center())


def open_units(window: MainWindow, id: str = "n1"):
    QTest.mouseClick(window.canvas.viewport(), LEFT, NONE, at(window, id, "units"))
    assert window.canvas.fields.editor is not None
    return window.canvas.fields.editor


def append_dense(window: MainWindow) -> None:
    window.workspaces.panels["layers"].setCurrentRow(0)
    window.workspaces.panels["layers"].setFocus()
    QTest.keyClick(window.workspaces.panels["layers"], KEY.Key_Return)


def units(window: MainWindow, id: str = "n1") -> int:
    return window.store.project.network.node(id).layer.units


def press(dialog, words: str) -> None:
    (button,) = [b for b in dialog.findChildren(QPushButton) if words in b.text()]
    QTest.mouseClick(button, LEFT)


@pytest.fixture
def window(standing_window: MainWindow) -> MainWindow:
    """One for all: what was refused in one test must not show in the next."""
    return standing_window


# --- numbers that cannot be ----------------------------------------------------------------------

BAD_UNITS = ["0", "-4", "1000000000", "2.5", "four", "9" * 400]


@pytest.mark.parametrize("text", BAD_UNITS, ids=lambda text: text[:12])
def test_units_on_the_card_that_cannot_be(window, alive, text):
    editor = open_units(window)
    editor.selectAll()
    editor.insert(text)
    QTest.keyClick(editor, KEY.Key_Return)
    assert "1 to 1,000,000" in editor.message
    assert len(editor.message) < 140
    assert editor._wrong.geometry().top() >= editor.geometry().top(), "beside the field"
    assert units(window) == 4
    QTest.keyClick(editor, KEY.Key_Escape)
    assert window.canvas.fields.editor is None
    alive(window)


@pytest.mark.parametrize("text", BAD_UNITS, ids=lambda text: text[:12])
def test_units_in_the_inspector_that_cannot_be(window, alive, text):
    window.store.select(["n1"])
    field = window.workspaces.panels["inspector"].form.fields["units"]
    field.setFocus()
    field.selectAll()
    field.insert(text)
    field.setModified(True)
    QTest.keyClick(field, KEY.Key_Return)
    told = window.workspaces.panels["inspector"].form.complaint("units")
    assert told.startswith("Units must be") and told.endswith("Still 4.")
    assert len(told) < 140
    assert units(window) == 4
    QTest.keyClick(field, KEY.Key_Escape)
    assert (
        field.text() == "4" and window.workspaces.panels["inspector"].form.complaint("units") == ""
    )
    alive(window)


@pytest.mark.parametrize("text", ["1e30", "0", "-1", "fast", "nan", "inf"])
def test_a_learning_rate_that_cannot_be(window, alive, text):
    panel = window.workspaces.panels["training"].how
    put(window.toolbar.rate, text)
    assert window.toolbar.state.text().startswith("Learning rate must be")
    assert text.replace("1e30", "1e+30") in window.toolbar.state.text()
    assert "Still 1.2." in window.toolbar.state.text()
    put(panel.fields["learning_rate"], text)
    assert panel.complaint("learning_rate") == window.toolbar.state.text()
    assert window.store.project.training.learning_rate == 1.2
    QTest.keyClick(window.toolbar.rate, KEY.Key_Escape)
    assert window.toolbar.state.text() == "Ready"
    alive(window)


# --- data and files ------------------------------------------------------------------------------


def npy_header(shape: tuple[int, ...]) -> bytes:
    """An array of that shape as its header claims it, with no numbers behind."""
    words = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    words += b" " * (-(len(words) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(words)) + words


def enormous(path: Path, **shapes: tuple[int, ...]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, shape in shapes.items():
            archive.writestr(f"{name}.npy", npy_header(shape))


BAD_DATA: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty.csv": (lambda p: p.write_text(""), "is empty; expected examples"),
    "header.csv": (lambda p: p.write_text("a,b\n"), "a header and nothing below it"),
    "ragged.csv": (lambda p: p.write_text("a,b\n1,2\n3\n"), "line 3: expected 2 cells"),
    "word.csv": (
        lambda p: p.write_text("a,b\n" + "1,2\n3,4\n" * 20 + "oops,1\n"),
        "line 42, column 'a': expected a number",
    ),
    "tag.csv": (
        lambda p: p.write_text("a,b\n" + "1,2\n3,4\n" * 20 + "<b>x</b>,1\n"),
        "found '<b>x</b>'",
    ),
    "objects.npz": (
        lambda p: np.savez(p, X=np.array([[{}]], dtype=object), Y=np.array([0])),
        "Python objects, which are never loaded",
    ),
    "shapes.npz": (
        lambda p: np.savez(p, X=np.zeros((5, 2)), Y=np.zeros(4)),
        "X has 5 examples and Y has 4",
    ),
    "enormous.npz": (
        lambda p: enormous(p, X=(10**9, 10**4), Y=(10**9,)),
        "claims the shape (1000000000, 10000)",
    ),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_data_that_cannot_be_read(window, alive, tmp_path, name, imported):
    make, words = BAD_DATA[name]
    make(tmp_path / name)
    before = window.store.project
    window.documents.drop(tmp_path / name)
    assert imported(window) is None
    assert window.strip.isVisible() and window.strip.kind == "error"
    assert name in window.strip.text.text() and words in window.strip.text.text()
    assert window.strip.text.textFormat() == Qt.TextFormat.PlainText
    assert window.store.project is before
    alive(window)


def test_data_that_can_be_read_but_not_learned(window, qtbot, tmp_path, imported):
    path = tmp_path / "same.csv"
    path.write_text("a,b\n" + "1,x\n2,x\n" * 10)
    dialog = imported(window, path)
    assert "'x' in every example" in dialog.verdict.text()
    assert not dialog.accept_button.isEnabled()
    accent = QColor(window.themes.theme.accent)
    shown = dialog.accept_button.grab().toImage().pixelColor(8, dialog.accept_button.height() // 2)
    assert shown != accent, "a button that cannot be pressed looks so"
    QTest.keyClick(dialog, KEY.Key_Return)
    assert window.store.project.data.source == "flower"
    QTest.keyClick(dialog, KEY.Key_Escape)


def test_weights_that_claim_an_enormous_shape(window, qtbot, alive, tmp_path):
    path = tmp_path / "w.npz"
    enormous(path, W1=(10**9, 10**6), b1=(10**9, 1), W2=(1, 4), b2=(1, 1))
    window.documents.networks.start(path)
    qtbot.waitUntil(lambda: not window.documents.networks.work.busy)
    assert "w.npz: W1: it is too large" in window.strip.text.text()
    alive(window)


def newer(path: Path) -> None:
    storage.save(path, first_start(), None)
    with zipfile.ZipFile(path) as archive:
        text = archive.read("project.json").replace(
            f'"schema": {Project.schema}'.encode(), b'"schema": 99'
        )
    assert b"99" in text
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.json", text)


def truncated(path: Path) -> None:
    storage.save(path, first_start(), None)
    path.write_bytes(path.read_bytes()[:300])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (newer, "made by a newer netbuilder"),
        (truncated, "damaged or cut off"),
        (lambda p: p.write_text("hello"), "is no netbuilder project"),
        (lambda p: enormous(p, X=(1,)), "there is no project.json in it"),
        (lambda p: p.mkdir(), "is a folder"),
    ],
    ids=["newer", "truncated", "text", "npz", "folder"],
)
def test_projects_that_cannot_be_opened(window, alive, tmp_path, make, words, saved):
    path = tmp_path / "other.netb"
    make(path)
    before = window.store.project
    window.documents.drop(path)
    saved(window.documents)
    assert window.strip.kind == "error"
    assert "other.netb" in window.strip.text.text() and words in window.strip.text.text()
    assert window.store.project is before and window.store.path is None
    assert path not in window.documents.recent.paths
    alive(window)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the folder does not allow it")],
    ids=["full", "read-only"],
)
def test_a_disk_that_takes_nothing(window, alive, tmp_path, monkeypatch, number, words, saved):
    path = tmp_path / "mine.netb"
    window.documents._save(path)
    saved(window.documents)
    kept = path.read_bytes()
    window.store.edit(lambda p: replace(p, seed=7), "seed")

    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", fail)
        window.documents.save()
        saved(window.documents)
        assert "mine.netb" in window.strip.text.text() and words in window.strip.text.text()
        for suffix in (".npz", ".safetensors", ".onnx"):
            window.documents.exporting.export(tmp_path / f"w{suffix}")
            window.documents.exporting.finish()
            assert f"w{suffix}" in window.strip.text.text()
            assert words in window.strip.text.text()
    assert window.isWindowModified(), "it is still told that something is to be saved"
    assert path.read_bytes() == kept
    names = {p.name for p in tmp_path.iterdir() if p.suffix != ".ini"}
    assert names == {"mine.netb", ".mine.netb.lock"}
    alive(window)
    window.documents.save()
    saved(window.documents)
    assert not window.isWindowModified()


# --- names and the clipboard ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "1 to 40 characters"),
        ("Dense 2", "There is a layer called Dense 2 already"),
        ("a.b", "dot"),
    ],
)
def test_names_that_cannot_be(window, alive, name, words):
    QTest.mouseDClick(window.canvas.viewport(), LEFT, NONE, at(window, "n1", "name"))
    editor = window.canvas.fields.editor
    editor.selectAll()
    QTest.keyClick(editor, KEY.Key_Delete)
    QTest.keyClicks(editor, name)
    QTest.keyClick(editor, KEY.Key_Return)
    assert words in editor.message
    QTest.keyClick(editor, KEY.Key_Escape)
    window.store.select(["n1"])
    field = window.workspaces.panels["inspector"].name
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, KEY.Key_Delete)
    QTest.keyClicks(field, name)
    QTest.keyClick(field, KEY.Key_Return)
    assert words in window.strip.text.text()
    assert field.text() == window.store.project.network.node("n1").name == "Dense 1"
    alive(window)


@pytest.mark.parametrize(
    "text",
    ["", "junk", "{}", '{"netbuilder": 1}', "[" * 100_000, "x" * 5_000_000],
    ids=lambda text: text[:12],
)
def test_junk_is_pasted(window, alive, text):
    before = window.store.project
    QApplication.clipboard().setText(text)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, KEY.Key_V, CONTROL)
    assert window.store.project is before
    assert "clipboard" in window.strip.text.text()
    alive(window)
