"""Opening, saving, importing and exporting, with the questions that must be asked on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from netbuilder.data.files import SUFFIXES
from netbuilder.document.file import storage
from netbuilder.document.file.place import Changed, Place
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import new_project
from netbuilder.errors import Message, UserError
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.exporting import Exporting
from netbuilder.gui.window.import_work import data_filter
from netbuilder.gui.window.importing import Importing
from netbuilder.gui.window.network_import import NetworkImport
from netbuilder.gui.window.offered import folder, stem
from netbuilder.gui.window.question import Choices, ask
from netbuilder.gui.window.recent import Recent
from netbuilder.gui.window.saving import Content, Opened, Saving
from netbuilder.runs.stored import others
from netbuilder.runs.stretch import Learned, Stretch

SUFFIX = ".netb"


def is_network(path: Path) -> bool:
    """Whether a file of another program is a network or weights, and no table."""
    from netbuilder.exchange.reading.readers import can_read

    return path.suffix.lower() not in SUFFIXES and can_read(path)


class Documents(QObject):
    """The document as a file. Failures become notices; what was in force stays in force."""

    modified_changed = Signal()
    save_failed = Signal(object)
    """(Message,) why; another name may help."""
    waiting_changed = Signal(bool)
    """Whether something, such as closing the window, waits until the document is saved."""

    def __init__(
        self,
        store: Store,
        bridge: TrainingBridge,
        themes: ThemeManager,
        settings: QSettings,
        window: QWidget,
        place: Place | None = None,
    ) -> None:
        super().__init__(window)
        self._store, self._bridge, self._themes = store, bridge, themes
        self._settings, self._window = settings, window
        self.recent = Recent(settings, self)
        self.saving = Saving(self)
        self.saving.take(place)
        self._waiting: Callable[[], None] | None = None
        self._told_before_sharing: Message | None = None
        self._saved_at: tuple[Stretch, int] | None = None
        self._saved_at = self._moment()
        self.question: QMessageBox | None = None
        self.importing = Importing(store, themes, window)
        self.networks = NetworkImport(store, bridge, window)
        self.exporting = Exporting(store, bridge, window)
        store.replaced.connect(self._on_replaced)
        store.clean_changed.connect(self.modified_changed)
        bridge.snapshot.connect(self._on_snapshot)
        self._was_modified = False

    # --- state ---------------------------------------------------------------------------------

    @property
    def modified(self) -> bool:
        """Whether something would be lost: edits, or what was learned since it was saved."""
        return not self._store.clean or self._moment() != self._saved_at

    def _moment(self) -> tuple[Stretch, int]:
        """How far the document's own training is."""
        stretch, last = self._store.stretch, self._bridge.last
        if last is not None and last.stretch is stretch:
            return stretch, last.step
        if self._saved_at is not None and self._saved_at[0] is stretch:
            return self._saved_at  # nothing later is known yet
        return stretch, 0 if stretch.learned is None else stretch.learned.step

    def _on_replaced(self, _project: object) -> None:
        if self._store.path is None:
            self.saving.take(None)
        self._saved_at = self._moment()
        self.modified_changed.emit()

    def _on_snapshot(self, _snapshot: object) -> None:
        if self.modified != self._was_modified:
            self._was_modified = self.modified
            self.modified_changed.emit()

    # --- new and open --------------------------------------------------------------------------

    def new(self) -> None:
        self.when_safe(self._new)

    def _new(self) -> None:
        try:
            project = new_project(self._store.project.data)
        except UserError:
            project = new_project(DataChoice())
        self._store.replace(project)

    def begin(self, project: Project) -> None:
        """Begins a new document with a project, once what is there is safe."""
        self.when_safe(lambda: self._store.replace(project))

    def ask_open(self) -> None:
        path = self._ask(self.tr("Open a network"), self.tr("netbuilder networks (*.netb)"))
        if path is not None:
            self.open(path)

    def open(self, path: Path) -> None:
        """Opens a project file, once what is there is safe."""
        self.when_safe(lambda: self._open(path))

    def _open(self, path: Path) -> None:
        moment = self._store.moment

        def opened(found: Opened | UserError) -> None:
            if isinstance(found, UserError):
                self._go_on()
                self._fail(found)
            elif self._store.moment is not moment:  # something was done meanwhile
                self.saving.leave(found.place)
                self.open(path)
            else:
                self.saving.take(found.place)
                self.put(found.loaded, path, found.learned)
                self.recent.add(path)
                self._go_on()

        self.saving.read(path, opened)

    def put(
        self, loaded: storage.Loaded, path: Path | None, learned: Learned | None, saved: bool = True
    ) -> None:
        """Puts in force what was read; what was not ``saved`` so counts as modified."""
        sections = others(loaded.sections)
        self._store.replace(loaded.project, path, learned, sections, saved=saved)
        for warning in loaded.warnings:
            self._store.notify("warning", warning)

    def drop(self, path: Path) -> None:
        """A file that was dropped on the window: a network of ours or of others, or data."""
        if path.suffix.lower() == SUFFIX:
            self.open(path)
        elif is_network(path):
            self.networks.start(path)
        else:
            self.import_file(path)

    # --- save ----------------------------------------------------------------------------------

    def save(self) -> bool:
        """False when there was no name to save it by; what becomes of it is told later."""
        if self._store.path is None:
            return self.save_as()
        self._save(self._store.path)
        return True

    def save_as(self) -> bool:
        start = str(self._store.path or Path(self._folder()) / f"{stem(self._store)}{SUFFIX}")
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Save the network"),
            start,
            self.tr("netbuilder networks (*.netb)"),
        )
        if not name:
            return False
        path = Path(name)
        if path.suffix.lower() != SUFFIX:
            path = path.with_name(path.name + SUFFIX)
        self._save(path, over=True)  # the dialog has asked
        return True

    def _save(self, path: Path, over: bool = False) -> None:
        """Saves the document as it is now; what is done to it meanwhile stays to be saved."""
        store = self._store
        # A drag that goes on is a step of its own, so that what is saved stays in the history.
        store.seal()
        stretch, moment, document = store.stretch, store.moment, store.document

        def saved(learned: Learned | None, error: UserError | None) -> None:
            if error is None and document == store.document:
                self._saved_at = stretch, 0 if learned is None else learned.step
                store.mark_saved(path, moment)
                self.recent.add(path)
                self.modified_changed.emit()
                self._tell_before_sharing(path)
            if isinstance(error, Changed):
                self._ask_what_of(path)
                return
            if error is None:
                self._go_on()
                return
            self.wait_no_longer()
            self.save_failed.emit(error.message)

        self.saving.write(path, self.content(), over, saved)

    def _tell_before_sharing(self, path: Path) -> None:
        """Once for each file."""
        told = storage.before_sharing(path, self._store.project)
        if told is not None and told != self._told_before_sharing:
            self._store.notify("info", told)
        self._told_before_sharing = told

    def content(self) -> Content:
        """What there is to be kept at this moment; the worker is asked, and not waited for."""
        return Content(self._store.project, self._bridge.asked(), self._store.sections)

    def _ask_what_of(self, path: Path) -> None:
        """Another program has written the file since it was read."""

        def save_as() -> None:
            if not self.save_as():
                self.wait_no_longer()

        def reload() -> None:
            self.wait_no_longer()
            self._open(path)

        self._question(
            self.tr("{name} was changed by another program.").format(name=path.name),
            self.tr(
                "If you overwrite it, what the other program has written is lost. If you reload "
                "it, what you have done here is lost."
            ),
            (
                (self.tr("Save as…"), save_as),
                (self.tr("Overwrite"), lambda: self._save(path, over=True)),
                (self.tr("Reload"), reload),
            ),
        )

    # --- what must wait ------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether something waits until the document is saved."""
        return self._waiting is not None

    def wait_no_longer(self) -> None:
        """What waits is not done; the document is saved all the same."""
        self._wait(None)

    def _wait(self, then: Callable[[], None] | None) -> None:
        self._waiting = then
        self.waiting_changed.emit(self.waiting)

    def _go_on(self) -> None:
        then = self._waiting
        if then is not None and not self.saving.busy:
            self.wait_no_longer()
            then()

    def when_safe(self, then: Callable[[], None]) -> None:
        """Does what would lose the document, after asking where there is something to lose."""
        if self.saving.busy:
            self._wait(lambda: self.when_safe(then))
            return
        trains = self._bridge.running
        if not (self.modified or trains):
            then()
            return

        def save() -> None:
            self._bridge.pause()
            if self.save():
                # What was edited while it was being saved is asked about once more.
                self._wait(lambda: then() if self._store.clean else self.when_safe(then))

        def drop() -> None:
            self._bridge.pause()
            then()

        self._question(
            self.tr("Save the changes to {name}?").format(name=self.name),
            self.tr("Training is going on, and would end. What is not saved will be lost.")
            if trains
            else self.tr("What is not saved will be lost."),
            ((QMessageBox.StandardButton.Save, save), (self.tr("Don't save"), drop)),
        )

    def _question(self, text: str, more: str, choices: Choices) -> None:
        def forget() -> None:
            if self.question is box:  # and not the next one, which an answer may lead to
                self.question = None

        box = ask(self._window, self._themes, text, more, choices, self.wait_no_longer)
        box.finished.connect(forget)
        self.question = box

    @property
    def name(self) -> str:
        path = self._store.path
        return path.name if path is not None else self.tr("Untitled")

    # --- data ----------------------------------------------------------------------------------

    def ask_import(self) -> None:
        path = self._ask(self.tr("Import data"), data_filter())
        if path is not None:
            self.import_file(path)

    def ask_import_test(self) -> None:
        path = self._ask(self.tr("Import test data"), data_filter())
        if path is not None:
            self.importing.start_test(path)

    def import_file(self, path: Path) -> None:
        """Reads a data file and shows what is in it, for the target to be chosen."""
        self.importing.start(path)

    # --- weights -------------------------------------------------------------------------------

    def ask_import_network(self) -> None:
        # Imported late: the exchange formats bring libraries of their own.
        from netbuilder.exchange.reading.readers import SUFFIXES as READ

        patterns = " ".join(f"*{suffix}" for suffix in READ)
        path = self._ask(
            self.tr("Import weights or a network"),
            self.tr("Networks and weights ({patterns})").format(patterns=patterns),
        )
        if path is not None:
            self.networks.start(path)

    def ask_export(self, first: str = "") -> bool:
        """Asks for a file, and writes it; where a format is named, that one alone is offered."""
        return self.exporting.ask(self._folder(), first)

    def show_service(self) -> None:
        """Tells how another program asks it, once it is saved as it is."""
        if self._store.path is not None and not self.modified:
            self.exporting.show_service()
        elif self.save():
            self._wait(self.exporting.show_service)

    def ask_report(self) -> None:
        """Asks for a file, and writes a page about the document."""
        self.exporting.ask_report(self._folder())

    def ask_export_data(self) -> bool:
        """Asks for a file, and writes the examples in force."""
        return self.exporting.ask_data(self._folder())

    def _ask(self, title: str, patterns: str) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self._window, title, self._folder(), patterns)
        if not name:
            return None
        self._settings.setValue("folder", str(Path(name).parent))
        return Path(name)

    def _folder(self) -> str:
        return str(folder(self._store, str(self._settings.value("folder", "") or "")))

    def _fail(self, error: UserError) -> None:
        self._store.notify("error", error.message)
