"""Weights for a spreadsheet: a table for each layer, units as rows, what they weigh as columns."""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path

import numpy as np

from netbuilder.engine.plan import PlanNode
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.trained import Trained
from netbuilder.files import replacing


def save(path: Path, trained: Trained) -> None:
    """Writes ``<stem>_1.csv``, ``<stem>_2.csv``, …: a file for each layer l that has parameters.

    All of them or none. Raises UserError when one cannot be written.
    """
    plan = trained.plan
    tables = {
        path.with_name(f"{path.stem}_{number}{path.suffix}"): _table(trained, plan.node(id))
        for id, number in plan.layer_numbers.items()
    }
    with contextlib.ExitStack() as files:
        for place, rows in tables.items():
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerows(rows)
            files.enter_context(replacing(place)).write(text.getvalue().encode())


def _table(trained: Trained, node: PlanNode) -> list[list[str]]:
    """A row for each unit or filter: W by what it is connected to, then b, γ, β, …"""
    arrays, heads = trained.arrays(node), ["unit"]
    n = len(next(iter(arrays.values())))
    columns: list[list[str]] = []
    for name, array in arrays.items():
        flat = np.reshape(array, (n, -1))
        heads += _inputs(trained, node) if name == "W" else [name]
        columns += [[repr(float(number)) for number in column] for column in flat.T]
    units = _units(trained, node, n)
    rows = [[unit, *cells] for unit, cells in zip(units, zip(*columns, strict=True), strict=True)]
    return [heads, *rows]


def _units(trained: Trained, node: PlanNode, n: int) -> list[str]:
    """The names of the classes or targets in the output layer, else numbers."""
    info = trained.info
    if node is trained.output and n == info.n_y:
        if info.task == "binary":
            return [info.class_names[1]]
        return list(info.class_names if info.task == "classes" else info.target_names)
    return [str(unit) for unit in range(1, n + 1)]


def _inputs(trained: Trained, node: PlanNode) -> list[str]:
    """What each number of a row of W belongs to: a feature, a unit, a pixel of a filter."""
    plan, shape = trained.plan, node.parameter_shapes["W"]
    before = plan.node(node.inputs[0])
    if len(shape) == 4:
        return [
            f"{before.name} {channel + 1} ({row + 1}, {column + 1})"
            for channel, row, column in np.ndindex(shape[1:])
        ]
    if before is plan.nodes[0]:
        return list(trained.info.feature_names)
    return [f"{before.name} {unit + 1}" for unit in range(shape[1])]


FORMATS.add(
    "weights_csv",
    Format(
        "weights_csv",
        "Weights as CSV",
        ".csv",
        "a table for each layer, its number behind the name",
        save,
    ),
)
