"""The table of runs: a row can be chosen, shown, named, and all of it with the keyboard too."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTreeView

from netbuilder.gui.panels.runs.model import ACCURACY, COST, EPOCHS, NAME, PIN, SWATCH, RunsModel

_WIDE = {EPOCHS: 300, ACCURACY: 230}
"""Pixels from which on a column has room beside the name and the cost."""
_Key = Qt.Key
_OURS = (_Key.Key_Space, _Key.Key_F2, _Key.Key_Delete, _Key.Key_Return, _Key.Key_Enter)
"""Keys that mean a run here, and a layer or the training elsewhere in the window."""


class RunsTable(QTreeView):
    """Says what the user wants of the runs that are selected."""

    toggled = Signal(int)
    """(number,) its curve is to be shown, or hidden."""
    chosen = Signal()
    """The selection is another one."""
    wants_look = Signal()
    wants_delete = Signal()

    def __init__(self, model: RunsModel) -> None:
        super().__init__()
        self._rows = model
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(SWATCH, SWATCH))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(self.tr("Runs"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(22)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (EPOCHS, COST, ACCURACY):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(PIN, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(PIN, 26)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())

    # --- what is selected ----------------------------------------------------------------------

    @property
    def numbers(self) -> list[int]:
        """Of the runs that are selected, in the order of the rows."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._rows.rows[row].number for row in rows]

    def select(self, numbers: list[int]) -> None:
        """Selects these runs again after the rows were others; those that are gone are not."""
        selection, flags = self.selectionModel(), self.selectionModel().SelectionFlag
        for number in numbers:
            place = self._rows.place_of(number)
            if place is not None:
                index = self._rows.index(place, NAME)
                selection.select(index, flags.Select | flags.Rows)
                if not self.currentIndex().isValid():
                    selection.setCurrentIndex(index, flags.NoUpdate)

    # --- mouse and keys ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._swatch_at(event)
        if number is None:
            super().mousePressEvent(event)
        else:
            self.toggled.emit(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._swatch_at(event) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def _swatch_at(self, event: QMouseEvent) -> int | None:
        """The number of the run on whose swatch the mouse is."""
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or index.column() != NAME:
            return None
        beyond = event.position().x() - self.visualRect(index).left()
        return self._rows.rows[index.row()].number if beyond < SWATCH + 8 else None

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _OURS
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        reasons = Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason
        if event.reason() in reasons and self._rows.rows and not self.numbers:
            place = max(0, self.currentIndex().row())
            self.select([self._rows.rows[place].number])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            return  # the field for the name had it first
        if event.key() == _Key.Key_Space:
            for number in self.numbers:
                self.toggled.emit(number)
        elif event.key() == _Key.Key_Delete:
            self.wants_delete.emit()
        elif event.key() in (_Key.Key_Return, _Key.Key_Enter):
            self.wants_look.emit()
        elif event.key() == _Key.Key_F2:
            self.rename()
        else:
            super().keyPressEvent(event)

    def rename(self) -> None:
        """Opens the field for the name of the run that the keyboard is at."""
        index = self.currentIndex()
        if index.isValid():
            self.edit(index.siblingAtColumn(NAME))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, wide in _WIDE.items():
            self.setColumnHidden(column, event.size().width() < wide)
