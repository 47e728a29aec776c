"""The place of a document: the file it is saved in, held, and known as it was seen last."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from netbuilder.document.file.lock import WINDOW, Lock, Locked
from netbuilder.document.file.storage import save
from netbuilder.document.model.project import Project
from netbuilder.engine.program import Weights
from netbuilder.errors import UserError
from netbuilder.files import ordinary


class Version(NamedTuple):
    """What tells one content of a file from another."""

    size: int
    modified: int
    """Nanoseconds."""
    digest: str

    @staticmethod
    def of(path: Path) -> Version | None:
        """None where there is no file that can be read."""
        try:
            with ordinary(path) as file:
                seen = os.fstat(file.fileno())
                digest = hashlib.file_digest(file, "blake2b").hexdigest()
        except (OSError, ValueError):
            return None
        return Version(seen.st_size, seen.st_mtime_ns, digest)


class Changed(UserError):
    """Another program has written the file since it was read."""

    def __init__(self, path: Path) -> None:
        super().__init__("{file} was changed by another program since it was read.", file=path.name)


@dataclass(frozen=True)
class Place:
    """A file as it was read or written last; ``lock`` is given back with ``release``."""

    path: Path
    version: Version | None
    """None where there was no file."""
    lock: Lock | None
    refused: Locked | None = None
    """Why it may only be read."""

    @staticmethod
    def taken(path: Path, kind: str = WINDOW) -> Place:
        """The file, held; raises Locked when another one holds it."""
        lock = Lock.take(path, kind)
        return Place(path, Version.of(path), lock)

    @staticmethod
    def of(path: Path, version: Version | None = None) -> Place:
        """The file, held where nobody else does; as it is now, unless it was seen before."""
        version = version or Version.of(path)
        try:
            return Place(path, version, Lock.take(path))
        except Locked as refused:
            return Place(path, version, None, refused)

    @property
    def changed(self) -> bool:
        """Whether the file holds something else now; one that is gone does not."""
        try:
            seen = os.stat(self.path)
        except (OSError, ValueError):
            return False
        known = self.version
        if known is None or seen.st_size != known.size:
            return True
        if seen.st_mtime_ns == known.modified:
            return False
        now = Version.of(self.path)
        return now is None or now.digest != known.digest

    def is_of(self, path: Path) -> bool:
        return os.path.realpath(self.path) == os.path.realpath(path)

    def write(
        self,
        project: Project,
        weights: Weights | None,
        sections: Mapping[str, bytes],
        *,
        over: bool = False,
    ) -> Place:
        """Writes the document there, and gives the place as it is then, held.

        Raises Locked when another one holds the file, Changed when it holds something else than
        what was seen, unless it is to be written ``over``, and UserError when it cannot be written.
        """
        lock = self.lock or Lock.take(self.path)
        try:
            if not over and self.changed:
                raise Changed(self.path)
            save(self.path, project, weights, sections)
        except BaseException:
            if self.lock is None:
                lock.release()
            raise
        return replace(self, version=Version.of(self.path), lock=lock, refused=None)

    def release(self) -> None:
        if self.lock is not None:
            self.lock.release()
