"""The bar of the data: that its file has changed since the network learned from it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from netbuilder.data.stamp import has_changed
from netbuilder.document.model.datasets import kept_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.window.bar import Bar
from netbuilder.gui.window.importing import Importing


class DataBar(Bar):
    """Looks at the data's file once for each document, and asks what is to become of it."""

    def __init__(
        self, parent: QWidget, store: Store, importing: Importing, themes: ThemeManager
    ) -> None:
        super().__init__(parent, themes)
        self._store, self._importing = store, importing
        store.replaced.connect(self._look)
        store.changed.connect(self._on_changed)
        self._look()

    def _on_changed(self, old: Project, new: Project) -> None:
        if new.data is not old.data:
            self.hide()

    def _look(self, *_: object) -> None:
        self.hide()
        data = self._store.project.data
        kept = kept_of(data)
        own = data.own_test
        files = [] if kept is None else [(data.path, kept.stamp)]
        if kept is not None and own is not None:
            files.append((own.path, kept.test_stamp))
        stamped = [(path, stamp) for path, stamp in files if stamp is not None]
        if not stamped:
            return

        def changed(_watch: object) -> str:
            """The first file that holds something else."""
            return next((path for path, stamp in stamped if has_changed(path, stamp)), "")

        def tell(path: str | None, _error: Exception | None) -> None:
            if path and self._store.project.data is data:
                self._tell(data, Path(path).name)

        self._importing.work.ask(changed, tell)

    def _tell(self, data: DataChoice, name: str) -> None:
        anew = self.tr("Read it anew"), self._importing.read_anew
        if data.table is not None:
            words = self.tr(
                "{name} has changed since it was imported. The examples in this project are as "
                "they were."
            )
            self.tell("info", words.format(name=name), [anew], closable=True)
            return
        words = self.tr(
            "{name} has changed since this network learned from it. As it is, the network "
            "predicts, but cannot go on learning."
        )
        keep = self.tr("Keep what was learned"), self.hide
        self.tell("warning", words.format(name=name), [anew, keep])
