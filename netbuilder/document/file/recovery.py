"""Recovery: what a window keeps of its work away from the user's files, found after a crash."""

from __future__ import annotations

import contextlib
import os
import secrets
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from netbuilder.document.file.lock import Lock, Locked
from netbuilder.document.file.place import Version
from netbuilder.document.file.storage import Loaded, load, save
from netbuilder.document.model.project import Project
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError
from netbuilder.npz import DAMAGE

ABOUT = "recovery.json"
"""The section that tells of the work in a recovery file."""
_SUFFIX, _DAMAGED = ".netb", ".damaged"
_LARGEST = 2**16
"""Bytes that the section may claim."""


class About(msgspec.Struct, frozen=True):
    """What is to be known of a window's work before it is loaded."""

    path: str = ""
    """The user's file; "" for a document without one."""
    version: Version | None = None
    """That file as the window knew it."""
    at: float = 0.0
    """When the work was kept, in seconds since 1970."""
    epoch: int = 0


class Slot:
    """A window's own place in the folder, held until ``close``, or until the process ends."""

    def __init__(self, path: Path, lock: Lock) -> None:
        self.path, self._lock = path, lock

    @staticmethod
    def new(folder: Path) -> Slot:
        """Raises UserError when there can be no such folder."""
        try:
            folder.mkdir(0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                "What you do cannot be kept in {folder}: {reason}.",
                folder=str(folder),
                reason=error.strerror or str(error),
            ) from error
        path = folder / f"{secrets.token_hex(8)}{_SUFFIX}"
        return Slot(path, Lock.take(path))

    def write(
        self,
        about: About,
        project: Project,
        weights: Weights | None,
        sections: Mapping[str, bytes],
    ) -> None:
        """Raises UserError when it cannot be written; what was kept before is still there then."""
        save(self.path, project, weights, {**sections, ABOUT: msgspec.json.encode(about)})

    def load(self) -> Loaded:
        """What is kept; raises UserError, and sets it aside, where it is damaged."""
        try:
            loaded = load(self.path)
        except UserError as error:
            raise UserError(
                "{reason} It was set aside as {path}.", reason=error.message, path=self.set_aside()
            ) from error
        sections = {name: data for name, data in loaded.sections.items() if name != ABOUT}
        return Loaded(loaded.project, loaded.weights, loaded.warnings, sections)

    def clear(self) -> None:
        """Forgets what is kept."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def set_aside(self) -> str:
        """Keeps it where nobody offers it again; where that is."""
        aside = self.path.with_suffix(_DAMAGED)
        with contextlib.suppress(OSError):
            os.replace(self.path, aside)
        return str(aside)

    def close(self) -> None:
        """Gives the place back; what is kept there stays."""
        self._lock.release()


@dataclass(frozen=True)
class Found:
    """The work of a window that did not end properly, held so that no other window offers it."""

    slot: Slot
    about: About


def find(folder: Path) -> tuple[list[Found], list[Message]]:
    """The work of all windows that are gone, the latest first, and what was damaged of it."""
    found, told = [], []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            slot = Slot(path, Lock.take(path))
        except Locked:
            continue  # its window is open
        try:
            found.append(Found(slot, _about(path)))
        except (UserError, OSError, KeyError, *DAMAGE) as error:
            aside = slot.set_aside()
            slot.close()
            text = (
                "Work that was kept before the last crash is damaged ({reason}); it was set aside "
                "as {path}."
            )
            told.append(Message(text, reason=str(error) or type(error).__name__, path=aside))
    _clear_up(folder)
    return sorted(found, key=lambda one: one.about.at, reverse=True), told


def _about(path: Path) -> About:
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(ABOUT)
        if info.file_size > _LARGEST:
            raise UserError("{member} is too large", member=ABOUT)
        try:
            return msgspec.json.decode(archive.read(info), type=About)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise UserError("{reason}", reason=str(error)) from error


def _clear_up(folder: Path) -> None:
    """Removes the locks of windows that are gone and have left nothing."""
    for place in folder.glob(f".*{_SUFFIX}.lock"):
        path = folder / place.name[1 : -len(".lock")]
        if not path.exists():
            with contextlib.suppress(Locked):
                Lock.take(path).release()
