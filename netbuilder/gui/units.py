"""The units that are touched: the one under the mouse, and the one that is chosen by a click."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from netbuilder.gui.store import Store


class Unit(NamedTuple):
    """One unit of one layer, counted from zero."""

    node: str
    number: int


class Units(QObject):
    """Kept here and nowhere else; no part of the document.

    A unit stays chosen as long as its card is selected, and as long as there is such a unit.
    """

    pointed_changed = Signal()
    chosen_changed = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.pointed: Unit | None = None
        """Under the mouse."""
        self.chosen: Unit | None = None
        store.changed.connect(self._forget_gone)
        store.selection_changed.connect(self._forget_gone)

    def point(self, unit: Unit | None) -> None:
        """The mouse is over this unit, or over none."""
        if unit != self.pointed:
            self.pointed = unit
            self.pointed_changed.emit()

    def choose(self, unit: Unit | None) -> None:
        """Chooses a unit, whose card is selected as well; None chooses none."""
        if unit is not None:
            self._store.select({unit.node})
        if unit != self.chosen:
            self.chosen = unit
            self.chosen_changed.emit()

    def _forget_gone(self, *_: object) -> None:
        chosen = self.chosen
        if chosen is not None and not (
            chosen.node in self._store.selection and self._is_there(chosen)
        ):
            self.choose(None)
        if self.pointed is not None and not self._is_there(self.pointed):
            self.point(None)

    def _is_there(self, unit: Unit) -> bool:
        store = self._store
        shape = store.compiled.shapes.get(unit.node)
        there = unit.node in store.project.network.by_id
        return there and (shape is None or unit.number < math.prod(shape))
