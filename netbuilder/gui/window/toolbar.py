"""The training toolbar: the buttons of a run, and its numbers at a glance."""

from __future__ import annotations

import math
from dataclasses import replace
from time import monotonic

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder import numbers
from netbuilder.document.model.project import TrainingSettings
from netbuilder.errors import UserError
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.widgets.caption import caption
from netbuilder.gui.widgets.fields import NumberField
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import tip
from netbuilder.gui.window.menus import Actions
from netbuilder.lens.later import NotYet
from netbuilder.runs.snapshot import Snapshot

_PAUSE = 0.1
"""Seconds between two changes of the numbers: faster than that nobody reads."""


class PlayButton(QToolButton):
    """The one big button; it asks to be pressed while there is something to start."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._running = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.setFont(font)
        self.setAccessibleName(self._words())

    def show_running(self, running: bool) -> None:
        self._running = running
        if self.accessibleName() != self._words():
            self.setAccessibleName(self._words())
        self.update()

    def _words(self) -> str:
        return self.tr("Pause") if self._running else self.tr("Play")

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        words = max(
            metrics.horizontalAdvance(self.tr("Pause")), metrics.horizontalAdvance(self.tr("Play"))
        )
        return QSize(words + 58, 36)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        body = self.rect().toRectF().adjusted(1, 1, -1, -1)
        hot, down = self.underMouse() and self.isEnabled(), self.isDown()
        if not self.isEnabled():
            fill, ink, edge = theme.color("sunken"), theme.color("muted", 0.6), theme.color("line")
        elif self._running:
            fill = theme.color("selection")
            ink, edge = theme.color("text"), theme.color("accent")
        else:
            fill, ink, edge = theme.color("accent"), theme.color("on_accent"), theme.color("accent")
        if hot:
            fill = fill.lighter(108) if theme.name == "dark" else fill.darker(106)
        if down:
            fill = fill.darker(114)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(edge, 1))
            painter.setBrush(fill)
            painter.drawRoundedRect(body, 8, 8)
            if self.hasFocus():
                painter.setPen(QPen(theme.color("on_accent" if not self._running else "accent"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(body.adjusted(2, 2, -2, -2), 6, 6)
            role = "muted" if not self.isEnabled() else ("text" if self._running else "on_accent")
            icon = self._themes.icon("pause" if self._running else "play", role)
            square = self.rect().adjusted(14, 0, 0, 0)
            square.setWidth(20)
            icon.paint(painter, square, Qt.AlignmentFlag.AlignCenter)
            painter.setPen(ink)
            painter.drawText(
                self.rect().adjusted(40, 0, -10, 0),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                self._words(),
            )


class Reading(QWidget):
    """A number under its name; wide enough for what it may become, so that nothing moves."""

    def __init__(self, name: str, widest: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.caption = caption(name)
        self.value = QLabel("–")
        font = tabular(self.value.font(), 1.25)
        self.value.setFont(font)
        # Of a fixed size, so that no new number asks for the window to be laid out.
        self.value.setFixedSize(
            QFontMetrics(font).horizontalAdvance(widest), self.value.sizeHint().height()
        )
        self.value.setAccessibleName(name)
        column.addStretch(1)
        column.addWidget(self.caption)
        column.addWidget(self.value)
        column.addStretch(1)

    def show_text(self, text: str) -> None:
        if text != self.value.text():
            self.value.setText(text)

    def name(self, text: str) -> None:
        if text != self.caption.text():
            self.caption.setText(text)


class TrainingToolbar(QFrame):
    """Play, step, epoch, reset; epoch, cost, accuracy, learning rate, speed, and how it stands."""

    def __init__(
        self,
        store: Store,
        bridge: TrainingBridge,
        cursor: Cursor,
        themes: ThemeManager,
        actions: Actions,
    ) -> None:
        super().__init__()
        self._store, self._bridge, self._cursor, self._themes = store, bridge, cursor, themes
        self.setObjectName("toolbar")
        self.setFixedHeight(52)
        self.play = PlayButton(themes)
        self._action = actions["play"]
        self.play.clicked.connect(self._action.trigger)
        self._action.changed.connect(self._follow_action)
        self.epoch = Reading(self.tr("Epoch"), "8,888,888")
        self.cost = Reading(self.tr("Cost"), "8.88·10⁻⁸")
        self.score = Reading(self.tr("Accuracy"), "100.0 %")
        self.validation = Reading(self.tr("Validation"), "100.0 %")
        self.validation.setToolTip(
            self.tr("Accuracy or R² of the examples that are kept aside to watch.")
        )
        self.speed = Reading(self.tr("Updates/s"), "88,888")
        self.left = Reading(self.tr("Time left"), "88 min")
        rate = next(s for s in TrainingSettings.settings() if s.name == "learning_rate")
        self.rate = NumberField(rate)
        self.rate.setFixedWidth(72)
        self.rate.setToolTip(
            self.tr("α in W := W − α dW: the size of a step. Up and Down change it by 1, 3, 10.")
        )
        self.rate.edited.connect(self._edit_rate)
        self.rate.refused.connect(self._complain)
        self.in_force = Reading(self.tr("In force"), "8.88·10⁻¹⁰")
        self.in_force.setToolTip(
            self.tr("The learning rate of the next update, by the schedule and the warm-up.")
        )
        self.state = QLabel()
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setMinimumWidth(40)
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.state.setWordWrap(True)
        self._complaint = ""
        self._shown_at = 0.0
        self._build(actions)
        cursor.moved.connect(self._on_moved)
        bridge.state_changed.connect(self._show_last)
        bridge.ready_changed.connect(self._on_edit)
        store.changed.connect(self._on_edit)
        themes.changed.connect(self._on_theme)
        self._on_theme(themes.theme)
        self._show_last()

    def _build(self, actions: Actions) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(4)
        row.addWidget(self.play)
        row.addSpacing(4)
        self.buttons: dict[str, QToolButton] = {}
        for id in ("step", "epoch", "reset", "new_seed", "best"):
            button = self.buttons[id] = tool_button(actions[id], 22)
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(_rule())
        row.addSpacing(10)
        rate_column = QVBoxLayout()
        rate_column.setSpacing(1)
        rate_column.addWidget(caption(self.tr("Learning rate")))
        rate_column.addWidget(self.rate)
        for widget in (self.epoch, self.cost, self.score):
            row.addWidget(widget)
            row.addSpacing(14)
        # Its space goes with it when it is hidden.
        self.validation.setContentsMargins(0, 0, 14, 0)
        row.addWidget(self.validation)
        row.addLayout(rate_column)
        row.addSpacing(14)
        self.in_force.setContentsMargins(0, 0, 14, 0)
        row.addWidget(self.in_force)
        row.addWidget(self.speed)
        row.addSpacing(14)
        row.addWidget(self.left)
        row.addSpacing(4)
        row.addWidget(self.state, 1)
        row.addSpacing(4)
        for id in ("undo", "redo"):
            row.addWidget(tool_button(actions[id], 20))

    # --- what is shown -------------------------------------------------------------------------

    def _on_moved(self, snapshot: Snapshot) -> None:
        # What is passed over here is made up for by a later frame, as the last one rests.
        if not self._cursor.running or monotonic() >= self._shown_at + _PAUSE:
            self._show_last()

    def _on_edit(self, *_: object) -> None:
        """What an edit changes at once; a look at its network comes with the run's snapshot."""
        if not self._store.compiled.ok:
            self._show_last()
            return
        self._show_rate(self._cursor.moment)
        self._show_state()

    def _show_last(self, *_: object) -> None:
        self._shown_at = monotonic()
        snapshot = self._cursor.moment
        self._show_rate(snapshot)
        self.epoch.show_text(f"{snapshot.epoch:,}" if snapshot else "0")
        known = snapshot is not None and math.isfinite(snapshot.cost)
        self.cost.show_text(numbers.cost(snapshot.cost) if snapshot and known else "–")
        self._show_score(snapshot)
        running = self._cursor.running
        self.speed.show_text(f"{snapshot.updates_per_second:,.0f}" if snapshot and running else "–")
        self._show_time_left(snapshot)
        self._show_state()

    def _show_rate(self, snapshot: Snapshot | None) -> None:
        training = self._store.project.training
        self.rate.show_value(training.learning_rate)
        moves = training.schedule != "constant" or training.warmup > 0
        self.in_force.setVisible(moves)
        if moves:
            rate = math.nan if snapshot is None else snapshot.learning_rate
            self.in_force.show_text(numbers.number(rate) if math.isfinite(rate) else "–")

    def _show_score(self, snapshot: Snapshot | None) -> None:
        info = self._store.compiled.info
        measures_r2 = info is not None and info.task == "regression"
        self.score.name("R²" if measures_r2 else self.tr("Accuracy"))
        dataset = self._store.dataset
        watched = dataset is not None and dataset.validation.m > 0
        self.validation.setVisible(watched)
        self.score.show_text(self._score(snapshot, "train", measures_r2))
        if watched:
            self.validation.show_text(self._score(snapshot, "validation", measures_r2))

    def _score(self, snapshot: Snapshot | None, part: str, measures_r2: bool) -> str:
        """Accuracy or R² of one part of the data, in words."""
        if snapshot is None:
            return "–"
        accuracy = snapshot.log.evaluations()[f"{part}_accuracy"]
        if self._cursor.running and len(accuracy) and math.isfinite(accuracy[-1]):
            return numbers.percent(float(accuracy[-1]))
        try:
            look = self._cursor.look()
            found = None if look is None else look.metrics(part)
        except NotYet:
            return "…"
        except UserError:
            found = None
        value = math.nan if found is None else found["r2" if measures_r2 else "accuracy"]
        write = numbers.number if measures_r2 else numbers.percent
        return write(value) if math.isfinite(value) else "–"

    def _show_time_left(self, snapshot: Snapshot | None) -> None:
        has_goal = snapshot is not None and snapshot.goal > 0
        self.left.setVisible(has_goal)
        if snapshot is None or not has_goal:
            return
        updates = (snapshot.goal - snapshot.epoch) * snapshot.updates_per_epoch
        speed = snapshot.updates_per_second
        self.left.show_text(numbers.duration(max(0, updates) / speed) if speed > 0 else "–")

    def _show_state(self) -> None:
        moment, tone, hint = self._cursor.moment, "muted", ""
        if self._complaint:
            words, tone = self._complaint, "error"
        elif not self._bridge.ready:
            words, tone = self.tr("Cannot train yet"), "warning"
            hint = self._obstacle()
        else:
            words = self._state_words(moment)
            if moment is not None and moment.state in ("diverged", "failed"):
                tone = "error"
            if moment is not None and moment.message is not None:
                hint = tr_message(moment.message)
        if self.state.property("tone") != tone:
            self.state.setProperty("tone", tone)
            self.state.style().polish(self.state)
        if self.state.text() != words:
            self.state.setText(words)
        self.state.setToolTip(tip(hint or words))

    def _state_words(self, moment: Snapshot | None) -> str:
        # Whether it trains is true of the buttons beside this, whatever is looked at.
        state = "idle" if moment is None else moment.state
        return {
            "idle": self.tr("Ready"),
            "running": self.tr("Training"),
            "paused": self.tr("Paused"),
            "finished": self.tr("Finished"),
            "diverged": self.tr("Diverged"),
            "failed": self.tr("Failed"),
        }["running" if self._bridge.running else state]

    def _obstacle(self) -> str:
        """Why there is nothing to train."""
        if self._store.data_error is not None:
            return tr_message(self._store.data_error)
        problems = self._store.compiled.problems
        return next((tr_message(p.message) for p in problems if p.severity == "error"), "")

    def _complain(self, sentence: str) -> None:
        self._complaint = sentence
        self._show_state()

    def _follow_action(self) -> None:
        self.play.setEnabled(self._action.isEnabled())
        self.play.setToolTip(self._action.toolTip())
        self.play.show_running(self._bridge.running)

    def _on_theme(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"#toolbar {{ background: {theme.panel}; }} #rule {{ color: {theme.line}; }}"
        )

    def _edit_rate(self, value: float) -> None:
        self._store.edit(
            lambda project: replace(
                project, training=replace(project.training, learning_rate=value)
            ),
            self.tr("learning rate of the training"),
            merge_key="training.learning_rate",
        )


def tool_button(action: QAction, size: int) -> QToolButton:
    """A flat button with the action's icon."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(size, size))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    rule.setFrameShape(QFrame.Shape.VLine)
    rule.setFixedHeight(30)
    return rule
