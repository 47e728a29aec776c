"""The timeline: any moment of the run looked at, one drag away, and training on from there."""

from __future__ import annotations

from time import monotonic

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.gui import fork
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.timeline.track import Story, Track
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.controls import Chip
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Snapshot

HEIGHT = 54
_FILM = 0.5
"""Seconds between two looks at where the film has frames, of which there may be many."""
_MARKS = 200
"""So many of the latest changes are marked."""


class TimelinePanel(QWidget):
    """A slim strip: buttons of the film, the track, and what can be done from the moment."""

    def __init__(self, centre: Centre) -> None:
        super().__init__()
        self._centre, self._cursor, self._player = centre, centre.cursor, centre.player
        self._themes = centre.themes
        theme = self._themes.theme
        self.setFixedHeight(HEIGHT)
        self.track = Track(theme)
        self.read_out = QLabel()
        self.read_out.setTextFormat(Qt.TextFormat.PlainText)
        self.read_out.setFont(tabular(self.read_out.font(), 0.85))
        self.read_out.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.read_out.setProperty("tone", "muted")
        self.buttons: dict[str, QToolButton] = {}
        self._icons: dict[str, str] = {}
        self._icons_shown: dict[str, tuple[str, str]] = {}
        self.train_on = QPushButton(self.tr("Train on from here"))
        self.train_on.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.train_on.clicked.connect(lambda: centre.perform("train_on"))
        self.live = Chip(self.tr("Live"), theme)
        self.live.setToolTip(self.tr("Back to the training as it goes on (F9)"))
        self.live.clicked.connect(self._on_live)
        self._build()
        self._film: tuple[object, float, np.ndarray] = None, 0.0, np.empty(0, np.int64)
        self.stale = self.waiting = False
        self.free_at = 0.0
        centre.rota.join(self)
        self.track.wanted.connect(self._cursor.go_to)
        self.track.stepped.connect(self._on_stepped)
        self.track.played.connect(self._player.play)
        self._cursor.sought.connect(self._show)
        self._player.changed.connect(self._show)
        centre.store.history_changed.connect(self._show_fork)
        self._themes.changed.connect(self._on_theme)
        self._on_theme(theme)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 10, 4)
        row.setSpacing(1)
        for id, icon, words, keys in (
            ("epoch_back", "epoch-back", self.tr("One epoch back"), "Shift+F7"),
            ("update_back", "step-back", self.tr("One update back"), "Shift+F6"),
            ("film_back", "play-back", self.tr("Play the film backwards"), "Ctrl+Shift+F5"),
            ("film", "play", self.tr("Play the film"), "Shift+F5"),
            ("update_on", "step", self.tr("One update on"), "Ctrl+F6"),
            ("epoch_on", "epoch", self.tr("One epoch on"), "Ctrl+F7"),
        ):
            button = self.buttons[id] = QToolButton()
            self._icons[id] = icon
            button.setIconSize(QSize(18, 18))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip(f"{words} ({keys})")
            button.setAccessibleName(words)
            button.clicked.connect(lambda _=False, id=id: self._centre.perform(id))
            row.addWidget(button)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.setContentsMargins(6, 2, 6, 0)
        self.read_out.setContentsMargins(6, 0, 0, 0)
        column.addWidget(self.read_out)
        column.addWidget(self.track)
        row.addLayout(column, 1)
        row.addWidget(self.train_on)
        row.addSpacing(6)
        row.addWidget(self.live)

    # --- following the cursor --------------------------------------------------------------------

    @property
    def seen(self) -> bool:
        return self.isVisible()

    def look_now(self) -> None:
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self, *_: object) -> None:
        self.stale = False
        moment, recorder = self._cursor.moment, self._cursor.recorder
        story = Story() if moment is None or recorder is None else self._story(moment, recorder)
        live = self._cursor.live
        head = story.last if moment is None or live else moment.step
        self.track.show_story(story, head)
        words = self._words(moment, story)
        if words != self.read_out.text():
            self.read_out.setText(words)
            self.track.setAccessibleDescription(words)
        approximate = moment is not None and not moment.exact
        self.read_out.setToolTip(self._approximate() if approximate else "")
        self.live.setChecked(live)
        self._enable(story, head)
        if live or not approximate or not self._cursor.seeking:
            self._show_fork()

    def _story(self, moment: Snapshot, recorder: Recorder) -> Story:
        marks = moment.log.marks[-_MARKS:]
        best = recorder.best
        return Story(
            last=max(recorder.step, moment.step),
            first=recorder.first,
            marks=tuple((step, tr_message(message)) for step, message in marks),
            breaks=recorder.leaps[1:],
            best=None if best is None else best[0],
            frames=self._frames(recorder),
        )

    def _frames(self, recorder: Recorder) -> np.ndarray:
        whose, at, frames = self._film
        if whose is not recorder or monotonic() - at > _FILM:
            found = np.array(recorder.frames, np.int64)
            if whose is not recorder or not np.array_equal(found, frames):
                frames = found
            self._film = recorder, monotonic(), frames
        return frames

    def _words(self, moment: Snapshot | None, story: Story) -> str:
        if moment is None or not story.last:
            return self.tr("Press Play: every moment of the run can be brought back here.")
        if self._cursor.live:
            words = self.tr("update {step} · epoch {epoch}")
        elif moment.exact:
            words = self.tr("update {step} of {last} · epoch {epoch}")
        else:
            words = self.tr("≈ update {step} of {last} · epoch {epoch}")
        return words.format(
            step=f"{moment.step:,}", last=f"{story.last:,}", epoch=f"{moment.epoch:,}"
        )

    def _approximate(self) -> str:
        if self._cursor.seeking:
            return self.tr("The nearest frame of the film; the exact moment is on its way.")
        return self.tr("The nearest frame of the film.")

    def _enable(self, story: Story, head: int) -> None:
        buttons, direction = self.buttons, self._player.direction
        for id in ("epoch_back", "update_back"):
            buttons[id].setEnabled(head > story.first)
        for id in ("epoch_on", "update_on"):
            buttons[id].setEnabled(not self._cursor.live and bool(story.last))
        for id, way in (("film_back", -1), ("film", 1)):
            buttons[id].setEnabled(story.last > story.first)
            self._show_icon(id, "pause" if direction == way else self._icons[id])

    def _show_fork(self) -> None:
        reason = fork.obstacle(self._centre.store, self._cursor)
        self.train_on.setEnabled(not reason)
        self.train_on.setToolTip(
            reason
            or self.tr(
                "Training goes on from this moment, with today's settings; the end that the run "
                "had come to is an undo away (Shift+F9)"
            )
        )

    # --- doing -----------------------------------------------------------------------------------

    def _on_stepped(self, direction: int, by_epoch: bool) -> None:
        if by_epoch:
            self._cursor.go_by_epoch(direction)
        else:
            self._cursor.go_by_update(direction)

    def _on_live(self) -> None:
        self._centre.perform("live")
        self.live.setChecked(self._cursor.live)

    # --- looks -----------------------------------------------------------------------------------

    def _show_icon(self, id: str, name: str) -> None:
        shown = (name, self._themes.theme.name)
        if self._icons_shown.get(id) != shown:
            self._icons_shown[id] = shown
            self.buttons[id].setIcon(self._themes.icon(name))

    def _on_theme(self, theme: Theme) -> None:
        for id, name in self._icons.items():
            self._show_icon(id, name)
        self.track.apply_theme(theme)
        self.live.apply_theme(theme)
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._themes.theme.color("panel"))
