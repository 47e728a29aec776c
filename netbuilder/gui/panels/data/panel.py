"""The data panel: which examples, how many, and how they are made ready."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.data.reading import Reading
from netbuilder.data.sources import SOURCES
from netbuilder.data.table import Roles, Table
from netbuilder.document.check.drawing import with_setting
from netbuilder.document.check.fitting import other_data
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.data.thumbnails import table_of, thumbnail
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.widgets.form import SettingsForm

_COLUMNS = 3
_PICTURE = 42
_NAME = 90
"""Pixels for a file's name on a button."""
_TOY_ONLY = ("examples", "noise")
_SLIDERS = {"examples": (20, 1000, 20), "noise": (0.0, 3.0, 0.1), "seed": (0, 50, 1)}
"""From, to, and by how much; the fields take more."""
_ICONS = {FILE: "import", "blank": "rename"}
"""By the kind of a set."""


class DataButton(QAbstractButton):
    """A data set: its picture with its name below."""

    def __init__(self, name: str, title: str, themes: ThemeManager, icon: str = "") -> None:
        """``icon`` stands where there are no examples to make a picture of."""
        super().__init__()
        self.name = name
        self.icon_name = icon
        self._themes = themes
        self.table: Table | None = None
        self._picture: QPixmap | None = None
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.84)
        self.setFont(font)
        themes.changed.connect(self.forget)

    def sizeHint(self) -> QSize:
        return QSize(60, _PICTURE + 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(52, _PICTURE + 20)

    def forget(self, *_: object) -> None:
        """The picture is painted anew when it is next seen."""
        self._picture = None
        self.update()

    def nextCheckState(self) -> None:
        """The document decides what is checked, not the click."""

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            hot = self.underMouse() or self.isDown()
            body = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
            if self.isChecked():
                painter.setPen(QPen(theme.color("accent"), 2.6 if self.hasFocus() else 1.4))
                painter.setBrush(theme.color("selection", 0.5))
            else:
                edge = "strong_line" if hot else ("accent" if self.hasFocus() else "line")
                painter.setPen(QPen(theme.color(edge), 1))
                painter.setBrush(theme.color("sunken", 0.6 if hot else 0.0))
            painter.drawRoundedRect(body, 6, 6)
            room = QRect(3, 2, self.width() - 6, _PICTURE)
            if self.icon_name:
                icon = self._themes.icon(self.icon_name, "accent" if self.isChecked() else "muted")
                icon.paint(painter, room.adjusted(0, 9, 0, -9), Qt.AlignmentFlag.AlignCenter)
            elif self.table is not None:
                ratio = self.devicePixelRatioF()
                if self._picture is None or self._picture.size() != room.size() * ratio:
                    self._picture = thumbnail(self.table, room.size(), ratio, theme)
                painter.drawPixmap(room.topLeft(), self._picture)
            painter.setPen(theme.color("text" if self.isChecked() or hot else "muted"))
            words = self.rect().adjusted(1, _PICTURE, -1, -2)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())


