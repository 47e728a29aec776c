"""Importing: a data file becomes the document's data, by way of the import dialog."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from netbuilder.document.model.project import DataChoice
from netbuilder.errors import UserError
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.window.import_work import Work

if TYPE_CHECKING:
    from netbuilder.gui.window.import_dialog import ImportDialog

PATIENCE = 200
"""Milliseconds that a file may take to be read before the dialog opens without it."""


class Importing(QObject):
    """Opens the dialog on a file, and puts in force what is chosen there."""

    def __init__(self, store: Store, themes: ThemeManager, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._themes, self._window = store, themes, window
        self.work = Work(self)
        self.dialog: ImportDialog | None = None
        """The one that is open, or is about to be."""

    def start(self, path: Path) -> None:
        """Reads a data file and shows what is in it, for roles to be chosen."""
        # Imported late: few starts of the program need it.
        from netbuilder.gui.window.import_dialog import ImportDialog

        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = ImportDialog(path, self.work, self._themes, self._window)
        dialog.chosen.connect(self._take)
        dialog.failed.connect(self._fail)
        dialog.finished.connect(self._forget)
        waiting = QTimer(dialog)
        waiting.setSingleShot(True)
        waiting.timeout.connect(dialog.open)
        waiting.start(PATIENCE)
        dialog.ready.connect(waiting.stop)
        dialog.ready.connect(dialog.open)
        dialog.read()

    def _take(self, choice: DataChoice) -> None:
        self._store.choose(
            lambda old: replace(choice, examples=old.examples, noise=old.noise),
            self.tr("data from {name}").format(name=Path(choice.path).name),
        )

    def _fail(self, error: UserError) -> None:
        self._store.notify("error", error.message)

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None

    def close(self) -> None:
        """Waits for the thread, which wants nothing any longer."""
        self.work.close()
