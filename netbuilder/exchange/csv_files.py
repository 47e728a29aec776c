"""Tables that a command leaves behind: the costs of a run, and predictions, as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.engine.metrics import classes
from netbuilder.exchange.trained import Trained
from netbuilder.files import replacing
from netbuilder.runs.log import MetricLog

LOG_COLUMNS = (
    "epoch",
    "step",
    "train_cost",
    "validation_cost",
    "train_accuracy",
    "validation_accuracy",
)


def save_log(path: Path, log: MetricLog) -> None:
    """Writes one row per entry of the log, with full precision; what was not measured stays empty.

    With a full batch, row k holds the cost that update k started from.
    """
    columns = log.epochs()
    _save(path, LOG_COLUMNS, zip(*(columns[name].tolist() for name in LOG_COLUMNS), strict=True))


def save_predictions(path: Path, trained: Trained, Y_hat: Any) -> None:
    """Writes one row per example: the class and a number per class, or the predicted targets.

    ``Y_hat`` is the network's output (m, n_y). The rows are in the order of the examples.
    """
    info = trained.info
    values = np.asarray(Y_hat, np.float64)
    if info.task == "regression":
        names = info.target_names
        header = ["prediction"] if len(names) == 1 else [f"prediction {name}" for name in names]
        _save(path, header, values.tolist())
        return
    if info.task == "binary":
        values = np.column_stack([1.0 - values[:, 0], values[:, 0]])
    kind = "probability" if trained.gives_probabilities else "score"
    predicted = classes(Y_hat, info.task)
    _save(
        path,
        ["prediction", *(f"{kind} {name}" for name in info.class_names)],
        (
            [info.class_names[code], *row]
            for code, row in zip(predicted.tolist(), values.tolist(), strict=True)
        ),
    )


def _save(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with replacing(path) as handle:
        text = io.TextIOWrapper(handle, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)
        text.detach()


def _cell(value: Any) -> Any:
    return "" if isinstance(value, float) and math.isnan(value) else value
