"""Mistakes: which examples are predicted wrong, and which of them worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine import metrics
from netbuilder.lens.look import Look

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Sight:
    """Which examples of a part are to be gone through."""

    part: str = "train"
    wrong: bool = True
    """Only those that are predicted wrong; of numbers there is no such thing."""
    cell: tuple[int, int] | None = None
    """Only those of the one class that are taken for the other: (true, predicted)."""


def rows_of(look: Look, sight: Sight) -> Rows:
    """The rows of the part that are in sight, the dearest first; all of them in their own order.

    While a large network trains they are of a sample, as its predictions are. Raises NotYet.
    """
    part = getattr(look.dataset, sight.part)
    if not sight.wrong and sight.cell is None:
        return np.arange(part.m)
    seen, losses = look.prediction(sight.part), look.losses(sight.part)
    kept = np.ones(seen.part.m, bool)
    task = look.dataset.info.task
    if task != "regression":
        true, said = metrics.classes(seen.part.Y, task), metrics.classes(seen.Y_hat, task)
        cell = sight.cell
        kept = true != said if cell is None else (true == cell[0]) & (said == cell[1])
    at = np.flatnonzero(kept)
    return seen.rows[at[np.argsort(-losses[at], kind="stable")]]


def wrong_rows(look: Look, part: str) -> Rows:
    """The rows of a part whose class is predicted wrong, in order; none of numbers."""
    whole, task = getattr(look.dataset, part), look.dataset.info.task
    if task == "regression" or not whole.m:
        return np.empty(0, np.intp)
    seen = look.prediction(part)
    wrong = metrics.classes(seen.part.Y, task) != metrics.classes(seen.Y_hat, task)
    rows: Rows = seen.rows[wrong]
    return rows
