"""Reads CSV files as people have them: any usual delimiter, with or without a header or words."""

from __future__ import annotations

import csv
import itertools
import math
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.encode import MAX_BYTES, number_text
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError
from netbuilder.numbers import byte_count

if TYPE_CHECKING:
    import _csv

_CHUNK_CELLS = 400_000
"""So many cells at a time are text in memory."""
_MISSING = {"", "?", "na", "n/a", "nan", "null"}
_END = "\0end"
"""Set behind the last line, to tell whether a quotation mark is still open there."""
_DELIMITERS = "\t;|, "
"""The rarer in words the earlier, for a comma may stand in numbers as well."""


def read_csv(path: Path) -> Table:
    """The table in a text file: one example a row, the delimiter guessed, the first line a header.

    A first line with a number in it is an example, and names x1, x2, …, y are made up. A column of
    words has categories. Empty cells and NA, N/A, NaN, null and ? are missing: NaN in the table.

    Raises:
        UserError: the file holds no table; the message names line and column.
        OSError: the file cannot be read.
    """
    encoding = _encoding(path)
    for attempt in (encoding,) if encoding else ("utf-8-sig", "gb18030"):
        try:
            return _read(path, attempt)
        except UnicodeError:
            continue
    raise UserError(
        "{file} is not text in UTF-8 or GB18030; save it as UTF-8 and open it again.",
        file=path.name,
    )


def _encoding(path: Path) -> str | None:
    """The encoding that the first bytes give away; binary files are refused."""
    with path.open("rb") as handle:
        start = handle.read(4096)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start.startswith(b"PK\x03\x04"):
        raise UserError(
            "{file} is a zip archive or an Excel workbook, expected text; save it as CSV.",
            file=path.name,
        )
    if b"\0" in start:
        raise UserError("{file} is a binary file, expected text with commas.", file=path.name)
    return None


def _read(path: Path, encoding: str) -> Table:
    with path.open(encoding=encoding, newline="") as handle:
        start = list(itertools.islice(handle, 20))
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(start)
        handle.seek(0)
        lines = itertools.chain(handle, [_END])
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        try:
            return _table(path.name, _records(path.name, reader), delimiter)
        except csv.Error as error:
            raise UserError(
                "{file}, line {line}: the text cannot be parted into cells ({reason}); look for a "
                "quotation mark that is never closed.",
                file=path.name,
                line=reader.line_num,
                reason=error,
            ) from None


def _records(file: str, reader: _csv.Reader) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every line that is not blank."""
    line = 0
    for cells in reader:
        if cells == [_END]:
            return
        if cells and cells[-1].endswith(_END):
            raise UserError(
                "{file}, line {line}: a quotation mark is opened here and never closed, so that "
                "all the rest of the file would be one cell; close or remove it.",
                file=file,
                line=line + 1,
            )
        line = reader.line_num
        if len(cells) > 1 or (cells and cells[0].strip()):
            yield line, cells


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter that parts most of the first lines into the same number of cells."""
    best, best_share = ",", 0.0
    for delimiter in _DELIMITERS:
        rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        try:
            counts = Counter(len(row) for row in rows if row)
        except csv.Error:
            continue
        width, often = counts.most_common(1)[0] if counts else (0, 0)
        share = often / counts.total() if width > 1 else 0.0
        if share > best_share and (delimiter != " " or share == 1):  # words have spaces too
            best, best_share = delimiter, share
    return best


