"""Typed numbers: a weight or a bias gets another value, while it trains too; it can be undone."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from netbuilder import numbers
from netbuilder.errors import UserError
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.widgets.parsing import parse_number
from netbuilder.lens import names
from netbuilder.runs.stretch import Learned, Typed

MOST = 1e9
"""Larger numbers are a slip, and no network can learn from them."""


def value_of(cursor: Cursor, key: str, index: tuple[int, ...]) -> float | None:
    """The number as it is seen now; None where there is no such place."""
    look = cursor.look()
    array = None if look is None else look.weights.get(key)
    if (
        array is None
        or len(index) != array.ndim
        or any(i >= n for i, n in zip(index, array.shape, strict=True))
    ):
        return None
    return float(array[index])


def type_number(store: Store, cursor: Cursor, key: str, index: tuple[int, ...], text: str) -> None:
    """Puts a typed number in its place, when the worker's turn comes; see ``Run.takes``.

    Raises UserError for what is no number, and where it cannot be put in force.
    """
    value = parse_number(text)
    if value is None or not math.isfinite(value) or abs(value) > MOST:
        raise UserError(
            "A weight is a number from −1e9 to 1e9, such as −0.25; got {text}.",
            text=repr(text.strip()[:40]),
        )
    plan, look = store.compiled.plan, cursor.look()
    if plan is None or look is None or value_of(cursor, key, index) is None:
        raise UserError("The network cannot run as it is now, so it has no such number.")
    if not cursor.live:
        raise UserError(
            "This is an earlier moment of the run: go to its end, or train on from here, and"
            " change the number there."
        )
    id, _, name = key.rpartition(".")
    at = index[:1] if name == "b" else index
    place = f"{names.of_layer(plan, plan.node(id), names.symbol(name))}"
    place += f"[{', '.join(str(i + 1) for i in at)}]"
    array = look.weights[key].copy()
    array[index] = value
    typed = Typed(key, index, float(value), place)
    label = QCoreApplication.translate("Typed", "set {place} to {value}").format(
        place=place, value=numbers.number(float(value))
    )
    store.learn(Learned({**look.weights, key: array}, plan, typed=(typed,)), label)
