"""How the selected layer is doing while it trains: its activations, and sizes of W, dW and ΔW."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from netbuilder import numbers
from netbuilder.engine.statistics import LayerStatistics
from netbuilder.errors import UserError
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.lens.later import NotYet
from netbuilder.lens.names import symbol
from netbuilder.runs.snapshot import Snapshot

EVERY = 0.25
"""Seconds between two looks while training goes on: nobody reads numbers faster."""


class Health(QWidget):
    """Rows that are made once and then filled; looks only when seen, and costs training nothing."""

    def __init__(self, store: Store, cursor: Cursor) -> None:
        super().__init__()
        self._store, self._cursor = store, cursor
        self._next = 0.0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 6, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._labels: dict[str, tuple[QLabel, QLabel]] = {}
        for key, tip in (
            ("activations", self.tr("Mean and standard deviation of A over training examples.")),
            (
                "dead",
                self.tr("Units that are 0 for every example looked at: they learn nothing."),
            ),
            (
                "saturated",
                self.tr("Activations within 0.01 of a bound of g, where g′(Z) is nearly 0."),
            ),
            ("norm", self.tr("The length of all weights of the layer together.")),
            ("gradient", self.tr("The length of their gradient in the last update.")),
            (
                "ratio",
                self.tr(
                    "How much the last update changed the weights. About 0.001 is usual: far below,"
                    " the layer hardly learns; far above, it jumps."
                ),
            ),
        ):
            self._add_row(key, tip)
        cursor.moved.connect(self._on_moved)
        store.selection_changed.connect(self.refresh)
        store.changed.connect(self._on_changed)

    def _add_row(self, key: str, tip: str) -> None:
        name, value = QLabel(), QLabel()
        name.setProperty("tone", "muted")
        value.setFont(tabular(value.font()))
        row = self._grid.rowCount()
        for column, label in enumerate((name, value)):
            label.setToolTip(tip)
            self._grid.addWidget(label, row, column)
        self._labels[key] = name, value

    def _on_changed(self, *_: object) -> None:
        # Where there is a network to look at, the run sends a snapshot of it after every edit.
        if not self._store.compiled.ok:
            self.refresh()

    def _on_moved(self, snapshot: Snapshot) -> None:
        if not self._cursor.running or perf_counter() >= self._next:
            self.refresh()

    def refresh(self, *_: object) -> None:
        """Looks at the selected layer as it is now."""
        if not self.isVisible():
            return
        rows = self._rows()
        for key, (name, value) in self._labels.items():
            for label, text in zip((name, value), rows.get(key, ("", "")), strict=True):
                if label.text() != text:
                    label.setText(text)
                label.setVisible(key in rows)
        self._next = perf_counter() + EVERY

    def _rows(self) -> dict[str, tuple[str, str]]:
        if len(self._store.selection) != 1:
            return {}
        (id,) = self._store.selection
        look = self._cursor.look()
        if look is None or not any(node.id == id and node.inputs for node in look.plan.nodes[:-1]):
            return {}
        number = look.plan.course_layers.get(id)
        try:
            return self._texts(look.statistics(id), "" if number is None else f"{number}")
        except (NotYet, UserError):
            return {}

    def _texts(self, found: LayerStatistics, number: str) -> dict[str, tuple[str, str]]:
        mean, deviation = numbers.number(found.mean), numbers.number(found.deviation)
        rows = {"activations": (f"A{number}", f"{mean} ± {deviation}")}
        if found.dead is not None:
            rows["dead"] = self.tr("dead units"), numbers.percent(found.dead)
        if found.saturated is not None:
            rows["saturated"] = self.tr("saturated"), numbers.percent(found.saturated)
        # W stands for the layer, γ for one that only scales.
        for name, sizes in list(found.parameters.items())[:1]:
            W = f"{symbol(name)}{number}"
            rows["norm"] = f"‖{W}‖", numbers.number(sizes.norm)
            if sizes.gradient_norm is not None:
                rows["gradient"] = f"‖d{W}‖", numbers.number(sizes.gradient_norm)
            if sizes.update_ratio is not None:
                rows["ratio"] = f"‖Δ{W}‖ / ‖{W}‖", numbers.number(sizes.update_ratio)
        return rows

    def text(self) -> str:
        """All rows, one a line; what a test or a screen reader reads."""
        return "\n".join(
            f"{name.text()} {value.text()}"
            for name, value in self._labels.values()
            if not name.isHidden()
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
