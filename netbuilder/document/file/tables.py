"""A table as a project file describes it, beside its numbers, checked."""

from __future__ import annotations

import numpy as np

from netbuilder.data.table import Table
from netbuilder.document.file.arrays import Array
from netbuilder.document.file.records import TableRecord
from netbuilder.errors import UserError

_FAR = 1e9
"""No view begins or ends beyond that."""


def table_of_record(record: TableRecord, values: Array | None, file: str) -> Table:
    """The table of a record with its numbers; raises UserError where they do not agree."""
    columns = tuple(record.columns)
    task = record.task if _knows_task(record) else ""
    least = 0 if task else 1  # a plane to draw in may be empty
    if values is None or values.ndim != 2 or len(values) < least or values.shape[1] != len(columns):
        raise UserError(
            "{file} is damaged: expected {count} columns of data, found the shape {shape}.",
            file=file,
            count=len(columns),
            shape=str(None if values is None else values.shape),
        )
    values = values.astype(np.float64)
    if len(set(columns)) < len(columns) or not {*record.categories, *record.targets} <= {*columns}:
        raise UserError(
            "{file} is damaged: the names of its columns do not agree with each other.", file=file
        )
    for name, words in record.categories.items():
        codes = values[:, columns.index(name)]
        known = np.isnan(codes) | np.isin(codes, np.arange(len(words)))
        if not known.all():
            raise UserError(
                "{file} is damaged: the column {name!r} has the code {code}, "
                "but only {count} words.",
                file=file,
                name=name,
                code=float(codes[~known][0]),
                count=len(words),
            )
    shape = record.image_shape
    if shape is not None and (min(shape) < 1 or shape[0] * shape[1] > len(columns)):
        shape = None
    return Table(
        values=values,
        columns=columns,
        categories={name: tuple(words) for name, words in record.categories.items()},
        targets=tuple(record.targets),
        image_shape=shape,
        name=record.name,
        note=record.note,
        test=record.test if 0 <= record.test < len(values) else 0,
        task=task,
        extent={
            name: (low, high)
            for name, (low, high) in record.extent.items()
            if name in columns and -_FAR < low < high < _FAR
        },
    )


def _knows_task(record: TableRecord) -> bool:
    """Whether the table's own task fits its target."""
    words = record.categories.get(record.targets[0]) if len(record.targets) == 1 else None
    return (record.task == "class" and words is not None and len(words) > 1) or (
        record.task == "regression" and len(record.targets) == 1 and words is None
    )
