"""What fits of a file, before it is imported: as a new network, or as weights of this one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QRadioButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from netbuilder.engine.layer import Shape
from netbuilder.errors import Message
from netbuilder.exchange.reading.matching import Fit
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.window.network_choices import Choice, Looked
from netbuilder.lens.names import summary

_MOST_ROWS = 400


class NetworkImportDialog(QDialog):
    """A list of the file's arrays, and where each goes; nothing is changed before Import."""

    chosen = Signal(object)
    """(Choice,)"""

    def __init__(self, path: Path, looked: Looked, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import {name}").format(name=path.name))
        name = QLabel(path.name)
        name.setTextFormat(Qt.TextFormat.PlainText)
        font = name.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        name.setFont(font)
        self.weights, self.network = QRadioButton(), QRadioButton()
        self._choices = {self.weights: looked.weights, self.network: looked.network}
        group = QButtonGroup(self)
        reasons: list[QWidget] = []
        for button, words, choice in (
            (self.weights, self.tr("Weights for the network on the canvas"), looked.weights),
            (
                self.network,
                self.tr("The network, in place of the one on the canvas"),
                looked.network,
            ),
        ):
            group.addButton(button)
            button.setText(f"{words}: {self._in_short(choice)}")
            button.setEnabled(isinstance(choice, Choice))
            button.toggled.connect(self._show)
            reasons.append(button)
            if isinstance(choice, Message):
                reasons.append(self._muted(tr_message(choice)))
        self.table = QTableWidget(0, 4)
        self.table.setHorizontalHeaderLabels(
            [self.tr("In the file"), self.tr("Shape here"), self.tr("Goes to"), ""]
        )
        self.table.setAccessibleName(self.tr("What fits where"))
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setStyleSheet("QTableWidget::item { padding-left: 6px; }")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.horizontalHeader().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.told = self._muted("")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.tr("Import"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.accept_button.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 16)
        column.setSpacing(10)
        for widget in (name, *reasons, self.table, self.told, self.buttons):
            column.addWidget(widget, int(widget is self.table))
        self.resize(QSize(720, 520))
        weights, network = looked.weights, looked.network
        better = isinstance(weights, Choice) and (weights.whole or isinstance(network, Message))
        (self.weights if better else self.network).setChecked(True)

    @property
    def choice(self) -> Choice:
        """The one that is marked."""
        found = self._choices[self.weights if self.weights.isChecked() else self.network]
        assert isinstance(found, Choice)
        return found

    def accept(self) -> None:
        choice = self.choice
        super().accept()
        self.chosen.emit(choice)

    def _muted(self, words: str) -> QLabel:
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("tone", "muted")
        return label

    def _in_short(self, choice: Choice | Message) -> str:
        if isinstance(choice, Message):
            return self.tr("not possible")
        fits = choice.fits
        count, all_ = len(fits.fits) - len(fits.missing), len(fits.fits)
        words = self.tr("{count} of {all} arrays fit").format(count=f"{count:,}", all=f"{all_:,}")
        if not fits.missing:
            words = tr_message(summary(choice.plan))
        if fits.left:
            words += self.tr("; {n} left over").format(n=f"{len(fits.left):,}")
        return words

    def _show(self, on: bool) -> None:
        if not on:
            return
        choice = self.choice
        rows = [self._row(fit) for fit in choice.fits.fits[:_MOST_ROWS]]
        rows += [(name, "", "", self.tr("left over")) for name in choice.fits.left[:_MOST_ROWS]]
        self.table.setRowCount(len(rows))
        for row, texts in enumerate(rows):
            for k, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, k, item)
        for k in range(3):
            self.table.resizeColumnToContents(k)
            self.table.setColumnWidth(k, min(self.table.columnWidth(k) + 16, 240))
        self.told.setText("\n".join(tr_message(notice) for notice in choice.notices))
        self.told.setVisible(bool(choice.notices))

    def _row(self, fit: Fit) -> tuple[str, str, str, str]:
        goes = f"{fit.node.name} {fit.parameter}"
        if fit.held is None:
            why = "" if fit.reason is None else tr_message(fit.reason)
            return "–", _shape(fit.shape), goes, self.tr("missing: stays as it is. ") + why
        if not fit.held.name:
            return (
                "–",
                _shape(fit.shape),
                goes,
                self.tr("none in the file: as if it were not there"),
            )
        return fit.held.name, _shape(fit.shape), goes, ""


def _shape(shape: Shape) -> str:
    return " × ".join(map(str, shape))
