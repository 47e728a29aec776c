"""Names that look like HTML are shown as they are written, wherever they come to stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QToolTip, QWidget

from netbuilder.document.model.network import Edge
from netbuilder.document.templates import data_choice, new_project
from netbuilder.engine.layers import Dense
from netbuilder.gui.canvas import hover
from netbuilder.gui.widgets.labels import tip
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.gui.window.question import ask

NAME = "<b>x</b>"
TIP = Qt.ItemDataRole.ToolTipRole


def test_a_tool_tip_is_no_html() -> None:
    assert tip("a & b, 3 > 2") == "a & b, 3 > 2"
    assert "&lt;img" in tip("<img src='x'>\nsecond") and "pre" in tip("<b>")
    assert "&amp;lt;" in tip("&lt;b")
    assert tip("a\x1b[0mb") == "a\\x1b[0mb"


def taken_for_html(widget: QWidget) -> Iterator[str]:
    """What of a window Qt would read as HTML that nobody has escaped."""
    for label in widget.findChildren(QLabel):
        if NAME in label.text() and label.textFormat() != Qt.TextFormat.PlainText:
            yield f"{type(label.parent()).__name__}: {label.text()}"
    for part in widget.findChildren(QWidget):
        if NAME in part.toolTip():
            yield f"tool tip of {type(part).__name__}: {part.toolTip()}"
    for view in widget.findChildren(QAbstractItemView):
        model = view.model()
        if not isinstance(model, QAbstractTableModel):
            continue
        for column in range(model.columnCount(QModelIndex())):
            for row in range(min(5, model.rowCount(QModelIndex()))):
                words = str(model.index(row, column).data(TIP) or "")
                if NAME in words:
                    yield f"tool tip in {type(view).__name__}: {words}"
            words = str(model.headerData(column, Qt.Orientation.Horizontal, TIP) or "")
            if NAME in words:
                yield f"tool tip on {type(view).__name__}: {words}"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "<b>x<b>.csv"
    rows = "".join(f"{k / 7:.2f},{k % 5},{NAME}{'no' if k % 2 else 'yes'}\n" for k in range(40))
    path.write_text(f"{NAME}a,{NAME}b,{NAME}kind\n{rows}")
    return path


def test_names_in_the_window(standing_window: MainWindow, table: Path, qtbot, imported) -> None:
    window = standing_window
    dialog = imported(window, table)
    assert list(taken_for_html(dialog)) == []
    dialog.reject()
    project = new_project(data_choice(str(table)))
    network = project.network.rename("n1", NAME)
    network, loose = network.add(Dense(), (0, 300))
    window.store.replace(project.with_network(network.rename(loose.id, NAME + "2")))
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    found = set()
    for workspace in ("build", "watch", "understand"):
        window.workspaces.show(workspace)
        for dock in window.workspaces.docks.values():
            dock.raise_()
            qtbot.wait(1)
        for id in ("n1", loose.id):
            window.store.select([id])
            qtbot.wait(1)
            found |= set(taken_for_html(window))
    window.workspaces.show("build")
    broken = network.disconnect([Edge("n1", "n2")])
    window.store.edit(lambda p: p.with_network(broken), "break")
    qtbot.waitUntil(lambda: not window.workspaces.panels["heatmaps"].stale)
    found |= set(taken_for_html(window))
    assert found == set()
    said = [label.text() for label in window.findChildren(QLabel)]
    assert any(f"{NAME} has" in text or NAME in text for text in said), "they are shown at all"


def test_names_in_the_tool_tips_of_the_canvas(
    standing_window: MainWindow, qtbot, monkeypatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, *rest: shown.append(text))
    monkeypatch.setattr(hover.Hover, "words_at", lambda *_: NAME)

    class Event:
        def pos(self) -> QPoint:
            return QPoint(5, 5)

        globalPos = pos

    standing_window.canvas.hover.tell(Event())
    assert shown == [tip(NAME)] and NAME not in shown[0]


def test_names_in_questions(standing_window: MainWindow, qtbot) -> None:
    box = ask(standing_window, standing_window.themes, NAME, NAME, (), lambda: None)
    assert box.textFormat() == Qt.TextFormat.PlainText
    box.reject()
