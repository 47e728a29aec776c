"""The button in the import dialog with which a file of its own becomes the test part."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QPushButton

from netbuilder.document.model.project import OwnTest
from netbuilder.gui.window.import_work import data_filter


class OwnTestButton(QPushButton):
    """Asks for a file where there is none, else lets go of it."""

    asked = Signal(str)
    """(name of a file,) it is to be read."""
    dropped = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.found: OwnTest | None = None
        self.setAutoDefault(False)
        self.clicked.connect(self._click)
        self.show_found(None)

    def show_found(self, found: OwnTest | None) -> None:
        self.found = found
        self.setText(self.name.replace("&", "&&") or self.tr("or a file…"))
        self.setToolTip(
            self.tr("The test part comes from {name}; a click lets go of it.").format(
                name=self.name
            )
            if self.name
            else self.tr("Choose a file of its own for the test part.")
        )

    @property
    def name(self) -> str:
        return "" if self.found is None else Path(self.found.path).name

    def _click(self) -> None:
        if self.found is not None:
            self.dropped.emit()
            return
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("Test data"), str(self._folder), data_filter()
        )
        if name:
            self.asked.emit(name)
