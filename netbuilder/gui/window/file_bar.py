"""The bar of the file: that it is being opened or saved, or why it may only be read."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.window.bar import Bar
from netbuilder.gui.window.documents import Documents

_LONG = 400
"""Milliseconds after which it is told that something is being opened or saved."""


class FileBar(Bar):
    """Follows the documents."""

    def __init__(self, parent: QWidget, documents: Documents, themes: ThemeManager) -> None:
        super().__init__(parent, themes)
        self._documents = documents
        self._is_long = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LONG)
        self._timer.timeout.connect(self._on_long)
        documents.saving.changed.connect(self._show)
        documents.waiting_changed.connect(self._show)
        self._show()

    def _on_long(self) -> None:
        self._is_long = True
        self._show()

    def _show(self, *_: object) -> None:
        documents, saving = self._documents, self._documents.saving
        if not saving.busy:
            self._timer.stop()
            self._is_long = False
            self._show_place()
        elif documents.waiting or self._is_long:
            waits = [(self.tr("Stay here"), documents.wait_no_longer)]
            words = self.tr("Opening {name}…") if saving.reads else self.tr("Saving {name}…")
            self.tell("info", words.format(name=saving.name), waits if documents.waiting else ())
        elif not self._timer.isActive():
            self._timer.start()

    def _show_place(self) -> None:
        place = self._documents.saving.place
        if place is None or place.refused is None:
            self.hide()
            return
        way_out = (self.tr("Save as…"), self._documents.save_as)
        self.tell("warning", tr_message(place.refused.message), [way_out], closable=True)
