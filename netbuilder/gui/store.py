"""The store: the one place where the document in force is held and changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from netbuilder.data.dataset import DataInfo, Dataset
from netbuilder.document.check.compile import Compiled, Problem, compile_project
from netbuilder.document.check.recompile import recompile
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.history import History
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError
from netbuilder.gui.theme.translation import tr_message


class Store(QObject):
    """Holds the project with its history, its data, what the compiler says, and the selection.

    Everything that is read here fits together at any moment: signals are sent only when all of it
    has changed.
    """

    changed = Signal(object, object)
    """(old Project, new Project), after every commit, undo, redo and load."""
    replaced = Signal(object)
    """(Project,) a whole other document, sent after ``changed``: forget gestures and run."""
    selection_changed = Signal(object)
    """(frozenset of node ids,)"""
    clean_changed = Signal(bool)
    history_changed = Signal()
    notified = Signal(str, object)
    """("info" | "warning" | "error", Message or str): something to tell beside the canvas."""

    def __init__(
        self, project: Project, path: Path | None = None, weights: Weights | None = None
    ) -> None:
        super().__init__()
        self._history = History(project)
        self.path = path
        self.weights = weights
        """Those that came with the document in force; None for fresh ones from its seed."""
        self.document = 0
        """Counts the documents that were put in force as a whole."""
        self.selection: frozenset[str] = frozenset()
        self.dataset: Dataset | None = None
        self.data_error: Message | None = None
        """Why there is no data set."""
        self._read_data(project.data)
        self.compiled: Compiled = compile_project(project, self._info)
        """What the compiler says; parts that an edit did not touch stay the same objects."""

    @property
    def project(self) -> Project:
        return self._history.project

    # --- changing ----------------------------------------------------------------------------

    def commit(self, new: Project, label: str, merge_key: str | None = None) -> None:
        """Puts a document in force; ``label`` is what the Edit menu will offer to undo."""
        old = self.project
        clean = self.clean
        if self._history.commit(new, label, merge_key):
            self._follow(old, clean)

    def edit(
        self, change: Callable[[Project], Project], label: str, merge_key: str | None = None
    ) -> bool:
        """Commits what ``change`` makes of the project; False, with a notice, when it is refused.

        A choice of data that cannot be had is refused too, so that what was in force stays.
        """
        try:
            new = change(self.project)
            if new.data is not self.project.data:
                dataset_of(new.data)
        except UserError as error:
            self.notified.emit("error", error.message)
            return False
        self.commit(new, label, merge_key)
        return True

    def mend(self, problem: Problem) -> None:
        """Applies a problem's remedy, where it has one."""
        if problem.fix is not None:
            words = tr_message(problem.fix.label)
            self.edit(problem.fix.apply, words[:1].lower() + words[1:])

    def seal(self) -> None:
        """Ends a gesture: what follows is a step of its own, whatever its merge key."""
        self._history.seal()

    def undo(self) -> None:
        old, clean = self.project, self.clean
        self._history.undo()
        self._follow(old, clean)

    def redo(self) -> None:
        old, clean = self.project, self.clean
        self._history.redo()
        self._follow(old, clean)

    def replace(
        self, project: Project, path: Path | None = None, weights: Weights | None = None
    ) -> None:
        """Puts a whole other document in force, with a history of its own."""
        old, clean = self.project, self.clean
        self._history = History(project)
        self.path, self.weights = path, weights
        self.document += 1
        self._follow(old, clean, whole=True)
        self.replaced.emit(project)

    def _follow(self, old: Project, clean: bool, whole: bool = False) -> None:
        new = self.project
        if new is old and not whole:
            return
        notices: tuple[Message, ...] = ()
        if new.data is not old.data or whole:
            self._read_data(new.data)
            notices = self.dataset.notices if self.dataset is not None else ()
        self.compiled = recompile(new, self._info, old, self.compiled)
        kept = frozenset(id for id in self.selection if id in new.network.by_id)
        selection_changes = kept != self.selection
        self.selection = kept
        self.changed.emit(old, new)
        if selection_changes:
            self.selection_changed.emit(kept)
        self.history_changed.emit()
        if self.clean != clean or whole:
            self.clean_changed.emit(self.clean)
        if self.data_error is not None and (new.data is not old.data or whole):
            self.notified.emit("error", self.data_error)
        for notice in notices:
            self.notified.emit("info", notice)

    def _read_data(self, choice: DataChoice) -> None:
        try:
            self.dataset, self.data_error = dataset_of(choice), None
        except UserError as error:
            self.dataset, self.data_error = None, error.message

    @property
    def _info(self) -> DataInfo | None:
        return None if self.dataset is None else self.dataset.info

    @property
    def subject(self) -> tuple[Plan | None, Dataset | None]:
        """What can be trained and looked at; equal before and after an edit that leaves it as is.

        When it changes into what can train, a new snapshot of the run follows by itself.
        """
        return self.compiled.plan, self.dataset

    # --- history and file ----------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    @property
    def undo_label(self) -> str | None:
        return self._history.undo_label

    @property
    def redo_label(self) -> str | None:
        return self._history.redo_label

    @property
    def clean(self) -> bool:
        """Whether the document is as it was opened or saved last."""
        return self._history.clean

    def mark_saved(self, path: Path) -> None:
        self.path = path
        self._history.mark_clean()
        self.clean_changed.emit(True)

    # --- selection -----------------------------------------------------------------------------

    def select(self, ids: Iterable[str]) -> None:
        """Selects these nodes and no others; the selection is no part of the document."""
        selection = frozenset(id for id in ids if id in self.project.network.by_id)
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit(selection)

    def notify(self, kind: str, message: Message | str) -> None:
        """Tells the user something beside the canvas; ``kind`` is "info", "warning" or "error"."""
        self.notified.emit(kind, message)
