"""Stop conditions: when training ends by itself, and with which words."""

from __future__ import annotations

import math

from netbuilder.document.model.project import TrainingSettings
from netbuilder.errors import Message
from netbuilder.runs.state import Stopping


class StopConditions:
    """Watches epochs, cost and validation cost. ``settings`` may be exchanged at any time."""

    def __init__(self, settings: TrainingSettings, epoch: int) -> None:
        self.settings = settings
        self.met: str = ""
        """Which condition was met: "epochs", "cost" or "patience"; "" for none."""
        self._first_epoch = 0
        self.forget_best(epoch)
        if self.goal and epoch >= self.goal:
            self._first_epoch = epoch

    @property
    def goal(self) -> int:
        """The epoch at which training will stop; 0 when it goes on for ever."""
        return self._first_epoch + self.settings.epochs if self.settings.epochs else 0

    def begin_again(self, epoch: int) -> None:
        """After a condition was met: for as long again, and patient anew."""
        self.met = ""
        if self.goal and epoch >= self.goal:
            self._first_epoch = epoch
        self.forget_best(epoch)

    def forget_best(self, epoch: int) -> None:
        self._best, self._best_epoch = math.inf, epoch

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
            self._best, self._best_epoch = cost, epoch
        elif self.settings.patience and epoch - self._best_epoch >= self.settings.patience:
            self.met = "patience"

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
        return Stopping(self._first_epoch, self._best, self._best_epoch, self.met)

    def restore(self, state: Stopping) -> None:
        self._first_epoch, self._best, self._best_epoch, self.met = state
