"""Reads Parquet files, whose columns have types, so that nothing is guessed; with pyarrow."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.cells import MISSING
from netbuilder.data.encode import MAX_BYTES, listed
from netbuilder.data.gather import named
from netbuilder.data.reading import Stopped, Watch
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError
from netbuilder.numbers import byte_count

_ROWS = 65_536
"""That are read at a time."""

Floats = NDArray[np.float64]


def read_parquet(path: Path, watch: Watch) -> Table:
    """The table of all columns of numbers, words, truth values and dates; a date is a word.

    The last of them is what is predicted. Other columns, such as lists, are left out with a notice.

    Raises:
        UserError: pyarrow is not there, or the file holds no table that can be read.
        Stopped: `watch` asked for it.
        OSError: the file cannot be read.
    """
    if find_spec("pyarrow") is None:
        raise UserError('Parquet files are read by pyarrow: pip install "netbuilder[tables]".')
    watch(0.0)
    try:
        return _read(path, watch)
    except (UserError, Stopped, MemoryError):
        raise
    except Exception as error:  # whatever pyarrow does over files that are damaged
        raise UserError(
            "{file} cannot be read as a Parquet file ({reason}); save it again, or as CSV.",
            file=path.name,
            reason=str(error) or type(error).__name__,
        ) from error


def _read(path: Path, watch: Watch) -> Table:
    import pyarrow as pa
    from pyarrow import parquet

    file = path.name
    with parquet.ParquetFile(path) as opened:
        metadata, schema = opened.metadata, opened.schema_arrow
    named(file, 1, schema.names)  # which refuses two of one name
    kinds = {field.name: _kind(pa.types, field.type) for field in schema}
    kept = tuple(name for name, kind in kinds.items() if kind)
    m = metadata.num_rows
    if not m or not kept:
        raise UserError(
            "{file} has no examples of numbers or words; expected one a row.", file=file
        )
    chunks = (
        metadata.row_group(k).column(j).total_uncompressed_size
        for k in range(metadata.num_row_groups)
        for j in range(metadata.num_columns)
    )
    needed = max(m * len(kept) * 8, max(chunks, default=0))
    if needed > MAX_BYTES:
        raise UserError(
            "{file} holds {m:,} examples in {n:,} columns, which need {size}, expected at most "
            "{most}; take a part of it.",
            file=file,
            m=m,
            n=len(kept),
            size=byte_count(needed),
            most=byte_count(MAX_BYTES),
        )
    values = np.empty((m, len(kept)))
    columns = {name: _Words(pa) for name in kept if kinds[name] == "words"}
    at = 0
    # A word that fills a million rows is in memory once.
    with parquet.ParquetFile(path, read_dictionary=[*columns]) as opened:
        for batch in opened.iter_batches(batch_size=_ROWS, columns=[*kept]):
            rows = slice(at, at + batch.num_rows)
            for k, name in enumerate(kept):
                found = batch.column(batch.schema.get_field_index(name))
                if name in columns:
                    values[rows, k] = columns[name].codes(found)
                else:
                    values[rows, k] = _numbers(pa, file, name, found, at)
            at += batch.num_rows
            watch(at / m)
    if at != m:
        raise ValueError(f"{at} of {m} rows are there")
    categories = {}
    for k, name in enumerate(kept):
        if name in columns:
            categories[name] = columns[name].sorted(values[:, k])
    left_out = [name for name in schema.names if not kinds[name]]
    return Table(values, kept, categories, kept[-1:], name=path.stem, notices=_told(left_out))


def _told(left_out: list[str]) -> tuple[Message, ...]:
    if not left_out:
        return ()
    text = "Left out, as they hold neither numbers nor words: {columns}."
    return (Message(text, columns=listed(left_out)),)


def _kind(types: Any, found: Any) -> str:
    """ "number" or "words", or "" for what cannot be learned from."""
    if types.is_dictionary(found):
        found = found.value_type
    if types.is_integer(found) or types.is_floating(found) or types.is_decimal(found):
        return "number"
    words = (
        types.is_string,
        types.is_large_string,
        types.is_string_view,
        types.is_boolean,
        types.is_date,
        types.is_timestamp,
        types.is_time,
    )
    return "words" if any(fits(found) for fits in words) else ""


def _numbers(pa: Any, file: str, name: str, found: Any, at: int) -> Floats:
    if pa.types.is_dictionary(found.type):
        found = found.dictionary_decode()
    numbers: Floats = found.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    infinite = np.flatnonzero(np.isinf(numbers))
    if infinite.size:
        raise UserError(
            "{file}, row {row}, column {column!r}: expected a finite number, found {value}; "
            "correct it, or make it null.",
            file=file,
            row=at + int(infinite[0]) + 1,
            column=name,
            value=float(numbers[infinite[0]]),
        )
    return numbers


@dataclass
class _Words:
    """The words of a column, in the order in which they were met."""

    pa: Any
    places: dict[str, int] = field(default_factory=dict)

    def codes(self, found: Any) -> Floats:
        """The place of each word; NaN where it is missing."""
        if not self.pa.types.is_dictionary(found.type):
            found = found.dictionary_encode()
        codes = found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        used = np.unique(codes[codes >= 0])
        places = np.full(len(found.dictionary) + 1, np.nan)  # the last is for what is missing
        for code, value in zip(used, found.dictionary.take(used).to_pylist(), strict=True):
            word = "" if value is None else str(value).strip()
            if word.casefold() not in MISSING:
                places[code] = self.places.setdefault(word, len(self.places))
        numbers: Floats = places[codes]
        return numbers

    def sorted(self, codes: Floats) -> tuple[str, ...]:
        """The words in their order, which is brought into the codes (m,)."""
        words = sorted(self.places)
        rank = np.empty(len(words) + 1)
        rank[-1] = np.nan
        rank[[self.places[word] for word in words]] = np.arange(len(words))
        codes[:] = rank[np.where(np.isnan(codes), -1, codes).astype(np.int64)]
        return tuple(words)
