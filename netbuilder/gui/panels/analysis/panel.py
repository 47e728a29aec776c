"""The analysis panel: what each layer holds, needs and costs, and the remarks of a tutor."""

from __future__ import annotations

import html
import operator

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHeaderView,
    QLabel,
    QScrollArea,
    QTreeWidget,
    QTreeWidgetItem,
)

from netbuilder.document.check.analysis import LayerFigures, analysis, batch
from netbuilder.document.check.problems import Problem
from netbuilder.document.model.project import Project
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message, tr_text
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.lens.look import Look
from netbuilder.lens.names import symbol
from netbuilder.numbers import byte_count, shape_text
from netbuilder.runs.snapshot import Snapshot

_ID = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WIDE = 620
"""Pixels from which on the remarks stand beside the table."""
_NUMBERS = 4
"""The first column of numbers."""


class AnalysisPanel(LivePanel):
    """A row a layer; a click selects its card, a remark does so too, and has its remedy."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        self.table = QTreeWidget()
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAccessibleName(self.tr("Analysis"))
        self.table.setFont(tabular(self.table.font(), 0.92))
        self.table.setHeaderLabels(
            [
                self.tr("layer"),
                self.tr("type"),
                self.tr("activations"),
                self.tr("learnables"),
                self.tr("parameters"),
                self.tr("memory"),
                self.tr("products"),
            ]
        )
        told = (
            self.tr("The shape of A, with m examples as columns."),
            self.tr("The shapes of what is learned."),
            self.tr("How many numbers are learned."),
            self.tr("For an update: parameters, gradients, the optimiser's, and a batch's values."),
            self.tr("Multiplications of an update, forward and back."),
        )
        for column, tip in enumerate(told, start=2):
            self.table.headerItem().setToolTip(column, tip)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        for column in range(_NUMBERS, self.table.columnCount()):
            self.table.headerItem().setTextAlignment(column, _RIGHT)
        self.remarks = QLabel()
        self.remarks.setTextFormat(Qt.TextFormat.RichText)
        self.remarks.setWordWrap(True)
        self.remarks.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.remarks.setContentsMargins(10, 2, 6, 6)
        self.remarks.linkActivated.connect(self._follow)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.viewport().setAutoFillBackground(False)
        self._area.setWidget(self.remarks)
        self.remarks.setAutoFillBackground(False)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._parts.addWidget(self.table, 5)
        self._parts.addWidget(self._area, 2)
        self.body.addLayout(self._parts)
        self._seen: tuple[object, ...] = (None, None, None)
        self._rows: tuple[LayerFigures, ...] = ()
        self._problems: tuple[Problem, ...] | None = None
        self.table.currentItemChanged.connect(self._select)
        self.table.itemClicked.connect(self._select)
        self.store.selection_changed.connect(self._show_selection)
        self.store.changed.connect(self._on_training)
        self._take_theme(self.themes.theme)

    def apply_theme(self, theme: Theme) -> None:
        self._problems = None  # their colours are others

    def _on_training(self, old: Project, new: Project) -> None:
        if old.training is not new.training:
            self.mark_stale()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = event.size().width() >= _WIDE
        way = QBoxLayout.Direction
        self._parts.setDirection(way.LeftToRight if beside else way.TopToBottom)

    # --- what is shown -------------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        self._bring_up_to_date()

    def refresh_without_network(self, snapshot: Snapshot | None) -> bool:
        self.say("")
        self._bring_up_to_date()
        return True

    def _bring_up_to_date(self) -> None:
        """Of the document as it is, whatever moment is looked at."""
        store = self.store
        compiled = store.compiled
        seen = compiled, store.project.network, store.project.training
        if self._problems is not None and all(map(operator.is_, seen, self._seen)):
            return
        self._seen = seen
        if compiled.problems is not self._problems:
            self._problems = compiled.problems
            self.remarks.setText(self._told(compiled.problems))
        rows = analysis(store.project, compiled)
        if rows == self._rows:
            return
        self._rows = rows
        m = batch(store.project, compiled)
        self.table.blockSignals(True)
        self.table.clear()
        self.table.addTopLevelItems([_item(row, m) for row in rows])
        self.table.addTopLevelItem(self._total(rows))
        self.table.blockSignals(False)
        self._show_selection()

    def _total(self, rows: tuple[LayerFigures, ...]) -> QTreeWidgetItem:
        memory = [row.bytes for row in rows if row.bytes is not None]
        products = [row.products for row in rows if row.products is not None]
        item = _with_numbers(
            [self.tr("together"), "", "", ""],
            sum(row.parameters for row in rows),
            sum(memory) if memory else None,
            sum(products) if products else None,
        )
        font = QFont(self.table.font())
        font.setWeight(QFont.Weight.DemiBold)
        for column in range(self.table.columnCount()):
            item.setFont(column, font)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        return item

    def _told(self, problems: tuple[Problem, ...]) -> str:
        """Every problem as a link to its card, with its remedy as another."""
        theme = self.themes.theme
        if not problems:
            words = html.escape(self.tr("A tutor would have nothing to say of this network."))
            return f"<p style='color:{theme.muted}'>{words}</p>"
        told = []
        for number, problem in enumerate(problems):
            role = {"error": "error", "warning": "warning"}.get(problem.severity, "text")
            words = html.escape(tr_message(problem.message))
            color = theme.color(role).name()
            text = f"<span style='color:{color}'>{words}</span>"
            if problem.node is not None:
                style = f"text-decoration:none;color:{color}"
                text = f"<a style='{style}' href='node:{problem.node}'>{words}</a>"
            if problem.fix is not None:
                label = html.escape(tr_message(problem.fix.label))
                style = f"color:{theme.accent}"
                text += f"<br><a style='{style}' href='mend:{number}'>{label}</a>"
            told.append(f"<p style='margin:0 0 8px 0'>{text}</p>")
        return "".join(told)

    # --- clicks --------------------------------------------------------------------------------

    def _follow(self, link: str) -> None:
        what, _, of = link.partition(":")
        if what == "node":
            self.store.select([of])
        elif self._problems is not None:
            self.store.mend(self._problems[int(of)])

    def _select(self, item: QTreeWidgetItem | None, *_: object) -> None:
        if item is not None and item.data(0, _ID):
            self.store.select([item.data(0, _ID)])

    def _show_selection(self, *_: object) -> None:
        selected = self.store.selection
        self.table.blockSignals(True)
        self.table.setCurrentIndex(QModelIndex())
        for number, row in enumerate(self._rows):
            item = self.table.topLevelItem(number)
            if row.id in selected and item is not None:
                self.table.setCurrentItem(item)
        self.table.blockSignals(False)


def _item(row: LayerFigures, m: int) -> QTreeWidgetItem:
    learnables = "  ".join(f"{symbol(n)} {shape_text(s)}" for n, s in row.learnables.items())
    shape = "" if row.shape is None else shape_text(row.shape, m)
    texts = [row.name, tr_text(row.kind), shape, learnables or "–"]
    item = _with_numbers(texts, row.parameters, row.bytes, row.products)
    item.setData(0, _ID, row.id)
    return item


def _with_numbers(
    texts: list[str], parameters: int, memory: int | None, products: int | None
) -> QTreeWidgetItem:
    item = QTreeWidgetItem(
        [
            *texts,
            f"{parameters:,}" if parameters else "–",
            "" if memory is None else byte_count(memory),
            "" if products is None else f"{products:,}" if products else "–",
        ]
    )
    for column in range(_NUMBERS, len(texts) + 3):
        item.setTextAlignment(column, _RIGHT)
    return item
