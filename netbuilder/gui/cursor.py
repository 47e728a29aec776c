"""The cursor: which moment of which run is looked at; every view shows what it finds here."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.lens.look import Look
from netbuilder.lens.probe import Probe
from netbuilder.runs.snapshot import Snapshot


class Cursor(QObject):
    """Live, it follows the training; else it rests on one moment, whatever the training does.

    Views take both alike: they show ``look()`` and ``moment``, and look again on ``moved``.
    """

    moved = Signal(object)
    """(Snapshot,) another moment is looked at, or the same one anew."""

    def __init__(self, store: Store, bridge: TrainingBridge) -> None:
        super().__init__()
        self._store, self._bridge = store, bridge
        self._probe = Probe()
        self._resting_at: Snapshot | None = None
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
        """What can be seen now; None while the network or the data has a problem."""
        store = self._store
        plan, dataset = store.compiled.plan, store.dataset
        if plan is None or dataset is None:
            return None
        weights = store.stretch.weights
        return self._probe.look(plan, dataset, self.moment, weights, store.project.seed)

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
            self._resting_at = None
            self.moved.emit(self.moment)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        if self.live:
            self.moved.emit(snapshot)

    def _on_replaced(self, _project: object) -> None:
        self._resting_at = None
