"""Reads Excel workbooks: one sheet, row by row, its cells as they are typed; with openpyxl."""

from __future__ import annotations

import datetime
import itertools
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from netbuilder.data.cells import Marks, decimal_of
from netbuilder.data.csv_guess import header_of, open_question
from netbuilder.data.gather import CHUNK_CELLS, Piece, gathered, named, unnamed
from netbuilder.data.reading import Ambiguous, Reading, Stopped, Watch
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError
from netbuilder.numbers import byte_count

_MOST_UNPACKED = 10**9
"""Bytes of a workbook's rows, which are read one by one."""
_MOST_BESIDE = 200 * 10**6
"""Bytes of all else together, such as texts, which are in memory at once."""
_MOST_OF_FORMATS = 8 * 10**6
"""Bytes of each part that becomes many objects."""
_FORMATS = ("[content_types].xml", "xl/workbook.xml", "xl/styles.xml")
_ROWS, _COLUMNS = 1_048_576, 16_384
"""So many has no sheet more."""
_SAMPLE = 1_000
"""Rows that the table's place and its header are told from."""

Row = tuple[int, list[Any]]
"""The number of a row, and its cells from the first column of the table on."""


def read_workbook(path: Path, said: Reading, watch: Watch) -> Table:
    """The table of a sheet: the first row that is not empty on, from the first column that is not.

    Numbers and truth values need no guess. A text that looks like a number is one, as in a text
    file; of a formula it is the value that was saved. Hidden sheets are left alone.

    Raises:
        UserError: openpyxl is not there, or the file holds no table; the message names the row.
        Ambiguous: there are several sheets, or something else cannot be told, and was not said.
        Stopped: `watch` asked for it.
        OSError: the file cannot be read.
    """
    if find_spec("openpyxl") is None:
        raise UserError('Excel workbooks are read by openpyxl: pip install "netbuilder[tables]".')
    watch(0.0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what else is in the file, such as drop-downs
            _check(path)
            # openpyxl leaves a file open that it fails over.
            with open(path, "rb") as handle:
                return _read(path, handle, said, watch)
    except (UserError, Stopped, MemoryError):
        raise
    except Exception as error:  # whatever openpyxl does over files that are damaged
        raise UserError(
            "{file} cannot be read as an Excel workbook ({reason}); save it again, or as CSV.",
            file=path.name,
            reason=str(error) or type(error).__name__,
        ) from error


def _check(path: Path) -> None:
    """Refuses what would unpack to too much, as only a damaged or hostile file does."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    beside = [i for i in members if not i.filename.lower().startswith("xl/worksheets/")]
    formats = [info for info in members if info.filename.lower() in _FORMATS]
    for found, most in (
        (sum(info.file_size for info in members), _MOST_UNPACKED),
        (sum(info.file_size for info in beside), _MOST_BESIDE),
        (max((info.file_size for info in formats), default=0), _MOST_OF_FORMATS),
    ):
        if found > most:
            raise UserError(
                "{file} would unpack to {size}, expected at most {most}; save the sheet as CSV.",
                file=path.name,
                size=byte_count(found),
                most=byte_count(most),
            )


def _read(path: Path, handle: IO[bytes], said: Reading, watch: Watch) -> Table:
    from openpyxl import load_workbook

    book = load_workbook(handle, read_only=True, data_only=True, keep_links=False)
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        names = tuple(sheet.title for sheet in visible)
        if said.sheet and said.sheet not in names:
            raise UserError(
                "{file} has no sheet {sheet!r}; it has: {sheets}.",
                file=path.name,
                sheet=said.sheet,
                sheets=", ".join(names),
            )
        filled = [sheet for sheet in visible if said.sheet in ("", sheet.title) and _filled(sheet)]
        if not filled:
            raise UserError("{file} is empty; expected examples, one a row.", file=path.name)
        if len(filled) > 1:
            sheets = tuple(sheet.title for sheet in filled)
            question = Message(
                "{file} has several sheets: {sheets}.", file=path.name, sheets=", ".join(sheets)
            )
            raise Ambiguous(question, "sheet", sheets)
        (sheet,) = filled
        return replace(_table(path, sheet, said, watch), sheets=names)
    finally:
        book.close()


def _filled(sheet: Any) -> bool:
    return next(_rows(sheet), None) is not None


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows that are not empty, with their numbers, whatever the sheet claims of its size."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > _ROWS or len(cells) > _COLUMNS:
            raise ValueError("a cell lies beyond the end of the sheet")
        if any(not _is_empty(cell) for cell in cells):
            yield number, cells


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _table(path: Path, sheet: Any, said: Reading, watch: Watch) -> Table:
    file = path.name
    claimed = sheet.max_row or 1
    rows = _rows(sheet)
    sample = [*itertools.islice(rows, _SAMPLE)]
    filled = [k for _, cells in sample for k, cell in enumerate(cells) if not _is_empty(cell)]
    left, right = min(filled), max(filled) + 1
    table = (
        (number, _cut(file, number, cells, left, right))
        for number, cells in itertools.chain(sample, rows)
    )
    decimal = said.decimal or "."
    texts = [[_text(cell, decimal) for cell in cells[left:right]] for _, cells in sample]
    texts = [row + [""] * (right - left - len(row)) for row in texts]
    header = said.header or header_of(file, texts, decimal)
    first = texts[0]
    told: tuple[Message, ...] = ()
    if header == "yes":
        names = named(file, sample[0][0], first)
        next(table)
    else:
        names, notice = unnamed(file, len(first))
        told = (notice,)
    marks = [Marks(name) for name in names]
    reading = Reading(header=header, decimal=said.decimal, sheet=sheet.title)
    pieces = _pieces(table, len(names), decimal, marks, claimed)
    found = gathered(file, path.stem, names, reading, pieces, watch)
    if not said.decimal and any(column.unsure or column.sure for column in marks):
        decimal, doubtful = decimal_of(marks, "")
        if not decimal and doubtful is not None:
            raise open_question(file, doubtful)
        if decimal == ",":
            return _table(path, sheet, replace(said, header=header, decimal=","), watch)
    return replace(found, notices=told + found.notices)


def _cut(file: str, number: int, cells: Sequence[Any], left: int, right: int) -> list[Any]:
    """The cells of a row that are in the table's columns, as many as there are columns."""
    for k, cell in enumerate(cells):
        if not left <= k < right and not _is_empty(cell):
            raise UserError(
                "{file}, row {row}: a cell stands beside the table, which has the columns "
                "{first} to {last} in its first rows; take it away, or give it a header.",
                file=file,
                row=number,
                first=left + 1,
                last=right,
            )
    found = [*cells[left:right]]
    return found + [None] * (right - left - len(found))


def _pieces(
    rows: Iterable[Row], width: int, decimal: str, marks: Sequence[Marks], claimed: int
) -> Iterator[Piece]:
    """The rows as texts, piece by piece; the marks are told of all that is text in the sheet."""
    left = iter(rows)
    most = max(1, CHUNK_CELLS // width)
    for piece in iter(lambda: [*itertools.islice(left, most)], []):
        for mark, cells in zip(
            marks, zip(*(cells for _, cells in piece), strict=True), strict=True
        ):
            texts = [cell for cell in cells if isinstance(cell, str)]
            # Whole numbers and words say nothing.
            if any("." in text or "," in text for text in texts):
                mark.add(texts)
        numbers = [number for number, _ in piece]
        share = min(1.0, numbers[-1] / claimed)
        yield numbers, [[_text(cell, decimal) for cell in cells] for _, cells in piece], share


def _text(cell: Any, decimal: str) -> str:
    """A cell as a text file would have it."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, (int, float)):
        text = repr(cell)
        return text.replace(".", ",") if decimal == "," else text
    if isinstance(cell, (datetime.datetime, datetime.date, datetime.time)):
        return cell.isoformat()
    return str(cell)
