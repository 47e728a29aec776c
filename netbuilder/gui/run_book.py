"""The run book: the runs of the document in force, how they are called, and which are shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from netbuilder.document.model.project import Project
from netbuilder.document.model.run_marks import RunMarks
from netbuilder.errors import UserError
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.runs.facts import Difference, Facts, facts_of
from netbuilder.runs.kept import KeptRun, Runs
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.stored_runs import runs_of, sections_of_runs

_CLASSES = (4, 9, 5, 8, 2, 7)
"""Which of the theme's class colours runs have after the first: none that means something else."""
_NAMED = 2
"""So many differences make a name; a tool tip has them all."""


def run_color(theme: Theme, number: int) -> QColor:
    """A run's own colour; the first has the accent."""
    place = (number - 1) % (len(_CLASSES) + 1)
    return QColor(theme.classes[_CLASSES[place - 1]]) if place else theme.color("accent")


class RunBook(QObject):
    """Follows the training, and keeps the runs that the document had beside the one that goes on.

    Names, pins and deletions are steps of the document's history; what is shown is not.
    """

    changed = Signal()
    """Other runs are there, or they are called, shown or pinned otherwise; not each new number."""

    def __init__(self, store: Store, bridge: TrainingBridge) -> None:
        super().__init__()
        self._store, self._bridge = store, bridge
        self.runs = Runs()
        self._said: dict[int, bool] = {}
        """Which runs the user wants to see, and which not."""
        self._shown: tuple[KeptRun, ...] | None = None
        self._readable = True
        self._document, self._marks = store.document, store.run_marks
        self._of: Project | None = None
        self._facts: Facts = {}
        self._read()
        bridge.snapshot.connect(self._on_snapshot)
        store.changed.connect(self._on_changed)
        store.history_changed.connect(self._on_history)
        store.replaced.connect(self._on_replaced)
        if bridge.last is not None:
            self._on_snapshot(bridge.last)

    # --- reading -------------------------------------------------------------------------------

    @property
    def marks(self) -> RunMarks:
        return self._store.run_marks

    @property
    def listed(self) -> tuple[KeptRun, ...]:
        """Every run that is not deleted, in order; one that never trained is not listed."""
        return tuple(run for run in self.runs.listed(self.marks) if run.has_trained)

    @property
    def shown(self) -> tuple[KeptRun, ...]:
        """Those whose curves are drawn, as they were when that was last told of."""
        if self._shown is None:
            found = self.runs.shown(self.marks, self._said)
            self._shown = tuple(run for run in found if run.has_trained)
        return self._shown

    def title(self, run: KeptRun) -> str:
        """What it is called: as the user says, else by what differs from the run before."""
        given = self.marks.names.get(run.number)
        return given or self.own_title(run)

    def own_title(self, run: KeptRun, most: int = _NAMED) -> str:
        """What it is called by itself, with at most so many of its differences."""
        parts = [self.tr("from epoch {epoch}").format(epoch=f"{run.epoch:,}")] if run.step else []
        parts += [self.worded(found) for found in run.differs[:most]]
        if len(run.differs) > most:
            parts[-1] += " …"
        if parts:
            return ", ".join(parts)
        first = run.number == self.runs.all[0].number
        return self.tr("first run") if first else self.tr("reset")

    def worded(self, found: Difference) -> str:
        """A difference as it stands in a name: "α 1.2 → 0.3", "4 → 5 units"."""
        label, old, new = tr_text(found.label), tr_text(found.old), tr_text(found.new)
        if found.label == "units":
            return self.tr("{old} → {new} units").format(old=old, new=new)
        if not found.label and not old:
            return self.tr("+ {layer}").format(layer=new)
        if not found.label and not new:
            return self.tr("− {layer}").format(layer=old)
        if not old and not new:
            return label
        return f"{label} {old} → {new}".strip()

    # --- the user's word -----------------------------------------------------------------------

    def show(self, number: int, visible: bool) -> None:
        """Draws a run's curve, or does not: a way to look at things, which no undo takes back."""
        self._said[number] = visible
        self._say_changed()

    def rename(self, number: int, name: str) -> None:
        """Gives a run a name; an empty one gives its own back."""
        run, name = self.runs[number], name.strip()
        old, own = self.title(run), self.own_title(run)
        if name == self.marks.names.get(number, "") or name == old:
            return
        new = "" if name == own else name
        label = self.tr("rename {old} to {new}").format(old=old, new=new or own)
        self._store.mark_runs(self.marks.rename(number, new), label)

    def pin(self, number: int) -> None:
        """Pins a run, or lets a pinned one go."""
        pinned = number in self.marks.pinned
        name = self.title(self.runs[number])
        label = (self.tr("unpin {run}") if pinned else self.tr("pin {run}")).format(run=name)
        self._said.pop(number, None)
        self._store.mark_runs(self.marks.pin(number), label)

    def delete(self, numbers: list[int]) -> None:
        """Deletes runs, but for the one that goes on; it can be undone."""
        numbers = [number for number in numbers if number != self.runs.current]
        if not numbers:
            return
        what = self.title(self.runs[numbers[0]])
        if len(numbers) > 1:
            what = self.tr("{count} runs").format(count=len(numbers))
        label = self.tr("delete {what}").format(what=what)
        self._store.mark_runs(self.marks.delete(numbers), label)

    # --- following -----------------------------------------------------------------------------

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        old, self.runs = self.runs, self.runs.follow(snapshot, self._known_facts())
        if old.current != self.runs.current:
            self._keep_within_budget()
        if _outline(old) != _outline(self.runs):
            self._tell()
        elif (now := self.runs.now) is not None and now.facts is not old[now.number].facts:
            self._say_changed()

    def _known_facts(self) -> Facts:
        """Of the document as it trains; found anew only where it changed."""
        store = self._store
        if store.project is not self._of and store.compiled.plan is not None:
            self._of, self._facts = store.project, facts_of(store.project)
        return self._facts

    def _on_changed(self, *_: object) -> None:
        last = self._bridge.last
        if last is not None and last.stretch is self._store.stretch:
            self._on_snapshot(last)

    def _on_history(self) -> None:
        if self._document == self._store.document and self.marks is not self._marks:
            self._tell()

    def _on_replaced(self, _project: object) -> None:
        self._document, self._said, self._of = self._store.document, {}, None
        self._read()
        self._tell()

    def _tell(self) -> None:
        self._marks = self.marks
        if self._readable:
            self._store_sections()
        self._say_changed()

    def _say_changed(self) -> None:
        self._shown = None
        self.changed.emit()

    def _keep_within_budget(self) -> None:
        for number, allowed in self.runs.allowances(self.marks).items():
            recorder = self.runs[number].recorder
            if recorder is not None:
                self._bridge.limit(recorder, allowed)
            if not allowed:
                self.runs = self.runs.forget(number)

    # --- the file ------------------------------------------------------------------------------

    def _read(self) -> None:
        """The runs in the sections of the document's file."""
        store = self._store
        try:
            self.runs, marks = runs_of(store.sections)
            self._readable = True
        except UserError as error:
            # What a newer version wrote stays in the file as it is.
            self.runs, marks, self._readable = Runs(), RunMarks(), False
            store.notify("warning", error.message)
        store.run_marks = marks

    def _store_sections(self) -> None:
        """Keeps what is to be saved up to date: it changes when a run begins, not as it goes on."""
        store = self._store
        store.sections = sections_of_runs(self.runs, self.marks, store.sections)


def _outline(runs: Runs) -> tuple[object, ...]:
    """What there is to tell of, but for the numbers of the run that goes on."""
    now = runs.now
    of_now = None if now is None else (now.has_trained, now.differs, id(now.log))
    return runs.current, [run.number for run in runs.all], of_now
