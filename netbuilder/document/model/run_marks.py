"""Marks of runs: the names that the user gives them, and which are pinned or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class RunMarks:
    """What the user has said of runs, by their numbers; undone and redone with the document."""

    names: Mapping[int, str] = field(default_factory=dict)
    pinned: frozenset[int] = frozenset()
    deleted: frozenset[int] = frozenset()

    def rename(self, number: int, name: str) -> RunMarks:
        """An empty name is the one that the run has by itself."""
        names = {at: given for at, given in self.names.items() if at != number}
        return replace(self, names=names | ({number: name} if name else {}))

    def pin(self, number: int) -> RunMarks:
        """Pinned runs are the last to be thinned, and always shown; pinned again it is let go."""
        return replace(self, pinned=self.pinned ^ {number})

    def delete(self, numbers: Iterable[int]) -> RunMarks:
        return replace(self, deleted=self.deleted | set(numbers))
