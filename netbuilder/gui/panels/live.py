"""What all live views share: they look only when seen, and say why there is nothing to see."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from netbuilder.errors import UserError
from netbuilder.gui.centre import Centre
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.lens.later import NotYet
from netbuilder.lens.look import Look
from netbuilder.runs.snapshot import Snapshot

CHEAP = 0.012
"""Seconds: a view that needs less looks as often as it is its turn."""
SHARE = 0.25
"""The share of time that a slower view may take while training goes on."""

_PATIENCE = 300
"""Milliseconds after which a view says that more is to come."""
SNAPSHOT_COMES = 100
"""Milliseconds in which the run has taken over nearly every edit; then a view looks anyway."""


class LivePanel(QWidget):
    """A view of the run; subclasses fill ``body`` and paint in ``refresh``."""

    def __init__(self, centre: Centre) -> None:
        super().__init__()
        store, cursor, themes = centre.store, centre.cursor, centre.themes
        self.store, self.cursor_, self.themes = store, cursor, themes
        self.stale = True
        self._subject = (store.subject, store.compiled.problems)
        self.free_at = 0.0
        """When a view that is slow may look again while it trains."""
        self._spent = 0.0
        self.waiting = False
        """Whether what it is to show is being computed."""
        self._is_empty = True
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.look_if_seen)
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(10, 6, 10, 8)
        self.body.setSpacing(4)
        self._sentence = QLabel()
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setWordWrap(True)
        self._sentence.setContentsMargins(24, 12, 24, 12)
        self._sign = QLabel(self.tr("working out …"), self)
        self._sign.setObjectName("more_to_come")
        self._sign.setContentsMargins(8, 2, 8, 2)
        self._sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._sign.hide()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE)
        self._patience.timeout.connect(self._show_sign)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(content)
        self._pages.addWidget(self._sentence)
        self.setMinimumSize(200, 150)
        centre.rota.join(self)
        store.changed.connect(self._on_changed)
        store.replaced.connect(self.mark_stale)
        themes.changed.connect(self._on_theme)

    wanted = Signal()
    """It shows what matters most of the data that was chosen, and may come to the front."""

    called = Signal()
    """What it shows was asked for elsewhere: it comes to the front, opened where it was closed."""

    @property
    def matters_most(self) -> bool:
        """Whether it stands before the other tabs of its place with the data in force."""
        return False

    # --- for subclasses ----------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        """Brings the view up to date with what can be seen now."""
        raise NotImplementedError

    def refresh_without_network(self, snapshot: Snapshot | None) -> bool:
        """Shows what needs no network that can run; False when there is no such thing."""
        return False

    def apply_theme(self, theme: Theme) -> None:
        """Takes over another theme's colours; a refresh follows."""

    def say(self, sentence: str) -> None:
        """Shows a sentence in place of the view; "" brings the view back."""
        if self._sentence.text() != sentence:
            self._sentence.setText(sentence)
        self._pages.setCurrentIndex(1 if sentence else 0)

    @property
    def sentence(self) -> str:
        """What stands in place of the view, or ""."""
        return self._sentence.text() if self._pages.currentIndex() == 1 else ""

    def _show(self, look: Look | None, snapshot: Snapshot | None) -> None:
        if look is not None:
            self.say("")
            # The numbers of a diverged network overflow on their way to the screen, too.
            with np.errstate(all="ignore"):
                self.refresh(look, snapshot)
            self._is_empty = False
        elif not self.refresh_without_network(snapshot):
            self.say(self._obstacle())

    # --- when to look ------------------------------------------------------------------------

    def mark_stale(self, *_: object) -> None:
        """Refreshes soon if the view is seen, else when it is shown again."""
        self.stale = True
        if self.isVisible():
            self._soon.start(0)

    def _on_changed(self, *_: object) -> None:
        """After an edit, if it is one that can be seen here."""
        store = self.store
        subject, self._subject = self._subject, (store.subject, store.compiled.problems)
        if subject[0] == store.subject and (store.compiled.ok or subject == self._subject):
            return
        # The run takes the edit over and sends a snapshot, after which one look is enough.
        self.stale = True
        if self.isVisible() and not self._soon.isActive():
            self._soon.start(SNAPSHOT_COMES if store.compiled.ok else 0)

    @property
    def seen(self) -> bool:
        """Whether any of it is on the screen: behind another tab it is not."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def look_if_seen(self, *_: object) -> None:
        """Looks, where there is something new and somebody to see it."""
        if self.stale and self.seen:
            self.look_now()

    def look_now(self) -> None:
        """Brings the view up to date with the moment that is looked at."""
        start = perf_counter()
        self.stale = self.waiting = False
        self._soon.stop()
        try:
            self._show(self.cursor_.look(), self.cursor_.moment)
        except NotYet:
            # What is shown stays, and is looked at anew when it has been computed.
            self.stale = self.waiting = True
            if self._is_empty:
                self.say(self.tr("Working out what there is to see …"))
            elif not self._patience.isActive() and self._sign.isHidden():
                self._patience.start()
            return
        except UserError as error:
            self.say(tr_message(error.message))
        self._patience.stop()
        self._sign.hide()
        spent = perf_counter() - start
        # One slow refresh, such as the first, is no reason to slow down.
        usual = min(spent, self._spent)
        self._spent = spent
        self.free_at = perf_counter() + (usual / SHARE if usual > CHEAP else 0.0)

    def _show_sign(self) -> None:
        """A quiet word in the corner while what is shown is of an earlier moment."""
        if self.waiting:
            self._sign.adjustSize()
            corner = self.rect().bottomRight() - self._sign.rect().bottomRight()
            self._sign.move(corner - QPoint(8, 8))
            self._sign.show()
            self._sign.raise_()

    def _obstacle(self) -> str:
        if self.store.data_error is not None:
            return tr_message(self.store.data_error)
        for problem in self.store.compiled.problems:
            if problem.severity == "error":
                return self.tr("The network cannot run yet. {reason}").format(
                    reason=tr_message(problem.message)
                )
        return self.tr("The network is being made ready.")

    def _on_theme(self, theme: Theme) -> None:
        self._take_theme(theme)
        self.mark_stale()

    def _take_theme(self, theme: Theme) -> None:
        self._sign.setStyleSheet(
            f"background: {theme.sunken}; color: {theme.muted}; border-radius: 8px;"
        )
        palette = self._sentence.palette()
        palette.setColor(self._sentence.foregroundRole(), theme.color("muted"))
        self._sentence.setPalette(palette)
        self.apply_theme(theme)
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_if_seen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.mark_stale()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self.themes.theme.color("panel"))
