"""The costs of a run as the course prints them: every so many iterations or epochs."""

from __future__ import annotations

import argparse

import numpy as np

from netbuilder.errors import UserError
from netbuilder.training.trainer import Trainer


class Printed:
    """Prints the costs as soon as the log has them; what was there before is not printed."""

    def __init__(self, trainer: Trainer, every: int) -> None:
        self._trainer, self._every = trainer, every
        self._next = -(-trainer.epoch // every) * every if every else 0

    @classmethod
    def asked(cls, arguments: argparse.Namespace, trainer: Trainer) -> Printed:
        """As the options say; raises UserError where they ask for nothing else to be printed."""
        every = arguments.print_every
        if every is not None and (arguments.json or arguments.quiet):
            raise UserError(
                "--print-every prints costs, and {option} asks for none; leave one of them out.",
                option="--json" if arguments.json else "--quiet",
            )
        return cls(trainer, every or 0)

    def lines(self) -> list[str]:
        """What there is to be printed since the last time, "Cost after iteration 1000: 0.288083".

        An iteration is an update with all examples, and has the cost that it starts from; with
        mini-batches it is the mean of an epoch. Both are counted from 0.
        """
        if not self._every:
            return []
        rows = self._trainer.log.rows()
        full = self._trainer.updates_per_epoch == 1
        what = "iteration" if full else "epoch"
        found = []
        while len(rows["epoch"]):
            row = self._next if full else self._next + 1
            if rows["epoch"][-1] < row:
                break
            place = int(np.searchsorted(rows["epoch"], row))
            if rows["epoch"][place] == row:
                found.append(f"Cost after {what} {self._next}: {rows['train_cost'][place]:f}")
            self._next += self._every
        return found
