"""Guesses how a text file is written: comment lines, delimiter, header and decimal mark."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from netbuilder.data.cells import MISSING_AMONG_NUMBERS, Marks, decimal_of, number
from netbuilder.data.reading import COMMENTS, NONE, Ambiguous, Reading, Watch
from netbuilder.errors import Message

_SAMPLE = 1_000
"""Lines that delimiter and header are told from; the decimal mark may ask for all."""
_DELIMITERS = "\t;|, "
"""The rarer in words the earlier, for a comma may stand in numbers as well."""
_SEP = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)
"""The line with which Excel names the delimiter."""
_MARKED = re.compile(r"\d[.,]\d", re.ASCII)

Rows = list[list[str]]


@dataclass(frozen=True)
class Layout:
    """Where the table is in a text file, and how to read it."""

    reading: Reading
    """All of it is filled in."""
    skip: int
    """Lines before the table."""
    names: tuple[str, ...]
    """The columns' names where a comment line has them, else none."""


def layout_of(path: Path, said: Reading, watch: Watch) -> Layout:
    """How to read a file whose encoding is known; what is said of it is not guessed.

    Raises:
        Ambiguous: something cannot be told, and was not said.
        UnicodeError: the encoding is not the file's.
        OSError: it cannot be read.
    """
    with path.open(encoding=said.encoding, newline="") as handle:
        lines = list(itertools.islice(handle, _SAMPLE))
        comment = said.comment or _comment(lines)
        skip, excel = _before(lines, comment)
        lines, before = [*without(lines[skip:], comment)], lines[:skip]
        tabs = "\t" if path.suffix.lower() == ".tsv" else ""
        delimiter = said.delimiter or excel or tabs or _delimiter(lines)
        rows = _rows(lines, delimiter)
        names = () if said.header == "no" else _commented(before, rows, comment, delimiter)
        if not any(number(cell, ".") is not None for row in rows[:1] for cell in row):
            names = ()  # the table has a header of its own
        decimal = said.decimal
        if not decimal:
            handle.seek(0)
            below = without(itertools.islice(handle, skip + (not names), None), comment)
            heads = list(names) or (rows[0] if rows else [])
            decimal = _decimal(path.name, below, heads, delimiter, watch)
        header = said.header or ("yes" if names else header_of(path.name, rows, decimal))
    return Layout(Reading(said.encoding, delimiter, header, decimal, comment), skip, names)


def without(lines: Iterable[str], comment: str) -> Iterator[str]:
    """The lines that are no comments."""
    if comment == NONE:
        return iter(lines)
    return (line for line in lines if not line.lstrip().startswith(comment))


def _rows(lines: Sequence[str], delimiter: str) -> Rows:
    """The cells of every line that is not blank; none where they cannot be told."""
    try:
        rows = [*csv.reader(lines, delimiter=delimiter, skipinitialspace=True)]
    except csv.Error:
        return []
    return [row for row in rows if len(row) > 1 or (row and row[0].strip())]


# --- what is before the table --------------------------------------------------------------------


def _comment(lines: Sequence[str]) -> str:
    first = next((line for line in lines if line.strip()), "").lstrip()
    found = next((mark for mark in COMMENTS if first.startswith(mark)), NONE)
    # A file in which every line begins so has no comments but odd names.
    return found if any(True for line in without(lines, found) if line.strip()) else NONE


def _before(lines: Sequence[str], comment: str) -> tuple[int, str]:
    """How many lines are before the table, and the delimiter that one of them names."""
    delimiter = ""
    for skip, line in enumerate(lines):
        found = _SEP.fullmatch(line)
        if found and not delimiter:
            delimiter = found[1]
        elif line.strip() and (comment == NONE or not line.lstrip().startswith(comment)):
            return skip, delimiter
    return 0, delimiter


def _commented(before: Sequence[str], rows: Rows, comment: str, delimiter: str) -> tuple[str, ...]:
    """The header in the last comment line, as NumPy writes it: as many names as there are cells."""
    lines = [line for line in before if line.strip()]
    if comment == NONE or not lines or not lines[-1].lstrip().startswith(comment):
        return ()
    (names,) = _rows([lines[-1].strip().removeprefix(comment)], delimiter) or [[]]
    widths = {len(row) for row in rows}
    return tuple(names) if len(names) > 1 and widths == {len(names)} else ()


