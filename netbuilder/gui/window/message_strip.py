"""The message strip: what the program has to say, floating over the canvas, never in the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from netbuilder.document.check.compile import Problem
from netbuilder.errors import Message
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.runs.snapshot import Remedy, Snapshot

_ROLES = {"info": "accent", "warning": "warning", "error": "error"}
_EDGES = 6
"""Pixels that the style sheet's border takes, which the layout does not know of."""
_STAYS = 8_000
"""Milliseconds that a mere piece of information is shown."""


class MessageStrip(QFrame):
    """Shows a notice until it is closed or another comes, else a problem of the whole project.

    A notice is a sentence about something that just happened. A problem that belongs to no card,
    so that the canvas cannot show it, stands here as long as it lasts.
    """

    def __init__(
        self,
        parent: QWidget,
        store: Store,
        bridge: TrainingBridge,
        themes: ThemeManager,
    ) -> None:
        super().__init__(parent)
        self._canvas = parent
        self._store, self._bridge, self._themes = store, bridge, themes
        self._notice: tuple[str, str] | None = None
        self._way_out: tuple[str, Callable[[], object]] | None = None
        self.helps: list[QPushButton] = []
        """What helps a run that diverged, one button a remedy."""
        self._dismissed: Message | None = None
        self._problem: Problem | None = None
        self._problems = store.compiled.problems
        self._run_state = ""
        self.setObjectName("strip")
        self._icon = QLabel()
        self.text = QLabel()
        # File names, cells and layer names may look like HTML.
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.remedy = QPushButton()
        self.remedy.setProperty("primary", True)
        self.remedy.clicked.connect(self._apply_remedy)
        self.close_button = QToolButton()
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setToolTip(self.tr("Close"))
        self.close_button.setAccessibleName(self.tr("Close"))
        self.close_button.clicked.connect(self.dismiss)
        self._help_row = QWidget()
        helps = QHBoxLayout(self._help_row)
        helps.setContentsMargins(0, 0, 0, 4)
        helps.setSpacing(8)
        helps.addStretch(1)
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(12, 6, 6, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        for column, widget in enumerate((self._icon, self.text, self.remedy, self.close_button)):
            grid.addWidget(widget, 0, column)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._help_row, 1, 1, 1, 3)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_STAYS)
        self._timer.timeout.connect(self.dismiss)
        parent.installEventFilter(self)
        store.notified.connect(self.tell)
        store.fitted.connect(self._tell_fitted)
        store.changed.connect(self._on_changed)
        bridge.snapshot.connect(self._on_snapshot)
        themes.changed.connect(self._show)
        self._show()

    @property
    def kind(self) -> str:
        """ "info", "warning" or "error" of what is shown; "" when nothing is."""
        if self._notice is not None:
            return self._notice[0]
        return self._problem.severity if self._problem is not None else ""

    def tell(
        self,
        kind: str,
        message: Message | str,
        way_out: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Shows a sentence, in place of an earlier one, with a button that helps if there is one.

        ``way_out`` is the button's words and what it does.
        """
        self._forget_helps()
        self._notice, self._way_out = (kind, tr_message(message)), way_out
        if kind == "info":
            self._timer.start()
        else:
            self._timer.stop()
        self._show()

    def _tell_fitted(self, said: Message) -> None:
        """Other data has changed more than the data: what, and how to have it back."""
        self.tell("info", said, (self.tr("Undo"), self._store.undo))

    def dismiss(self) -> None:
        if self._notice is not None:
            self._notice = None
            self._forget_helps()
        elif self._problem is not None:
            self._dismissed = self._problem.message
        self._timer.stop()
        self._show()

    def _on_changed(self, *_: object) -> None:
        # What was refused is history once something else was done.
        # And so is a way out, or what could be undone.
        refused = self._notice is not None and (
            self._notice[0] != "info" or self._way_out is not None
        )
        if refused:
            self._notice = None
            self._forget_helps()
        problems, self._problems = self._problems, self._store.compiled.problems
        if refused or self._problems is not problems:
            self._show()

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot.state == self._run_state:
            return
        self._run_state = snapshot.state
        if snapshot.message is not None:
            kind = "error" if snapshot.state in ("diverged", "failed") else "info"
            self.tell(kind, snapshot.message)
            self._offer(snapshot.remedies)
        elif snapshot.state == "running" and self._notice is not None:
            self._notice = None
            self._forget_helps()
            self._show()

    def _offer(self, remedies: tuple[Remedy, ...]) -> None:
        helps = self._help_row.layout()
        assert isinstance(helps, QHBoxLayout)
        for remedy in remedies:
            words = tr_message(remedy.fix.label)
            button = QPushButton(words)
            button.clicked.connect(partial(self._help, remedy, words[:1].lower() + words[1:]))
            button.setProperty("primary", not self.helps)
            helps.insertWidget(len(self.helps), button)
            button.ensurePolished()
            self.helps.append(button)
        if remedies:
            self._show()

    def _help(self, remedy: Remedy, label: str, _checked: bool = False) -> None:
        """One step that can be undone, and then it trains on, or anew."""
        self._forget_helps()
        if self._store.edit(remedy.fix.apply, label, begins=remedy.begins):
            self._bridge.play()

    def _forget_helps(self) -> None:
        for button in self.helps:
            button.hide()
            button.deleteLater()
        self.helps = []

    def _apply_remedy(self) -> None:
        if self._notice is not None and self._way_out is not None:
            help = self._way_out[1]
            self.dismiss()
            help()
        elif self._problem is not None:
            self._store.mend(self._problem)

    def _show(self, *_: object) -> None:
        homeless = [
            problem
            for problem in self._store.compiled.problems
            if problem.node is None and problem.severity != "hint"
        ]
        self._problem = next((p for p in homeless if p.message != self._dismissed), None)
        if not homeless:
            self._dismissed = None
        kind = self.kind
        if not kind:
            self.hide()
            return
        problem = self._problem if self._notice is None else None
        words = self._notice[1] if self._notice else ""
        if problem is not None:
            words = tr_message(problem.message)
        fix = problem.fix if problem is not None else None
        self.text.setText(words)
        label = tr_message(fix.label) if fix is not None else ""
        if self._notice is not None and self._way_out is not None:
            label = self._way_out[0]
        self.remedy.setText(label)
        self.remedy.setVisible(bool(label))
        self._paint(kind)
        self._place()
        self.show()
        self.raise_()

    def _paint(self, kind: str) -> None:
        theme = self._themes.theme
        role = _ROLES[kind]
        self._icon.setPixmap(self._themes.pixmap(kind, 18, role, self.devicePixelRatioF()))
        self.close_button.setIcon(self._themes.icon("close", "muted"))
        edge = theme.color(role).name()
        self.setStyleSheet(
            f"#strip {{ background: {theme.card}; border: 1px solid {theme.strong_line};"
            f" border-left: 3px solid {edge}; border-radius: 8px; }}"
        )

    # --- place ---------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """At the top of the canvas, in the middle, as wide as the words need."""
        room = self._canvas.width() - 24
        self.text.setWordWrap(False)
        self._help_row.setVisible(bool(self.helps))
        self._grid.invalidate()
        width = min(room, max(260, self._grid.sizeHint().width() + _EDGES))
        self.text.setWordWrap(True)
        # A label that wraps gives its height only for a width: the layout is asked with ours.
        height = self._grid.totalHeightForWidth(width)
        if height <= 0:
            height = self._grid.sizeHint().height()
        self.setGeometry((self._canvas.width() - width) // 2, 10, width, height)
        self._grid.activate()
