"""The roles of a table's columns while they are chosen: suggested, or picked by hand."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from netbuilder.data.roles import CATEGORY, NUMBER, ORDERED, SKIP, TARGET, order_of
from netbuilder.data.table import Table
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.window.import_work import Found

ALSO = "also"
"""In a menu: a target beside the others."""


class ChosenRoles:
    """What each column of a table is for."""

    def __init__(self) -> None:
        self._found: Found | None = None
        self.targets: tuple[str, ...] = ()
        self.columns: dict[str, str] = {}
        """The roles that were picked by hand, but for targets."""

    def take(self, found: Found) -> None:
        """Another table, or the same one read otherwise: what was picked stays where it can."""
        self._found = found
        columns = found.table.columns
        self.targets = tuple(name for name in self.targets if name in columns)
        self.targets = self.targets or _likely_targets(found)
        self.columns = {name: role for name, role in self.columns.items() if name in columns}

    @property
    def _table(self) -> Table:
        assert self._found is not None
        return self._found.table

    def of(self, name: str) -> str:
        """What a column is for, as it was picked or is suggested."""
        assert self._found is not None
        if name in self.targets:
            return TARGET
        if name in self.columns:
            return self.columns[name]
        if name in self._found.useless:
            return SKIP
        return CATEGORY if name in self._table.categories else NUMBER

    def pick(self, name: str, role: str) -> None:
        """Gives a column another role; there is always a target."""
        self.columns.pop(name, None)
        if role == TARGET:
            self.targets = (name,)
        elif role == ALSO:
            self.targets = (*self.targets, name)
        else:
            self.columns[name] = role
            left = tuple(target for target in self.targets if target != name)
            others = [c for c in self._table.columns if self.of(c) != SKIP and c != name]
            self.targets = left or tuple(others[-1:]) or self.targets

    def predict(self, targets: tuple[str, ...]) -> None:
        self.targets = targets
        for name in targets:
            self.columns.pop(name, None)

    def offered(self, name: str) -> list[tuple[str, str]]:
        """(role, title) of what a column may be for."""
        words = self._table.categories.get(name)
        order = None if words is None else order_of(words)
        offered = [(TARGET, QCoreApplication.translate("ChosenRoles", "Predict it"))]
        if name not in self.targets:
            offered.append((ALSO, QCoreApplication.translate("ChosenRoles", "Predict it as well")))
        if words is None:
            offered.append((NUMBER, QCoreApplication.translate("ChosenRoles", "Number")))
        offered.append((CATEGORY, QCoreApplication.translate("ChosenRoles", "Category")))
        if words is not None and order is not None:
            ranked = [word for _, word in sorted(zip(order, words, strict=True))]
            offered.append(
                (
                    ORDERED,
                    QCoreApplication.translate("ChosenRoles", "Ordered: {words}").format(
                        words=" < ".join(ranked[:6])
                    ),
                )
            )
        offered.append((SKIP, QCoreApplication.translate("ChosenRoles", "Leave out")))
        return offered

    def words(self) -> dict[str, str]:
        """By column: what it is for, as it stands above it."""
        titles = {
            TARGET: QCoreApplication.translate("ChosenRoles", "predict"),
            NUMBER: QCoreApplication.translate("ChosenRoles", "number"),
            CATEGORY: QCoreApplication.translate("ChosenRoles", "category"),
            ORDERED: QCoreApplication.translate("ChosenRoles", "ordered"),
            SKIP: QCoreApplication.translate("ChosenRoles", "left out"),
        }
        return {name: titles[self.of(name)] for name in self._table.columns}

    def reasons(self) -> dict[str, str]:
        """By column: why it has its role, for its tool tip."""
        return {name: self._reason(name) for name in self._table.columns}

    def _reason(self, name: str) -> str:
        assert self._found is not None
        if name in self._found.useless and name not in (*self.columns, *self.targets):
            return tr_message(self._found.useless[name])
        words = self._table.categories.get(name)
        if words:
            shown = ", ".join(words[:8]) + (" …" if len(words) > 8 else "")
            return QCoreApplication.translate(
                "ChosenRoles", "{name}: {count} different words ({words})"
            ).format(name=name, count=len(words), words=shown)
        return QCoreApplication.translate("ChosenRoles", "{name}: numbers").format(name=name)


def _likely_targets(found: Found) -> tuple[str, ...]:
    """The table's own choice, or the last column from which something can be learned."""
    table = found.table
    targets = table.targets or table.columns[-1:]
    if not any(name in found.useless for name in targets):
        return targets
    useful = [name for name in table.columns if name not in found.useless]
    return tuple(useful[-1:]) or targets
