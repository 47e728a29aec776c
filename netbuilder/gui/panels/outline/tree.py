"""The outline's list: arrows walk the layers, and the other keys change the one they are at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTreeView

from netbuilder.gui.panels.outline.model import ACTIVATION, NAME, SHAPE, UNITS, OutlineModel

_WIDE = {SHAPE: 290}
"""Pixels from which on a column has room beside the others."""
_Key = Qt.Key
_PLUS, _MINUS = (_Key.Key_Plus, _Key.Key_Equal), (_Key.Key_Minus, _Key.Key_Underscore)
_ENTER = (_Key.Key_Return, _Key.Key_Enter)
_DELETE = (_Key.Key_Delete, _Key.Key_Backspace)
_OURS = (*_PLUS, *_MINUS, *_ENTER, *_DELETE, _Key.Key_F2, _Key.Key_Insert)
"""Keys that mean the layer here; elsewhere in the window some of them mean something else."""


class OutlineTree(QTreeView):
    """Says what the user wants of the layers that are selected."""

    chosen = Signal()
    """The selection is another one."""
    wants_more = Signal()
    """A new layer behind the one that the keyboard is at."""
    wants_delete = Signal()

    def __init__(self, model: OutlineModel) -> None:
        super().__init__()
        self._rows = model
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(16, 16))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Outline"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(22)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        wide = self.fontMetrics().horizontalAdvance
        for column, words in (
            (UNITS, "1,000"),
            (ACTIVATION, "Sigmoid"),
            (SHAPE, "(1,000, 1,000)"),
        ):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, wide(words) + (20 if column == ACTIVATION else 10))
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())

    @property
    def ids(self) -> list[str]:
        """Of the layers that are selected."""
        rows = self.selectionModel().selectedRows()
        return [self._rows.ids[index.row()] for index in rows]

    def select(self, ids: frozenset[str]) -> None:
        """Selects these layers; the keyboard comes to the only one."""
        selection, flags = self.selectionModel(), self.selectionModel().SelectionFlag
        selection.clearSelection()
        rows = [row for row, id in enumerate(self._rows.ids) if id in ids]
        for row in rows:
            selection.select(self._rows.index(row, NAME), flags.Select | flags.Rows)
        if len(rows) == 1:
            selection.setCurrentIndex(self._rows.index(rows[0], NAME), flags.NoUpdate)
            self.scrollTo(self._rows.index(rows[0], NAME))

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _OURS
            and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tab comes to a layer, which shows where the keyboard is."""
        super().focusInEvent(event)
        reasons = Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason
        if event.reason() in reasons and not self.ids:
            self.setCurrentIndex(self._rows.index(max(0, self.currentIndex().row()), NAME))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            return  # the field had it first
        key, index = event.key(), self.currentIndex()
        if key in _DELETE:
            self.wants_delete.emit()
        elif key == _Key.Key_Insert:
            self.wants_more.emit()
        elif key == _Key.Key_F2:
            self._edit(NAME)
        elif key in _ENTER:
            self._edit(UNITS)
        elif key in _PLUS + _MINUS and index.isValid():
            number = self._rows.number(index.row())
            if number is not None:
                value = number.further(1 if key in _PLUS else -1)
                self._rows.set_number(index.row(), value, f"step {self._rows.ids[index.row()]}")
        else:
            super().keyPressEvent(event)

    def _edit(self, column: int) -> None:
        """Opens the field for the name or the number of the layer that the keyboard is at."""
        index = self.currentIndex().siblingAtColumn(column)
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, wide in _WIDE.items():
            self.setColumnHidden(column, event.size().width() < wide)
