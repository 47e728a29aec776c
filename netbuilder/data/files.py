"""Reads the user's data files; what cannot be read is refused with file, line and column."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

from netbuilder.data import cache
from netbuilder.data.csv_file import read_csv
from netbuilder.data.image_folder import read_images
from netbuilder.data.npz_file import read_npz
from netbuilder.data.parquet_file import read_parquet
from netbuilder.data.reading import Ambiguous, Reading, Stopped, Watch
from netbuilder.data.stamp import stamp_of
from netbuilder.data.table import Table
from netbuilder.data.workbook import read_workbook
from netbuilder.errors import UserError
from netbuilder.errors import reading as guarded
from netbuilder.numbers import byte_count

MAX_FILE_BYTES = 2 * 10**9

SUFFIXES = (".csv", ".tsv", ".txt", ".npz", ".xlsx", ".xlsm", ".parquet")
"""The kinds of file that can be read, as a file dialog offers them."""


def read_table(
    path: str | os.PathLike[str],
    labelled: bool = True,
    reading: Reading = Reading(),  # noqa: B008  (it cannot change)
    watch: Watch = lambda share: None,
) -> Table:
    """The table in a text file, an NPZ, a sheet of an Excel workbook or a Parquet file, by the
    file's suffix, or in a folder of images.

    Examples to predict for have no target yet: for them `labelled` is False, and an NPZ file may
    come without Y. What `reading` leaves open is told from the text file or the workbook itself.
    A large file is read once, and then found in the cache.

    Raises:
        Ambiguous: something cannot be told from the file, and `reading` leaves it open.
        Stopped: `watch`, which is told how far it is, asked for it.
        UserError: the file is not there, cannot be read, or does not hold a table; the message
            names the file and, as far as there is one, the line and the column.
    """
    path = Path(path)
    try:
        table = _found(path, labelled, reading, watch)
        # A file's name may hold bytes that are no text, and a project file is all text.
        return replace(table, name=table.name.encode(errors="replace").decode())
    except Stopped:
        raise
    except Exception:
        with guarded(path.name):
            raise


def _found(path: Path, labelled: bool, reading: Reading, watch: Watch) -> Table:
    try:
        if path.is_dir():
            return read_images(path, labelled, watch)
        _check(path)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise UserError(
                "{file} is not a kind of data file that can be read; expected one of: {known}.",
                file=path.name,
                known=", ".join(SUFFIXES),
            )
        if path.stat().st_size < cache.LEAST:
            return _read(path, suffix, labelled, reading, watch)
        table = cache.found(path, reading, labelled)
        if table is None:
            before = stamp_of(str(path))
            table = _read(path, suffix, labelled, reading, watch)
            cache.keep(path, table, labelled, before)
        return table
    except FileNotFoundError:
        raise UserError("There is no file {file}; check the name.", file=path) from None
    except PermissionError:
        raise UserError(
            "{file} may not be read; change its permissions, or copy it elsewhere.", file=path
        ) from None
    except OSError as error:
        raise UserError(
            "{file} cannot be read: {reason}.", file=path, reason=error.strerror or error
        ) from None
    except MemoryError:
        raise UserError(
            "{file} does not fit in memory; take a part of it.", file=path.name
        ) from None


def _read(path: Path, suffix: str, labelled: bool, reading: Reading, watch: Watch) -> Table:
    if suffix == ".npz":
        return read_npz(path, labelled, watch)
    if suffix == ".parquet":
        return read_parquet(path, watch)
    read = read_workbook if suffix in (".xlsx", ".xlsm") else read_csv
    return read(path, reading, watch)


def read_other(
    path: str | os.PathLike[str],
    own: Reading,
    labelled: bool = True,
    reading: Reading = Reading(),  # noqa: B008  (it cannot change)
    watch: Watch = lambda share: None,
) -> Table:
    """As ``read_table``, for examples beside others, such as those to predict for: what cannot be
    told of the file is as it was in the ``own`` one."""
    while True:
        try:
            return read_table(path, labelled, reading, watch)
        except Ambiguous as open_question:
            answer = getattr(own, open_question.option)
            if not answer:
                raise
            reading = replace(reading, **{open_question.option: answer})


def _check(path: Path) -> None:
    """Refuses what is no ordinary file of a bearable size."""
    try:
        status = os.stat(path)
    except ValueError:
        raise UserError("{file!r} is no name of a file.", file=str(path)) from None
    if not stat.S_ISREG(status.st_mode):
        raise UserError("{file} is a device, expected an ordinary file.", file=path)
    if status.st_size == 0:
        raise UserError("{file} is empty; expected examples, one a row.", file=path.name)
    if status.st_size > MAX_FILE_BYTES:
        raise UserError(
            "{file} has {size}, expected at most {most}; take a part of it.",
            file=path.name,
            size=byte_count(status.st_size),
            most=byte_count(MAX_FILE_BYTES),
        )
