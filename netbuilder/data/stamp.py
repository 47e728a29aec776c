"""The stamp of a file, by which it is told whether it still holds what it held."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache

from netbuilder.files import ordinary


@dataclass(frozen=True)
class Stamp:
    """A file at one time."""

    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""
    digest: str
    """Of what is in it."""


def stamp_of(path: str) -> Stamp | None:
    """The stamp of a file; None where it cannot be read."""
    try:
        seen = os.stat(path)
        return Stamp(seen.st_size, seen.st_mtime_ns, _digest(path, seen.st_size, seen.st_mtime_ns))
    except (OSError, ValueError):
        return None


def has_changed(path: str, stamp: Stamp) -> bool:
    """Whether a file holds something else now; one that is gone does not."""
    try:
        seen = os.stat(path)
    except (OSError, ValueError):
        return False
    if seen.st_size != stamp.size:
        return True
    if seen.st_mtime_ns == stamp.modified:
        return False
    now = stamp_of(path)
    return now is not None and now.digest != stamp.digest


@lru_cache(maxsize=4)
def _digest(path: str, size: int, modified: int) -> str:
    """Read once for every change of the file."""
    with ordinary(path) as handle:
        return hashlib.file_digest(handle, "blake2b").hexdigest()[:32]
