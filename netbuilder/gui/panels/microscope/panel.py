"""The microscope: stops inside one update, and steps through it forwards and backwards."""

from __future__ import annotations

import logging
import threading

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton

from netbuilder.engine.stops import Factor, Index, Quantity, Stop
from netbuilder.errors import UserError
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.panels.microscope.page import Page
from netbuilder.gui.panels.microscope.track import StopTrack
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.focus_ring import FocusRing
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.typeset import Typesetter
from netbuilder.lens.inside import Inside, inside
from netbuilder.lens.later import Later, in_words
from netbuilder.lens.look import Look
from netbuilder.numbers import number
from netbuilder.runs.snapshot import Snapshot

_log = logging.getLogger(__name__)

Chosen = tuple[Quantity, Index]


class MicroscopePanel(LivePanel):
    """The next update at the moment looked at. The layer at work is selected on the canvas."""

    _computed = Signal()

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        theme = self.themes.theme
        self._later = Later(self._computed.emit)
        self._interrupt = threading.Event()
        self._computed.connect(self.mark_stale, Qt.ConnectionType.QueuedConnection)
        self.typesetter = Typesetter()
        centre.bridge.closed.connect(self._close)
        self.store.selection_changed.connect(self._on_selected)
        self.inside: Inside | None = None
        self._wanted: tuple[object, ...] = ()
        """What the update that is shown, or is being found, is of; kept so that ids stay unique."""
        self._found: tuple[tuple[object, ...], Inside | UserError] | None = None
        self.at = 0
        """The number of the stop."""
        self.chosen: Chosen | None = None
        self._trail: list[tuple[int, Chosen]] = []
        self._example = 0
        self._build(theme)
        self._take_theme(theme)

    def _build(self, theme: Theme) -> None:
        self.buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout()
        row.setSpacing(1)
        for id, icon, words, keys in (
            ("first", "epoch-back", self.tr("To the first stop"), "Home"),
            ("back", "step-back", self.tr("One stop back"), "←"),
            ("on", "step", self.tr("One stop on"), "→"),
            ("last", "epoch", self.tr("To the last stop"), "End"),
            ("return", "undo", self.tr("Back to where you came from"), "Backspace"),
        ):
            button = self.buttons[id] = QToolButton()
            button.setProperty("drawing", icon)
            button.setIconSize(QSize(18, 18))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip(f"{words} ({keys})")
            button.setAccessibleName(words)
            button.clicked.connect(lambda _=False, id=id: self._press(id))
            row.addWidget(button)
        self.track = StopTrack(theme)
        self.track.chosen.connect(self.go_to)
        self.where = QLabel()
        self.where.setFont(tabular(self.where.font(), 0.9))
        self.where.setProperty("tone", "muted")
        self.where.setTextFormat(Qt.TextFormat.PlainText)
        self.where.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row.addSpacing(6)
        row.addWidget(self.track, 1)
        row.addSpacing(8)
        row.addWidget(self.where)
        self.page = Page(theme, self.typesetter)
        self.page.followed.connect(self.follow)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.page)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        self.body.addLayout(row)
        self.body.addWidget(self._scroll, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Microscope"))
        self.ring = FocusRing(self, self.themes)

    def apply_theme(self, theme: Theme) -> None:
        for button in self.buttons.values():
            button.setIcon(self.themes.icon(button.property("drawing")))
        self.track.apply_theme(theme)
        self.page.apply_theme(theme)

    def _close(self) -> None:
        self._interrupt.set()
        self._later.stop()
        self.typesetter.close()

    # --- which update --------------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        if self.cursor_.running:
            self.say(self.tr("Pause the training to look inside one update."))
            return
        project = self.store.project
        recorder = None if snapshot is None else snapshot.recorder
        # Settings are in force for the run a little later than for the project.
        changes = () if recorder is None else recorder.changes
        wanted = (look.plan, look.dataset, look.weights, project.training, project.seed, changes)
        if len(wanted) != len(self._wanted) or any(
            a is not b for a, b in zip(wanted, self._wanted, strict=True)
        ):
            self._wanted = wanted
            self._find(look, snapshot, wanted)
        found = self._found
        if found is None or found[0] is not self._wanted:
            if self.inside is None:
                self.say(self.tr("Looking inside the next update …"))
            return
        if isinstance(found[1], UserError):
            self.inside = None
            self.say(tr_message(found[1].message))
        elif found[1] is not self.inside:
            self._take(found[1])

    def _find(self, look: Look, snapshot: Snapshot | None, wanted: tuple[object, ...]) -> None:
        """Begins to find the update, on the thread; what was being found is given up."""
        self._interrupt.set()
        interrupt = self._interrupt = threading.Event()
        project = self.store.project
        plan, dataset, weights = look.plan, look.dataset, look.weights
        training, seed = project.training, project.seed

        def compute() -> None:
            found: Inside | UserError
            try:
                found = inside(plan, dataset, training, seed, weights, snapshot, interrupt)
            except (UserError, MemoryError) as error:
                found = in_words(error)
            except Exception as error:
                if interrupt.is_set():
                    raise
                _log.exception("an update cannot be shown")
                found = in_words(error)
            if not interrupt.is_set():
                self._found = wanted, found

        self._later.want(wanted, "inside", compute, alone=True)

    def _take(self, found: Inside) -> None:
        """Shows another update, at the stop where the one before was, if it has such a one."""
        before = self.stop
        self.inside, self._trail = found, []
        same = [
            index
            for index, stop in enumerate(found.stops)
            if before is not None and _title(stop) == _title(before)
        ]
        place = None if self.chosen is None else self.chosen[1]
        self.at = same[0] if same else 0
        self.chosen = self._first_of(found.stops[self.at]) if found.stops else None
        if same and place is not None and self.chosen is not None:
            shape = self.chosen[0].shape
            if len(place) == len(shape) and all(i < n for i, n in zip(place, shape, strict=True)):
                self.chosen = self.chosen[0], place
        self._show_stop()

    # --- which stop ----------------------------------------------------------------------------

    @property
    def stop(self) -> Stop | None:
        """The stop that is shown."""
        stops = () if self.inside is None else self.inside.stops
        return stops[self.at] if self.at < len(stops) else None

    @property
    def ready(self) -> bool:
        """Whether what is shown is all there, formulas included."""
        found = self._found
        return found is not None and found[0] is self._wanted and not self.typesetter.busy

    def go_to(self, number: int) -> None:
        """To a stop by its number, and its layer on the canvas."""
        if self.inside is None or not self.inside.stops:
            return
        self.at = min(max(number, 0), len(self.inside.stops) - 1)
        stop = self.inside.stops[self.at]
        self.chosen, self._trail = self._first_of(stop), []
        self._light(stop)
        self._show_stop()

    def follow(self, factor: Factor) -> None:
        """To where a number comes from: the stop that computes it, or else just its sentence."""
        quantity = factor.quantity
        if quantity is None or self.inside is None:
            return
        if self.chosen is not None and self.chosen[0] is not quantity:
            self._trail.append((self.at, self.chosen))
        self.chosen = quantity, factor.at
        if not quantity.kernel and quantity.shape[-1] == self.inside.shown:
            self._example = factor.at[-1]
        for index, stop in enumerate(self.inside.stops):
            if stop.result is quantity and index != self.at:
                self.at = index
                self._light(stop)
        self._show_stop()

    def go_back(self) -> None:
        """To the number from which a click led here."""
        if self._trail and self.inside is not None:
            self.at, self.chosen = self._trail.pop()
            self._light(self.inside.stops[self.at])
            self._show_stop()

    def _first_of(self, stop: Stop) -> Chosen:
        """The number of a stop that is written out first: one of the example looked at."""
        shape = stop.result.shape
        assert self.inside is not None
        of_examples = shape[-1] == self.inside.shown and not stop.result.kernel
        last = min(self._example, shape[-1] - 1) if of_examples else 0
        return stop.result, (*(0 for _ in shape[:-1]), last)

    def _light(self, stop: Stop) -> None:
        """The layer at work is the selected one, on the canvas and in the inspector."""
        if stop.node in self.store.project.network.by_id:
            self.store.select([stop.node])

    def _on_selected(self, *_: object) -> None:
        """Another layer was chosen elsewhere: to where its part begins."""
        stop, chosen = self.stop, self.store.selection
        if stop is None or self.inside is None or not self.seen or chosen == {stop.node}:
            return
        if len(chosen) == 1:
            first = [i for i, found in enumerate(self.inside.stops) if found.node in chosen]
            if first:
                self.go_to(first[0])

    # --- showing -------------------------------------------------------------------------------

    def _show_stop(self) -> None:
        stop, found = self.stop, self.inside
        if stop is None or found is None or self.chosen is None:
            return
        self.track.show_stops(found.stops, self.at)
        count = len(found.stops)
        words = self.tr("{at} of {count} · {phase} · {layer} · update {step}")
        self.where.setText(
            words.format(
                at=self.at + 1,
                count=count,
                phase=self._phases()[stop.phase],
                layer=found.plan.node(stop.node).name,
                step=f"{found.step + 1:,}",
            )
        )
        self.body.activate()  # so that no longer words are ever painted in the old room
        for id, can in (("first", self.at > 0), ("on", self.at < count - 1)):
            self.buttons[id].setEnabled(can)
            self.buttons[{"first": "back", "on": "last"}[id]].setEnabled(can)
        self.buttons["return"].setEnabled(bool(self._trail))
        notes = [tr_message(note) for note in found.notes] if self._says_notes(stop) else []
        why = " ".join([*([tr_message(stop.why)] if stop.why is not None else []), *notes])
        self.page.show_stop(stop, why, self.chosen, self._given(*self.chosen), self._example)

    def _says_notes(self, stop: Stop) -> bool:
        """At the beginning and at each update: there they matter."""
        return self.at == 0 or (stop.phase == "update" and stop.result.name.text in ("W", "b"))

    def _phases(self) -> dict[str, str]:
        return {
            "forward": self.tr("forward"),
            "cost": self.tr("cost"),
            "backward": self.tr("backward"),
            "update": self.tr("update"),
        }

    def _given(self, quantity: Quantity, at: Index) -> str:
        """A sentence on a number that was not computed."""
        if quantity.given is None:
            return ""
        value = number(float(quantity.values[at]), 5)
        words = f"{quantity.name} = {value}: {tr_message(quantity.given)}"
        assert self.inside is not None
        names = self.inside.dataset.info.feature_names
        if quantity is self._data() and len(at) == 2 and at[0] < len(names):
            words = self.tr(
                "{feature} of example {example} is {value}, as the network sees it"
            ).format(feature=names[at[0]], example=f"{at[1] + 1:,}", value=value)
        return words

    def _data(self) -> Quantity | None:
        """A[0]"""
        assert self.inside is not None
        data = (part for stop in self.inside.stops[:1] for part in stop.parts)
        found = [getattr(part, "quantity", None) for part in data]
        return next((q for q in found if q is not None and str(q.name) == "A[0]"), None)

    # --- keys ----------------------------------------------------------------------------------

    def _press(self, id: str) -> None:
        last = len(self.inside.stops) - 1 if self.inside is not None else 0
        if id == "return":
            self.go_back()
        else:
            self.go_to({"first": 0, "back": self.at - 1, "on": self.at + 1, "last": last}[id])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        id = {
            key.Key_Home: "first",
            key.Key_Left: "back",
            key.Key_Right: "on",
            key.Key_End: "last",
            key.Key_Backspace: "return",
        }.get(key(event.key()))
        if id is None:
            super().keyPressEvent(event)
        else:
            self._press(id)


def _title(stop: Stop) -> tuple[str, str, str]:
    return stop.node, stop.phase, str(stop.result.name)
