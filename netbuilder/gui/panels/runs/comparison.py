"""Two runs side by side: what came of each, and what they were trained with that differs."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHeaderView, QTreeWidget, QTreeWidgetItem

from netbuilder import numbers
from netbuilder.gui.panels.runs.model import SWATCH, swatch
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import tip
from netbuilder.runs.facts import differences
from netbuilder.runs.kept import KeptRun, Result

translate = QCoreApplication.translate


class Pair(NamedTuple):
    """One line of the comparison."""

    what: str
    one: str
    other: str


def cost_text(result: Result) -> str:
    return numbers.cost(result.cost) if result.cost == result.cost else "–"


def compared(one: KeptRun, other: KeptRun, results: tuple[Result, Result]) -> list[Pair]:
    """Results first, then the settings that are not the same."""
    of_validation = all(result.of_validation for result in results)
    cost = (
        translate("RunsPanel", "best validation cost")
        if of_validation
        else translate("RunsPanel", "best cost")
    )
    pairs = [
        Pair(cost, cost_text(results[0]), cost_text(results[1])),
        Pair(
            translate("RunsPanel", "at epoch"),
            *(f"{r.epoch:,}" if r.cost == r.cost else "–" for r in results),
        ),
        Pair(translate("RunsPanel", "accuracy"), *(numbers.percent(r.accuracy) for r in results)),
        Pair(translate("RunsPanel", "epochs"), f"{one.epochs:,}", f"{other.epochs:,}"),
    ]
    for found in differences(one.facts, other.facts, all_of_them=True):
        words = [tr_text(word) for word in (found.place, found.label) if word]
        what = ": ".join(words) or (
            translate("RunsPanel", "data")
            if found.old and found.new
            else translate("RunsPanel", "layer")
        )
        pairs.append(Pair(what, tr_text(found.old) or "–", tr_text(found.new) or "–"))
    return pairs


class Comparison(QTreeWidget):
    """A table to be read, with the two names above their columns."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setColumnCount(3)
        self.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Comparison of two runs"))
        self.setFont(tabular(self.font(), 0.92))
        header = self.header()
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(48)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.setIconSize(QSize(SWATCH, SWATCH))
        header.setIconSize(self.iconSize())

    def show_pairs(
        self, pairs: list[Pair], names: tuple[str, str], colors: tuple[QColor, QColor]
    ) -> None:
        """colors: of the two runs."""
        header = QTreeWidgetItem(["", *names])
        for column, color in enumerate(colors, 1):
            header.setIcon(column, swatch(color, color))
            header.setToolTip(column, tip(names[column - 1]))
            header.setFont(column, self.font())
        self.setHeaderItem(header)
        self.clear()
        for pair in pairs:
            item = QTreeWidgetItem(list(pair))
            for column, words in enumerate(pair):
                item.setToolTip(column, tip(words))
            self.addTopLevelItem(item)
