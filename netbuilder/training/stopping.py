"""Stop conditions: when training ends by itself, and with which words."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from netbuilder.document.model.project import TrainingSettings
from netbuilder.errors import Message
from netbuilder.runs.state import RunState, Stopping


def stopped_early(epoch: int, best: int) -> Message:
    """Why training stopped, when it has gone back to the best epoch."""
    return Message(
        "Stopped early at epoch {epoch:,}: the validation cost got no better. It is back at epoch "
        "{best:,}, the best.",
        epoch=epoch,
        best=best,
    )


class StopConditions:
    """Watches epochs, cost and validation cost. ``settings`` may be exchanged at any time."""

    def __init__(self, settings: TrainingSettings, epoch: int) -> None:
        self.settings = settings
        self.met: str = ""
        """Which condition was met: "epochs", "cost" or "patience"; "" for none."""
        self.best: RunState | None = None
        """The moment with the lowest validation cost, kept while there is patience; None where it
        is not known."""
        self._first_epoch = 0
        self._improved = False
        self.forget_best(epoch)
        if self.goal and epoch >= self.goal:
            self._first_epoch = epoch

    @property
    def goal(self) -> int:
        """The epoch at which training will stop; 0 when it goes on for ever."""
        return self._first_epoch + self.settings.epochs if self.settings.epochs else 0

    def begin_again(self, epoch: int) -> None:
        """After a condition was met: for as long again, and patient anew; the best stays so."""
        self.met = ""
        if self.goal and epoch >= self.goal:
            self._first_epoch = epoch
        self._since = epoch

    def forget_best(self, epoch: int) -> None:
        self._best, self._best_epoch, self._since = math.inf, epoch, epoch
        self.best, self._improved = None, False

    def consider(self, epoch: int, cost: float) -> None:
        """After an epoch, with its cost."""
        settings = self.settings
        if settings.epochs and epoch >= self._first_epoch + settings.epochs:
            self.met = "epochs"
        elif settings.target_cost and cost <= settings.target_cost:
            self.met = "cost"

    def consider_validation(self, epoch: int, cost: float) -> None:
        """After an evaluation; a cost that is NaN is no better than any."""
        if cost < self._best:
            self._best, self._best_epoch, self._since = cost, epoch, epoch
            self.best, self._improved = None, True
        elif self.settings.patience and epoch - self._since >= self.settings.patience:
            self.met = "patience"

    def keep(self, take: Callable[[], RunState]) -> None:
        """At a moment from which training can go on: keeps it if it is the best so far.

        That is a copy at most once an epoch, and only while the validation cost gets better.
        """
        if self._improved:
            self._improved = False
            if self.settings.patience:
                try:
                    self.best = take()
                except MemoryError:  # then training ends where patience does
                    self.best = None

    def way_back(self, epoch: int) -> RunState | None:
        """The best state, where patience has ended the training at this epoch and it is known.

        Going on from it, training is patient anew when it comes to this epoch again.
        """
        best = self.best
        if self.met != "patience" or best is None:
            return None
        return replace(best, stopping=best.stopping._replace(met="", since=epoch))

    def message(self, epoch: int, cost: float) -> Message | None:
        """Why training stopped, when it is at this epoch and this cost."""
        if self.met == "epochs":
            return Message("Finished: {epochs} epochs are done.", epochs=epoch)
        if self.met == "cost":
            return Message(
                "Finished at epoch {epoch}: the cost has fallen to {cost}.",
                epoch=epoch,
                cost=float(f"{cost:.4g}"),
            )
        if self.met == "patience":
            return Message(
                "Stopped early at epoch {epoch}: the validation cost was best at epoch {best}.",
                epoch=epoch,
                best=self._best_epoch,
            )
        return None

    def state(self) -> Stopping:
        return Stopping(self._first_epoch, self._best, self._best_epoch, self.met, self._since)

    def restore(self, state: RunState) -> None:
        found = state.stopping
        self._first_epoch, self._best, self._best_epoch, self.met, self._since = found
        looked_at = state.evaluated == state.step and state.epoch == self._best_epoch
        self.best = state if looked_at and math.isfinite(self._best) else None
