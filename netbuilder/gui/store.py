"""The store: the one place where the document in force is held and changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from netbuilder.data.dataset import Dataset
from netbuilder.document.compile import Compiled
from netbuilder.document.project import Project


class Store(QObject):
    """PLACEHOLDER, see the contract: the shell part fills this in."""

    changed = Signal(object, object)
    """(old Project, new Project), after every commit, undo, redo and load."""
    replaced = Signal(object)
    """(Project,) a whole other document was opened or made: forget gestures, selection and run."""
    selection_changed = Signal(object)
    """(frozenset of node ids,)"""
    clean_changed = Signal(bool)
    history_changed = Signal()
    notified = Signal(str, object)
    """("info" | "warning" | "error", Message or str): something to tell beside the canvas."""

    project: Project
    compiled: Compiled
    dataset: Dataset | None
    path: Path | None
    selection: frozenset[str]

    def commit(self, new: Project, label: str, merge_key: str | None = None) -> None: ...
    def edit(
        self, change: Callable[[Project], Project], label: str, merge_key: str | None = None
    ) -> bool: ...
    def undo(self) -> None: ...
    def redo(self) -> None: ...
    def select(self, ids: object) -> None: ...
