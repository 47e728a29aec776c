"""What the selected layer computes of the chosen example, with its numbers filled in."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from netbuilder.errors import UserError
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.examples import name_of
from netbuilder.gui.panels.inspector.facts import Facts
from netbuilder.gui.panels.inspector.health import EVERY
from netbuilder.gui.store import Store
from netbuilder.lens.later import NotYet
from netbuilder.lens.worked import Rows, worked


class Worked(QWidget):
    """There is nothing to see without an example; looks only when seen, as the rows above it."""

    def __init__(self, store: Store, cursor: Cursor) -> None:
        super().__init__()
        self._store, self._cursor = store, cursor
        self._next = 0.0
        self.title = QLabel()
        self.title.setProperty("tone", "muted")
        self.facts = Facts()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.facts)
        cursor.moved.connect(self._on_moved)
        cursor.examples.changed.connect(self.refresh)
        cursor.units.chosen_changed.connect(self.refresh)
        store.selection_changed.connect(self.refresh)
        store.changed.connect(self._on_changed)
        self.hide()

    def _on_changed(self, *_: object) -> None:
        # Where there is a network to look at, the run sends a snapshot of it after every edit.
        if not self._store.compiled.ok:
            self.refresh()

    def _on_moved(self, _snapshot: object) -> None:
        if not self._cursor.running or perf_counter() >= self._next:
            self.refresh()

    def refresh(self, *_: object) -> None:
        """Looks at the selected layer as it is now."""
        parent = self.parentWidget()
        if parent is None or not parent.isVisible():
            return
        rows, chosen = self._rows(), self._cursor.examples.chosen
        if rows and chosen is not None:
            title = name_of(chosen)
            if title != self.title.text():
                self.title.setText(title)
            self.facts.show_rows(rows)
        self.setVisible(bool(rows))
        self._next = perf_counter() + EVERY

    def _rows(self) -> Rows:
        selection = self._store.selection
        if self._cursor.examples.chosen is None or len(selection) != 1:
            return []
        look = self._cursor.look()
        if look is None:
            return []
        (id,) = selection
        node = next((node for node in look.plan.nodes if node.id == id), None)
        unit = self._cursor.units.chosen
        try:
            case = self._cursor.examples.case(look)
        except (NotYet, UserError):
            return []
        if case is None or node is None:
            return []
        return worked(look, case, node, unit.number if unit is not None else 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
