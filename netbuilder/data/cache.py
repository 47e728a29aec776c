"""Large tables that were read once lie in the user's cache, checked against their file at each use.

An entry is an NPZ: the numbers, and a text with all else. Nothing of it is run, and whatever is not
as it should be counts as not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from netbuilder import __version__
from netbuilder.data.encode import MAX_BYTES
from netbuilder.data.reading import Reading
from netbuilder.data.stamp import Stamp, has_changed, stamp_of
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError
from netbuilder.files import replacing
from netbuilder.npz import Refused, opened

LEAST = 16 * 10**6
"""Bytes of a file that is worth it; a smaller one is soon read again."""
MOST = 2 * 10**9
"""Bytes of all entries; the one that was not used for longest gives way."""
_MOST_WORDS = 50 * 10**6
"""Bytes of what is beside the numbers."""


class _Notice(msgspec.Struct):
    text: str
    values: dict[str, str | int | float]


class _Entry(msgspec.Struct):
    stamp: Stamp
    columns: list[str]
    categories: dict[str, list[str]]
    targets: list[str]
    image_shape: tuple[int, int] | None
    name: str
    notices: list[_Notice]
    test: int
    reading: Reading | None
    sheets: list[str]


def folder() -> Path:
    """Where entries lie."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "netbuilder" / "tables"


def found(path: Path, reading: Reading, labelled: bool) -> Table | None:
    """The table of a file as it is now, read so; None where it is not there or not sound."""
    entry = _place(path, reading, labelled)
    try:
        if not entry.is_file():
            return None
        with opened(entry, MAX_BYTES + 8 * _MOST_WORDS) as archive:
            words = archive.stored("words", "u").read()
            kept = msgspec.json.decode(words.tobytes(), type=_Entry)
            if has_changed(str(path), kept.stamp):
                return None
            values = archive.stored("values", "f").read()
        table = _table(kept, values)
        os.utime(entry)
    except (OSError, Refused, KeyError, ValueError, msgspec.MsgspecError):
        return None
    return table


def keep(path: Path, table: Table, labelled: bool, before: Stamp | None) -> None:
    """Keeps what was read, if the file is still as it was ``before`` that, and there is room."""
    if before is None or stamp_of(str(path)) != before or table.values.nbytes > MOST // 2:
        return
    try:
        words = msgspec.json.encode(_entry(table, before))
    except (TypeError, UnicodeEncodeError):
        return
    if len(words) > _MOST_WORDS:
        return
    # Without a cache everything goes on as with one.
    with contextlib.suppress(OSError, UserError):
        place = _place(path, table.reading or Reading(), labelled)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(place) as handle:
            np.savez(handle, words=np.frombuffer(words, np.uint8), values=table.values)
        _make_room(place.parent)


def _place(path: Path, reading: Reading, labelled: bool) -> Path:
    key = repr((__version__, str(path.resolve()), reading, labelled))
    return (
        folder() / f"{hashlib.blake2b(key.encode('utf-8', 'surrogateescape')).hexdigest()[:40]}.npz"
    )


def _make_room(place: Path) -> None:
    entries = sorted(
        ((file.stat().st_mtime_ns, file.stat().st_size, file) for file in place.glob("*.npz")),
        reverse=True,
    )
    total = 0
    for _, size, file in entries:
        total += size
        if total > MOST:
            file.unlink()


def _entry(table: Table, stamp: Stamp) -> _Entry:
    return _Entry(
        stamp,
        list(table.columns),
        {name: list(words) for name, words in table.categories.items()},
        list(table.targets),
        table.image_shape,
        table.name,
        [_Notice(notice.text, _plain(notice.values)) for notice in table.notices],
        table.test,
        table.reading,
        list(table.sheets),
    )


def _plain(values: dict[str, Any]) -> dict[str, str | int | float]:
    if not all(isinstance(value, (str, int, float)) for value in values.values()):
        raise TypeError("a notice that is no plain text")
    return values


def _table(kept: _Entry, values: np.ndarray[Any, np.dtype[Any]]) -> Table:
    """Raises ValueError where parts of the entry do not agree."""
    places = {name: k for k, name in enumerate(kept.columns)}
    sound = (
        values.dtype == np.float64
        and values.ndim == 2
        and values.shape[1] == len(places) == len(kept.columns)
        and 0 <= kept.test < len(values)
        and {*kept.categories, *kept.targets} <= places.keys()
    )
    if not sound:
        raise ValueError("the parts of an entry do not agree")
    for name, words in kept.categories.items():
        codes = values[:, places[name]]
        known = codes[~np.isnan(codes)]
        whole = known == np.floor(known)
        if not (whole & (known >= 0) & (known < len(words))).all():
            raise ValueError("a code without its word")
    return Table(
        values,
        tuple(kept.columns),
        {name: tuple(words) for name, words in kept.categories.items()},
        tuple(kept.targets),
        kept.image_shape,
        kept.name,
        notices=tuple(Message(notice.text, **notice.values) for notice in kept.notices),
        test=kept.test,
        reading=kept.reading,
        sheets=tuple(kept.sheets),
    )
