"""The runs of the document: how they went, side by side, and what can be done with each."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from weakref import WeakKeyDictionary

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from netbuilder import numbers
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.panels.runs.comparison import Comparison, compared, cost_text
from netbuilder.gui.panels.runs.model import Row, RunsModel
from netbuilder.gui.panels.runs.table import RunsTable
from netbuilder.gui.run_book import run_color
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.controls import Chip
from netbuilder.lens.look import Look
from netbuilder.runs.facts import comparable
from netbuilder.runs.kept import Best, KeptRun, Result
from netbuilder.runs.log import MetricLog
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.stretch import Learned

_CALM = 0.25
"""Seconds between two looks at the numbers of a run that goes on: figures are read, not watched."""


class RunsPanel(LivePanel):
    """A list; below it what can be done with the runs that are selected."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        self.book, self._bridge = centre.runs, centre.bridge
        theme = self.themes.theme
        self._best: WeakKeyDictionary[MetricLog, Best] = WeakKeyDictionary()
        self._read_at = 0.0
        self._chosen: list[int] = []
        self.model = RunsModel(self.font(), theme)
        self.model.renamed = self.book.rename
        self.table = RunsTable(self.model)
        self.comparison = Comparison()
        self.buttons: dict[str, Chip] = {}
        self._stack = QStackedWidget()
        self._stack.addWidget(self._list_page(theme))
        self._stack.addWidget(self._comparison_page(theme))
        self.body.setContentsMargins(6, 4, 6, 6)
        self.body.addWidget(self._stack)
        self.table.toggled.connect(self._toggle)
        self.table.chosen.connect(self._on_chosen)
        self.table.wants_look.connect(self.look_at)
        self.table.wants_delete.connect(self.delete)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.book.changed.connect(self._on_book)
        self._take_theme(theme)

    # --- building ------------------------------------------------------------------------------

    def _list_page(self, theme: Theme) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.setSpacing(2)
        for name, (words, icon, do) in self._deeds().items():
            chip = self.buttons[name] = Chip(words, theme, icon)
            chip.setCheckable(name in ("look", "pin"))
            chip.clicked.connect(do)
            row.addWidget(chip)
            if name == "fork":
                row.addStretch(1)
        column.addLayout(row)
        return page

    def _deeds(self) -> dict[str, tuple[str, str, Callable[[], None]]]:
        """What can be done: name -> words, drawing, function."""
        return {
            "look": (self.tr("Look at it"), "eye", self.look_at),
            "fork": (self.tr("Train on from here"), "fork", self.fork),
            "compare": (self.tr("Compare"), "compare", self.compare),
            "pin": (self.tr("Pin"), "pin", self.pin),
            "rename": (self.tr("Rename"), "rename", self.table.rename),
            "delete": (self.tr("Delete"), "delete", self.delete),
        }

    def _comparison_page(self, theme: Theme) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.back = Chip(self.tr("‹ All runs"), theme)
        self.back.setCheckable(False)
        self.back.clicked.connect(self._show_list)
        self._how_many = QLabel()
        self._how_many.setProperty("tone", "muted")
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(self._how_many)
        column.addLayout(row)
        column.addWidget(self.comparison, 1)
        return page

    def apply_theme(self, theme: Theme) -> None:
        self.model.apply_theme(theme)
        for chip in (*self.buttons.values(), self.back):
            chip.apply_theme(theme)

    # --- showing -------------------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        self._list()

    def refresh_without_network(self, snapshot: Snapshot | None) -> bool:
        """Runs are there whatever state the network is in."""
        self._list()
        return True

    def _on_book(self) -> None:
        self._read_at = 0.0
        self.mark_stale()

    def _list(self) -> None:
        if self._bridge.running and perf_counter() - self._read_at < _CALM:
            return
        self._read_at = perf_counter()
        listed = self.book.listed
        if not listed:
            self.say(
                self.tr(
                    "Press play: the run is listed here, and stays when Reset, a new seed or "
                    "other data begin the next one, so that you can compare them."
                )
            )
            return
        self.say("")
        shown = {run.number for run in self.book.shown}
        rows = [self._row(run, run.number in shown) for run in reversed(listed)]
        if rows != self.model.rows:
            chosen = self._chosen
            self.model.show(rows)
            self.table.select([n for n in chosen if n not in self.table.numbers])
        if self._stack.currentIndex():
            self._compare()
        self._enable()

    def _row(self, run: KeptRun, shown: bool) -> Row:
        result = self._result(run)
        title = self.book.title(run)
        current = run.number == self.book.runs.current
        return Row(
            number=run.number,
            name=title,
            epochs=f"{run.epochs:,}",
            cost=cost_text(result),
            accuracy=numbers.percent(result.accuracy),
            color=run_color(self.themes.theme, run.number).name(),
            shown=shown,
            pinned=run.number in self.book.marks.pinned,
            current=current,
            tip=self._tip(run, title, result, current),
        )

    def _tip(self, run: KeptRun, title: str, result: Result, current: bool) -> str:
        lines = [title]
        own = self.book.own_title(run, most=len(run.differs))
        if own != title:
            lines.append(own)
        if run.parent:
            parent = next((r for r in self.book.runs.all if r.number == run.parent), None)
            if parent is not None:
                words = self.tr("Branched off from {run} at update {step}.")
                lines.append(words.format(run=self.book.title(parent), step=f"{run.step:,}"))
        if result.of_validation:
            lines.append(self.tr("Cost and accuracy are of the validation part."))
        now = self.book.runs.now
        if current:
            lines.append(self.tr("This is the run that goes on."))
        elif now is not None and not comparable(run.facts, now.facts):
            lines.append(self.tr("Of other data or another loss: its costs mean something else."))
        return "\n".join(lines)

    def _result(self, run: KeptRun) -> Result:
        """What has come of a run; of a million rows only the new ones are looked at."""
        if run.log not in self._best:
            self._best[run.log] = Best()
        return self._best[run.log].of(run.log)

    # --- what is selected ----------------------------------------------------------------------

    def _selected(self) -> list[KeptRun]:
        listed = {run.number: run for run in self.book.listed}
        return [listed[number] for number in self.table.numbers if number in listed]

    def _on_chosen(self) -> None:
        self._chosen = self.table.numbers
        self._enable()

    def _enable(self) -> None:
        """What can be done with the selected runs, and in a tool tip why not."""
        runs, buttons = self._selected(), self.buttons
        one = runs[0] if len(runs) == 1 else None
        why = {
            "look": self._no_look(one),
            "fork": self._no_fork(one),
            "compare": "" if len(runs) == 2 else self.tr("Select two runs to compare them."),
            "pin": "" if one else self.tr("Select one run."),
            "rename": "" if one else self.tr("Select one run."),
            "delete": ""
            if any(run.number != self.book.runs.current for run in runs)
            else self.tr("The run that goes on cannot be deleted; Reset begins another one.")
            if runs
            else self.tr("Select the runs to delete."),
        }
        for name, reason in why.items():
            buttons[name].setEnabled(not reason)
            words = buttons[name].text()
            buttons[name].setToolTip(f"{words}. {reason}" if reason else words)
        buttons["pin"].setChecked(one is not None and one.number in self.book.marks.pinned)
        buttons["look"].setChecked(one is not None and self._is_looked_at(one))

    def _is_looked_at(self, run: KeptRun) -> bool:
        moment = self.cursor_.moment
        return not self.cursor_.live and moment is not None and moment.log is run.log

    def _no_look(self, run: KeptRun | None) -> str:
        if run is None:
            return self.tr("Select one run.")
        return self.tr("Only its curve was kept.") if run.moment is None else ""

    def _no_fork(self, run: KeptRun | None) -> str:
        if run is None:
            return self.tr("Select one run.")
        if run.number == self.book.runs.current:
            return self.tr("It is the run that goes on already.")
        learned = self._learned(run)
        if learned is None:
            return self.tr("Only its curve was kept.")
        if learned.state is None or self.store.project_of(learned.state) is None:
            return self.tr("Its network, data or seed are no longer in the document's history.")
        return ""

    def _learned(self, run: KeptRun) -> Learned | None:
        """Where it was left, exactly."""
        end = run.end
        if end is None:
            return None
        state, plan = end.state, end.stretch.plan
        return Learned(
            state.weights(plan),
            plan,
            state,
            run.log,
            run.log.marks,
            state.step,
            state.epoch,
            run=run.run,
            recorder=run.recorder,
        )

    # --- what is done --------------------------------------------------------------------------

    def _toggle(self, number: int) -> None:
        shown = any(run.number == number for run in self.book.shown)
        self.book.show(number, not shown)

    def look_at(self) -> None:
        """Lets every view show the run as it was left; once more, and they follow the training."""
        runs = self._selected()
        if len(runs) != 1 or self._no_look(runs[0]):
            return
        (run,) = runs
        moment = run.moment
        if self._is_looked_at(run) or run.number == self.book.runs.current or moment is None:
            self.cursor_.go_live()
        else:
            self.cursor_.rest_at(moment)
        self._enable()

    def fork(self) -> None:
        """Begins a run that goes on from where this one was left."""
        runs = self._selected()
        if len(runs) != 1 or self._no_fork(runs[0]):
            return
        learned = self._learned(runs[0])
        if learned is not None:
            self.cursor_.go_live()
            name = self.book.title(runs[0])
            self.store.fork(learned, self.tr("train on from {run}").format(run=name))

    def pin(self) -> None:
        for run in self._selected():
            self.book.pin(run.number)

    def delete(self) -> None:
        """Deletes the selected runs; undo brings them back."""
        if any(self._is_looked_at(run) for run in self._selected()):
            self.cursor_.go_live()
        self.book.delete([run.number for run in self._selected()])

    def compare(self) -> None:
        if len(self._selected()) == 2:
            self._compare()
            self._stack.setCurrentIndex(1)
            self.back.setFocus()

    def _compare(self) -> None:
        runs = sorted(self._selected(), key=lambda run: run.number)
        if len(runs) != 2:
            self._show_list()
            return
        one, other = runs
        pairs = compared(one, other, (self._result(one), self._result(other)))
        theme = self.themes.theme
        self.comparison.show_pairs(
            pairs,
            (self.book.title(one), self.book.title(other)),
            (run_color(theme, one.number), run_color(theme, other.number)),
        )
        count = len(pairs) - 4
        words = (
            self.tr("{count} settings differ") if count != 1 else self.tr("{count} setting differs")
        )
        self._how_many.setText(words.format(count=count))

    def _show_list(self) -> None:
        self._stack.setCurrentIndex(0)
        self.table.setFocus()

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, (words, _, do) in self._deeds().items():
            action = menu.addAction(words)
            action.setEnabled(self.buttons[name].isEnabled())
            action.triggered.connect(do)
        menu.popup(self.table.viewport().mapToGlobal(at))
