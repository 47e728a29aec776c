"""The list of runs as Qt's views take it: one row a run, the latest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QIcon, QPainter, QPen, QPixmap

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.icons import tinted
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import tip

NAME, EPOCHS, COST, ACCURACY, PIN = range(5)
SWATCH = 14
"""Pixels of the square that is filled while a run's curve is drawn."""
_PIN_ICON = 14

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Row:
    """One run in words."""

    number: int
    name: str
    epochs: str
    cost: str
    accuracy: str
    color: str
    """As #rrggbb."""
    shown: bool
    pinned: bool
    current: bool
    tip: str


class RunsModel(QAbstractTableModel):
    """Takes new rows as a whole, and tells the view no more than what became different."""

    def __init__(self, font: QFont, theme: Theme) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.renamed: Callable[[int, str], None] = lambda number, name: None
        """Called with a run's number and the name that the user typed."""
        self._theme, self._font = theme, tabular(font, 0.92)
        self._bold = QFont(self._font)
        self._bold.setWeight(QFont.Weight.DemiBold)
        self._swatches: dict[tuple[str, bool, str], QIcon] = {}

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._swatches.clear()

    def show(self, rows: list[Row]) -> None:
        if [row.number for row in rows] != [row.number for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        old, self.rows = self.rows, rows
        for place, (before, after) in enumerate(zip(old, rows, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(place, 0), self.index(place, PIN))

    def place_of(self, number: int) -> int | None:
        return next((n for n, row in enumerate(self.rows) if row.number == number), None)

    # --- what Qt asks --------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else PIN + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            names = (
                self.tr("Run"),
                self.tr("Epochs"),
                self.tr("Best cost"),
                self.tr("Accuracy"),
                "",
            )
            return names[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.FontRole:
            return self._font
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        roles = Qt.ItemDataRole
        if role in (roles.DisplayRole, roles.EditRole):
            return (row.name, row.epochs, row.cost, row.accuracy, "")[column]
        if role == roles.DecorationRole:
            if column == NAME:
                return self._swatch(row)
            return self._pin() if column == PIN and row.pinned else None
        if role == roles.FontRole:
            return self._bold if row.current and column == NAME else self._font
        if role == roles.ForegroundRole:
            return QBrush(self._theme.color("text" if row.shown else "muted"))
        if role == roles.TextAlignmentRole:
            return _alignment(column)
        if role == roles.ToolTipRole:
            return tip(row.tip)
        if role == roles.AccessibleTextRole and column == NAME:
            shown = self.tr("curve shown") if row.shown else self.tr("curve hidden")
            return f"{row.name}, {shown}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        self.renamed(self.rows[index.row()].number, str(value))
        return True

    # --- drawings ------------------------------------------------------------------------------

    def _swatch(self, row: Row) -> QIcon:
        """Filled while the curve is shown, else an empty frame."""
        key = row.color, row.shown, self._theme.name
        if key not in self._swatches:
            color = QColor(row.color)
            frame = color if row.shown else self._theme.color("strong_line")
            self._swatches[key] = swatch(frame, color if row.shown else None)
        return self._swatches[key]

    def _pin(self) -> QPixmap:
        return tinted("pin", self._theme.color("muted"), _PIN_ICON)


def swatch(frame: QColor, filling: QColor | None) -> QIcon:
    """A small square in a colour."""
    pixmap = QPixmap(2 * SWATCH, 2 * SWATCH)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(2, 2)
        painter.setPen(QPen(frame, 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush if filling is None else filling)
        painter.drawRoundedRect(QRectF(2.5, 2.5, SWATCH - 5, SWATCH - 5), 2.5, 2.5)
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        icon.addPixmap(pixmap, mode)
    return icon


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == NAME else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
