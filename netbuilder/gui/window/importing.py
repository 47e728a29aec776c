"""Importing: a data file becomes the document's data, by way of the import dialog."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from netbuilder.data.dataset import DataInfo
from netbuilder.data.files import read_table
from netbuilder.data.reading import Watch
from netbuilder.document.model.datasets import dataset_of, kept_of
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import own_test
from netbuilder.errors import UserError
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.window.import_work import Work

if TYPE_CHECKING:
    from netbuilder.gui.window.import_dialog import ImportDialog

PATIENCE = 200
"""Milliseconds that a file may take to be read before the dialog opens without it."""


def _kinds(info: DataInfo) -> tuple[object, ...]:
    """What a network must fit."""
    return info.feature_names, info.target_names, info.task, info.class_names


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

    def start_test(self, path: Path) -> None:
        """Reads a test file, and makes its examples the test part of those that are in force."""
        data = self._store.project.data

        def read(watch: Watch) -> DataChoice:
            found = own_test(str(path), data.reading, watch)
            choice = replace(data, own_test=found, test=0.0)
            dataset_of(choice)  # which the store asks for again, at no cost
            return choice

        self.work.ask(read, self._put_test)

    def _put_test(self, choice: DataChoice | None, error: Exception | None) -> None:
        if choice is None or choice.own_test is None:
            self._refuse(error)
            return
        self._store.edit(
            lambda project: replace(project, data=choice),
            self.tr("test data from {name}").format(name=Path(choice.own_test.path).name),
        )

    def read_anew(self) -> None:
        """Reads the files of the data in force again, which have changed, as they were read then.

        Where they still hold the same columns and classes, what was set by hand stays.
        """
        data = self._store.project.data
        before = kept_of(data)

        def read(watch: Watch) -> tuple[DataChoice, bool]:
            own = data.own_test
            if own is not None:
                own = own_test(own.path, own.reading, watch)
            table = read_table(data.path, reading=data.reading, watch=watch)
            choice = replace(data, table=table, own_test=own, kept=None)
            info = dataset_of(choice).info
            same = before is not None and _kinds(info) == _kinds(before.recipe.info)
            return choice, same

        self.work.ask(read, self._put_anew)

    def _put_anew(self, found: tuple[DataChoice, bool] | None, error: Exception | None) -> None:
        if found is None:
            self._refuse(error)
            return
        choice, same = found
        label = self.tr("data from {name}").format(name=Path(choice.path).name)
        if same:
            self._store.edit(lambda project: replace(project, data=choice), label)
        else:
            self._store.choose(lambda old: choice, label)

    def _refuse(self, error: Exception | None) -> None:
        if not isinstance(error, UserError):
            error = UserError("{reason}", reason=str(error) or type(error).__name__)
        self._fail(error)

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
