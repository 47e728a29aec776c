"""The import dialog as a user has it: roles above the columns, the reading, what must be asked."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton

from netbuilder.gui.panels.data.panel import DataPanel
from netbuilder.gui.window import import_work
from netbuilder.gui.window.import_dialog import ImportDialog

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
FILES = Path(__file__).parents[2] / "data" / "files"


@pytest.fixture
def window(standing_window):
    return standing_window


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    path = tmp_path / "mixed.csv"
    rows = [
        f"{k + 1},{['low', 'medium', 'high'][k % 3]},{k % 7 if k % 5 else ''},{k / 4},{k * 3.5}"
        for k in range(60)
    ]
    path.write_text("id,grade,zip,length,weight\n" + "\n".join(rows) + "\n")
    return path


def pick(dialog: ImportDialog, column: str, words: str) -> None:
    """Chooses a role with the mouse: a click on the header, and one in the menu."""
    header = dialog.preview.header
    section = dialog.found.table.columns.index(column)
    at = QPoint(header.sectionViewportPosition(section) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, pos=at)
    assert dialog.menu.isVisible()
    action = next(a for a in dialog.menu.actions() if a.text().startswith(words))
    QTest.mouseClick(dialog.menu, LEFT, pos=dialog.menu.actionGeometry(action).center())


def shown_roles(dialog: ImportDialog) -> list[str]:
    return [dialog.preview.shown.roles[name] for name in dialog.found.table.columns]


def test_roles_are_suggested_with_their_reasons(window, mixed, imported) -> None:
    dialog = imported(window, mixed)
    assert shown_roles(dialog) == ["left out", "category", "number", "number", "predict"]
    model = dialog.preview.shown
    tip = model.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert tip == "The column 'id' is left out: it only numbers the rows."
    dialog.reject()


def test_roles_are_chosen_above_the_columns(window, mixed, imported) -> None:
    dialog = imported(window, mixed)
    pick(dialog, "grade", "Ordered: low < medium < high")
    pick(dialog, "zip", "Category")
    pick(dialog, "length", "Predict it as well")
    assert shown_roles(dialog) == ["left out", "ordered", "category", "predict", "predict"]
    assert dialog.target.currentText() == "weight, length"
    dialog.missing.setFocus()
    QTest.keyClick(dialog.missing, KEY.Key_Down)
    imported(window)
    assert "2 numbers are predicted" in dialog.verdict.text()
    assert "12 missing values are filled in by the mean" in dialog.verdict.text()
    QTest.mouseClick(dialog.accept_button, LEFT)
    roles = window.store.project.data.roles
    assert roles.targets == ("weight", "length") and roles.missing == "mean"
    assert dict(roles.columns) == {"grade": "ordered", "zip": "category"}
    names = window.store.dataset.info.feature_names
    assert names == ("grade", *(f"zip={k}" for k in range(7)))


def test_a_column_that_is_left_out_is_target_no_longer(window, mixed, imported) -> None:
    dialog = imported(window, mixed)
    pick(dialog, "weight", "Leave out")
    assert shown_roles(dialog) == ["left out", "category", "number", "predict", "left out"]
    pick(dialog, "grade", "Predict it")
    imported(window)
    assert dialog.verdict.text().startswith("3 classes: high, low, medium.")
    dialog.reject()


def test_roles_by_keyboard(window, mixed, imported) -> None:
    dialog = imported(window, mixed)
    dialog.preview.setFocus()
    dialog.preview.setCurrentIndex(dialog.preview.shown.index(0, 3))
    QTest.keyClick(dialog.preview, KEY.Key_Space)
    assert dialog.menu.isVisible()
    dialog.menu.setActiveAction(dialog.menu.actions()[-1])
    QTest.keyClick(dialog.menu, KEY.Key_Return)
    assert dialog.roles.of("length") == "skip"
    dialog.reject()


def test_what_cannot_be_told_is_asked_and_not_guessed(window, imported) -> None:
    dialog = imported(window, FILES / "thousands_open.csv")
    bar = dialog.reading
    assert bar.asking.isVisible() and "1.463 in the column 'Preis'" in bar.question.text()
    assert not dialog.accept_button.isEnabled()
    answers = bar.findChildren(QPushButton, "answer")
    assert [button.text() for button in answers] == ["1.234,5", "1,234.5"]
    QTest.mouseClick(answers[0], LEFT)
    imported(window)
    assert not bar.asking.isVisible() and dialog.accept_button.isEnabled()
    QTest.mouseClick(dialog.accept_button, LEFT)
    data = window.store.project.data
    assert data.table.column("Preis").tolist() == [1463, 989, 1120, 875]
    assert data.reading.decimal == ","


def test_how_it_is_read_is_shown_and_can_be_changed(window, imported) -> None:
    dialog = imported(window, FILES / "cp1252.csv")
    fields = dialog.reading.fields
    assert fields["encoding"].currentText() == "Western (cp1252)"
    assert dialog.preview.shown.data(dialog.preview.shown.index(0, 0)) == "Köln"
    fields["delimiter"].setFocus()
    QTest.keyClick(fields["delimiter"], KEY.Key_Down)
    imported(window)
    assert dialog.found.table.columns == ("city,price",)
    assert dialog.verdict.property("tone") == "error"
    dialog.reject()


def test_a_header_that_was_not_seen_can_be_told(window, imported) -> None:
    dialog = imported(window, FILES / "no_header.csv")
    header = dialog.reading.fields["header"]
    assert header.currentText() == "no header"
    header.setFocus()
    QTest.keyClick(header, KEY.Key_Up)
    imported(window)
    assert dialog.found.table.columns == ("5.1", "3.5", "setosa")
    assert (dialog.found.table.m, header.currentText()) == (2, "with header")
    dialog.reject()


def test_columns_that_may_be_pixels_are_offered_as_images(window, tmp_path, imported) -> None:
    path = tmp_path / "digits.csv"
    rng = np.random.RandomState(0)
    lines = [",".join(map(str, range(65)))]
    lines += [",".join(map(str, [*rng.randint(0, 17, 64), k % 10])) for k in range(60)]
    path.write_text("\n".join(lines))
    dialog = imported(window, path)
    assert dialog.images.isVisible() and dialog.images.isChecked()
    assert "images of 8×8" in dialog.images.text()
    QTest.mouseClick(dialog.accept_button, LEFT)
    info = window.store.dataset.info
    assert (info.image_shape, info.task) == ((8, 8), "classes")


def test_a_long_file_is_read_off_the_gui_thread_and_can_be_left(
    window, qtbot, mixed, monkeypatch
) -> None:
    """The dialog opens without it, tells how far it is, and its thread ends with it."""
    inside, go_on = threading.Event(), threading.Event()
    threads = []
    read = import_work.read_table

    def slow(path, reading, watch):
        threads.append(threading.current_thread())
        watch(0.4)
        inside.set()
        go_on.wait()
        watch(0.6)
        return read(path, reading=reading, watch=watch)

    monkeypatch.setattr(import_work, "read_table", slow)
    before = window.store.project
    window.documents.import_file(mixed)
    dialog = window.documents.importing.dialog
    qtbot.waitUntil(lambda: inside.is_set() and dialog.isVisible())
    qtbot.waitUntil(lambda: dialog.progress.value() == 40)
    assert threads != [threading.main_thread()] and not dialog.accept_button.isEnabled()
    QTest.keyClick(dialog, KEY.Key_Escape)
    assert window.documents.importing.dialog is None
    go_on.set()
    qtbot.waitUntil(lambda: not window.documents.importing.work.busy)
    assert window.store.project is before and not threads[0].is_alive()


def test_a_folder_of_images_is_dropped_and_learned(window, tmp_path, imported, qtbot) -> None:
    image = pytest.importorskip("PIL.Image")
    for name, grey in (("dark", 20), ("bright", 230)):
        (tmp_path / "shades" / name).mkdir(parents=True)
        for k in range(30):
            image.new("L", (8, 8), grey + k % 7).save(tmp_path / "shades" / name / f"{k}.png")
    window.documents.drop(tmp_path / "shades")
    dialog = imported(window)
    assert dialog.verdict.text().startswith("Two classes: bright, dark.")
    assert not dialog.reading.isVisible() and not dialog.images.isVisible()
    QTest.mouseClick(dialog.accept_button, LEFT)
    info = window.store.dataset.info
    assert (info.image_shape, info.class_names) == ((8, 8), ("bright", "dark"))


def test_a_sheet_of_a_workbook_is_chosen(window, tmp_path, imported) -> None:
    book = Workbook()
    book.active.title = "old"
    for name, rows in (
        ("old", [["a", "b"], [1, 2.5], [2, 3]]),
        ("new", [["c", "d"], [5, 6.5]] * 1),
    ):
        sheet = book["old"] if name == "old" else book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book["new"].append([7, 8])
    book.save(tmp_path / "own.xlsx")
    dialog = imported(window, tmp_path / "own.xlsx")
    assert dialog.reading.question.text() == "own.xlsx has several sheets: old, new."
    assert not dialog.accept_button.isEnabled()
    shown = {name for name, field in dialog.reading.fields.items() if not field.isHidden()}
    assert shown == {"sheet", "header"}
    answers = dialog.reading.findChildren(QPushButton, "answer")
    QTest.mouseClick(next(a for a in answers if a.text() == "new"), LEFT)
    imported(window)
    assert dialog.reading.asking.isHidden()
    assert dialog.found.table.columns == ("c", "d")
    assert dialog.reading.fields["sheet"].currentText() == "new"
    dialog.reading.fields["sheet"].setFocus()
    QTest.keyClick(dialog.reading.fields["sheet"], KEY.Key_Up)
    imported(window)
    assert dialog.found.table.columns == ("a", "b")
    QTest.mouseClick(dialog.accept_button, LEFT)
    assert window.store.project.data.reading.sheet == "old"


def test_a_test_file_is_chosen_and_let_go_of(window, tmp_path, imported, monkeypatch) -> None:
    rows = "\n".join(f"{k},{k % 3},{2 * k}" for k in range(60))
    (tmp_path / "own.csv").write_text(f"a,b,y\n{rows}\n")
    (tmp_path / "later.csv").write_text("y,b,a\n1,2,3\n4,5,6\n")
    (tmp_path / "odd.csv").write_text("y,b\n1,2\n")
    answers = ["odd.csv", "later.csv", "later.csv"]
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / answers.pop(0)), "")
    )
    dialog = imported(window, tmp_path / "own.csv")
    QTest.mouseClick(dialog.test_file, LEFT)
    imported(window)
    assert "The test file odd has no column 'a'" in dialog.verdict.text()
    assert not dialog.accept_button.isEnabled()
    QTest.mouseClick(dialog.test_file, LEFT)
    QTest.mouseClick(dialog.test_file, LEFT)
    imported(window)
    assert dialog.test_file.text() == "later.csv" and not dialog.test.isEnabled()
    assert "2 examples of later.csv test it." in dialog.verdict.text()
    QTest.mouseClick(dialog.accept_button, LEFT)
    store, panel = window.store, window.workspaces.docks["data"].findChild(DataPanel)
    assert store.dataset.test.m == 2
    assert panel.test_file.text() == "later.csv"
    QTest.mouseClick(panel.no_test_file, LEFT)
    assert store.dataset.test.m == 0 and panel.test_file.text() == "Choose…"
    store.undo()
    assert store.dataset.test.m == 2
    store.redo()
    window.documents.ask_import_test()
    imported(window)
    assert store.dataset.test.m == 2
