"""Makes the columns of a table from rows of cells that come piece by piece."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.csv_column import Column
from netbuilder.data.encode import MAX_BYTES
from netbuilder.data.reading import Reading, Watch
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError
from netbuilder.machine import check_room
from netbuilder.numbers import byte_count

CHUNK_CELLS = 40_000
"""So many cells at a time are text in memory, and keep the interpreter from other threads."""

Floats = NDArray[np.float64]
Piece = tuple[Sequence[int], Floats | list[list[str]], float]
"""The numbers of the lines, their numbers (rows, width) or the cells of each, and what share of
the file is read with them."""


def gathered(
    file: str,
    name: str,
    names: tuple[str, ...],
    reading: Reading,
    pieces: Iterable[Piece],
    watch: Watch,
) -> Table:
    """The table of all pieces; the last column is what is predicted.

    Raises:
        UserError: there is no row at all, or a cell that cannot be.
        Stopped: `watch` asked for it.
    """
    columns = [Column(file, name, reading.decimal or ".") for name in names]
    lines = array("q")
    values = np.empty((0, len(names)))
    for numbers, found, share in pieces:
        at = len(lines)
        lines.extend(numbers)
        values = _with_room(file, values, len(lines), share)
        if isinstance(found, list):
            by_column = zip(*found, strict=True)
            for k, (column, cells) in enumerate(zip(columns, by_column, strict=True)):
                values[at : len(lines), k] = column.numbers(cells, at, numbers)
        else:
            values[at : len(lines)] = found
        watch(share)
    if not lines:
        raise UserError(
            "{file} has a header and nothing below it; expected examples, one a row.", file=file
        )
    values = values[: len(lines)]
    categories = {}
    for k, column in enumerate(columns):
        words = column.finish(values[:, k], lines)
        if words:
            categories[column.name] = words
    notices = tuple(column.notice for column in columns if column.notice is not None)
    return Table(values, names, categories, names[-1:], name=name, notices=notices, reading=reading)


def named(file: str, line: int, cells: Sequence[str]) -> tuple[str, ...]:
    """The names in a header; raises UserError where two columns have the same."""
    names = tuple(cell.strip() or f"column {k + 1}" for k, cell in enumerate(cells))
    first: dict[str, int] = {}
    for k, name in enumerate(names):
        if first.setdefault(name, k) != k:
            raise UserError(
                "{file}, line {line}: columns {first} and {second} are both called {name!r}; the "
                "first line is the header, and every column needs a name of its own.",
                file=file,
                line=line,
                first=first[name] + 1,
                second=k + 1,
                name=name,
            )
    return names


def unnamed(file: str, n: int) -> tuple[tuple[str, ...], Message]:
    """x1, x2, …, y for n columns without a header, and the notice that says so."""
    names = (*(f"x{k}" for k in range(1, n)), "y") if n > 1 else ("x1",)
    return names, Message(
        "{file} has no header: its first line holds an example, so the columns are called {names}.",
        file=file,
        names=", ".join(names) if len(names) < 4 else f"x1 … x{len(names) - 1} and y",
    )


def _with_room(file: str, values: Floats, m: int, share: float) -> Floats:
    """The values, with room for so many rows; it is made for all of the file by the share read.

    Memory that nothing is written into costs nothing, so that there may be too much of it.
    """
    if m <= len(values):
        return values
    width = values.shape[1]
    if m * width * 8 > MAX_BYTES:
        raise UserError(
            "{file} holds more numbers than the {most} that can be read; take a part of it.",
            file=file,
            most=byte_count(MAX_BYTES),
        )
    check_room(file, int(m / max(share, 1e-3)) * width * 8)
    room = np.empty((int(m / max(share, 1e-3) * 1.2) + 16, width))
    room[: len(values)] = values
    return room
