"""Reads the user's NPZ files: X, the features of every example, and Y, what is to be learned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.encode import MAX_BYTES
from netbuilder.data.reading import Watch
from netbuilder.data.table import Table
from netbuilder.errors import UserError
from netbuilder.npz import Archive, Flaw, Refused, opened
from netbuilder.numbers import byte_count

_UNFILLED = (
    "{file}: the array {name} claims the shape {shape}, but its numbers do not fill it; the file "
    "is damaged, save it again."
)
_SENTENCES = {
    Flaw.DAMAGED: (
        "{file} is damaged, or is no NPZ file at all ({reason}); save it again with "
        "np.savez(file, X=X, Y=Y)."
    ),
    Flaw.PACKING: (
        "{file}: the array {name} is encrypted or packed in an unusual way; save it with np.savez."
    ),
    Flaw.HEADER: (
        "{file}: the array {name} has a header that cannot be read ({reason}); save it again with "
        "np.savez."
    ),
    Flaw.OBJECTS: (
        "{file}: the array {name} holds Python objects, which are never loaded because they could "
        "run code; save plain numbers, for example {name}.astype(float)."
    ),
    Flaw.TYPE: (
        "{file}: the array {name} has the type {dtype} and shape {shape}; expected numbers."
    ),
    Flaw.SIZE: (
        "{file}: the array {name} claims the shape {shape}, which takes {size}, expected "
        "at most {most}; take a part of the examples."
    ),
    Flaw.EXPANSION: (
        "{file}: the array {name} would unpack to {times:.0f} times its size in the file, as only "
        "a damaged or hostile file does; save it with np.savez if it is sound."
    ),
    Flaw.SHORT: _UNFILLED,
    Flaw.LONG: _UNFILLED,
}


_NAMES = {
    "X": ("x", "x_train", "data", "images", "features"),
    "Y": ("y", "y_train", "labels", "target", "targets"),
    "X_test": ("x_test",),
    "Y_test": ("y_test",),
}
"""What the arrays may be called, in capitals or not; the earlier comes first."""
_BLOCK = 2**20
"""Numbers that are copied at a time."""


def read_npz(path: Path, labelled: bool = True, watch: Watch = lambda share: None) -> Table:
    """The table of `X` (m, n_x) or (m, height, width) and `Y`, (m,) or (m, n_y).

    They may be called x_train and y_train too; x_test and y_test beside them are the test part.
    Y of whole numbers or words in one column, and one-hot Y, are classes; other Y are numbers. NaN
    is a missing value. With `labelled` False, Y may be absent.

    Raises:
        UserError: the file holds no such arrays, or they are too large.
        Stopped: `watch` asked for it.
        OSError: the file cannot be read.
    """
    file = path.name
    watch(0.0)
    try:
        with opened(path, MAX_BYTES) as archive:
            names = _names(archive)
            X = _array(file, archive, names, "X")
            watch(0.4)
            Y = _array(file, archive, names, "Y") if labelled or "Y" in names else None
            test = 0
            if Y is not None and {"X_test", "Y_test"} <= names.keys():
                test, X, Y = _with_test(
                    file,
                    (X, _array(file, archive, names, "X_test")),
                    (Y, _array(file, archive, names, "Y_test")),
                )
    except Refused as refused:
        values = refused.values
        for size in ("size", "most"):
            if size in values:
                values[size] = byte_count(values[size])
        raise UserError(_SENTENCES[refused.flaw], file=file, **values) from None
    return replace(_table(path.stem, file, X, Y, watch), test=test)


def _names(archive: Archive) -> dict[str, str]:
    """What the arrays are called in the file; X and Y may go by other names."""
    names = {name: name for name in archive.names}
    lower = {name.lower(): name for name in reversed(list(names))}
    for name, others in _NAMES.items():
        found = next((lower[other] for other in others if other in lower), None)
        if found is not None:
            names.setdefault(name, found)
    return names


def _with_test(
    file: str, X: tuple[NDArray[Any], NDArray[Any]], Y: tuple[NDArray[Any], NDArray[Any]]
) -> tuple[int, NDArray[Any], NDArray[Any]]:
    """How many examples the test part has, and all of them, with the test part at the end."""
    for name, (first, second) in (("x_test", X), ("y_test", Y)):
        if second.ndim == 0 or second.shape[1:] != first.shape[1:] or len(second) != len(X[1]):
            raise UserError(
                "{file}: the array {name} has the shape {shape}, which does not fit the other "
                "arrays; expected as many examples in x_test and y_test, each like those to learn "
                "from.",
                file=file,
                name=name,
                shape=second.shape,
            )
    return len(X[1]), np.concatenate(X), np.concatenate(Y)


def _array(file: str, archive: Archive, names: dict[str, str], name: str) -> NDArray[Any]:
    if name not in names:
        raise UserError(
            "{file} has no array {name}; expected X (examples, features) and Y, found: {found}.",
            file=file,
            name=name,
            found=", ".join(names) or "no array at all",
        )
    return archive.stored(names[name], "biuf" if name.startswith("X") else "biufU").read()


def _table(name: str, file: str, X: NDArray[Any], Y: NDArray[Any] | None, watch: Watch) -> Table:
    shape = (X.shape[1], X.shape[2]) if X.ndim == 3 and 0 not in X.shape else None
    if shape is not None:
        X = X.reshape(len(X), -1)
    _check_shapes(file, X, Y)
    inputs = tuple(f"x{k + 1}" for k in range(X.shape[1]))
    targets: tuple[str, ...] = ()
    goal: NDArray[np.float64] = np.empty((len(X), 0))
    categories: dict[str, tuple[str, ...]] = {}
    if Y is not None:
        targets, goal, categories = _targets(file, Y.reshape(len(Y), -1))
    values = np.empty((len(X), len(inputs) + len(targets)))
    rows = max(1, _BLOCK // len(inputs))
    for at in range(0, len(X), rows):
        watch(0.4 + 0.6 * at / len(X))
        block = values[at : at + rows, : len(inputs)]
        block[:] = X[at : at + rows]
        _check_finite(file, "X", block, at)
    values[:, len(inputs) :] = goal
    return Table(values, inputs + targets, categories, targets, shape, name=name)


def _check_shapes(file: str, X: NDArray[Any], Y: NDArray[Any] | None) -> None:
    if 0 in X.shape:
        raise UserError(
            "{file}: X holds no numbers, as its shape is {shape}; expected at least one example "
            "with at least one feature.",
            file=file,
            shape=X.shape,
        )
    if X.ndim != 2:
        raise UserError(
            "{file}: expected X of shape (examples, features), found {shape}; "
            "X.reshape(len(X), -1) makes one row an example.",
            file=file,
            shape=X.shape,
        )
    if Y is None:
        return
    if Y.ndim not in (1, 2) or (Y.ndim == 2 and Y.shape[1] == 0):
        raise UserError(
            "{file}: expected Y of shape (examples,) or (examples, targets), found {shape}.",
            file=file,
            shape=Y.shape,
        )
    if len(X) != len(Y):
        columns = X.shape[1] == Y.shape[-1]
        raise UserError(
            "{file}: X has {m} examples and Y has {m_y}, expected as many; {remedy}.",
            file=file,
            m=len(X),
            m_y=len(Y),
            remedy="examples are rows here: save X.T and Y.T" if columns else "check both arrays",
        )


def _targets(
    file: str, Y: NDArray[Any]
) -> tuple[tuple[str, ...], NDArray[np.float64], dict[str, tuple[str, ...]]]:
    """The names, values (m, n) and categories of the target columns."""
    if Y.shape[1] > 1 and Y.dtype.kind != "U":
        one_hot = bool(np.all((Y == 0) | (Y == 1)) and np.all((Y == 1).sum(axis=1) == 1))
        if not one_hot:
            names = tuple(f"y{k + 1}" for k in range(Y.shape[1]))
            return names, _floats(file, "Y", Y), {}
        classes = tuple(str(k) for k in range(Y.shape[1]))
        return ("y",), Y.argmax(axis=1)[:, None].astype(np.float64), {"y": classes}
    if Y.dtype.kind == "f":
        return ("y",), _floats(file, "Y", Y), {}
    if Y.shape[1] > 1:
        raise UserError(
            "{file}: Y holds words in {columns} columns, expected one.",
            file=file,
            columns=Y.shape[1],
        )
    present, codes = np.unique(Y.ravel(), return_inverse=True)
    words = tuple(str(int(v)) if Y.dtype.kind in "biu" else str(v) for v in present)
    return ("y",), codes.reshape(-1, 1).astype(np.float64), {"y": words}


def _floats(file: str, name: str, values: NDArray[Any]) -> NDArray[np.float64]:
    floats = values.astype(np.float64)
    _check_finite(file, name, floats, 0)
    return floats


def _check_finite(file: str, name: str, values: NDArray[np.float64], at: int) -> None:
    infinite = np.argwhere(np.isinf(values))
    if infinite.size:
        row, column = infinite[0]
        raise UserError(
            "{file}: {name}[{row}, {column}] is infinite, expected a finite number; correct it, or "
            "set it to NaN to have the example left out.",
            file=file,
            name=name,
            row=at + int(row),
            column=int(column),
        )
