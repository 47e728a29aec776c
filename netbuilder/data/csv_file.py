"""Reads CSV files as people have them: any usual encoding, delimiter, header and way of numbers."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.csv_guess import Layout, layout_of
from netbuilder.data.encoding import encoding_of, known
from netbuilder.data.gather import CHUNK_CELLS, gathered, named, unnamed
from netbuilder.data.reading import NONE, Reading, Watch
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError

_GIVE_UP = 3
"""After so many pieces that are not numbers alone, the quick way is no longer tried."""
_END = "\0end"
"""Set behind the last line, to tell whether a quotation mark is still open there."""

Floats = NDArray[np.float64]


def read_csv(path: Path, said: Reading, watch: Watch) -> Table:
    """The table in a text file: one example a row. What is not said of it is guessed.

    Without a header, names x1, x2, …, y are made up. A column of words has categories. Empty cells
    and NA, N/A, NaN, null, ? and the like are missing: NaN in the table.

    Raises:
        UserError: the file holds no table; the message names line and column.
        Ambiguous: something cannot be told, and was not said.
        Stopped: `watch` asked for it.
        OSError: the file cannot be read.
    """
    encoding = known(said.encoding) if said.encoding else encoding_of(path)
    try:
        layout = layout_of(path, replace(said, encoding=encoding), watch)
        return _read(path, layout, watch)
    except UnicodeError:
        raise UserError(
            "{file} is not text in {encoding}; say which encoding it has, or save it as UTF-8.",
            file=path.name,
            encoding=encoding,
        ) from None


def _read(path: Path, layout: Layout, watch: Watch) -> Table:
    file, reading = path.name, layout.reading
    with path.open("rb") as raw:
        handle = io.TextIOWrapper(raw, encoding=reading.encoding, newline="")
        source = _Source(file, itertools.islice(handle, layout.skip, None), layout)
        first = source.first()
        if first is None:
            raise UserError("{file} is empty; expected examples, one a row.", file=file)
        line, cells = first
        told: tuple[Message, ...] = ()
        if layout.names or reading.header == "yes":
            names = named(file, line, layout.names or cells)
        else:
            names, notice = unnamed(file, len(cells))
            told = (notice,)
        size = max(1, path.stat().st_size)
        pieces = (
            (numbers, found, min(1.0, raw.tell() / size))
            for numbers, found in source.pieces(len(names))
        )
        table = gathered(file, path.stem, names, reading, pieces, watch)
    return replace(table, notices=told + table.notices)


class _Source:
    """The rows of a text file, piece by piece, each with the number of its line."""

    def __init__(self, file: str, lines: Iterator[str], layout: Layout) -> None:
        self._file, self._reading = file, layout.reading
        self._line = layout.skip
        """The last that was taken."""
        self._has_header = layout.reading.header == "yes" and not layout.names
        self._first_line = 0
        comment = layout.reading.comment
        if comment != NONE:
            # Blank, and not gone: they are counted.
            lines = ("\n" if line.lstrip().startswith(comment) else line for line in lines)
        self._lines: Iterator[str] = itertools.chain(lines, [_END])

    def first(self) -> tuple[int, list[str]] | None:
        """The first row with its line; it comes again as an example where it is no header."""
        taken: list[str] = []

        def kept() -> Iterator[str]:
            for line in self._lines:
                taken.append(line)
                yield line

        row = next(self._rows(kept(), self._line), None)
        if row is None:
            return None
        self._first_line = row[0]
        if self._has_header:
            self._line += len(taken)
        else:
            self._lines = itertools.chain(taken, self._lines)
        return row

    def pieces(self, width: int) -> Iterator[tuple[Sequence[int], Floats | list[list[str]]]]:
        """The lines' numbers, and their numbers (rows, width) or the cells of each."""
        most = max(1, CHUNK_CELLS // width)
        failed = 0
        while failed < _GIVE_UP:
            piece = [*itertools.islice(self._lines, most)]
            text = "".join(piece)
            if '"' in text:
                # A cell may go on in the next piece, so that all the rest is read as one.
                self._lines = itertools.chain(piece, self._lines)
                break
            if piece and piece[-1] == _END:
                del piece[-1]
            if not piece:
                return
            start = self._line
            self._line += len(piece)
            numbers, block = self._quick(piece, start, width, text)
            if block is not None:
                failed = 0
                yield numbers, block
                continue
            failed += 1
            rows = [*self._rows(iter(piece), start)]
            if rows:
                yield self._checked(rows, width)
        records = self._rows(self._lines, self._line)
        for rows in iter(lambda: [*itertools.islice(records, most)], []):
            yield self._checked(rows, width)

    def _quick(
        self, piece: list[str], start: int, width: int, text: str
    ) -> tuple[Sequence[int], Floats | None]:
        """The numbers of a piece that has nothing else, read by NumPy."""
        if self._reading.decimal == ",":
            if "." in text or self._reading.delimiter == ",":
                return (), None
            piece = [line.replace(",", ".") for line in piece]
        numbers: Sequence[int] = range(start + 1, start + len(piece) + 1)
        if "\n\n" in text or "\r\n\r\n" in text or "\r\r" in text or not piece[0].strip():
            numbers = [k for k, line in zip(numbers, piece, strict=True) if line.strip()]
            piece = [line for line in piece if line.strip()]
        if not piece:
            return (), np.empty((0, width))
        try:
            block = np.loadtxt(piece, delimiter=self._reading.delimiter, comments=None, ndmin=2)
        except ValueError:
            return (), None
        if block.shape != (len(numbers), width) or np.isinf(block).any():
            return (), None
        return numbers, block

    def _checked(
        self, rows: list[tuple[int, list[str]]], width: int
    ) -> tuple[Sequence[int], list[list[str]]]:
        for line, cells in rows:
            if len(cells) != width:
                raise UserError(
                    "{file}, line {line}: expected {expected} cells as in line {first}, found "
                    "{found}; look for a missing or an unquoted {delimiter!r}.",
                    file=self._file,
                    line=line,
                    expected=width,
                    first=self._first_line,
                    found=len(cells),
                    delimiter=self._reading.delimiter,
                )
        return [line for line, _ in rows], [cells for _, cells in rows]

    def _rows(self, lines: Iterator[str], start: int) -> Iterator[tuple[int, list[str]]]:
        """(line number, cells) of every line that is not blank."""
        reader = csv.reader(lines, delimiter=self._reading.delimiter, skipinitialspace=True)
        line = start
        try:
            for cells in reader:
                if cells == [_END]:
                    return
                if cells and cells[-1].endswith(_END):
                    raise UserError(
                        "{file}, line {line}: a quotation mark is opened here and never closed, so "
                        "that all the rest of the file would be one cell; close or remove it.",
                        file=self._file,
                        line=line + 1,
                    )
                line = start + reader.line_num
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield line, cells
        except csv.Error as error:
            raise UserError(
                "{file}, line {line}: the text cannot be parted into cells ({reason}); look for a "
                "quotation mark that is never closed.",
                file=self._file,
                line=start + reader.line_num,
                reason=error,
            ) from None
