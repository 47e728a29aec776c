"""Importing weights or a network: read on a thread, shown before anything is changed, one edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from netbuilder.document.model.project import Project
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.import_work import Work
from netbuilder.gui.window.network_choices import Choice, Looked, looked_into
from netbuilder.runs.stretch import Learned

if TYPE_CHECKING:
    from netbuilder.gui.window.network_import_dialog import NetworkImportDialog

_PATIENCE = 2.0
"""Seconds for which the worker is waited for, on a thread."""


class NetworkImport(QObject):
    """Opens the dialog on a file, and puts in force what is chosen there."""

    def __init__(self, store: Store, bridge: TrainingBridge, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._bridge, self._window = store, bridge, window
        self.work = Work(self)
        self.dialog: NetworkImportDialog | None = None

    def start(self, path: Path) -> None:
        """Reads a file and shows what fits."""
        if self.dialog is not None:
            self.dialog.reject()
        project, plan = self._store.project, self._store.compiled.plan

        def shown(looked: Looked | None, error: Exception | None) -> None:
            if isinstance(error, UserError):
                self._store.notify("error", error.message)
            elif error is not None:
                raise error
            elif looked is not None:
                self._show(path, looked, project)

        self.work.ask(lambda watch: looked_into(path, project, plan), shown)

    def _show(self, path: Path, looked: Looked, project: Project) -> None:
        # Imported late: few starts of the program need it.
        from netbuilder.gui.window.network_import_dialog import NetworkImportDialog

        self.dialog = NetworkImportDialog(path, looked, self._window)
        self.dialog.chosen.connect(lambda choice: self._take(path, choice, project))
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None

    def _take(self, path: Path, choice: Choice, before: Project) -> None:
        """Where parameters are missing they keep what they have, which the worker knows."""
        asked = self._bridge.asked()

        def weights() -> Weights:
            if not choice.fits.missing:
                return choice.weights
            learned = asked(_PATIENCE)
            return {**({} if learned is None else learned.weights), **choice.weights}

        def put(found: Any, error: Exception | None) -> None:
            if error is not None:
                raise error
            if self._store.project is not before:
                self._store.notify(
                    "error", Message("The network has changed meanwhile; import it once more.")
                )
                return
            self._put_in(path, choice, found)

        self.work.ask(lambda watch: weights(), put)

    def _put_in(self, path: Path, choice: Choice, weights: Weights) -> None:
        learned = Learned(weights, choice.plan)
        if choice.project is self._store.project:
            self._store.learn(learned, self.tr("weights of {name}").format(name=path.name))
            said = Message("The weights of {name} are in force.", name=path.name)
        else:
            label = self.tr("network of {name}").format(name=path.name)
            self._store.learn(learned, label, choice.project)
            said = Message("The network of {name} is on the canvas.", name=path.name)
        self._store.notify("info", said)
        for notice in choice.notices:
            self._store.notify("warning", notice)

    def close(self) -> None:
        """Waits for the thread, which wants nothing any longer."""
        self.work.close()
