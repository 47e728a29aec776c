"""Exporting the curves of the runs that are shown: a picture, or a table."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from netbuilder.errors import Message, UserError
from netbuilder.exchange.curves import Run, save
from netbuilder.gui.run_book import RunBook, run_color
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import LIGHT
from netbuilder.gui.window.offered import folder, stem
from netbuilder.gui.window.writer import Writer


class CurvesExport(QObject):
    """Asks for a file, and writes it off the GUI thread; it lives until that is done."""

    def __init__(self, store: Store, book: RunBook, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._book, self._window = store, book, window
        self._writer = Writer(self)

    def ask(self) -> None:
        formats = {self.tr("Picture (*.svg)"): ".svg", self.tr("Table (*.csv)"): ".csv"}
        name, chosen = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Export the curves"),
            str(folder(self._store, "") / f"{stem(self._store)} curves.svg"),
            ";;".join(formats),
        )
        if not name:
            self.deleteLater()
            return
        path, suffix = Path(name), formats.get(chosen, ".svg")
        if path.suffix.lower() not in formats.values():
            path = path.with_name(path.name + suffix)
        # Always on white: a page is light, whatever the window is.
        runs = [
            Run(self._book.title(run), run.log, run_color(LIGHT, run.number).name())
            for run in self._book.shown
        ]
        self._writer.put(lambda: save(path, runs), lambda _, error: self._done(path, error))

    def _done(self, path: Path, error: Exception | None) -> None:
        self.deleteLater()
        if error is None:
            self._store.notify("info", Message("Exported the curves to {name}.", name=path.name))
        elif isinstance(error, UserError):
            self._store.notify("error", error.message)
        else:
            raise error
