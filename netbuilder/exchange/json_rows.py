"""Raw rows and named answers as JSON, for programs that ask over HTTP."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping
from typing import Any, NoReturn

from netbuilder import __version__
from netbuilder.data.dataset import InputColumn
from netbuilder.data.encode import listed
from netbuilder.data.roles import order_of
from netbuilder.errors import UserError
from netbuilder.exchange.columns import raw_columns
from netbuilder.exchange.model import Model
from netbuilder.exchange.trained import as_json

MOST_ROWS = 10_000
"""Of one question."""
_MOST_NUMBERS = 1_000_000
"""Of all answers to one question."""
_DIGITS = 9
"""Of a number in an answer: as many as tell all numbers of float32 apart."""


class TooMany(UserError):
    """More rows than are answered at once."""


def answered(model: Model, body: bytes) -> dict[str, Any]:
    """The ``answers`` to one row or a list of rows, and the ``notices`` of what was filled in.

    A row is an object with a value for every raw column, null where one is missing, or an array of
    numbers in the order of the features. An answer has the ``label`` and, where the network gives
    them, the ``probabilities`` by class; or every target by its name, in its own units.

    Raises TooMany, and UserError for everything else that cannot be answered.
    """
    asked = _parsed(body)
    one = not isinstance(asked, list) or (bool(asked) and not isinstance(asked[0], (list, dict)))
    rows = [asked] if one else asked
    if not rows:
        raise UserError("There are no rows: expected at least one.")
    most = min(MOST_ROWS, _MOST_NUMBERS // model.trained.info.n_y)
    if len(rows) > most:
        raise TooMany(
            "{count:,} rows are too many at once: ask for at most {most:,}.",
            count=len(rows),
            most=most,
        )
    by_name = isinstance(rows[0], dict)
    found = model.answers(_columns(model, rows) if by_name else _matrix(model, rows))
    info = model.trained.info
    answers: list[dict[str, Any]] = []
    for k, outputs in enumerate(found.Y_hat):
        if found.labels is None:
            answers.append(dict(zip(info.target_names, map(_short, outputs), strict=True)))
            continue
        answers.append({"label": str(found.labels[k])})
        if found.probabilities is not None:
            shares = map(_short, found.probabilities[k])
            answers[-1]["probabilities"] = dict(zip(info.class_names, shares, strict=True))
    return {"answers": answers, "notices": [str(message) for message in found.notices]}


def described(model: Model, name: str, address: str) -> dict[str, Any]:
    """What is expected at an address, with an example, its answer, and a line for the shell."""
    info, raw = model.trained.info, raw_columns(model.trained)
    target: dict[str, Any] = {"targets": list(info.target_names)}
    if info.task != "regression":
        target = {"class": info.target_names[0], "classes": list(info.class_names)}
    takes: dict[str, Any] = {"columns": {c.name: _of_column(c.learned) for c in raw}}
    example: Any = {column.name: _usual(column.learned) for column in raw}
    if not raw:
        takes = {"features": list(info.feature_names)}
        example = [_short(column.fill, 4) for column in model.trained.inputs] or [0] * info.n_x
    text = as_json(example)
    return {
        "network": name,
        "netbuilder": __version__,
        "predicts": target,
        "takes": takes,
        "ask": "POST /predict with a row, or a list of rows; a row is "
        + ("an object by column, null where a value is missing." if raw else "a list of numbers."),
        "most_rows": MOST_ROWS,
        "example": example,
        "answer": answered(model, text.encode()),
        "curl": f"curl -d {shlex.quote(text)} {address}/predict",
    }


def _parsed(body: bytes) -> Any:
    try:
        # Two million digits would be a number for Python, and NaN, which no other JSON knows.
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse, parse_int=float)
    except UnicodeDecodeError:
        raise UserError("The body is no text in UTF-8.") from None
    except RecursionError:
        raise UserError("The body is nested too deeply.") from None
    except ValueError as error:
        raise UserError("The body is no JSON: {reason}.", reason=str(error)) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in it; null stands for a missing value")


def _columns(model: Model, rows: list[Any]) -> dict[str, list[Any]]:
    """The values of every column that the network takes; what else is there is left out."""
    names = [column.name for column in model.trained.inputs]
    if not names:
        raise UserError("This network knows no columns by name: expected lists of numbers.")
    found: dict[str, list[Any]] = {name: [] for name in names}
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise UserError(
                "Row {row} is {kind}, expected an object as the first one.",
                row=number,
                kind=_kind(row),
            )
        for name in names:
            if name not in row:
                raise UserError(
                    "Row {row} has no {name!r}; it has: {columns}. Write null for a missing value.",
                    row=number,
                    name=name,
                    columns=listed(tuple(row)) if row else "nothing",
                )
            value = row[name]
            if not _may_stand(value):
                raise UserError(
                    "Row {row}: {name!r} is {kind}, expected a number, a text or null.",
                    row=number,
                    name=name,
                    kind=_kind(value),
                )
            found[name].append(value)
    return found


def _matrix(model: Model, rows: list[Any]) -> list[list[float]]:
    width = model.trained.info.n_x
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list):
            raise UserError(
                "Row {row} is {kind}, expected {wanted}.",
                row=number,
                kind=_kind(row),
                wanted="an object by column, or a list of numbers",
            )
        if len(row) != width:
            raise UserError(
                "Row {row} has {count:,} values, expected {width:,}.",
                row=number,
                count=len(row),
                width=width,
            )
        for value in row:
            if not _is_number(value):
                raise UserError(
                    "Row {row} holds {kind}, expected numbers alone; values by column, in an "
                    "object, may be text or null.",
                    row=number,
                    kind=_kind(value),
                )
    return rows


_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    float: "a number",
    bool: "true or false",
}


def _may_stand(value: Any) -> bool:
    """In a column."""
    return value is None or isinstance(value, str) or _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _kind(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "a number beyond all range"
    return _KINDS.get(type(value), "null")


def _of_column(column: InputColumn) -> dict[str, Any]:
    """What may stand in it, and what stands for a gap."""
    words = column.words or column.order
    kind = {"type": "text", "words": list(words)} if words else {"type": "number"}
    return kind | {"if_missing": _usual(column, _DIGITS)}


def _usual(column: InputColumn, digits: int = 4) -> float | str:
    """What stands for a gap, which is a usual value."""
    if column.words:
        return column.words[int(column.fill)]
    if column.order:
        numbered = zip(column.order, order_of(column.order) or (), strict=False)
        return min(numbered, key=lambda pair: abs(pair[1] - column.fill))[0]
    return _short(column.fill, digits)


def _short(value: float, digits: int = _DIGITS) -> float:
    """Rounded; a whole number without a point."""
    found = float(f"{value:.{digits}g}")
    return int(found) if found.is_integer() and abs(found) < 10**digits else found
