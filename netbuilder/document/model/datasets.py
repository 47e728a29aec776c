"""From the choice of data to the dataset that training sees."""

from __future__ import annotations

from functools import lru_cache

from netbuilder.data.dataset import Dataset
from netbuilder.data.prepare import prepare
from netbuilder.data.sources import table_for
from netbuilder.data.table import Table
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.errors import UserError


def table_of(choice: DataChoice) -> Table:
    """The examples before they are split and scaled; raises UserError when they cannot be had."""
    if choice.source != FILE:
        return table_for(choice.source, "", choice.examples, choice.noise, choice.seed)
    if choice.table is not None:
        return choice.table
    if not choice.path:
        raise UserError(
            "No data file has been chosen: choose one, or take one of the ready data sets."
        )
    return table_for(FILE, choice.path, choice.examples, choice.noise, choice.seed)


def dataset_of(choice: DataChoice) -> Dataset:
    """The examples of a choice, split and scaled; the last few are kept.

    Raises UserError when they cannot be had, or cannot be learned from.
    """
    # The table is part of the key, so that a file that has changed on the disk is prepared again.
    return _prepared(
        table_of(choice),
        choice.target,
        choice.scale,
        choice.validation,
        choice.test,
        choice.seed,
        choice.target_scale,
    )


@lru_cache(maxsize=4)
def _prepared(
    table: Table,
    target: str,
    scale: str,
    validation: float,
    test: float,
    seed: int,
    target_scale: str,
) -> Dataset:
    return prepare(table, target, scale, validation, test, seed, target_scale)
