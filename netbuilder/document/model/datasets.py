"""From the choice of data to the dataset that training sees."""

from __future__ import annotations

import dataclasses
from functools import lru_cache

from netbuilder.data.dataset import DataInfo, Dataset, Recipe
from netbuilder.data.own_test import with_test
from netbuilder.data.prepare import prepare
from netbuilder.data.roles import assigned
from netbuilder.data.sources import table_for
from netbuilder.data.stamp import Stamp, has_changed
from netbuilder.data.table import Roles, Table
from netbuilder.document.model.project import FILE, DataChoice, Kept
from netbuilder.errors import UserError


def table_of(choice: DataChoice) -> Table:
    """The examples before they are split and scaled; raises UserError when they cannot be had."""
    if choice.table is not None:
        return choice.table
    if choice.source != FILE:
        return table_for(choice.source, "", choice.examples, choice.noise, choice.seed)
    if not choice.path:
        raise UserError(
            "No data file has been chosen: choose one, or take one of the ready data sets."
        )
    kept = kept_of(choice)
    _refuse_changed(choice.path, None if kept is None else kept.stamp)
    return table_for(FILE, choice.path, choice.examples, choice.noise, choice.seed, choice.reading)


def test_table_of(choice: DataChoice) -> Table | None:
    """The examples of the test file, where there is one; raises UserError as ``table_of``."""
    own = choice.own_test
    if own is None or choice.source != FILE:
        return None
    if own.table is not None:
        return own.table
    kept = kept_of(choice)
    _refuse_changed(own.path, None if kept is None else kept.test_stamp)
    return table_for(FILE, own.path, 0, 0.0, 0, own.reading)


def with_tables(choice: DataChoice) -> DataChoice:
    """The choice with what its files hold; as it is where they cannot be had."""
    if choice.source != FILE or choice.table is not None:
        return choice
    try:
        table, test = table_of(choice), test_table_of(choice)
    except UserError:
        return choice
    own = choice.own_test
    own = None if own is None else dataclasses.replace(own, table=test)
    return dataclasses.replace(choice, table=table, own_test=own)


def _refuse_changed(path: str, stamp: Stamp | None) -> None:
    if stamp is not None and has_changed(path, stamp):
        raise UserError(
            "{file} has changed since this network learned from it; choose the file again to "
            "learn from it as it is now (on the command line: train --changed-data).",
            file=path,
        )


def bare(choice: DataChoice) -> DataChoice:
    """The choice alone, without what was read or learned."""
    own = choice.own_test
    own = None if own is None else dataclasses.replace(own, table=None)
    return dataclasses.replace(choice, table=None, own_test=own, kept=None)


def kept_of(choice: DataChoice) -> Kept | None:
    """What its project file says was learned of exactly this choice."""
    kept = choice.kept
    return kept if kept is not None and kept.choice == bare(choice) else None


def recipe_of(choice: DataChoice) -> Recipe:
    """What was learned of the data; where that cannot be had, what the project file says of it.

    Raises UserError when nothing is known.
    """
    try:
        return dataset_of(choice).recipe
    except UserError:
        kept = kept_of(choice)
        if kept is None:
            raise
        return kept.recipe


def dataset_of(choice: DataChoice) -> Dataset:
    """The examples of a choice, split and scaled; the last few are kept.

    Raises UserError when they cannot be had, or cannot be learned from.
    """
    found = prepared(choice)
    if not found.info.m:
        raise UserError("There is nothing to learn from yet: draw points, or choose a data set.")
    return found


def is_blank(choice: DataChoice) -> bool:
    """Whether it is a plane to draw in, in which nothing is yet."""
    return choice.source != FILE and not table_of(choice).m


def known_of(choice: DataChoice) -> DataInfo | None:
    """What is known of data that cannot be had, or that has no example yet."""
    kept = kept_of(choice)
    if kept is not None:
        return kept.recipe.info
    return prepared(choice).info if is_blank(choice) else None


def same_examples(one: DataChoice, other: DataChoice | None) -> bool:
    """Whether two choices are of one data set; its size, noise, split and scaling do not matter.

    What is drawn on a set is of it: drawing goes on with what was learned.
    """
    if other is None or (one.source, one.path, one.roles) != (
        other.source,
        other.path,
        other.roles,
    ):
        return False
    return one.source != FILE or (one.reading, one.table) == (other.reading, other.table)


def prepared(choice: DataChoice) -> Dataset:
    """As ``dataset_of``, but it may be without any example, as a plane is before it is drawn in."""
    # The table is part of the key, so that a file that has changed on the disk is prepared again.
    return _prepared(
        _assigned(table_of(choice), choice.roles, test_table_of(choice)),
        choice.scale,
        choice.validation,
        choice.test,
        choice.seed,
        choice.target_scale,
    )


@lru_cache(maxsize=4)
def _assigned(table: Table, roles: Roles, test: Table | None) -> Table:
    found = assigned(table, roles)
    return found if test is None else with_test(found, test)


@lru_cache(maxsize=4)
def _prepared(
    table: Table, scale: str, validation: float, test: float, seed: int, target_scale: str
) -> Dataset:
    return prepare(table, scale, validation, test, seed, target_scale)
