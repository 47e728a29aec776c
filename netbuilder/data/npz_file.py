"""Reads NPZ files of X and Y; headers are checked before anything is unpacked, nothing is run."""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.encode import MAX_BYTES
from netbuilder.data.table import Table
from netbuilder.errors import UserError

_MOST_EXPANSION = 250
"""Times its packed size that a large array may have; real measurements pack far less well."""
_SMALL = 64 * 1024**2
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""All that zipfile was seen to raise over damaged archives."""
_LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class _Header:
    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype[Any]


def read_npz(path: Path, labelled: bool = True) -> Table:
    """The table of `X` (m, n_x) and `Y`, (m,) or (m, n_y).

    Y of whole numbers or words in one column, and one-hot Y, are classes; other Y are numbers. NaN
    is a missing value. With `labelled` False, Y may be absent.

    Raises:
        UserError: the file holds no such arrays, or they are too large.
        OSError: the file cannot be read.
    """
    file = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
            X = _array(file, archive, members, "X")
            Y = _array(file, archive, members, "Y") if labelled or "Y" in members else None
    except _DAMAGE as error:
        raise UserError(
            "{file} is damaged, or is no NPZ file at all ({reason}); save it again with "
            "np.savez(file, X=X, Y=Y).",
            file=file,
            reason=error,
        ) from None
    return _table(path.stem, file, X, Y)


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """By the name of the array; x and y will do for X and Y."""
    members = {
        info.filename.removesuffix(".npy"): info
        for info in archive.infolist()
        if info.filename.endswith(".npy")
    }
    for name in ("X", "Y"):
        if name not in members and name.lower() in members:
            members[name] = members[name.lower()]
    return members


def _array(
    file: str, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str
) -> NDArray[Any]:
    if name not in members:
        raise UserError(
            "{file} has no array {name}; expected X (examples, features) and Y, found: {found}.",
            file=file,
            name=name,
            found=", ".join(members) or "no array at all",
        )
    info = members[name]
    if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(
            "{file}: the array {name} is encrypted or packed in an unusual way; save it with "
            "np.savez.",
            file=file,
            name=name,
        )
    with archive.open(info) as handle:
        header = _header(file, name, handle)
        count = math.prod(header.shape)
        size = count * header.dtype.itemsize
        if count * 8 > MAX_BYTES or size > MAX_BYTES:
            raise UserError(
                "{file}: the array {name} claims the shape {shape}, which takes {size:,.1f} GB, "
                "expected at most {most:.0f} GB; take a part of the examples.",
                file=file,
                name=name,
                shape=header.shape,
                size=max(count * 8, size) / 1024**3,
                most=MAX_BYTES / 1024**3,
            )
        if size > _SMALL and size > _MOST_EXPANSION * info.compress_size:
            raise UserError(
                "{file}: the array {name} would unpack to {times:.0f} times its size in the file, "
                "as only a damaged or hostile file does; save it with np.savez if it is sound.",
                file=file,
                name=name,
                times=size / max(info.compress_size, 1),
            )
        data = handle.read(size)
        if len(data) < size or handle.read(1):
            raise UserError(
                "{file}: the array {name} claims the shape {shape}, but its numbers do not fill "
                "it; the file is damaged, save it again.",
                file=file,
                name=name,
                shape=header.shape,
            )
    flat: NDArray[Any] = np.frombuffer(data, dtype=header.dtype)
    if header.fortran_order:
        return flat.reshape(header.shape[::-1]).T
    return flat.reshape(header.shape)


def _header(file: str, name: str, handle: IO[bytes]) -> _Header:
    try:
        header = _parse(handle)
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(
            "{file}: the array {name} has a header that cannot be read ({reason}); save it again "
            "with np.savez.",
            file=file,
            name=name,
            reason=error,
        ) from None
    if header.dtype.hasobject:
        raise UserError(
            "{file}: the array {name} holds Python objects, which are never loaded because they "
            "could run code; save plain numbers, for example {name}.astype(float).",
            file=file,
            name=name,
        )
    kinds = "biuf" if name == "X" else "biufU"
    if header.dtype.kind not in kinds or header.dtype.itemsize == 0:
        raise UserError(
            "{file}: the array {name} has the type {dtype} and shape {shape}; expected numbers.",
            file=file,
            name=name,
            dtype=header.dtype,
            shape=header.shape,
        )
    return header


def _parse(handle: IO[bytes]) -> _Header:
    """The header of a .npy stream, which is left where the numbers begin.

    NumPy's own reader evaluates the header as Python, and fails in many ways on a damaged one.
    """
    magic = handle.read(8)
    if magic[:6] != b"\x93NUMPY" or magic[6:] not in (b"\1\0", b"\2\0"):
        raise ValueError("it does not begin as a .npy array does")
    length = int.from_bytes(handle.read(2 if magic[6] == 1 else 4), "little")
    if length > _LONGEST_HEADER:
        raise ValueError("it is too long")
    text = handle.read(length).decode("latin-1")
    descr, order, shape = (
        re.search(rf"'{key}' *: *{value} *[,}}]", text)
        for key, value in (
            ("descr", r"('[<>|=]?[biufcmMOSUV][0-9]*(?:\[\w+\])?'|\[.*\])"),
            ("fortran_order", "(True|False)"),
            ("shape", r"\(([0-9, ]*)\)"),
        )
    )
    if descr is None or order is None or shape is None:
        raise ValueError("it lacks the type or the shape")
    if descr[1].startswith("["):
        raise ValueError("its elements are records, expected numbers")
    sizes = tuple(int(size) for size in shape[1].split(",") if size.strip())
    return _Header(sizes, order[1] == "True", np.dtype(descr[1].strip("'")))


def _table(name: str, file: str, X: NDArray[Any], Y: NDArray[Any] | None) -> Table:
    _check_shapes(file, X, Y)
    inputs = tuple(f"x{k + 1}" for k in range(X.shape[1]))
    if Y is None:
        return Table(_floats(file, "X", X), inputs, name=name)
    targets, values, categories = _targets(file, Y.reshape(len(Y), -1))
    return Table(
        values=np.column_stack([_floats(file, "X", X), values]),
        columns=inputs + targets,
        categories=categories,
        targets=targets,
        name=name,
    )


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
    infinite = np.argwhere(np.isinf(floats))
    if infinite.size:
        row, column = infinite[0]
        raise UserError(
            "{file}: {name}[{row}, {column}] is infinite, expected a finite number; correct it, or "
            "set it to NaN to have the example left out.",
            file=file,
            name=name,
            row=int(row),
            column=int(column),
        )
    return floats
