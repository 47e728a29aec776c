"""Predictions for a whole file of examples, written beside the file's own columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netbuilder.data.files import read_other
from netbuilder.data.matching import features_for
from netbuilder.data.reading import Reading, Watch
from netbuilder.data.table import Table
from netbuilder.engine.program import Array, Program
from netbuilder.errors import Message, UserError
from netbuilder.exchange.csv_files import save_predictions
from netbuilder.exchange.trained import Trained

_ROWS = 8192
"""Examples that are predicted between two words to who watches."""


@dataclass(frozen=True)
class Predicted:
    """How it went."""

    m: int
    notices: tuple[Message, ...]
    """What was filled in."""


def predicted(
    table: Table, trained: Trained, dtype: str, watch: Watch = lambda share: None
) -> tuple[Array, tuple[Message, ...]]:
    """Ŷ (m, n_y) of the examples of a table, in the targets' own units, and what was filled in.

    Raises UserError where a column is missing or holds words in place of numbers.
    """
    X, notices = features_for(table, trained.inputs)
    if trained.scaling is not None:
        X = trained.scaling.apply(X)
    program = Program(trained.plan, dtype=dtype, weights=trained.weights)
    parts = []
    for start in range(0, len(X), _ROWS):
        watch(start / len(X))
        parts.append(program.predict(X[start : start + _ROWS]))
    Y_hat = np.concatenate(parts)
    return Y_hat if trained.target_scaling is None else trained.target_scaling.undo(Y_hat), notices


def predict_file(
    source: Path, out: Path, trained: Trained, dtype: str, own: Reading, watch: Watch
) -> Predicted:
    """Writes a CSV file of the source's columns, for images without them, and what is predicted.

    What cannot be told of the source is as it was in the project's ``own`` file.

    Raises:
        Stopped: `watch`, which is told how far it is, asked for it; then nothing is written.
        UserError: the source cannot be read or does not fit, or the file cannot be written.
    """
    if out.suffix.lower() != ".csv":
        raise UserError(
            "{path} is no name for predictions: expected one that ends in .csv.", path=str(out)
        )
    table = read_other(source, own, False, watch=lambda share: watch(0.5 * share))
    Y_hat, notices = predicted(table, trained, dtype, lambda share: watch(0.5 + 0.2 * share))
    kept = table if table.image_shape is None else None
    save_predictions(out, trained, Y_hat, kept, lambda share: watch(0.7 + 0.3 * share))
    return Predicted(len(Y_hat), notices)