class DataPanel(QWidget):
    """Choosing a set, its size and noise, scaling and the split; all are edits of the document."""

    def __init__(self, centre: Centre) -> None:
        super().__init__()
        store = self._store = centre.store
        self.buttons: dict[str, DataButton] = {}
        self.about = QLabel()
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setWordWrap(True)
        self.about.setProperty("tone", "muted")
        self.target = QComboBox()
        self.target.setAccessibleName(self.tr("target"))
        self.target.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.target.setMinimumContentsLength(6)
        self.target.activated.connect(self._edit_target)
        self._target_row = QWidget()
        row = QHBoxLayout(self._target_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(QLabel(self.tr("target")), 4)
        row.addWidget(self.target, 5)
        self.test_file = QPushButton()
        self.test_file.clicked.connect(lambda: centre.perform("import_test"))
        self.no_test_file = QToolButton()
        self.no_test_file.setText("×")
        self.no_test_file.setToolTip(self.tr("Let go of the test file"))
        self.no_test_file.setAccessibleName(self.no_test_file.toolTip())
        self.no_test_file.clicked.connect(self._drop_test_file)
        self._test_row = QWidget()
        row = QHBoxLayout(self._test_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(QLabel(self.tr("test file")), 4)
        field = QHBoxLayout()
        field.setSpacing(4)
        field.addWidget(self.test_file, 1)
        field.addWidget(self.no_test_file)
        row.addLayout(field, 5)
        self.form = SettingsForm(DataChoice.settings())
        self.form.edited.connect(self._edit)
        self.form.settled.connect(store.seal)
        for name, stops in _SLIDERS.items():
            self.form.add_slider(name, *stops)
        grid = QGridLayout()
        grid.setSpacing(4)
        # The user's own comes first, where it is always in sight.
        sets = {FILE: self.tr("Own file…")}
        sets |= {name: tr_text(source.title) for name, source in SOURCES.items()}
        # The course's own points, which its lab chooses, come last: they are seldom wanted alone.
        last = [name for name, source in SOURCES.items() if source.kind == "course"]
        order = [*(name for name in sets if name not in last), *last]
        for place, (name, title) in enumerate((name, sets[name]) for name in order):
            icon = _ICONS.get(name if name == FILE else SOURCES[name].kind, "")
            button = self.buttons[name] = DataButton(name, title, centre.themes, icon)
            if name == FILE:
                button.setToolTip(
                    self.tr("CSV, NPZ, Excel or Parquet: choose a file, or drop it on the window.")
                )
                button.clicked.connect(lambda: centre.perform("import_data"))
            else:
                button.setToolTip(tr_text(SOURCES[name].summary))
                button.clicked.connect(lambda _=False, name=name: self._choose(name))
            grid.addWidget(button, *divmod(place, _COLUMNS))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 10)
        column.setSpacing(6)
        column.addLayout(grid)
        column.addWidget(self.about)
        column.addWidget(self._target_row)
        column.addWidget(self.form)
        column.addWidget(self._test_row)
        column.addStretch(1)
        # The window comes first; the pictures come one by one when there is time.
        self._unpainted = [button for button in self.buttons.values() if not button.icon_name]
        self._painting = QTimer(self)
        self._painting.setInterval(0)
        self._painting.timeout.connect(self._paint_next)
        store.changed.connect(self._on_changed)
        self._show()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._unpainted:
            self._painting.start()
        return super().event(event)

    @property
    def busy(self) -> bool:
        """Whether pictures are still to be painted."""
        return bool(self._unpainted) or self._painting.isActive()

    def _paint_next(self) -> None:
        if self._unpainted:
            button = self._unpainted.pop(0)
            button.table = table_of(button.name)
            button.forget()
        else:
            self._painting.stop()

    def _on_changed(self, old: Project, new: Project) -> None:
        if new.data is not old.data:
            self._show()

    def _show(self) -> None:
        choice = self._store.project.data
        for name, button in self.buttons.items():
            button.setChecked(name == choice.source)
        own = choice.source == FILE
        self.form.show_values(choice)
        toy = not own and SOURCES[choice.source].kind in ("toy", "course")
        for name in _TOY_ONLY:
            self.form.set_row_visible(name, toy)
        info = self._store.compiled.info
        numbers = info is not None and info.task == "regression"
        self.form.set_row_visible("target_scale", numbers)
        self._target_row.setVisible(own and choice.table is not None)
        self._show_targets(choice)
        self._show_test_file(choice)
        bundled = not own and not toy
        drawn_on = toy and choice.table is not None
        if drawn_on:
            text = self.tr("Drawn on: number, noise or seed make the set anew, as its tile does.")
        else:
            text = tr_text(SOURCES[choice.source].summary) if bundled else ""
        self.about.setText(text)
        self.about.setVisible(bool(text))

    def _show_test_file(self, choice: DataChoice) -> None:
        test = choice.own_test
        self._test_row.setVisible(choice.source == FILE)
        self.form.set_row_visible("test", test is None)
        self.no_test_file.setVisible(test is not None)
        name = self.tr("Choose…") if test is None else Path(test.path).name
        metrics = self.test_file.fontMetrics()
        name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME)
        self.test_file.setText(name.replace("&", "&&"))
        self.test_file.setToolTip(
            self.tr("Examples of another file for the test part") if test is None else test.path
        )

    def _show_targets(self, choice: DataChoice) -> None:
        if choice.table is None:
            return
        with QSignalBlocker(self.target):
            self.target.clear()
            self.target.addItems(list(choice.table.columns))
            info = self._store.compiled.info
            chosen = info.target_names[0] if info else ""
            self.target.setCurrentText(chosen)

    # --- changing ------------------------------------------------------------------------------

    def _choose(self, source: str) -> None:
        """Another set, of the same size and noise as far as they mean something there."""
        self._store.choose(
            lambda old: other_data(
                old,
                replace(
                    old,
                    source=source,
                    path="",
                    reading=Reading(),
                    roles=Roles(),
                    table=None,
                    own_test=None,
                ),
            ),
            self.tr("data set {name}").format(name=tr_text(SOURCES[source].title)),
        )

    def _edit(self, name: str, value: object) -> None:
        label = next(s.label for s in DataChoice.settings() if s.name == name)
        done = self._store.edit(
            lambda project: with_setting(project, name, value),
            self.tr("{setting} of the data").format(setting=tr_text(label)),
            merge_key=f"data.{name}",
        )
        if not done:
            self.form.show_values(self._store.project.data)

    def _drop_test_file(self) -> None:
        self._store.edit(
            lambda project: replace(project, data=replace(project.data, own_test=None)),
            self.tr("test data of the file itself"),
        )

    def _edit_target(self, _index: int) -> None:
        target = self.target.currentText()
        self._store.choose(
            lambda old: replace(old, roles=replace(old.roles, targets=(target,), task="")),
            self.tr("target {name}").format(name=target),
        )
        self._show()
