"""The rows of the outline: the layers in the order of computation, and what each of them says."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QIcon

from netbuilder.document.model.network import Node
from netbuilder.errors import UserError
from netbuilder.gui.canvas.content import Content, Control, describe
from netbuilder.gui.canvas.wires import shape_words
from netbuilder.gui.canvas.words import spoken
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message, tr_text
from netbuilder.gui.widgets.labels import name_of, tip
from netbuilder.gui.widgets.parsing import parse_setting

Index = QModelIndex | QPersistentModelIndex
NAME, UNITS, ACTIVATION, SHAPE = range(4)
_NUMBERS = UNITS, SHAPE


class OutlineModel(QAbstractTableModel):
    """Follows the document; a row is worked out when it is painted, as there may be many."""

    arranged = Signal()
    """Other rows, or in another order."""

    def __init__(self, store: Store, themes: ThemeManager) -> None:
        super().__init__()
        self._store, self._themes = store, themes
        self.ids = store.project.network.order
        self._told: dict[str, tuple[Node, object, Content]] = {}
        store.changed.connect(self._follow)
        themes.changed.connect(self._repaint)

    def _follow(self, *_: object) -> None:
        order = self._store.project.network.order
        if order == self.ids:
            self._repaint()
            return
        self.beginResetModel()
        self.ids, self._told = order, {}
        self.endResetModel()
        self.arranged.emit()

    def _repaint(self, *_: object) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.ids) - 1, SHAPE))

    # --- what a row says -------------------------------------------------------------------------

    def node(self, row: int) -> Node:
        return self._store.project.network.node(self.ids[row])

    def _content(self, node: Node) -> Content:
        compiled = self._store.compiled
        told = self._told.get(node.id)
        if told is None or told[0] is not node or told[1] is not compiled:
            told = self._told[node.id] = node, compiled, describe(node, compiled)
        return told[2]

    def number(self, row: int) -> Control | None:
        """The number of a layer that is changed in the outline: units, filters, a rate."""
        controls = self._content(self.node(row)).controls
        return next((control for control in controls if not control.is_choice), None)

    def _shape(self, node: Node) -> str:
        compiled = self._store.compiled
        m = compiled.info.m_train if compiled.info else None
        return shape_words(compiled.shapes.get(node.id), m)[0]

    def _words(self, row: int, column: int) -> str:
        node = self.node(row)
        content, number = self._content(node), self.number(row)
        choices = [control.text for control in content.controls if control.is_choice]
        return (
            name_of(self._store.project.network, node.id),
            "" if number is None else number.text,
            " ".join(choices),
            self._shape(node),
        )[column]

    def problems(self, row: int) -> list[str]:
        return [tr_message(p.message) for p in self._store.compiled.problems_of(self.ids[row])]

    def _icon(self, row: int) -> QIcon:
        """The kind's drawing, and where something is wrong the sign for that."""
        problems = self._store.compiled.problems_of(self.ids[row])
        wrong = {problem.severity for problem in problems}
        for severity in ("error", "warning"):
            if severity in wrong:
                return self._themes.icon(severity, severity)
        return self._themes.icon(self._content(self.node(row)).icon, "muted")

    # --- what Qt asks ----------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else SHAPE + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (
                self.tr("Layer"),
                self.tr("Size"),
                self.tr("Function"),
                self.tr("Puts out"),
            )[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags, row = super().flags(index), index.row()
        named = index.column() == NAME and not self.node(row).fixed
        counted = index.column() == UNITS and self.number(row) is not None
        return flags | Qt.ItemFlag.ItemIsEditable if named or counted else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column, roles = index.row(), index.column(), Qt.ItemDataRole
        if role in (roles.DisplayRole, roles.EditRole):
            return self._words(row, column)
        if role == roles.TextAlignmentRole:
            return _alignment(column)
        if role == roles.DecorationRole and column == NAME:
            return self._icon(row)
        if role == roles.ForegroundRole and column != NAME:
            return self._themes.theme.color("muted" if column != UNITS else "text")
        if role == roles.ToolTipRole:
            node = self.node(row)
            return tip("\n".join(self.problems(row) or [spoken(node, self._content(node))]))
        if role == roles.AccessibleTextRole and column == NAME:
            node = self.node(row)
            return ". ".join([spoken(node, self._content(node)), *self.problems(row)])
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A name or a number that was typed; what is refused is told."""
        row, text = index.row(), str(value)
        if role != Qt.ItemDataRole.EditRole or text == self._words(row, index.column()):
            return False
        return self._rename(row, text) if index.column() == NAME else self._count(row, text)

    def _rename(self, row: int, name: str) -> bool:
        id = self.ids[row]
        old = name_of(self._store.project.network, id)
        return self._store.edit(
            lambda project: project.with_network(project.network.rename(id, name)),
            self.tr("rename {old} to {new}").format(old=old, new=name.strip()),
        )

    def _count(self, row: int, text: str) -> bool:
        number = self.number(row)
        if number is None:
            return False
        try:
            value = parse_setting(number.setting, text)
        except UserError as error:
            self._store.notify("warning", error.message)
            return False
        return self.set_number(row, value)

    def set_number(self, row: int, value: Any, merge_key: str | None = None) -> bool:
        """Another number of units, filters or whatever the layer has."""
        number, id = self.number(row), self.ids[row]
        if number is None or value == number.value:
            return False
        name = number.setting.name
        label = self.tr("{setting} of {layer}").format(
            setting=tr_text(number.setting.label), layer=name_of(self._store.project.network, id)
        )

        def change(project: Any) -> Any:
            layer = dataclasses.replace(project.network.node(id).layer, **{name: value})
            return project.with_network(project.network.set_layer(id, layer))

        return self._store.edit(change, label, merge_key)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
