"""The first rows of a table, each column with its role above it, to be chosen from a menu."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from netbuilder.data.table import Table
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import tip

_ROWS = 100
_Index = QModelIndex | QPersistentModelIndex


class PreviewModel(QAbstractTableModel):
    """The first rows, words as words; columns that are left out are pale."""

    def __init__(self, parent: QObject, themes: ThemeManager) -> None:
        super().__init__(parent)
        self._themes = themes
        self.table: Table | None = None
        self.roles: Mapping[str, str] = {}
        """By column, in words."""
        self.tips: Mapping[str, str] = {}
        """By column: why it has its role."""
        self.skipped: frozenset[str] = frozenset()
        self.targets: frozenset[str] = frozenset()

    def show_table(self, table: Table) -> None:
        self.beginResetModel()
        self.table = table
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self.table is None else min(_ROWS, self.table.m)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self.table is None else len(self.table.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        assert self.table is not None
        name = self.table.columns[index.column()]
        words = self.table.categories.get(name)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if words else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and name in self.skipped:
            return self._themes.theme.color("muted", 0.6)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        value = float(self.table.values[index.row(), index.column()])
        if np.isnan(value):
            return "–"
        return words[int(value)] if words else f"{value:.7g}"

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Vertical:
            return f"{section + 1:,}" if role == Qt.ItemDataRole.DisplayRole else None
        assert self.table is not None
        name = self.table.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        return tip(self.tips.get(name) or name) if role == Qt.ItemDataRole.ToolTipRole else None


class RoleHeader(QHeaderView):
    """A column's name and, below it, its role."""

    def __init__(self, view: QTableView, model: PreviewModel, themes: ThemeManager) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._model, self._themes, self._view = model, themes, view
        self.setSectionsClickable(True)
        self.setMinimumSectionSize(84)
        self._bold = QFont(self.font())
        self._bold.setBold(True)
        self._small = QFont(self.font())
        self._small.setPointSizeF(self._small.pointSizeF() * 0.9)
        lines = QFontMetrics(self._bold).height() + QFontMetrics(self._small).height()
        self._height = lines + 14

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height)

    def sectionSizeFromContents(self, section: int) -> QSize:
        table = self._model.table
        if table is None:
            return super().sectionSizeFromContents(section)
        name = table.columns[section]
        width = max(
            QFontMetrics(self._bold).horizontalAdvance(name),
            QFontMetrics(self._small).horizontalAdvance(self._model.roles.get(name, "")) + 18,
        )
        return QSize(min(220, width + 20), self._height)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        table = self._model.table
        if table is None:
            return
        theme, name = self._themes.theme, table.columns[section]
        role = self._model.roles.get(name, "")
        skipped, target = name in self._model.skipped, name in self._model.targets
        painter.fillRect(rect, theme.color("selection" if target else "sunken"))
        painter.setPen(theme.color("line"))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(8, 5, -8, -6)
        painter.setFont(self._bold)
        painter.setPen(theme.color("muted" if skipped else "text"))
        metrics = QFontMetrics(self._bold)
        top = QRect(inner.left(), inner.top(), inner.width(), metrics.height())
        painter.drawText(
            top,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(name, Qt.TextElideMode.ElideRight, top.width()),
        )
        painter.setFont(self._small)
        color = theme.color("accent" if target else "muted")
        painter.setPen(color)
        below = QRect(inner.left(), top.bottom() + 2, inner.width(), inner.bottom() - top.bottom())
        words = QFontMetrics(self._small).elidedText(
            role, Qt.TextElideMode.ElideRight, below.width() - 14
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 1.4))
        tip = QPoint(
            below.left() + QFontMetrics(self._small).horizontalAdvance(words) + 9,
            below.center().y() + 2,
        )
        painter.drawPolyline([tip + QPoint(-3, -3), tip, tip + QPoint(3, -3)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._view.hasFocus() and self._view.currentIndex().column() == section:
            painter.setPen(theme.color("accent"))
            painter.drawRect(rect.adjusted(0, 0, -2, -2))


class Preview(QTableView):
    """The table; a click on a header, or a key on a column, asks for another role."""

    asked = Signal(str, QPoint)
    """(column, where its menu belongs, on the screen)"""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.shown = PreviewModel(self, themes)
        self.setModel(self.shown)
        self.header = RoleHeader(self, self.shown, themes)
        self.setHorizontalHeader(self.header)
        self.header.sectionClicked.connect(self._ask)
        self.setAccessibleName(self.tr("Columns and their roles"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFont(tabular(self.font()))
        self.verticalHeader().setDefaultSectionSize(24)
        self.setMinimumSize(640, 240)

    def show_table(self, table: Table) -> None:
        self.shown.show_table(table)
        for section in range(min(200, len(table.columns))):
            width = self.header.sectionSizeFromContents(section).width()
            self.header.resizeSection(section, max(84, width))

    def show_roles(
        self,
        roles: Mapping[str, str],
        tips: Mapping[str, str],
        targets: frozenset[str],
        skipped: frozenset[str],
    ) -> None:
        shown = self.shown
        shown.roles, shown.tips, shown.targets, shown.skipped = roles, tips, targets, skipped
        self.header.viewport().update()
        self.viewport().update()

    def _ask(self, section: int) -> None:
        table = self.shown.table
        if table is not None and 0 <= section < len(table.columns):
            left = self.header.sectionViewportPosition(section)
            corner = self.header.mapToGlobal(QPoint(left, self.header.height()))
            self.asked.emit(table.columns[section], corner)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        opens = (Qt.Key.Key_Space, Qt.Key.Key_F2, Qt.Key.Key_Menu)
        if event.key() in opens and self.currentIndex().isValid():
            self._ask(self.currentIndex().column())
            return
        super().keyPressEvent(event)
        self.header.viewport().update()