# --- the delimiter -------------------------------------------------------------------------------


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter that parts most of the first lines into the same number of cells."""
    best, best_share = ",", 0.0
    for delimiter in _DELIMITERS:
        counts = Counter(len(row) for row in _rows(lines[:200], delimiter))
        width, often = counts.most_common(1)[0] if counts else (0, 0)
        share = often / counts.total() if width > 1 else 0.0
        if share > best_share and (delimiter != " " or share == 1):  # words have spaces too
            best, best_share = delimiter, share
    return best


# --- the decimal mark ----------------------------------------------------------------------------


def _decimal(
    file: str, lines: Iterator[str], names: Sequence[str], delimiter: str, watch: Watch
) -> str:
    columns = [Marks(name.strip() or f"column {k + 1}") for k, name in enumerate(names)]
    decimal, doubtful = ".", None
    for piece in iter(lambda: [*itertools.islice(lines, _SAMPLE)], []):
        watch(0.0)
        text = "".join(piece)
        # Whole numbers, which large files are full of, say nothing.
        if _MARKED.search(text) is None:
            continue
        rows = _rows(piece, delimiter)
        for column, cells in zip(columns, itertools.zip_longest(*rows, fillvalue=""), strict=False):
            column.add(cells)
        decimal, doubtful = decimal_of(columns, delimiter)
        if decimal and any(column.sure for column in columns if column.counts):
            return decimal
    if doubtful is None:
        return decimal
    raise open_question(file, doubtful)


def open_question(file: str, column: Marks) -> Ambiguous:
    """What is to be asked of the decimal mark, by the column that leaves it open."""
    if column.unsure:
        cell = column.example
        found = {mark: number(cell, mark) for mark in ".,"}
        question = Message(
            "{file}: {cell} in the column {column!r} may be {point:,.10g} (decimal point) or "
            "{comma:,.10g} (decimal comma).",
            file=file,
            cell=cell,
            column=column.name,
            point=found["."],
            comma=found[","],
        )
    else:
        question = Message(
            "{file}: some numbers have a decimal point and others a decimal comma, such as {cell} "
            "in the column {column!r}.",
            file=file,
            cell=column.proof,
            column=column.name,
        )
    likely = ("comma", "point") if column.looks_grouped and column.unsure == "." else None
    return Ambiguous(question, "decimal", likely or ("point", "comma"))


# --- the header ----------------------------------------------------------------------------------


def header_of(file: str, rows: Rows, decimal: str) -> str:
    """Whether the first row names the columns: "yes" or "no"."""
    if not rows:
        return "yes"
    first, below = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    numbers = [number(cell, decimal) for cell in first]
    if not below:
        return "no" if any(found is not None for found in numbers) else "yes"
    if not any(found is not None for found in numbers):
        return "no" if _is_like_the_rest(first, below) else "yes"
    named = [cell for cell, found in zip(first, numbers, strict=True) if found is None]
    counted = [found for found in numbers if found is not None]
    steps = {b - a for a, b in itertools.pairwise(counted)}
    counts_up = steps == {1.0} and all(found.is_integer() for found in counted)
    if not counts_up or len(counted) < 2 or first in below:
        return "yes" if _heads_numbers(first, numbers, below, decimal) else "no"
    if any(cell.strip() for cell in named) and not _is_like_the_rest(first, below):
        return "yes"  # such as country, 2010, 2011
    if counted[0] == 0 and (len(counted) > 3 or named == [""]):
        return "yes"  # 0, 1, 2, …: what is written for an array without names
    if counted[0] != 0 and (counted[0] != 1 or len(counted) < 4):
        return "no"
    raise Ambiguous(
        Message(
            "{file}: its first line, {line}, may number the columns or be an example.",
            file=file,
            line=" ".join(first),
        ),
        "header",
        ("yes", "no"),
    )


def _is_like_the_rest(first: Sequence[str], below: Rows) -> bool:
    """Whether every cell of the first row, all of words, stands in its column again."""
    if not all(cell.strip() for cell in first):
        return False
    return all(
        cell in {row[k] for row in below}
        for k, cell in enumerate(first)
        if cell.strip().casefold() not in MISSING_AMONG_NUMBERS
    )


def _heads_numbers(
    first: Sequence[str], numbers: Sequence[float | None], below: Rows, decimal: str
) -> bool:
    """Whether a word of the first row, which has numbers too, stands above numbers alone."""
    for k, (cell, found) in enumerate(zip(first, numbers, strict=True)):
        if found is not None or cell.strip().casefold() in MISSING_AMONG_NUMBERS:
            continue
        cells = [row[k] for row in below if row[k].strip().casefold() not in MISSING_AMONG_NUMBERS]
        if cells and all(number(value, decimal) is not None for value in cells):
            return True
    return False
