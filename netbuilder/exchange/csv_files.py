"""Tables to keep: the costs of a run, predictions, and the examples themselves, as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.data.encode import number_text
from netbuilder.data.reading import Watch
from netbuilder.data.table import Table
from netbuilder.engine.metrics import classes
from netbuilder.exchange.trained import Trained
from netbuilder.files import replacing
from netbuilder.runs.log import MetricLog

_BLOCK = 4096
"""Rows between two words to who watches."""

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


def save_logs(path: Path, runs: Sequence[tuple[str, MetricLog]]) -> None:
    """Writes the rows of several runs, each with its run's name, as ``save_log`` does."""
    rows: list[tuple[Any, ...]] = []
    for name, log in runs:
        columns = log.epochs()
        found = zip(*(columns[column].tolist() for column in LOG_COLUMNS), strict=True)
        rows += [(name, *row) for row in found]
    _save(path, ("run", *LOG_COLUMNS), rows)


def save_predictions(
    path: Path,
    trained: Trained,
    Y_hat: Any,
    beside: Table | None = None,
    watch: Watch = lambda share: None,
) -> None:
    """Writes one row per example: the class and a number per class, or the predicted targets.

    ``Y_hat`` is the network's output (m, n_y). The rows are in the order of the examples, and begin
    with the columns of the table ``beside``, where there is one.
    """
    info = trained.info
    values = np.asarray(Y_hat, np.float64)
    rows: Iterable[Sequence[Any]] = values.tolist()
    if info.task == "regression":
        names = info.target_names
        header = ["prediction"] if len(names) == 1 else [f"prediction {name}" for name in names]
    else:
        if info.task == "binary":
            values = np.column_stack([1.0 - values[:, 0], values[:, 0]])
        kind = "probability" if trained.gives_probabilities else "score"
        header = ["prediction", *(f"{kind} {name}" for name in info.class_names)]
        predicted = classes(Y_hat, info.task).tolist()
        rows = (
            [info.class_names[code], *row]
            for code, row in zip(predicted, values.tolist(), strict=True)
        )
    if beside is not None:
        header = [*beside.columns, *(_free(name, beside.columns) for name in header)]
        rows = ([*own, *row] for own, row in zip(_cells(beside), rows, strict=True))
    _save(path, header, _watched(rows, len(values), watch))


def save_table(path: Path, table: Table) -> None:
    """Writes the examples as they are, with full precision, so that reading them gives the same."""
    _save(path, table.columns, _cells(table))


def _watched(rows: Iterable[Sequence[Any]], m: int, watch: Watch) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(rows):
        if number % _BLOCK == 0:
            watch(number / m)
        yield row


def _free(name: str, taken: Sequence[str]) -> str:
    """A name that no column has: a file may hold predictions of before."""
    number, found = 2, name
    while found in taken:
        found, number = f"{name} {number}", number + 1
    return found


def _cells(table: Table) -> Iterator[list[str]]:
    """The rows of a table as text; what is missing is empty."""
    words = [table.categories.get(name) for name in table.columns]
    for row in table.values:
        yield [
            "" if math.isnan(value) else known[int(value)] if known else number_text(value)
            for value, known in zip(row.tolist(), words, strict=True)
        ]


def _save(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with replacing(path) as handle:
        text = io.TextIOWrapper(handle, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)
        text.detach()


def _cell(value: Any) -> Any:
    return "" if isinstance(value, float) and math.isnan(value) else value
