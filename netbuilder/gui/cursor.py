"""The cursor: which moment of which run is looked at; every view shows what it finds here."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal

from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.lens.later import Later
from netbuilder.lens.look import Look
from netbuilder.lens.probe import Probe
from netbuilder.runs.snapshot import Snapshot


class Cursor(QObject):
    """Live, it follows the training; else it rests on one moment, whatever the training does.

    Views take both alike: they show ``look()`` and ``moment``, and look again on ``moved``.
    """

    moved = Signal(object)
    """(Snapshot,) another moment is looked at, or the same one anew."""
    _computed = Signal()

    def __init__(self, store: Store, bridge: TrainingBridge) -> None:
        super().__init__()
        self._store, self._bridge = store, bridge
        self._later = Later(self._computed.emit)
        self._probe = Probe(self._later)
        self._resting_at: Snapshot | None = None
        self._looked_at: Snapshot | None = None
        """What the look is of while training goes on; see ``look``."""
        self._computed.connect(self._on_computed, Qt.ConnectionType.QueuedConnection)
        bridge.closed.connect(self._later.stop)
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
        return self._probe.look(plan, dataset, moment, weights, store.project.seed)

    # --- moving it -----------------------------------------------------------------------------

    def rest_at(self, moment: Snapshot) -> None:
        """Looks at a moment that was kept, and stays there."""
        if moment.state == "running":  # the training may be, but not here
            moment = replace(moment, state="paused", updates_per_second=0.0)
        self._resting_at = moment
        self.moved.emit(moment)

    def go_live(self) -> None:
        """Follows the training again."""
        if self._resting_at is not None:
            self._resting_at = self._looked_at = None
            self.moved.emit(self.moment)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        if not self.live:
            return
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
        self._resting_at = self._looked_at = None
