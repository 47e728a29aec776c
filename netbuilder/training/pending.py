"""Pending entries: what a burst adds to the log, gathered and written once at its end."""

from __future__ import annotations

from netbuilder.document.model.project import TrainingSettings
from netbuilder.errors import Message
from netbuilder.runs.log import MetricLog

_UNMARKED = ("epochs", "target_cost", "patience", "evaluate_every")
"""Settings whose change does not bend the curve; every other change is marked on it."""


class Pending:
    """Costs of updates from ``step`` on, and rows; writing one by one would cost too much."""

    def __init__(self, log: MetricLog, step: int) -> None:
        self._log = log
        self._costs: list[float] = []
        self._costs_from = step
        self._epochs: list[int] = []
        self._steps: list[int] = []
        self._row_costs: list[float] = []
        self.add_update = self._costs.append
        """Takes the cost that the next update started from."""

    def add_row(self, epoch: int, step: int, cost: float) -> None:
        self._epochs.append(epoch)
        self._steps.append(step)
        self._row_costs.append(cost)

    def write(self) -> tuple[int, float] | None:
        """Puts all into the log; the lowest of the rows' costs, with its step, if there are any."""
        best = min(self._row_costs, default=None)  # by itself, as pairs would be dear to compare
        found = None if best is None else (self._steps[self._row_costs.index(best)], best)
        count = len(self._costs)
        self._log.add_updates(range(self._costs_from, self._costs_from + count), self._costs)
        self._costs_from += count
        self._log.add_rows(self._epochs, self._steps, self._row_costs)
        for pending in (self._costs, self._epochs, self._steps, self._row_costs):
            pending.clear()
        return found


def mark_changes(log: MetricLog, step: int, old: TrainingSettings, new: TrainingSettings) -> None:
    """Marks on the curve what bends it."""
    for description in TrainingSettings.settings():
        before, after = getattr(old, description.name), getattr(new, description.name)
        if description.name not in _UNMARKED and before != after:
            message = Message(
                "{setting}: {old} → {new}", setting=description.label, old=before, new=after
            )
            log.mark(step, message)
