"""Joins examples of a test file to those that are learned from, as their test part."""

from __future__ import annotations

import dataclasses

import numpy as np

from netbuilder.data.dataset import InputColumn
from netbuilder.data.encode import feature_columns, listed, number_text
from netbuilder.data.matching import codes_in, numbers_in
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError


def with_test(table: Table, other: Table) -> Table:
    """The table, to which roles were given, with the other one's examples at its end.

    Columns are found by name, in any order. A word that the table does not have counts as missing,
    with a notice.

    Raises:
        UserError: a column that is learned from, or is to be predicted, is not in the other table,
            or holds words there and numbers here.
    """
    targets = table.targets or table.columns[-1:]
    needed = {*feature_columns(table, targets)[0], *targets}
    values = np.full((table.m + other.m, len(table.columns)), np.nan)
    values[: table.m] = table.values
    notices: list[Message] = []
    for k, name in enumerate(table.columns):
        if name not in other.columns:
            if name in needed:
                raise UserError(
                    "The test file {file} has no column {name!r}, which is needed; it has: "
                    "{columns}.",
                    file=other.name,
                    name=name,
                    columns=listed(other.columns),
                )
            continue
        words = table.categories.get(name)
        if words is None:
            if name in needed:
                values[table.m :, k] = numbers_in(other, InputColumn(name))
            continue
        codes = codes_in(other, name, words)
        strange = codes < 0
        if strange.any() and name in needed:
            notices.append(_told(other, name, strange))
        values[table.m :, k] = np.where(strange, np.nan, codes)
    return dataclasses.replace(
        table, values=values, test=other.m, notices=(*table.notices, *notices)
    )


def _told(other: Table, name: str, strange: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Message:
    value = other.column(name)[int(np.flatnonzero(strange)[0])]
    words = other.categories.get(name)
    return Message(
        "{count:,} of {m:,} examples of the test file {file} have a word in {name!r} that the "
        "others do not have, such as {word!r}; it counts as missing.",
        count=int(strange.sum()),
        m=other.m,
        file=other.name,
        name=name,
        word=words[int(value)] if words else number_text(value),
    )
