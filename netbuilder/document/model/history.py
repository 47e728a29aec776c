"""Undo and redo: the list of past documents, without end."""

from __future__ import annotations

from dataclasses import dataclass

from netbuilder.document.model.project import Project


@dataclass(frozen=True)
class Entry:
    """A document and the edit that led to it."""

    project: Project
    label: str
    """What was done, as the Edit menu says it: "Undo {label}"."""
    merge_key: str | None = None


class History:
    """The documents so far; they share unchanged nodes, so that thousands of them cost little."""

    def __init__(self, project: Project) -> None:
        self._entries = [Entry(project, "")]
        self._now = 0
        self._clean: Project | None = project
        self._sealed = True

    @property
    def project(self) -> Project:
        """The document in force."""
        return self._entries[self._now].project

    def commit(self, project: Project, label: str, merge_key: str | None = None) -> bool:
        """Puts a document in force and forgets what was undone; False when it is the one in force.

        Commits with the same merge key, one after the other, become one step, so that a slider's
        drag is undone at once; ``seal`` ends such a gesture. A saved state is never merged away.
        """
        if project is self.project or project == self.project:
            return False
        merges = (
            merge_key is not None
            and not self._sealed
            and not self.can_redo
            and not self.clean
            and self._entries[self._now].merge_key == merge_key
        )
        del self._entries[self._now + (0 if merges else 1) :]
        self._entries.append(Entry(project, label, merge_key))
        self._now = len(self._entries) - 1
        self._sealed = False
        return True

    def seal(self) -> None:
        """Ends a gesture: the next commit is a step of its own whatever its merge key."""
        self._sealed = True

    @property
    def can_undo(self) -> bool:
        return self._now > 0

    @property
    def can_redo(self) -> bool:
        return self._now + 1 < len(self._entries)

    @property
    def undo_label(self) -> str | None:
        """What ``undo`` would take back; None where there is nothing."""
        return self._entries[self._now].label if self.can_undo else None

    @property
    def redo_label(self) -> str | None:
        """What ``redo`` would do again; None where there is nothing."""
        return self._entries[self._now + 1].label if self.can_redo else None

    def undo(self) -> Project:
        """Puts the document before the last step in force, where there is one, and returns it."""
        self._now -= self.can_undo
        self._sealed = True
        return self.project

    def redo(self) -> Project:
        """Puts the document that was undone last in force, where there is one, and returns it."""
        self._now += self.can_redo
        self._sealed = True
        return self.project

    @property
    def clean(self) -> bool:
        """Whether the document in force is the one that was opened or saved last."""
        return self.project is self._clean

    def mark_clean(self) -> None:
        """The document in force has been saved."""
        self._clean = self.project