def _table(file: str, records: Iterator[tuple[int, list[str]]], delimiter: str) -> Table:
    first_line, first = next(records, (0, []))
    if not first:
        raise UserError("{file} is empty; expected examples, one a row.", file=file)
    decimal_comma = delimiter != ","
    notices: tuple[Message, ...] = ()
    if any(_number(cell, decimal_comma) is not None for cell in first):
        names = made_up_names(len(first))
        records = itertools.chain([(first_line, first)], records)
        notices = (
            Message(
                "{file} has no header: its first line holds numbers, so the columns are called "
                "{names}.",
                file=file,
                names=", ".join(names) if len(names) < 4 else f"x1 … x{len(names) - 1} and y",
            ),
        )
    else:
        names = _header(file, first_line, first)

    columns = [_Column(file, name, decimal_comma) for name in names]
    lines = array("q")
    rows = max(1, _CHUNK_CELLS // len(names))
    for chunk in iter(lambda: list(itertools.islice(records, rows)), []):
        for line, cells in chunk:
            if len(cells) != len(names):
                raise UserError(
                    "{file}, line {line}: expected {expected} cells as in line {first}, found "
                    "{found}; look for a missing or an unquoted {delimiter!r}.",
                    file=file,
                    line=line,
                    expected=len(names),
                    first=first_line,
                    found=len(cells),
                    delimiter=delimiter,
                )
            lines.append(line)
        if len(lines) * len(names) * 8 > MAX_BYTES:
            raise UserError(
                "{file} holds more numbers than the {most} that can be read; take a part of it.",
                file=file,
                most=byte_count(MAX_BYTES),
            )
        by_column = zip(*(cells for _, cells in chunk), strict=True)
        for column, column_cells in zip(columns, by_column, strict=True):
            column.add(column_cells, lines)
    if not lines:
        raise UserError(
            "{file} has a header and nothing below it; expected examples, one a row.", file=file
        )
    values = np.empty((len(lines), len(names)))
    categories = {}
    for k, column in enumerate(columns):
        values[:, k], words = column.finish(lines)
        if words:
            categories[column.name] = words
    return Table(values, names, categories, names[-1:], name=Path(file).stem, notices=notices)


def made_up_names(n: int) -> tuple[str, ...]:
    """x1, x2, …, y: the last column is predicted unless the user says otherwise."""
    return (*(f"x{k}" for k in range(1, n)), "y") if n > 1 else ("x1",)


def _header(file: str, line: int, cells: Sequence[str]) -> tuple[str, ...]:
    names = tuple(cell.strip() or f"column {k + 1}" for k, cell in enumerate(cells))
    for k, name in enumerate(names):
        if name in names[:k]:
            raise UserError(
                "{file}, line {line}: columns {first} and {second} are both called {name!r}; the "
                "first line is the header, and every column needs a name of its own.",
                file=file,
                line=line,
                first=names.index(name) + 1,
                second=k + 1,
                name=name,
            )
    return names


def _number(cell: str, decimal_comma: bool) -> float | None:
    """The number in a cell; None when there is none, or a word for a missing value."""
    if decimal_comma and "." not in cell:
        cell = cell.replace(",", ".")
    try:
        number = float(cell)
    except ValueError:
        return None
    # Python alone reads 1_000 as a number; NaN is for the missing.
    return None if "_" in cell or math.isnan(number) else number


def _shown(cell: str) -> str:
    """A cell's text for a sentence, which a whole page would drown."""
    cell = cell.strip()
    return cell if len(cell) <= 40 else cell[:39] + "…"


class _Column:
    """One column while it is read: its numbers, and the cells that are none."""

    def __init__(self, file: str, name: str, decimal_comma: bool) -> None:
        self.file = file
        self.name = name
        self.decimal_comma = decimal_comma
        self._chunks: list[NDArray[np.float64]] = []
        self._word_rows = array("q")
        self._words: list[str] = []
        self._interned: dict[str, str] = {}
        self._rows = 0

    def add(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        values = self._numbers(cells)
        infinite = np.flatnonzero(np.isinf(values))
        if infinite.size:
            row = int(infinite[0])
            raise UserError(
                "{file}, line {line}, column {column!r}: expected a finite number, found {cell!r}; "
                "correct it, or leave the cell empty.",
                file=self.file,
                line=lines[self._rows + row],
                column=self.name,
                cell=_shown(cells[row]),
            )
        self._chunks.append(values)
        self._rows += len(cells)

    def _numbers(self, cells: Sequence[str]) -> NDArray[np.float64]:
        if "_" not in "".join(cells):
            if "" in cells:
                cells = [cell or "nan" for cell in cells]
            try:
                return np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
            except ValueError:
                pass  # the slower way finds out which
        values = np.full(len(cells), np.nan)
        for row, cell in enumerate(cells):
            number = _number(cell, self.decimal_comma)
            if number is not None:
                values[row] = number
            elif (word := cell.strip()).casefold() not in _MISSING:
                self._word_rows.append(self._rows + row)
                self._words.append(self._interned.setdefault(word, word))
        return values

    def finish(self, lines: Sequence[int]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        """The values (m,), and for a column of words the words; their order gives the codes."""
        values = np.concatenate(self._chunks)
        if not self._words:
            return values, ()
        filled = ~np.isnan(values)
        numbers = np.unique(values[filled])
        self._refuse_bad_cells(int(filled.sum()), len(numbers), lines)
        # Some of the words may look like numbers, as in "0", "1", "2", "3+".
        texts = [number_text(number) for number in numbers]
        words = (*texts, *sorted(self._interned))
        code = {word: float(k) for k, word in enumerate(words)}
        values[filled] = np.searchsorted(numbers, values[filled])
        values[np.frombuffer(self._word_rows, dtype=np.int64)] = [code[w] for w in self._words]
        return values, words

    def _refuse_bad_cells(self, numbers: int, different: int, lines: Sequence[int]) -> None:
        """Refuses words in a column mostly of numbers, unless its few values are often repeated."""
        bad = len(self._words)
        different += len(self._interned)
        filled = numbers + bad
        categories = different <= 20 and filled >= 5 * different and bad * 10 > filled
        if numbers < bad or categories:
            return
        more = [str(lines[row]) for row in self._word_rows[1:4]]
        raise UserError(
            "{file}, line {line}, column {column!r}: expected a number as in most of the column, "
            "found {word!r}{more}; correct it, or leave the cell empty if the value is missing.",
            file=self.file,
            line=lines[self._word_rows[0]],
            column=self.name,
            word=_shown(self._words[0]),
            more=f" (more in line {', '.join(more)}{' …' if bad > 4 else ''})" if more else "",
        )
