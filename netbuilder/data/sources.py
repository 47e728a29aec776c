"""Where examples come from: the table of toy and bundled sets, and the cached way to any table."""

from __future__ import annotations

import os
from functools import lru_cache

from netbuilder.data import bundled, course, toy
from netbuilder.data.files import read_table
from netbuilder.data.reading import Reading
from netbuilder.data.source import Source
from netbuilder.data.table import Table
from netbuilder.registry import Registry

SOURCES: Registry[Source] = Registry("data set")

for _source in (*toy.SETS, *bundled.SETS, *course.SETS):
    SOURCES.add(_source.name, _source)


def table_for(
    source: str,
    path: str,
    examples: int,
    noise: float,
    seed: int,
    reading: Reading = Reading(),  # noqa: B008  (it cannot change)
) -> Table:
    """The table of a named source, or of the file at `path` when the source is "file".

    The last few tables are kept; a file is read again when it has changed on disk.

    Raises:
        UserError: there is no such source, or the file cannot be read as a table.
    """
    if source == "file":
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return read_table(path, reading=reading)  # which says what is wrong
        return _from_file(path, reading, status.st_mtime_ns, status.st_size)
    if SOURCES[source].kind == "bundled":
        return _ready_made(source, 0, 0.0, 0)
    return _ready_made(source, examples, noise, seed)


@lru_cache(maxsize=8)
def _ready_made(source: str, examples: int, noise: float, seed: int) -> Table:
    return SOURCES[source].make(examples, noise, seed)


@lru_cache(maxsize=2)
def _from_file(path: str, reading: Reading, modified: int, size: int) -> Table:
    return read_table(path, reading=reading)
