"""Check my homework: the learner's arrays, the first wrong one named, and how far it is off."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from netbuilder import numbers
from netbuilder.errors import UserError
from netbuilder.gui.panels.heatmaps.heatmap import Heatmap
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.widgets.controls import ReadOut, Segments
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.window.import_work import Work
from netbuilder.lab import handed_in
from netbuilder.lab.handed_in import Judged
from netbuilder.lab.homework import INHERITED, RIGHT, WRONG, Case, Row, case_of
from netbuilder.lens.picture import Cell, Picture

_PATIENCE = 10.0
"""Seconds that the worker may take to tell what was learned."""
_SEED, _NOW = "seed", "now"


class HomeworkDialog(QDialog):
    """Compares a file of arrays with what the network in force makes of its training part."""

    def __init__(
        self, store: Store, bridge: TrainingBridge, themes: ThemeManager, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Check my homework"))
        self._store, self._bridge, self._themes = store, bridge, themes
        self._work = Work(self)
        self._path: Path | None = None
        self.judged: Judged | None = None
        self.choose = QPushButton(self.tr("Choose a file…"))
        self.choose.clicked.connect(self._ask)
        self.template = QPushButton(self.tr("Save a template…"))
        self.template.setToolTip(
            self.tr("Writes X, Y and the weights, and every other array in its shape to fill in.")
        )
        self.template.clicked.connect(self._ask_template)
        self.file = QLabel()
        self.file.setTextFormat(Qt.TextFormat.PlainText)
        self.file.setProperty("tone", "muted")
        self.start = Segments(
            ((_NOW, self.tr("Weights in force")), (_SEED, self.tr("The seed's weights"))),
            themes.theme,
        )
        self.start.setToolTip(self.tr("Where the homework begins: W1, b1, … of the exercise."))
        self.start.chosen.connect(self._judge)
        self.verdict = QLabel()
        self.verdict.setTextFormat(Qt.TextFormat.RichText)
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 6)
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.rows = self._table()
        self.caption = QLabel()
        self.caption.setFont(tabular(self.caption.font()))
        self.caption.setProperty("tone", "muted")
        self.caption.setWordWrap(True)
        self.map = Heatmap(themes.theme)
        self.map.pointed.connect(self._on_pointed)
        self.read_out = ReadOut(self, themes.theme)
        self._build()
        self.resize(QSize(900, 560).boundedTo(parent.size() - QSize(40, 40)))
        self.finished.connect(self._work.close)
        self._show_nothing()
        self.setAcceptDrops(True)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.choose)
        head.addWidget(self.file, 1)
        head.addWidget(self.start)
        head.addWidget(self.template)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.caption)
        right.addWidget(self.map, 1)
        self.found = QWidget()
        middle = QHBoxLayout(self.found)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(18)
        middle.addWidget(self.rows, 5)
        middle.addLayout(right, 4)
        self.invitation = QLabel()
        self.invitation.setObjectName("homework_target")
        self.invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.invitation.setWordWrap(True)
        self.invitation.setMargin(60)
        self.pages = QStackedLayout()
        self.pages.addWidget(self.invitation)
        self.pages.addWidget(self.found)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in (self.choose, self.template, *buttons.findChildren(QPushButton)):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.verdict)
        column.addLayout(self.pages, 1)
        column.addWidget(buttons)

    def _table(self) -> QTreeWidget:
        rows = QTreeWidget()
        rows.setAccessibleName(self.tr("Arrays"))
        rows.setHeaderLabels(
            [self.tr("array"), self.tr("shape"), self.tr("difference"), self.tr("verdict")]
        )
        rows.setRootIsDecorated(False)
        rows.setUniformRowHeights(True)
        rows.setFont(tabular(rows.font()))
        header = rows.header()
        header.setStretchLastSection(True)
        for column in range(3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        rows.currentItemChanged.connect(self._show_row)
        return rows

    # --- files -------------------------------------------------------------------------------

    def _ask(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("Check my homework"), self._folder(), self.tr("NumPy arrays (*.npz)")
        )
        if name:
            self.check(Path(name))

    def _folder(self) -> str:
        path = self._path or self._store.path
        return str(Path.home() if path is None else path.parent)

    def check(self, path: Path) -> None:
        """Reads a file and judges it, on a thread."""
        self._path = path
        self._judge()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            # A file manager that is told of a move deletes the file.
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._invite("accent")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._invite("strong_line")

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        self._invite("strong_line")
        if path is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.check(path)

    def _ask_template(self) -> None:
        start = str(Path(self._folder()) / f"homework{handed_in.SUFFIX}")
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save a template"), start, self.tr("NumPy arrays (*.npz)")
        )
        if not name:
            return
        path = Path(name)
        if path.suffix.lower() != handed_in.SUFFIX:
            path = path.with_name(path.name + handed_in.SUFFIX)
        case = self._case()

        def done(values: object, error: Exception | None) -> None:
            if error is not None:
                self._fail(error)
                return
            self._say(
                self.tr(
                    "{name} has every array in its shape. Fill in those that you have with NumPy, "
                    "and check the file here."
                ).format(name=path.name),
                "muted",
            )

        self._work.ask(lambda watch: handed_in.save_template(path, case()), done)

    def _case(self) -> Callable[[], Case]:
        """The exercise that the document sets, to be made on a thread."""
        project, (plan, dataset) = self._store.project, self._store.subject
        asked = self._bridge.asked() if self.start.choice == _NOW else None

        def make() -> Case:
            if plan is None or dataset is None:
                raise UserError("The network cannot run yet, so there is no homework to compare.")
            learned = None if asked is None else asked(_PATIENCE)
            return case_of(project, plan, dataset, None if learned is None else learned.weights)

        return make

    # --- judging -----------------------------------------------------------------------------

    def _judge(self, *_: object) -> None:
        if self._path is None:
            return
        path, case = self._path, self._case()
        self.file.setText(path.name)
        self._say(self.tr("Comparing …"), "muted")

        self._work.ask(lambda watch: handed_in.judged(path, case()), self._show)

    def _show(self, judged: Judged | None, error: Exception | None) -> None:
        if judged is None:
            self._show_nothing()
            if error is not None:
                self._fail(error)
            return
        self.judged = judged
        self.pages.setCurrentWidget(self.found)
        found = judged.comparison
        self.rows.clear()
        for row in found.rows:
            self.rows.addTopLevelItem(self._item(row, row is found.first_wrong))
        self._say(*self._sum_up(judged))
        first = next((k for k, row in enumerate(found.rows) if row is found.first_wrong), 0)
        item = self.rows.topLevelItem(first)
        if item is not None:
            self.rows.setCurrentItem(item)

    def _sum_up(self, judged: Judged) -> tuple[str, str]:
        """What there is to say, and in which colour."""
        found, first = judged.comparison, judged.comparison.first_wrong
        more = ""
        if found.unknown:
            more = " " + self.tr("The exercise has no {names}.").format(
                names=", ".join(found.unknown)
            )
        if not found.rows:
            words = self.tr("There is no array to compare; expected names such as W1, Z1, dW1.")
            return words + more, "warning"
        if first is None:
            words = self.tr("All of it is right, {count} of {count}.").format(count=len(found.rows))
            return words + more, "accent"
        words = self.tr("The first wrong array is {name}.").format(name=first.name)
        if first.mine.shape != first.expected.shape:
            words += " " + self.tr("Its shape is {found}, expected {expected}.").format(
                found=first.mine.shape, expected=first.expected.shape
            )
        if judged.reason is not None:
            words += " " + tr_message(judged.reason)
        else:
            words += " " + self.tr("It is no mistake that is known here.")
        return words + more, "error"

    def _item(self, row: Row, first: bool) -> QTreeWidgetItem:
        verdicts = {
            RIGHT: self.tr("right"),
            INHERITED: self.tr("inherits the error"),
            WRONG: self.tr("wrong as well"),
        }
        off = row.difference
        difference = "" if np.isnan(off) else f"{off:.2e}" if off else "0"
        words = self.tr("the first wrong") if first else verdicts[row.verdict]
        shape = f"({', '.join(f'{n:,}' for n in row.mine.shape)})"
        item = QTreeWidgetItem([row.name, shape, difference, words])
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        theme = self._themes.theme
        ink = {
            RIGHT: theme.color("text"),
            INHERITED: theme.color("muted", 0.65),
            WRONG: theme.color("error"),
        }[row.verdict]
        font = QFont(self.rows.font())
        font.setBold(first)
        for column in range(4):
            item.setForeground(column, ink)
            item.setFont(column, font)
        if row.verdict == RIGHT:
            item.setForeground(3, QColor(theme.accent))
        return item

    def _show_row(self, item: QTreeWidgetItem | None, _before: object = None) -> None:
        """The difference of the row that is chosen, as a heatmap."""
        row = self._row
        same = row is not None and row.mine.shape == row.ours.shape
        self.map.setVisible(row is not None)
        if row is None:
            self.caption.clear()
            return
        values = np.atleast_2d(row.mine - row.ours if same else row.mine)
        text = self.tr("{name}: yours − right") if same else self.tr("{name} as you have it")
        self.caption.setText(text.format(name=row.name))
        # What differs by rounding alone has no colour.
        among = row.ours.astype(np.float64) if same and row.verdict == RIGHT else None
        self.map.show_picture(Picture(values.astype(np.float64), among=among))

    @property
    def _row(self) -> Row | None:
        item = self.rows.currentItem()
        if self.judged is None or item is None:
            return None
        return self.judged.comparison.rows[self.rows.indexOfTopLevelItem(item)]

    def _on_pointed(self, cell: Cell | None, at: QPoint) -> None:
        row = self._row
        if cell is None or row is None:
            self.read_out.hide()
            return
        mine = np.atleast_2d(row.mine)[cell.row, cell.column]
        place = f"{row.name}[{cell.row + 1}, {cell.column + 1}]"
        text = self.tr("{place}: yours {mine}").format(place=place, mine=numbers.number(mine, 6))
        if row.mine.shape == row.ours.shape:
            ours = np.atleast_2d(row.ours)[cell.row, cell.column]
            text += self.tr(", right {ours}").format(ours=numbers.number(ours, 6))
        self.read_out.show_at(self.map.mapTo(self, at), html.escape(text))

    # --- words -------------------------------------------------------------------------------

    def _show_nothing(self) -> None:
        self.judged = None
        self.rows.clear()
        self._show_row(None)
        self._say("", "muted")
        self._invite("strong_line")
        self.pages.setCurrentWidget(self.invitation)

    def _invite(self, role: str) -> None:
        """The place for a file while there is none."""
        theme = self._themes.theme
        head = self.tr("Drop your arrays here, or choose a file")
        more = self.tr(
            "An NPZ file with any of W1, b1, Z1, A1, cost, dA1, dZ1, dW1, db1, … in the course's "
            "shapes, examples as columns. Each array is computed anew from your own arrays before "
            "it, so that the first mistake shows, and not what it leads to."
        )
        self.invitation.setText(
            f'<p style="font-size:16px; font-weight:600">{head}</p>'
            f'<p style="color:{theme.muted}">{more}</p>'
        )
        self.invitation.setStyleSheet(
            f"#homework_target {{ border: 2px dashed {getattr(theme, role)};"
            f" border-radius: 12px; background: {theme.panel}; }}"
        )

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, UserError):
            raise error
        self._say(tr_message(error.message), "error")

    def _say(self, words: str, tone: str) -> None:
        self.verdict.setVisible(bool(words))
        color = getattr(self._themes.theme, tone)
        weight = "normal" if tone == "muted" else "600"
        self.verdict.setText(
            f'<span style="color:{color}; font-weight:{weight}">{html.escape(words)}</span>'
        )


def _dropped(event: QDropEvent) -> Path | None:
    """The one file of arrays that is carried; None for anything else."""
    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    allowed = event.possibleActions() & Qt.DropAction.CopyAction
    return path if allowed and path.suffix.lower() == handed_in.SUFFIX else None
