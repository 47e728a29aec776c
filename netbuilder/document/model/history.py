"""Undo and redo: the list of past documents, without end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from netbuilder.document.model.project import Project
from netbuilder.document.model.run_marks import RunMarks

T = TypeVar("T")


@dataclass(eq=False)
class Entry(Generic[T]):
    """A document and the edit that led to it."""

    project: Project
    label: str
    """What was done, as the Edit menu says it: "Undo {label}"."""
    beside: T
    """What belongs to the document at that time without being a part of it."""
    merge_key: str | None = None
    marks: RunMarks = field(default_factory=RunMarks)
    """What the user had said of runs by then."""


class History(Generic[T]):
    """The documents so far; they share unchanged nodes, so that thousands of them cost little."""

    def __init__(self, project: Project, beside: T, *, clean: bool = True) -> None:
        self._entries = [Entry(project, "", beside)]
        self._now = 0
        self._clean = self._entries[0] if clean else None
        self._sealed = True

    @property
    def project(self) -> Project:
        """The document in force."""
        return self._entries[self._now].project

    @property
    def beside(self) -> T:
        """What belongs to the document in force; an edit leaves it as it is until it is set."""
        return self._entries[self._now].beside

    @beside.setter
    def beside(self, value: T) -> None:
        self._entries[self._now].beside = value

    @property
    def marks(self) -> RunMarks:
        """What the user says of runs; it stays as it is until a step by ``mark``, or is set."""
        return self._entries[self._now].marks

    @marks.setter
    def marks(self, value: RunMarks) -> None:
        self._entries[self._now].marks = value

    def all_beside(self) -> Iterator[T]:
        """What belongs to each of the documents, the latest last."""
        return (entry.beside for entry in self._entries)

    def past(self) -> Iterator[tuple[Project, T]]:
        """The document in force with what belongs to it, and those before it, the latest first."""
        entries = self._entries[self._now :: -1]
        return ((entry.project, entry.beside) for entry in entries)

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
        self._add(Entry(project, label, self.beside, merge_key), merges)
        self._sealed = False
        return True

    def step(self, label: str, beside: T, project: Project | None = None) -> None:
        """A step that changes what is beside the document, and the document only if one is given.

        It is a step of its own even where both documents are the same.
        """
        self._add(Entry(self.project if project is None else project, label, beside))
        self._sealed = True

    def mark(self, label: str, marks: RunMarks) -> None:
        """A step that changes only what the user says of runs."""
        self.step(label, self.beside)
        self.marks = marks

    def _add(self, entry: Entry[T], merges: bool = False) -> None:
        entry.marks = self.marks
        del self._entries[self._now + (0 if merges else 1) :]
        self._entries.append(entry)
        self._now = len(self._entries) - 1

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
        return self._entries[self._now] is self._clean

    @property
    def now(self) -> Entry[T]:
        """The document in force, to be handed to ``mark_clean`` when it has been saved."""
        return self._entries[self._now]

    def mark_clean(self, entry: Entry[T]) -> None:
        """This document has been saved; by now another one may be in force."""
        self._clean = entry
