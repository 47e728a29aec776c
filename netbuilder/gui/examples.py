"""The example that is looked at: chosen in one view by a click, and followed by all others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from netbuilder.data.dataset import Dataset
from netbuilder.gui.store import Store
from netbuilder.lens.cases import Case, Example
from netbuilder.lens.look import Look
from netbuilder.lens.mistakes import Sight

Rows = NDArray[np.intp]

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}


def name_of(example: Example) -> str:
    """Training example 17."""
    translate = QCoreApplication.translate
    if example.part == "train":
        words = translate("Examples", "Training example {number}")
    elif example.part == "validation":
        words = translate("Examples", "Validation example {number}")
    else:
        words = translate("Examples", "Test example {number}")
    return words.format(number=f"{example.row + 1:,}")


class Examples(QObject):
    """Kept here and nowhere else; no part of the document.

    An example stays chosen while it trains, and as long as the data it belongs to is in force.
    """

    changed = Signal()
    """Another one is chosen, or none."""
    sight_changed = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.chosen: Example | None = None
        self.sight = Sight()
        """Which ones are to be gone through."""
        self._dataset: Dataset | None = None
        self._through: Rows | None = None
        """The rows that follow one another; None for all of the part."""
        store.changed.connect(self._forget_gone)
        store.replaced.connect(self._on_replaced)

    def of(self, look: Look) -> Example | None:
        """The chosen one, where it is of the data that is looked at."""
        return self.chosen if look.dataset is self._dataset else None

    def case(self, look: Look) -> Case | None:
        """What the network makes of the chosen one; raises NotYet."""
        example = self.of(look)
        return None if example is None else look.case(example)

    def hold(self, example: Example, dataset: Dataset, through: Rows | None = None) -> None:
        """Looks at an example; the arrow keys go ``through`` these rows, or all of its part."""
        self._through = through
        self._set(example, dataset)

    def toggle(self, example: Example, dataset: Dataset, through: Rows | None = None) -> None:
        """What a click does: the second one lets go."""
        if example == self.chosen and dataset is self._dataset:
            self.let_go()
        else:
            self.hold(example, dataset, through)

    def let_go(self) -> None:
        """Looks at all examples again."""
        self._set(None, None)

    def step(self, by: int) -> None:
        """On to one of the next examples, or back; after the last comes the first."""
        chosen, dataset = self.chosen, self._dataset
        if chosen is None or dataset is None:
            return
        rows = self._through
        if rows is None or chosen.row not in rows:
            rows = np.arange(getattr(dataset, chosen.part).m)
        place = int(np.flatnonzero(rows == chosen.row)[0])
        row = int(rows[(place + by) % len(rows)])
        self._set(chosen._replace(row=row), dataset)

    def press(self, event: QKeyEvent) -> bool:
        """Arrow keys lead to the next and the one before, Esc lets go; False for other keys."""
        key = Qt.Key(event.key())
        if self.chosen is None or not (key == Qt.Key.Key_Escape or key in _STEPS):
            return False
        if key == Qt.Key.Key_Escape:
            self.let_go()
        else:
            self.step(_STEPS[key])
        return True

    def bring(self, sight: Sight) -> None:
        """Other examples are to be gone through."""
        if sight != self.sight:
            self.sight = sight
            self.sight_changed.emit()

    def _set(self, example: Example | None, dataset: Dataset | None) -> None:
        if (example, dataset) != (self.chosen, self._dataset):
            self.chosen, self._dataset = example, dataset
            self.changed.emit()

    def _forget_gone(self, *_: object) -> None:
        if self.chosen is not None and self._store.dataset is not self._dataset:
            self.let_go()
        cell, info = self.sight.cell, self._store.compiled.info
        if cell is not None and (info is None or max(cell) >= len(info.class_names)):
            self.bring(Sight())

    def _on_replaced(self, *_: object) -> None:
        self.let_go()
        self.bring(Sight())
