"""The cursor: which moment of which run is looked at; every view shows what it finds here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from netbuilder.gui.examples import Examples
from netbuilder.gui.seeker import Find, Seeker, Wish
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.units import Units
from netbuilder.lens.later import Later
from netbuilder.lens.look import Look
from netbuilder.lens.probe import Probe
from netbuilder.runs.film import glimpse
from netbuilder.runs.recorder import Recorder, Stretch
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.state import RunState
from netbuilder.runs.stretch import same_network


class Cursor(QObject):
    """Live, it follows the training; else it rests on one moment, whatever the training does.

    Views take both alike: they show ``look()`` and ``moment``, and look again on ``moved``. The run
    looked at is the moment's: its log and its recorder are found there.
    """

    moved = Signal(object)
    """(Snapshot,) another moment is looked at, or the same one anew."""
    sought = Signal()
    """A search for the exact moment has come to its end, with it or in vain."""
    _computed = Signal()

    def __init__(self, store: Store, bridge: TrainingBridge) -> None:
        super().__init__()
        self._store, self._bridge = store, bridge
        self.units = Units(store)
        """Which unit of the network is looked at more closely."""
        self.examples = Examples(store)
        """Which example of the data is."""
        self._later = Later(self._computed.emit)
        self._probe = Probe(self._later)
        self._resting_at: Snapshot | None = None
        self._looked_at: Snapshot | None = None
        """What the look is of while training goes on; see ``look``."""
        self._computed.connect(self._on_computed, Qt.ConnectionType.QueuedConnection)
        self._trained: int | None = None
        self._seeker = Seeker()
        self._seeker.found.connect(self._on_found)
        self.seeking = False
        """Whether the exact moment is on its way."""
        bridge.closed.connect(self.close)
        bridge.snapshot.connect(self._on_snapshot)
        store.replaced.connect(self._on_replaced)

    # --- where it is ---------------------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether it follows the training."""
        return self._resting_at is None

    @property
    def moment(self) -> Snapshot | None:
        """What is looked at; None while nothing was ever able to train."""
        return self._bridge.last if self._resting_at is None else self._resting_at

    @property
    def at(self) -> tuple[int, int] | None:
        """(run, step) of the moment."""
        moment = self.moment
        return None if moment is None else (moment.run, moment.step)

    @property
    def running(self) -> bool:
        """Whether the next moment is already on its way, so that speed counts."""
        return self.live and self._bridge.running

    @property
    def recorder(self) -> Recorder | None:
        """What is kept of the run looked at."""
        moment = self.moment
        return None if moment is None else moment.recorder

    @property
    def on_trained_run(self) -> bool:
        """Whether the run looked at is the one that is trained, so that its end is "live"."""
        last = self._bridge.last
        return self.live or (last is not None and last.recorder is self.recorder)

    @property
    def busy(self) -> bool:
        """Whether something that was asked of the look is still being computed."""
        return self._later.is_busy_with(self.look())

    def look(self) -> Look | None:
        """What can be seen now; None while the network or the data has a problem.

        Where looking takes longer than training does, the look stays with one moment until what was
        asked of it is there: else it would be given up again and again.
        """
        held = self._looked_at if self.running else None
        return self._look_at(self.moment if held is None else held)

    def _look_at(self, moment: Snapshot | None) -> Look | None:
        store = self._store
        plan, dataset = store.compiled.plan, store.dataset
        if plan is None or dataset is None:
            return None
        weights = store.stretch.weights
        if self._resting_at is not None and (then := self._trained_then()) is not None:
            # What was trained at that moment, where that was another network or other examples.
            plan = plan if same_network(then.plan, plan) else then.plan
            dataset = then.dataset
        return self._probe.look(plan, dataset, moment, weights, store.project.seed)

    def _trained_then(self) -> Stretch | None:
        moment, recorder = self.moment, self.recorder
        passage = None if moment is None or recorder is None else recorder.passage(moment.step)
        return None if passage is None else passage.start.stretch

    # --- moving it -----------------------------------------------------------------------------

    def rest_at(self, moment: Snapshot) -> None:
        """Looks at a moment that was kept, and stays there."""
        self._stop_seeking()
        self._rest_at(moment)

    def glance(self, step: int) -> None:
        """Shows a step of the run looked at as the film has it; its end is live again."""
        self._stop_seeking()
        recorder, moment = self.recorder, self.moment
        if recorder is None or moment is None:
            return
        if step >= recorder.step and self.on_trained_run:
            self.go_live()
            return
        found = glimpse(min(max(step, recorder.first), recorder.step), moment)
        if found is not None:
            self._rest_at(found)

    def go_to(self, step: int) -> None:
        """Shows a step of the run looked at: at once from the film, then exactly."""
        self.glance(step)
        moment = self._resting_at
        if moment is not None and not moment.exact:
            self._seek(Wish(moment))

    def go_to_best(self) -> None:
        """Shows the best step of the run looked at: by validation cost where there is one."""
        recorder = self.recorder
        if recorder is not None and recorder.best is not None:
            self.go_to(recorder.best[0])

    def go_by_update(self, updates: int) -> None:
        """So many updates on, or back."""
        moment = self.moment
        if moment is not None:
            self.go_to(moment.step + updates)

    def go_by_epoch(self, direction: int) -> None:
        """On to the end of the epoch, or back to the end of the one before."""
        moment, recorder = self.moment, self.recorder
        if moment is None or recorder is None:
            return
        # With a full batch there is a row for every update, which is an epoch too.
        steps = moment.log.rows()["step"]
        if direction > 0:
            place = int(np.searchsorted(steps, moment.step, "right"))
            self.go_to(int(steps[place]) if place < len(steps) else recorder.step)
        else:
            place = int(np.searchsorted(steps, moment.step)) - 1
            self.go_to(int(steps[place]) if place >= 0 else 0)

    def ask_state(self, then: Callable[[RunState], None]) -> None:
        """Has the state of the moment it rests at found, exactly; moving on calls that off."""
        if self._resting_at is not None:
            self._seek(Wish(self._resting_at, then))

    def go_live(self) -> None:
        """Follows the training again."""
        self.seeking = False
        self._seeker.forget()
        if self._resting_at is not None:
            self._resting_at = self._looked_at = None
            self.moved.emit(self.moment)

    def close(self) -> None:
        """Ends what is being searched for and computed."""
        self._seeker.close()
        self._later.stop()

    def _rest_at(self, moment: Snapshot) -> None:
        if moment.state == "running":  # the training may be, but not here
            moment = replace(moment, state="paused", updates_per_second=0.0)
        self._resting_at = moment
        self.moved.emit(moment)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        begins, self._trained = snapshot.run != self._trained, snapshot.run
        if begins and not self.live:
            # Who resets, undoes or trains on from a moment wants to see what comes of it.
            self.go_live()
        elif self.live:
            held = self._looked_at
            if snapshot.state != "running":
                self._looked_at = None
            elif held is None or not self._later.is_busy_with(self._look_at(held)):
                self._looked_at = snapshot
            self.moved.emit(snapshot)

    def _on_computed(self) -> None:
        moment = self.moment
        if moment is not None:
            self.moved.emit(moment)

    def _on_replaced(self, _project: object) -> None:
        self.seeking = False
        self._seeker.forget()
        self._resting_at = self._looked_at = None

    # --- the exact moment ----------------------------------------------------------------------

    def _seek(self, wish: Wish) -> None:
        self.seeking = True
        self._seeker.ask(wish)

    def _stop_seeking(self) -> None:
        self.seeking = False
        self._seeker.stop()

    def _on_found(self, find: Find) -> None:
        self.seeking = False
        if find.trouble is not None:
            self._store.notify("error", find.trouble)
        elif find.moment is not None:
            self._rest_at(find.moment)
        self.sought.emit()
        if find.wish.then is not None and find.state is not None:
            find.wish.then(find.state)
