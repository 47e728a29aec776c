"""The import dialog: what is in the file, how it was read, and what each of its columns is for."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from netbuilder.data.dataset import Dataset
from netbuilder.data.reading import Reading
from netbuilder.data.roles import MISSING, SKIP, TASKS
from netbuilder.data.table import Roles, Table
from netbuilder.document.check.defaults import share_to_watch
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import FILE, DataChoice, OwnTest
from netbuilder.document.templates import own_test
from netbuilder.errors import Message, UserError
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.fields import ChoiceField, NumberField
from netbuilder.gui.window.import_own_test import OwnTestButton
from netbuilder.gui.window.import_preview import Preview
from netbuilder.gui.window.import_reading import ReadingBar
from netbuilder.gui.window.import_roles import ChosenRoles
from netbuilder.gui.window.import_work import Found, Work, found_in

_SIDES = (8, 28)
"""Of the images that columns are offered as without being asked for."""


class ImportDialog(QDialog):
    """Reads a table and makes a DataChoice of it; what cannot be learned cannot be accepted."""

    chosen = Signal(object)
    """(DataChoice,)"""
    ready = Signal()
    """There is something to show."""
    failed = Signal(object)
    """(UserError,) why there is nothing to show."""

    def __init__(
        self, path: Path, work: Work, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._path, self._work = path, work
        self._said = Reading()
        self.found: Found | None = None
        self.roles = ChosenRoles()
        self.setWindowTitle(self.tr("Import {name}").format(name=path.name))
        settings = {setting.name: setting for setting in DataChoice.settings()}
        self.head = QLabel(self.tr("Reading {name} …").format(name=path.name))
        self.head.setTextFormat(Qt.TextFormat.PlainText)
        self.head.setProperty("tone", "muted")
        self.reading = ReadingBar()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 100)
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.preview = Preview(themes)
        self.menu = QMenu(self)
        """Of the column whose role is being chosen."""
        self.target = QComboBox()
        self.target.setAccessibleName(self.tr("Predict"))
        self.task = QComboBox()
        self.task.setAccessibleName(self.tr("Predict as"))
        for value, words in zip(
            ("", *TASKS),
            (self.tr("as it looks"), self.tr("as a class"), self.tr("as a number")),
            strict=True,
        ):
            self.task.addItem(words, value)
        self.missing = QComboBox()
        self.missing.setAccessibleName(self.tr("Missing values"))
        for value, words in zip(
            MISSING,
            (
                self.tr("median"),
                self.tr("mean"),
                self.tr("most frequent"),
                self.tr("own category"),
                self.tr("leave example out"),
            ),
            strict=True,
        ):
            self.missing.addItem(words, value)
        self.scale = ChoiceField(settings["scale"])
        self.scale.show_value("standard")
        self.validation = NumberField(settings["validation"])
        self.test = NumberField(settings["test"])
        for field in (self.validation, self.test):
            field.setFixedWidth(70)
        self.test_file = OwnTestButton(path.parent)
        self.images = QCheckBox()
        self.images.hide()
        self.verdict = QLabel()
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumHeight(3 * self.fontMetrics().lineSpacing() + 4)
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.tr("Use this data"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.accept_button.setDefault(True)
        self.accept_button.setEnabled(False)
        self._build()
        self.resize(820, 560)
        self.reading.edited.connect(self._read_as)
        self.preview.asked.connect(self._open_menu)
        self.target.activated.connect(self._choose_target)
        for box in (self.task, self.missing):
            box.activated.connect(self._judge)
        self.images.clicked.connect(self._judge)
        self.test_file.asked.connect(self.read_test)
        self.test_file.dropped.connect(lambda: self._take_test(None))
        self.scale.edited.connect(self._judge)
        for field in (self.validation, self.test):
            field.edited.connect(self._judge)
            field.refused.connect(self._judge)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        work.progressed.connect(self._show_progress)
        self.finished.connect(work.drop)

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        split = QHBoxLayout()
        split.setSpacing(8)
        split.addWidget(self.validation)
        split.addWidget(QLabel(self.tr("test")))
        split.addWidget(self.test)
        split.addWidget(self.test_file)
        split.addStretch(1)
        predict = QHBoxLayout()
        predict.setSpacing(6)
        predict.addWidget(self.target, 3)
        predict.addWidget(self.task, 2)
        grid.addWidget(QLabel(self.tr("Predict")), 0, 0)
        grid.addLayout(predict, 0, 1)
        grid.addWidget(QLabel(self.tr("Scale features")), 0, 2)
        grid.addWidget(self.scale, 0, 3)
        grid.addWidget(QLabel(self.tr("Keep aside: validation")), 1, 0)
        grid.addLayout(split, 1, 1)
        grid.addWidget(QLabel(self.tr("Missing values")), 1, 2)
        grid.addWidget(self.missing, 1, 3)
        grid.addWidget(self.images, 2, 0, 1, 4)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 14, 16, 14)
        page.setSpacing(10)
        page.addWidget(self.head)
        page.addWidget(self.reading)
        page.addWidget(self.progress)
        page.addWidget(self.preview, 1)
        page.addLayout(grid)
        page.addWidget(self.verdict)
        page.addWidget(self.buttons)

    # --- reading -------------------------------------------------------------------------------

    def read(self) -> None:
        """Has the file read, off the GUI thread."""
        path, stated = self._path, self._said
        self._wait()
        self._work.ask(lambda watch: found_in(path, stated, watch), self._show_found)

    def _read_as(self, stated: Reading) -> None:
        self._said = stated
        self.read()

    def _wait(self) -> None:
        self.accept_button.setEnabled(False)
        self.progress.setValue(0)
        self.progress.show()

    def _show_progress(self, share: float) -> None:
        self.progress.setValue(round(100 * share))

    def _show_found(self, found: Found | None, error: Exception | None) -> None:
        self.progress.hide()
        if found is None:
            if not isinstance(error, UserError):
                error = UserError("{reason}", reason=str(error) or type(error).__name__)
            if self.found is None:
                self.failed.emit(error)
                self.reject()
            else:
                self._say(tr_message(error.message), "error")
            return
        first, self.found = self.found is None, found
        table = found.table
        self.head.setText(
            self.tr("{m} examples, {columns} columns").format(
                m=f"{table.m:,}", columns=f"{len(table.columns):,}"
            )
        )
        self.reading.setVisible(table.reading is not None)
        if table.reading is not None:
            self.reading.show_reading(table.reading, self._said, found.question, table.sheets)
        self.roles.take(found)
        if first:
            self.validation.show_value(share_to_watch(table.m))
        self.missing.setEnabled(found.gaps > 0)
        self.preview.show_table(table)
        self._offer_images(table)
        self._show_roles()
        if first:
            self.target.setFocus()
            self.ready.emit()
        self._judge()

    def _offer_images(self, table: Table) -> None:
        places = [k for k, name in enumerate(table.columns) if name not in table.targets]
        side = math.isqrt(len(places))
        some = table.values[:100, places]
        fits = side >= 8 and side * side == len(places)
        whole = fits and bool(np.all((some >= 0) & (some <= 255)))
        self.images.setVisible(whole and table.image_shape is None)
        self.images.setText(
            self.tr("The {n} columns are the pixels of images of {side}×{side}").format(
                n=f"{len(places):,}", side=side
            )
        )
        self._side = side
        with QSignalBlocker(self.images):
            self.images.setChecked(whole and side in _SIDES and table.image_shape is None)

    # --- a test file ---------------------------------------------------------------------------

    def read_test(self, name: str) -> None:
        """Has a test file read, off the GUI thread."""
        own = self._table.reading or Reading()
        self._wait()
        self._work.ask(lambda watch: own_test(name, own, watch), self._show_test)

    def _show_test(self, found: OwnTest | None, error: Exception | None) -> None:
        self.progress.hide()
        if found is None:
            told = error.message if isinstance(error, UserError) else Message("{e}", e=error)
            self._say(tr_message(told), "error")
        else:
            self._take_test(found)

    def _take_test(self, found: OwnTest | None) -> None:
        self.test_file.show_found(found)
        self.test.show_value(0.0)
        self.test.setEnabled(found is None)
        self._judge()

    @property
    def _table(self) -> Table:
        assert self.found is not None
        return self.found.table

    # --- roles ---------------------------------------------------------------------------------

    def _show_roles(self) -> None:
        roles, columns = self.roles, self._table.columns
        skipped = frozenset(name for name in columns if roles.of(name) == SKIP)
        self.preview.show_roles(roles.words(), roles.reasons(), frozenset(roles.targets), skipped)
        with QSignalBlocker(self.target):
            self.target.clear()
            if len(roles.targets) > 1:
                self.target.addItem(", ".join(roles.targets), roles.targets)
            for name in columns:
                self.target.addItem(name, (name,))
            index = 0 if len(roles.targets) > 1 else columns.index(roles.targets[0])
            self.target.setCurrentIndex(index)

    def _open_menu(self, name: str, where: QPoint) -> None:
        self.menu.clear()
        for role, title in self.roles.offered(name):
            action = self.menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(role == self.roles.of(name))
            action.triggered.connect(lambda _=False, role=role: self._pick(name, role))
        self.menu.popup(where)

    def _pick(self, name: str, role: str) -> None:
        self.roles.pick(name, role)
        self._show_roles()
        self._judge()

    def _choose_target(self) -> None:
        self.roles.predict(tuple(self.target.currentData()))
        self._show_roles()
        self._judge()

    # --- what becomes of it ----------------------------------------------------------------------

    def choice(self) -> DataChoice:
        table = self._table
        images = self.images.isChecked() and not self.images.isHidden()
        roles = Roles(
            self.roles.targets,
            tuple(self.roles.columns.items()),
            str(self.task.currentData()),
            str(self.missing.currentData()),
            (self._side, self._side) if images else None,
        )
        return DataChoice(
            source=FILE,
            path=str(self._path),
            reading=table.reading or Reading(),
            roles=roles,
            table=table,
            own_test=self.test_file.found,
            target_scale="standard",
            scale=str(self.scale.currentData()),
            validation=float(self.validation.value),
            test=float(self.test.value),
        )

    def _judge(self, *_: object) -> None:
        """Says what kind of task this is, or why it is none."""
        if self.found is None:
            return
        self.accept_button.setEnabled(False)
        problem = self.validation.problem or self.test.problem
        if self.found.question is not None:
            self._work.drop()
            self._say(self.tr("This cannot be told from the file: please choose above."), "warning")
        elif problem:
            self._work.drop()
            self._say(problem, "error")
        else:
            choice = self.choice()
            self._say(self.tr("Making the examples ready …"), "")
            self._work.ask(lambda watch: dataset_of(choice), self._show_verdict)

    def _show_verdict(self, dataset: Dataset | None, error: Exception | None) -> None:
        if dataset is not None:
            self._say(self._words(dataset), "")
        else:
            told = error.message if isinstance(error, UserError) else Message("{e}", e=error)
            self._say(tr_message(told), "error")
        self.accept_button.setEnabled(dataset is not None)

    def _words(self, dataset: Dataset) -> str:
        info = dataset.info
        names = ", ".join(info.class_names[:6]) + (" …" if len(info.class_names) > 6 else "")
        if info.task == "binary":
            words = self.tr("Two classes: {names}.").format(names=names)
        elif info.task == "classes":
            words = self.tr("{count} classes: {names}.").format(
                count=len(info.class_names), names=names
            )
        elif len(info.target_names) > 1:
            words = self.tr("{count} numbers are predicted: regression.").format(
                count=len(info.target_names)
            )
        else:
            words = self.tr("A number is predicted: regression.")
        parts = self.tr("{features} features, {train} examples to learn from.").format(
            features=f"{info.n_x:,}", train=f"{dataset.train.m:,}"
        )
        if self.test_file.found is not None:
            parts += " " + self.tr("{test} examples of {name} test it.").format(
                test=f"{dataset.test.m:,}", name=self.test_file.name
            )
        notices = " ".join(tr_message(notice) for notice in dataset.notices)
        return f"{words} {parts} {notices}".strip()

    def _say(self, words: str, tone: str) -> None:
        self.verdict.setText(words)
        self.verdict.setProperty("tone", tone)
        self.verdict.style().polish(self.verdict)

    def accept(self) -> None:
        if self.accept_button.isEnabled():
            self.chosen.emit(self.choice())
            super().accept()
