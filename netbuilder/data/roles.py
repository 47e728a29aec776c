"""Roles: what each column of a table is for, as it is chosen or suggested."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.encode import listed, number_text
from netbuilder.data.table import Roles, Table
from netbuilder.errors import Message, UserError

NUMBER, CATEGORY, ORDERED, TARGET, SKIP = "number", "category", "ordered", "target", "skip"
ROLES = (NUMBER, CATEGORY, ORDERED, TARGET, SKIP)
TASKS = ("class", "regression")
MISSING = ("median", "mean", "frequent", "own", "drop")

_MOST_WORDS = 1000
"""A column with more different numbers than this is no column of categories."""
_SCALES = (
    ("none", "very low", "low", "medium", "high", "very high"),
    ("xs", "s", "m", "l", "xl", "xxl"),
    ("tiny", "small", "medium", "large", "huge"),
    ("very poor", "poor", "fair", "average", "good", "very good", "excellent"),
    ("po", "fa", "ta", "gd", "ex"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("first", "second", "third", "fourth"),
)


def assigned(table: Table, roles: Roles) -> Table:
    """The table with its columns taken as the roles say; its numbers are shared where they can be.

    Raises:
        UserError: a role names a column that there is not, or does not fit it.
    """
    for name in (*roles.targets, *(name for name, _ in roles.columns)):
        check_column(table, name)
    if roles.task and roles.task not in TASKS:
        raise _unknown("task", roles.task, TASKS)
    if roles.missing not in MISSING:
        raise _unknown("way with missing values", roles.missing, MISSING)
    values, categories, orders = table.values, dict(table.categories), dict(table.orders)
    wanted = dict(roles.columns)
    for name in roles.targets or table.targets or table.columns[-1:]:
        if roles.task:
            wanted[name] = CATEGORY if roles.task == "class" else NUMBER
    for name, role in wanted.items():
        if role not in ROLES:
            raise _unknown("role", role, ROLES)
        k = table.columns.index(name)
        if role == CATEGORY and name not in categories:
            values, categories[name] = _as_words(table, values, name, k)
        elif role in (ORDERED, NUMBER) and name in categories:
            order = order_of(categories[name])
            if order is None:
                raise UserError(
                    "The column {name!r} holds words such as {word!r}, in which no order is known; "
                    "take it as categories, or write numbers instead.",
                    name=name,
                    word=categories[name][0],
                )
            values = values.copy() if values is table.values else values
            filled = ~np.isnan(values[:, k])
            values[filled, k] = np.array(order)[values[filled, k].astype(int)]
            orders[name] = _whole_order(categories.pop(name))
    own = not roles.task and roles.targets in ((), table.targets)
    return dataclasses.replace(
        table,
        values=values,
        categories=categories,
        targets=roles.targets or table.targets,
        image_shape=roles.image or table.image_shape,
        roles=roles,
        orders=orders,
        task=table.task if own else "",
    )


def order_of(words: tuple[str, ...]) -> tuple[float, ...] | None:
    """A number for each word where they have an order, as in low, medium, high; else None."""
    with contextlib.suppress(ValueError):
        return tuple(map(float, words))
    for scale in _SCALES:
        if all(word.casefold() in scale for word in words):
            return tuple(float(scale.index(word.casefold())) for word in words)
    return None


def _whole_order(words: tuple[str, ...]) -> tuple[str, ...]:
    """These words and the others of their scale; none for numbers written as words."""
    for scale in _SCALES:
        if all(word.casefold() in scale for word in words):
            return tuple(dict.fromkeys((*words, *scale)))
    return ()


def check_column(table: Table, name: str) -> None:
    """Raises UserError when the table has no such column."""
    if name not in table.columns:
        near = difflib.get_close_matches(name, table.columns, n=1)
        raise UserError(
            "There is no column {name!r}; {table} has: {columns}.{hint}",
            name=name,
            table=table.name or "the data",
            columns=listed(table.columns),
            hint=f" Did you mean {near[0]}?" if near else "",
        )


def _as_words(
    table: Table, values: NDArray[np.float64], name: str, k: int
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    filled = ~np.isnan(values[:, k])
    present, codes = np.unique(values[filled, k], return_inverse=True)
    if len(present) > _MOST_WORDS:
        raise UserError(
            "The column {name!r} has {count:,} different numbers, too many for categories; take it "
            "as a number.",
            name=name,
            count=len(present),
        )
    values = values.copy() if values is table.values else values
    values[filled, k] = codes.reshape(-1)
    return values, tuple(number_text(value) for value in present)


def _unknown(what: str, found: str, known: tuple[str, ...]) -> UserError:
    return UserError(
        "There is no {what} {found!r}; expected one of: {known}.",
        what=Message(what),
        found=found,
        known=", ".join(known),
    )
