"""The store: the one place where the document in force is held and changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from PySide6.QtCore import QObject, Signal

from netbuilder.data.dataset import DataInfo, Dataset
from netbuilder.document.check.compile import Compiled, Problem, compile_project
from netbuilder.document.check.fitting import fit_to
from netbuilder.document.check.recompile import recompile
from netbuilder.document.model.datasets import (
    dataset_of,
    is_blank,
    known_of,
    prepared,
    same_examples,
)
from netbuilder.document.model.history import Entry, History
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.model.run_marks import RunMarks
from netbuilder.engine.plan import Plan
from netbuilder.errors import Message, UserError
from netbuilder.gui.theme.translation import tr_message
from netbuilder.runs import identity
from netbuilder.runs.state import RunState
from netbuilder.runs.stretch import Learned, Stretch, initializers

BUDGET = 256 * 2**20
"""Bytes of what was learned that undo and redo can bring back."""


class Store(QObject):
    """Holds the project with its history, its data, what the compiler says, and the selection.

    Everything that is read here fits together at any moment: signals are sent only when all of it
    has changed.
    """

    changed = Signal(object, object)
    """(old Project, new Project), after every commit, undo, redo and load."""
    replaced = Signal(object)
    """(Project,) a whole other document, sent after ``changed``: forget gestures and run."""
    selection_changed = Signal(object)
    """(frozenset of node ids,)"""
    clean_changed = Signal(bool)
    history_changed = Signal()
    fitted = Signal(object)
    """(Message,) other data was chosen, and this was fitted to it in the same step."""
    notified = Signal(str, object)
    """("info" | "warning" | "error", Message or str): something to tell beside the canvas."""

    def __init__(
        self,
        project: Project,
        path: Path | None = None,
        learned: Learned | None = None,
        sections: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._history = History(project, _first_stretch(learned))
        self.path = path
        self.sections = sections
        """What else its file holds, to be saved with it."""
        self.run_error: Message | None = None
        """Why the run of the file cannot be gone on with."""
        self.document = 0
        """Counts the documents that were put in force as a whole."""
        self.selection: frozenset[str] = frozenset()
        self.dataset: Dataset | None = None
        self.data_error: Message | None = None
        """Why there is no data set."""
        self._read_data(project.data)
        self.compiled: Compiled = compile_project(project, self._info)
        """What the compiler says; parts that an edit did not touch stay the same objects."""
        self._find_stretch()

    @property
    def project(self) -> Project:
        return self._history.project

    @property
    def stretch(self) -> Stretch:
        """Where what the document in force has learned is found: with it, it is undone."""
        return self._history.beside

    @property
    def run_marks(self) -> RunMarks:
        """What the user says of runs: no part of the project, but undone and redone with it."""
        return self._history.marks

    @run_marks.setter
    def run_marks(self, marks: RunMarks) -> None:
        """As its file says: no step."""
        self._history.marks = marks

    def holds(self, stretch: Stretch) -> bool:
        """Whether undo or redo can lead to this stretch of training."""
        return any(found is stretch for found in self._history.all_beside())

    # --- changing ----------------------------------------------------------------------------

    def commit(
        self, new: Project, label: str, merge_key: str | None = None, *, begins: bool = False
    ) -> None:
        """Puts a document in force; ``label`` is what the Edit menu will offer to undo.

        With ``begins`` a change of the network begins a run, instead of going on with one.
        """
        old = self.project
        clean = self.clean
        if self._history.commit(new, label, merge_key):
            self._follow(old, clean, begins=begins)

    def edit(
        self,
        change: Callable[[Project], Project],
        label: str,
        merge_key: str | None = None,
        *,
        begins: bool = False,
    ) -> bool:
        """Commits what ``change`` makes of the project; False, with a notice, when it is refused.

        A choice of data that cannot be had is refused too, so that what was in force stays. For
        ``begins`` see ``commit``.
        """
        try:
            new = change(self.project)
            if new.data is not self.project.data:
                prepared(new.data)
        except UserError as error:
            self.notified.emit("error", error.message)
            return False
        self.commit(new, label, merge_key, begins=begins)
        return True

    def choose(self, data: Callable[[DataChoice], DataChoice], label: str) -> None:
        """Puts other data in force, made from the present choice, with all that is fitted to it.

        What cannot be had or cannot be learned from leaves everything as it is, with a notice.
        """
        try:
            found = fit_to(self.project, data(self.project.data))
        except UserError as error:
            self.notified.emit("error", error.message)
            return
        self.commit(found.project, label)
        if found.said is not None:
            self.fitted.emit(found.said)

    def begin(self, label: str) -> None:
        """Begins a run with the seed's weights: a step like any other, though no edit."""
        self._step(label, None, begins=True)

    def learn(self, learned: Learned, label: str, project: Project | None = None) -> None:
        """Puts weights of a file in force, with the project they are of where it is another."""
        self._step(label, learned, begins=project is not None, project=project)

    def fork(self, learned: Learned, label: str) -> None:
        """Begins a run that goes on exactly from a moment; it can be undone as any edit.

        Where the moment is of an earlier network, data or seed of this document, that comes back
        in the same step. Raises ValueError where ``project_of`` finds none.
        """
        found = None if learned.state is None else self.project_of(learned.state)
        if found is None:
            raise ValueError("the moment is of no network in the history")
        self._step(label, learned, begins=True, project=found)

    def project_of(self, state: RunState) -> Project | None:
        """The document that a moment is of: as it was when that was trained last, with the
        settings of today; None where the history has no such network, data and seed."""
        refused: set[Stretch] = set()
        for project, stretch in self._history.past():
            if stretch in refused or project.seed != state.seed:
                continue
            if stretch.plan is None or identity.of_network(stretch.plan) != state.network:
                refused.add(stretch)
                continue
            now = self.project
            # A document that was half-built then shares the stretch of the one before it.
            plan, dataset = self.subject if project is now else _subject(project)
            if plan is None or dataset is None:
                continue
            if (
                identity.of_network(plan) == state.network
                and identity.of_data(dataset) == state.data
            ):
                return now if project is now else replace(project, training=now.training)
        return None

    def mark_runs(self, marks: RunMarks, label: str) -> None:
        """Says something else of runs: a step like any other, though no edit."""
        clean = self.clean
        self._history.mark(label, marks)
        self._tell_history(clean)

    def _step(
        self, label: str, learned: Learned | None, begins: bool, project: Project | None = None
    ) -> None:
        old, clean, was = self.project, self.clean, self.stretch
        new = old if project is None else project
        plan = was.plan if new is old or learned is None else learned.plan
        stretch = Stretch(plan, new.data, new.seed, begins, was, learned)
        stretch.touched = learned is not None
        stretch.drawn = initializers(plan)
        self._history.step(label, stretch, new)
        self._follow(old, clean, was=was)

    def mend(self, problem: Problem) -> None:
        """Applies a problem's remedy, where it has one."""
        if problem.fix is not None:
            words = tr_message(problem.fix.label)
            self.edit(problem.fix.apply, words[:1].lower() + words[1:])

    def seal(self) -> None:
        """Ends a gesture: what follows is a step of its own, whatever its merge key."""
        self._history.seal()

    def undo(self) -> None:
        old, clean, was = self.project, self.clean, self.stretch
        self._history.undo()
        self._follow(old, clean, was=was)

    def redo(self) -> None:
        old, clean, was = self.project, self.clean, self.stretch
        self._history.redo()
        self._follow(old, clean, was=was)

    def replace(
        self,
        project: Project,
        path: Path | None = None,
        learned: Learned | None = None,
        sections: Mapping[str, bytes] = MappingProxyType({}),
        *,
        saved: bool = True,
    ) -> None:
        """Puts a whole other document in force, with a history of its own.

        One that was not ``saved`` so, as after a crash, counts as modified.
        """
        old, clean = self.project, self.clean
        self._history = History(project, _first_stretch(learned), clean=saved)
        self.path, self.sections = path, sections
        self.document += 1
        self._follow(old, clean, whole=True)
        self.replaced.emit(project)

    def _follow(
        self,
        old: Project,
        clean: bool,
        whole: bool = False,
        was: Stretch | None = None,
        begins: bool = False,
    ) -> None:
        """``was`` is the stretch before a step whose own is known; else it is found here."""
        new = self.project
        if new is old and not whole and was is self.stretch:
            self._tell_history(clean)  # the step may have been one of ``mark_runs``
            return
        notices: tuple[Message, ...] = ()
        if new.data is not old.data or whole:
            self._read_data(new.data)
            notices = self.dataset.notices if self.dataset is not None else ()
        self.compiled = recompile(new, self._info, old, self.compiled)
        if was is None:
            self._find_stretch(begins)
        self._keep_within_budget()
        kept = frozenset(id for id in self.selection if id in new.network.by_id)
        selection_changes = kept != self.selection
        self.selection = kept
        self.changed.emit(old, new)
        if selection_changes:
            self.selection_changed.emit(kept)
        self._tell_history(clean, whole)
        told = new.data is old.data or is_blank(new.data)  # an empty plane speaks for itself
        if self.data_error is not None and (whole or not told):
            self.notified.emit("error", self.data_error)
        if was is None and self.run_error is not None:
            self.notified.emit("warning", self.run_error)
        for notice in notices:
            self.notified.emit("info", notice)

    def _tell_history(self, clean: bool, whole: bool = False) -> None:
        self.history_changed.emit()
        if self.clean != clean or whole:
            self.clean_changed.emit(self.clean)

    def _read_data(self, choice: DataChoice) -> None:
        try:
            self.dataset, self.data_error = dataset_of(choice), None
        except UserError as error:
            self.dataset, self.data_error = None, error.message

    def _find_stretch(self, begins: bool = False) -> None:
        """After an edit: another stretch of training begins where something else is trained."""
        now, project = self.stretch, self.project
        plan, data, seed = self.compiled.plan, project.data, project.seed
        self.run_error = None
        if plan is None or now.is_of(plan, data, seed):
            return
        if now.plan is None:
            now.plan, now.data, now.seed = plan, data, seed
            now.drawn = initializers(plan)
            self._read_run(now, plan)
            return
        # What was learned of one data set means nothing to another, nor to another seed.
        begins = begins or seed != now.seed or not same_examples(data, now.data)
        stretch = Stretch(plan, data, seed, begins, now)
        stretch.touched = now.touched and not begins
        stretch.drawn = initializers(plan)
        if stretch.touched:  # layers that keep their weights keep what those began with
            stretch.drawn |= {
                id: drawn for id, drawn in now.drawn.items() if _keeps(id, now.plan, plan)
            }
        self._history.beside = stretch

    def _read_run(self, stretch: Stretch, plan: Plan) -> None:
        """What the file says of the run, as soon as there is the network that it is of."""
        learned = stretch.learned
        if learned is None or self.dataset is None:
            return
        try:
            stretch.learned = learned.read(plan, self.dataset)
            self.run_error = stretch.learned.lost
        except UserError as error:
            text = (
                "The run in this file cannot be gone on with, so only its weights count: {reason}"
            )
            self.run_error = Message(text, reason=error.message)
            stretch.learned = replace(learned, step=0, sections={})

    def _keep_within_budget(self) -> None:
        """Forgets what was learned longest ago, where all that undo keeps would be too much."""
        left, logs = BUDGET, set()
        for stretch in reversed(list(dict.fromkeys(self._history.all_beside()))):
            if stretch is not self.stretch and stretch.learned is not None:
                left -= stretch.learned.nbytes
                log = stretch.learned.log
                if log is not None and log not in logs:  # stretches of one run share theirs
                    logs.add(log)
                    left -= log.nbytes
                if left < 0:
                    stretch.drop()

    @property
    def _info(self) -> DataInfo | None:
        return known_of(self.project.data) if self.dataset is None else self.dataset.info

    @property
    def subject(self) -> tuple[Plan | None, Dataset | None]:
        """What can be trained and looked at; equal before and after an edit that leaves it as is.

        When it changes into what can train, a new snapshot of the run follows by itself.
        """
        return self.compiled.plan, self.dataset

    # --- history and file ----------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    @property
    def undo_label(self) -> str | None:
        return self._history.undo_label

    @property
    def redo_label(self) -> str | None:
        return self._history.redo_label

    @property
    def clean(self) -> bool:
        """Whether the document is as it was opened or saved last."""
        return self._history.clean

    @property
    def moment(self) -> Entry[Stretch]:
        """The document in force, to be handed to ``mark_saved`` when it is in its file."""
        return self._history.now

    def mark_saved(self, path: Path, moment: Entry[Stretch]) -> None:
        """The document was saved as it was at that moment; by now it may be another."""
        self.path = path
        self._history.mark_clean(moment)
        self.clean_changed.emit(self.clean)

    # --- selection -----------------------------------------------------------------------------

    def select(self, ids: Iterable[str]) -> None:
        """Selects these nodes and no others; the selection is no part of the document."""
        selection = frozenset(id for id in ids if id in self.project.network.by_id)
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit(selection)

    def notify(self, kind: str, message: Message | str) -> None:
        """Tells the user something beside the canvas; ``kind`` is "info", "warning" or "error"."""
        self.notified.emit(kind, message)


def _keeps(id: str, old: Plan, new: Plan) -> bool:
    """Whether a layer's weights survive from one plan to the other."""
    shapes = {node.id: node.parameter_shapes for node in old.nodes}
    return any(node.id == id and node.parameter_shapes == shapes.get(id) for node in new.nodes)


def _subject(project: Project) -> tuple[Plan | None, Dataset | None]:
    """What a document trains."""
    try:
        dataset = dataset_of(project.data)
    except UserError:
        return None, None
    return compile_project(project, dataset.info).plan, dataset


def _first_stretch(learned: Learned | None) -> Stretch:
    return Stretch(learned=learned, touched=learned is not None)
