"""The import dialog: what is in the file, what is to be predicted, and how features are scaled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from netbuilder.data.dataset import Dataset
from netbuilder.data.prepare import prepare
from netbuilder.data.table import Table
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.errors import UserError
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.fields import ChoiceField, NumberField
from netbuilder.gui.widgets.fonts import tabular

_ROWS = 100
_Index = QModelIndex | QPersistentModelIndex


class Preview(QAbstractTableModel):
    """The first rows of a table, words as words."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else min(_ROWS, self._table.m)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._table.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        name = self._table.columns[index.column()]
        words = self._table.categories.get(name)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if words else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        value = float(self._table.values[index.row(), index.column()])
        if np.isnan(value):
            return "–"
        return words[int(value)] if words else f"{value:.6g}"

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self._table.columns[section]
        return f"{section + 1:,}"


class ImportDialog(QDialog):
    """Shows a table and makes a DataChoice of it; what cannot be learned cannot be accepted."""

    chosen = Signal(object)
    """(DataChoice,)"""

    def __init__(self, table: Table, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table, self._path = table, path
        self.setWindowTitle(self.tr("Import {name}").format(name=path.name))
        settings = {setting.name: setting for setting in DataChoice.settings()}
        self.preview = QTableView()
        self.preview.setModel(Preview(table))
        self.preview.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.preview.setFont(tabular(self.font()))
        self.preview.verticalHeader().setDefaultSectionSize(24)
        self.preview.horizontalHeader().setStretchLastSection(True)
        self.preview.setMinimumSize(560, 220)
        self.target = QComboBox()
        self.target.addItems(list(table.columns))
        self.target.setCurrentText(table.targets[0] if table.targets else table.columns[-1])
        self.scale = ChoiceField(settings["scale"])
        self.scale.show_value("standard")
        self.validation = NumberField(settings["validation"])
        self.validation.show_value(0.2 if table.m >= 50 else 0.0)
        self.test = NumberField(settings["test"])
        for field in (self.validation, self.test):
            field.setFixedWidth(70)
        self.verdict = QLabel()
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 4)
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.tr("Use this data"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.accept_button.setDefault(True)
        self._build()
        self.target.activated.connect(self._judge)
        self.scale.edited.connect(self._judge)
        for field in (self.validation, self.test):
            field.edited.connect(self._judge)
            field.refused.connect(self._judge)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.target.setFocus()
        self._judge()

    def _build(self) -> None:
        head = QLabel(
            self.tr("{m} examples, {columns} columns").format(
                m=f"{self._table.m:,}", columns=f"{len(self._table.columns):,}"
            )
        )
        head.setProperty("tone", "muted")
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        split = QHBoxLayout()
        split.setSpacing(8)
        split.addWidget(self.validation)
        split.addWidget(QLabel(self.tr("test")))
        split.addWidget(self.test)
        split.addStretch(1)
        for row, column, words, field in (
            (0, 0, self.tr("Predict"), self.target),
            (0, 2, self.tr("Scale features"), self.scale),
        ):
            grid.addWidget(QLabel(words), row, column)
            grid.addWidget(field, row, column + 1)
        grid.addWidget(QLabel(self.tr("Keep aside: validation")), 1, 0)
        grid.addLayout(split, 1, 1, 1, 3)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 14, 16, 14)
        page.setSpacing(10)
        page.addWidget(head)
        page.addWidget(self.preview, 1)
        page.addLayout(grid)
        page.addWidget(self.verdict)
        page.addWidget(self.buttons)

    # --- what becomes of it ----------------------------------------------------------------------

    def choice(self) -> DataChoice:
        return DataChoice(
            source=FILE,
            path=str(self._path),
            target=self.target.currentText(),
            table=self._table,
            target_scale="standard",
            scale=str(self.scale.currentData()),
            validation=float(self.validation.value),
            test=float(self.test.value),
        )

    def _judge(self, *_: object) -> None:
        """Says what kind of task this is, or why it is none."""
        problem = self.validation.problem or self.test.problem
        if not problem:
            choice = self.choice()
            try:
                dataset = prepare(
                    self._table,
                    choice.target,
                    choice.scale,
                    choice.validation,
                    choice.test,
                    choice.seed,
                    choice.target_scale,
                )
            except UserError as error:
                problem = tr_message(error.message)
            else:
                self._say(self._words(dataset), "")
        if problem:
            self._say(problem, "error")
        self.accept_button.setEnabled(not problem)

    def _words(self, dataset: Dataset) -> str:
        info = dataset.info
        names = ", ".join(info.class_names[:6]) + (" …" if len(info.class_names) > 6 else "")
        if info.task == "binary":
            words = self.tr("Two classes: {names}.").format(names=names)
        elif info.task == "classes":
            words = self.tr("{count} classes: {names}.").format(
                count=len(info.class_names), names=names
            )
        else:
            words = self.tr("A number is predicted: regression.")
        parts = self.tr("{features} features, {train} examples to learn from.").format(
            features=f"{info.n_x:,}", train=f"{dataset.train.m:,}"
        )
        notices = " ".join(tr_message(notice) for notice in dataset.notices)
        return f"{words} {parts} {notices}".strip()

    def _say(self, words: str, tone: str) -> None:
        self.verdict.setText(words)
        self.verdict.setProperty("tone", tone)
        self.verdict.style().polish(self.verdict)

    def accept(self) -> None:
        self.chosen.emit(self.choice())
        super().accept()
