"""Exporting the network: the format is chosen with the name, and what uses the file is shown."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from netbuilder.document.model.datasets import table_of
from netbuilder.document.model.project import FILE
from netbuilder.errors import Message, UserError
from netbuilder.gui.store import Store
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window import offered
from netbuilder.gui.window.lines_dialog import LinesDialog
from netbuilder.gui.window.trained_now import PATIENCE, trained_now
from netbuilder.gui.window.writer import Writer

if TYPE_CHECKING:
    from netbuilder.exchange.format import Format


_ADDRESS = "http://127.0.0.1:8000"
"""Where `netbuilder serve` answers unless it is told otherwise."""


class Exporting(QObject):
    """Writes the present weights for other programs, off the GUI thread."""

    def __init__(self, store: Store, bridge: TrainingBridge, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._bridge, self._window = store, bridge, window
        self._writer = Writer(self)
        self.shown: LinesDialog | None = None

    @property
    def busy(self) -> bool:
        return self._writer.busy

    def ask(self, folder: str, first: str = "") -> bool:
        """Asks for name and format; afterwards shows a program that uses the file.

        ``first`` names the one format that is offered. False where no file was chosen.
        """
        # Imported late: the exchange formats bring libraries of their own.
        from netbuilder.exchange.formats import FORMATS

        usual = FORMATS[first or "npz"]
        formats = [usual] if first else FORMATS.values()
        filters = {f"{f.title} (*{f.suffix})": f for f in formats}
        name, chosen = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Export the network"),
            str(Path(folder) / f"{offered.stem(self._store)}{usual.suffix}"),
            ";;".join(filters),
            f"{usual.title} (*{usual.suffix})",  # what the name that is offered says
        )
        if not name:
            return False
        path, wanted = Path(name), filters.get(chosen, usual)
        if not any(path.name.lower().endswith(f.suffix) for f in FORMATS.values()):
            path = path.with_name(path.name + wanted.suffix)
        elif not path.name.lower().endswith(wanted.suffix) and path.suffix == ".npz":
            # The name that was offered stays while another format is chosen in the list.
            path = path.with_suffix(wanted.suffix)
        if not path.name.lower().endswith(wanted.suffix):
            alike = [f for f in FORMATS.values() if path.name.lower().endswith(f.suffix)]
            wanted = next((f for f in alike if not f.variant), alike[0])
        self.export(path, wanted.variant, self._show)
        return True

    def export(
        self,
        path: Path,
        variant: str = "",
        then: Callable[[Path, Format, str], None] = lambda *_: None,
    ) -> None:
        """Writes a file in the format of its suffix; ``then`` gets its program too, "" for none."""
        asked = trained_now(self._store, self._bridge)

        def write() -> tuple[Format, str] | None:
            from netbuilder.exchange.formats import export
            from netbuilder.exchange.self_check import script_for

            trained = asked()
            if trained is None:
                return None
            found = export(path, trained, variant)
            try:
                return found, script_for(path, trained, found)
            except UserError:
                return found, ""

        def written(result: tuple[Format, str] | None, error: Exception | None) -> None:
            if isinstance(error, UserError):
                self._store.notify("error", error.message)
            elif error is not None:
                raise error
            elif result is not None:
                found, script = result
                self._store.notify(
                    "info",
                    Message(
                        "Exported {title} to {name}.", title=Message(found.title), name=path.name
                    ),
                )
                then(path, found, script)

        self._writer.put(write, written)

    def ask_report(self, folder: str) -> None:
        """Asks for a file, and writes a page about the document and its run."""
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Write a report"),
            str(Path(folder) / f"{offered.stem(self._store)}.html"),
            self.tr("Web pages (*.html)"),
        )
        if name:
            path = Path(name)
            self.report(path if path.suffix else path.with_suffix(".html"))

    def report(self, path: Path) -> None:
        """Writes a page about what is learned now."""
        plan, dataset, project = self._store.compiled.plan, self._store.dataset, self._store.project
        title = self._store.path.stem if self._store.path else self.tr("Untitled")
        asked = self._bridge.asked()
        if plan is None or dataset is None:
            return

        def work() -> None:
            # Imported late: few starts of the program need it.
            from netbuilder.exchange.trained import Trained
            from netbuilder.report.page import write
            from netbuilder.report.subject import Subject

            learned = asked(PATIENCE)
            if learned is None:
                raise UserError("There is nothing to report yet: train the network first.")
            subject = Subject(
                name=title,
                project=project,
                plan=plan,
                recipe=dataset.recipe,
                weights=Trained.of(plan, learned.weights, dataset).weights,
                dataset=dataset,
                log=learned.log,
                epoch=learned.epoch,
                trained=not learned.fresh,
                say=tr_message,
            )
            write(path, subject)

        def written(_: object, error: Exception | None) -> None:
            if isinstance(error, UserError):
                self._store.notify("error", error.message)
            elif error is not None:
                raise error
            else:
                self._store.notify("info", Message("The report is in {name}.", name=path.name))

        self._writer.put(work, written)

    def show_service(self) -> None:
        """Shows the lines that ask the network, which is saved, from another program."""
        path, dtype = self._store.path, self._store.project.training.dtype
        trained = trained_now(self._store, self._bridge)
        if path is None:
            return

        def work() -> str | None:
            from netbuilder.exchange.json_rows import described
            from netbuilder.exchange.model import Model

            found = trained()
            if found is None:
                return None
            there = shutil.which("netbuilder") is not None
            program = ["netbuilder"] if there else [sys.executable, "-m", "netbuilder"]
            told = described(Model(found, {}, dtype), path.name, _ADDRESS)
            return f"{shlex.join([*program, 'serve', str(path)])}\n{told['curl']}"

        def made(lines: str | None, error: Exception | None) -> None:
            if isinstance(error, UserError):
                self._store.notify("error", error.message)
            elif error is not None:
                raise error
            elif lines:
                words = self.tr(
                    "Saved, the network answers other programs on this machine. Run the first line "
                    "in a terminal, and the second one in another; {address} tells more."
                ).format(address=_ADDRESS)
                title, above = self.tr("Ask from another program"), self.tr("Lines for a terminal")
                self._open(LinesDialog(title, path.name, words, above, lines, self._window))

        self._writer.put(work, made)

    def ask_data(self, folder: str) -> bool:
        """Asks for a name, and writes the data in force; False where no file was chosen."""
        data = self._store.project.data
        stem = data.source if data.source != FILE else Path(data.path).stem
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Save the data"),
            str(Path(folder) / f"{stem}.csv"),
            self.tr("CSV files (*.csv)"),
        )
        if name:
            path = Path(name)
            self.export_data(path if path.suffix else path.with_suffix(".csv"))
        return bool(name)

    def export_data(self, path: Path) -> None:
        """Writes the examples as CSV, drawn ones and all."""
        data = self._store.project.data

        def write() -> int:
            from netbuilder.exchange.csv_files import save_table

            table = table_of(data)
            save_table(path, table)
            return table.m

        def written(m: int, error: Exception | None) -> None:
            if isinstance(error, UserError):
                self._store.notify("error", error.message)
            elif error is not None:
                raise error
            else:
                words = Message("{m:,} examples are in {name}.", m=m, name=path.name)
                self._store.notify("info", words)

        self._writer.put(write, written)

    def finish(self) -> None:
        """Waits until all is written."""
        self._writer.finish()

    def close(self) -> None:
        """As ``finish``; what shows a program goes with the window."""
        self.finish()
        if self.shown is not None:
            self.shown.close()

    def _show(self, path: Path, found: Format, script: str) -> None:
        if script:
            words = self.tr(
                "{title}: {summary}. Beside it lies {check}, five rows with our answers, for the "
                "program below to repeat."
            ).format(title=found.title, summary=found.summary, check=f"{path.name}.check.json")
            above = self.tr("A program that uses it")
            self._open(
                LinesDialog(self.tr("Exported"), path.name, words, above, script, self._window)
            )

    def _open(self, dialog: LinesDialog) -> None:
        if self.shown is not None:
            self.shown.close()
        self.shown = dialog
        dialog.finished.connect(self._forget)
        dialog.show()

    def _forget(self) -> None:
        self.shown = None
