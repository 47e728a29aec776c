"""The gradient check: back propagation beside finite differences, and mistakes to be caught."""

from __future__ import annotations

import html
import math

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from netbuilder import numbers
from netbuilder.engine import gradient_check
from netbuilder.engine.faults import FAULTS, possible
from netbuilder.engine.gradient_check import LayerCheck, overall_difference
from netbuilder.errors import UserError
from netbuilder.gui.panels.heatmaps.heatmap import Heatmap
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message, tr_text
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.widgets.controls import ReadOut
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.window.import_work import Work
from netbuilder.lab.checking import checked, placed
from netbuilder.lens.names import symbol
from netbuilder.lens.picture import Cell, Picture

_PATIENCE = 10.0
"""Seconds that the worker may take to tell what was learned."""
_STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
"""Of ε; 1e-7 is the course's."""
_TONES = {"good": "accent", "doubtful": "warning", "wrong": "error", "unknown": "muted"}


class GradientDialog(QDialog):
    """Checks the network in force, on a copy and off this thread, as soon as it is opened and
    whenever something is chosen."""

    def __init__(
        self, store: Store, bridge: TrainingBridge, themes: ThemeManager, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Gradient check"))
        self._store, self._bridge, self._themes = store, bridge, themes
        self._plan, self._dataset = store.subject
        self._work = Work(self)
        self.planted: list[tuple[str, str]] = []
        """(node's id, mistake's name)"""
        self.found: list[LayerCheck] = []
        self.layer, self.fault, self.epsilon = QComboBox(), QComboBox(), QComboBox()
        self.plant = QPushButton(self.tr("Plant"))
        self.mend = QPushButton(self.tr("Mend all"))
        self.verdict, self.more = QLabel(), QLabel()
        self.progress = QProgressBar()
        self._work.progressed.connect(lambda share: self.progress.setValue(round(100 * share)))
        self.stop = QPushButton(self.tr("Stop"))
        self.rows = self._table()
        self.maps = {name: Heatmap(themes.theme) for name in ("exact", "approximate", "difference")}
        self.captions = {name: QLabel() for name in self.maps}
        self.read_out = ReadOut(self, themes.theme)
        self._fill()
        self._build()
        self.resize(QSize(980, 600).boundedTo(parent.size() - QSize(40, 40)))
        self.finished.connect(self._work.close)
        self.check()

    # --- building ----------------------------------------------------------------------------

    def _fill(self) -> None:
        """What there is to choose from."""
        plan = self._plan
        for id, number in plan.course_layers.items() if plan is not None else ():
            assert plan is not None
            if possible(plan, id):
                self.layer.addItem(f"{number}  {plan.node(id).name}", id)
        for step in _STEPS:
            words = self.tr("{step}, the course's") if step == 1e-7 else "{step}"
            self.epsilon.addItem(words.format(step=f"{step:g}"), step)
        self.epsilon.setCurrentIndex(_STEPS.index(gradient_check.STEP))
        self._offer_faults()
        for field, name in (
            (self.layer, self.tr("Layer to plant a mistake in")),
            (self.fault, self.tr("Mistake")),
            (self.epsilon, self.tr("ε of the differences")),
        ):
            field.setAccessibleName(name)
            field.setToolTip(name)
        self.layer.currentIndexChanged.connect(self._offer_faults)
        self.plant.clicked.connect(self._on_plant)
        self.mend.clicked.connect(self._on_mend)
        self.epsilon.activated.connect(self.check)
        self.stop.clicked.connect(self._on_stop)
        for map in self.maps.values():
            map.pointed.connect(self._on_pointed)

    def _offer_faults(self, *_: object) -> None:
        self.fault.clear()
        id = self.layer.currentData()
        for fault in () if id is None or self._plan is None else possible(self._plan, id):
            self.fault.addItem(tr_text(fault.title), fault.name)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        label = QLabel(self.tr("Mistake"))
        label.setProperty("tone", "muted")
        head.addWidget(label)
        head.addWidget(self.layer)
        head.addWidget(self.fault, 1)
        head.addWidget(self.plant)
        head.addWidget(self.mend)
        head.addSpacing(16)
        epsilon = QLabel("ε")
        epsilon.setProperty("tone", "muted")
        head.addWidget(epsilon)
        head.addWidget(self.epsilon)
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.RichText)
        self.more.setWordWrap(True)
        self.more.setProperty("tone", "muted")
        self.more.setFont(tabular(self.more.font(), 0.95))
        self.more.setMinimumHeight(2 * self.more.fontMetrics().lineSpacing())
        self.more.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 100)
        for part in (self.progress, self.stop):
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
        doing = QHBoxLayout()
        doing.addWidget(self.progress, 1)
        doing.addWidget(self.stop)
        pictures = QGridLayout()
        pictures.setHorizontalSpacing(12)
        pictures.setVerticalSpacing(4)
        places = {"exact": (0, 0, 1), "approximate": (0, 1, 1), "difference": (2, 0, 2)}
        for name, (row, column, wide) in places.items():
            self.captions[name].setProperty("tone", "muted")
            pictures.addWidget(self.captions[name], row, column, 1, wide)
            pictures.addWidget(self.maps[name], row + 1, column, 1, wide)
            pictures.setRowStretch(row + 1, 1)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        middle.addWidget(self.rows, 4)
        middle.addLayout(pictures, 5)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in (self.plant, self.mend, self.stop, *buttons.findChildren(QPushButton)):
            button.setAutoDefault(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(20, 18, 20, 14)
        page.setSpacing(8)
        page.addLayout(head)
        page.addSpacing(4)
        page.addWidget(self.verdict)
        page.addWidget(self.more)
        page.addLayout(middle, 1)
        page.addLayout(doing)
        page.addWidget(buttons)

    def _table(self) -> QTreeWidget:
        rows = QTreeWidget()
        rows.setAccessibleName(self.tr("Gradients"))
        rows.setHeaderLabels(
            [self.tr("gradient"), self.tr("layer"), self.tr("difference"), self.tr("verdict")]
        )
        rows.setRootIsDecorated(False)
        rows.setUniformRowHeights(True)
        rows.setFont(tabular(rows.font()))
        header = rows.header()
        for column in range(3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        rows.currentItemChanged.connect(self._show_row)
        return rows

    # --- checking ----------------------------------------------------------------------------

    def _on_plant(self) -> None:
        mistake = self.layer.currentData(), self.fault.currentData()
        if None not in mistake and mistake not in self.planted:
            self.planted.append(mistake)
            self.check()

    def _on_mend(self) -> None:
        self.planted.clear()
        self.check()

    def _on_stop(self) -> None:
        self._work.drop()
        self._busy(False)
        self._say(self.tr("Stopped."), "muted", "")

    def check(self, *_: object) -> None:
        """Begins a check with what is chosen; one that is going on is given up."""
        plan, dataset, project = self._plan, self._dataset, self._store.project
        if plan is None or dataset is None:
            self._say(self.tr("The network cannot run yet, so it has no gradients."), "error", "")
            self._busy(False)
            return
        asked, epsilon = self._bridge.asked(), float(self.epsilon.currentData())
        planted = tuple(self.planted)
        self._busy(True)
        self._say(self.tr("Checking …"), "muted", self._told_planted())

        def do(watch: gradient_check.Watch) -> list[LayerCheck]:
            learned = asked(_PATIENCE)
            weights = None if learned is None else learned.weights
            return checked(project, plan, dataset, weights, planted, epsilon, watch)

        self._work.ask(do, self._show)

    def _busy(self, busy: bool) -> None:
        self.progress.setVisible(busy)
        self.stop.setVisible(busy)
        self.mend.setEnabled(bool(self.planted))
        self.plant.setEnabled(self.layer.count() > 0)

    def _show(self, found: list[LayerCheck] | None, error: Exception | None) -> None:
        self._busy(False)
        if found is None:
            if not isinstance(error, UserError):
                raise error or AssertionError
            self._say(tr_message(error.message), "error", "")
            return
        at = self.rows.indexOfTopLevelItem(self.rows.currentItem() or QTreeWidgetItem())
        self.found = found
        self.rows.clear()
        for one in found:
            self.rows.addTopLevelItem(self._item(one))
        self._sum_up()
        wrong = [k for k, one in enumerate(found) if one.verdict == "wrong"]
        item = self.rows.topLevelItem(wrong[0] if wrong else max(at, 0))
        if item is not None:
            self.rows.setCurrentItem(item)

    def _name(self, found: LayerCheck) -> str:
        number = "" if self._plan is None else self._plan.course_layers[found.id]
        return f"d{symbol(found.parameter)}{number}"

    def _item(self, found: LayerCheck) -> QTreeWidgetItem:
        relative = found.relative_difference
        difference = "" if math.isnan(relative) else f"{relative:.2e}"
        verdicts = {
            "good": self.tr("agrees"),
            "doubtful": self.tr("doubtful"),
            "wrong": self.tr("wrong"),
            "unknown": self.tr("cannot be told"),
        }
        item = QTreeWidgetItem([self._name(found), found.name, difference, verdicts[found.verdict]])
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        ink = self._themes.theme.color(_TONES[found.verdict])
        for column in range(4) if found.verdict == "wrong" else (3,):
            item.setForeground(column, ink)
        return item

    def _sum_up(self) -> None:
        """The verdict on all of it, and why."""
        found = self.found
        overall = overall_difference(found)
        wrong = [one for one in found if one.verdict == "wrong"]
        unknown = [self._name(one) for one in found if one.verdict == "unknown"]
        said = (
            ""
            if math.isnan(overall)
            else self.tr("overall difference {value}").format(value=f"{overall:.4g}")
        )
        if wrong:
            names = ", ".join(self._name(one) for one in wrong)
            caught = any(one.id == id for one in wrong for id, _ in self.planted)
            text = self.tr("Caught: {names}") if caught else self.tr("Wrong: {names}")
            words, tone = text.format(names=names), "error"
        elif self.planted:
            words = self.tr("The planted mistake was not caught at these weights")
            tone = "warning"
        elif any(one.verdict == "doubtful" for one in found):
            words, tone = self.tr("Back propagation nearly agrees with the differences"), "warning"
        else:
            words, tone = self.tr("Back propagation agrees with the differences"), "accent"
        more = self._told_planted()
        if unknown:
            more += " " + self.tr(
                "J has a kink at these weights, so {names} cannot be told: train a little."
            ).format(names=", ".join(unknown))
        self._say(f"{words} · {said}" if said else words, tone, more.strip())

    def _told_planted(self) -> str:
        plan = self._plan
        if plan is None or not self.planted:
            return self.tr(
                "(J(θ + ε) − J(θ − ε)) / 2ε beside the gradient, entry by entry, in 64 bit and on "
                "a copy of the network as it is now."
            )
        return self.tr("Planted: {mistakes}.").format(
            mistakes="; ".join(
                f"{tr_text(FAULTS[fault].title)} ({plan.node(id).name})"
                for id, fault in self.planted
            )
        )

    def _say(self, words: str, tone: str, more: str) -> None:
        color = getattr(self._themes.theme, tone)
        self.verdict.setText(
            f'<span style="color:{color}; font-weight:600; font-size:15px">'
            f"{html.escape(words)}</span>"
        )
        self.more.setText(more)

    # --- pictures ----------------------------------------------------------------------------

    @property
    def _chosen(self) -> LayerCheck | None:
        item = self.rows.currentItem()
        return None if item is None else self.found[self.rows.indexOfTopLevelItem(item)]

    def _matrices(self, found: LayerCheck) -> dict[str, np.ndarray]:
        return {
            "exact": placed(found, found.exact),
            "approximate": placed(found, found.approximate),
            "difference": placed(found, found.exact - found.approximate),
        }

    def _show_row(self, *_: object) -> None:
        found = self._chosen
        for part in (*self.maps.values(), *self.captions.values()):
            part.setVisible(found is not None and len(found.exact) > 0)
        if found is None or not len(found.exact):
            return
        name = self._name(found)
        words = {
            "exact": self.tr("{name}, back propagation"),
            "approximate": self.tr("{name}, finite differences"),
            "difference": self.tr("the difference of both"),
        }
        size = math.prod(found.shape)
        if size > gradient_check.ENTRIES:
            words["difference"] = self.tr("the difference of both, {count} of {size} entries")
        matrices = self._matrices(found)
        # On one scale for all three what differs by rounding alone has no colour.
        among = np.concatenate([found.exact, found.approximate])[None, :]
        for which, values in matrices.items():
            text = words[which].format(name=name, count=len(found.exact), size=f"{size:,}")
            self.captions[which].setText(text)
            self.maps[which].show_picture(Picture(values, among=among))

    def _on_pointed(self, cell: Cell | None, at: QPoint) -> None:
        found, map = self._chosen, self.sender()
        if cell is None or found is None or not isinstance(map, Heatmap):
            self.read_out.hide()
            return
        text = " · ".join(
            f"{self.captions[which].text().rpartition(', ')[2]} "
            f"{numbers.number(values[cell.row, cell.column], 6)}"
            for which, values in self._matrices(found).items()
            if which != "difference"
        )
        self.read_out.show_at(map.mapTo(self, at), html.escape(text))
