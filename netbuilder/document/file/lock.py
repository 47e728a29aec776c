"""The lock of a file: one window or command at a time may write it; others learn who that is."""

from __future__ import annotations

import contextlib
import getpass
import os
import platform
import time
from pathlib import Path

import msgspec

from netbuilder.errors import Message, UserError
from netbuilder.files import hold

WINDOW, COMMAND = "window", "command"
_LARGEST = 4_096
"""Bytes that are read of what a lock says."""


class Owner(msgspec.Struct, frozen=True):
    """Who holds a file."""

    kind: str = WINDOW
    """WINDOW or COMMAND."""
    user: str = ""
    host: str = ""
    since: float = 0.0
    """Seconds since 1970."""


class Locked(UserError):
    """Another window or command holds the file."""

    def __init__(self, path: Path, owner: Owner) -> None:
        what = {
            COMMAND: Message("a command is training it"),
        }.get(owner.kind, Message("it is open in another window"))
        super().__init__(
            "{file} is read-only here: {what} ({user} on {host}, since {since}).",
            file=path.name,
            what=what,
            user=owner.user or "?",
            host=owner.host or "?",
            since=when(owner.since),
        )


class Lock:
    """Holds a file from ``take`` to ``release``, or until the process ends, however it does.

    It is a small hidden file beside the one that is held; left behind by a process that was killed
    it holds nothing.
    """

    def __init__(self, place: Path, descriptor: int | None) -> None:
        self._place, self._descriptor = place, descriptor

    @staticmethod
    def take(path: Path, kind: str = WINDOW) -> Lock:
        """Raises Locked when another one holds the file, be it in this process.

        Where there can be no lock, as in a folder that may not be written, there is none: nothing
        can be put in place there either.
        """
        target = Path(os.path.realpath(path))
        place = target.with_name(f".{target.name}.lock")
        while True:
            descriptor = _opened(place)
            if descriptor is None:
                return Lock(place, None)
            if hold(descriptor) is False:
                owner = _read(descriptor)
                os.close(descriptor)
                raise Locked(path, owner)
            if _is(descriptor, place):
                _write(descriptor, kind)
                return Lock(place, descriptor)
            os.close(descriptor)  # it was released and removed at this very moment

    def release(self) -> None:
        """Lets go of the file; twice does no harm."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if os.name != "nt":  # while it is still held, so that nobody else's is removed
            with contextlib.suppress(OSError):
                os.unlink(self._place)
        os.close(descriptor)
        if os.name == "nt":  # what is open cannot be removed; another one's stays
            with contextlib.suppress(OSError):
                os.unlink(self._place)


def when(seconds: float) -> str:
    """Such as "18:32", with the day where it is another one."""
    moment = time.localtime(seconds)
    today = time.strftime("%Y-%m-%d", moment) == time.strftime("%Y-%m-%d")
    return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", moment)


def _opened(place: Path) -> int | None:
    for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):  # another user's may not be written
        with contextlib.suppress(OSError, ValueError):
            return os.open(place, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)
    return None


def _is(descriptor: int, place: Path) -> bool:
    """Whether what was opened still has the name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(place))
    except OSError:
        return False


def _read(descriptor: int) -> Owner:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        return msgspec.json.decode(os.read(descriptor, _LARGEST), type=Owner)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return Owner()


def _write(descriptor: int, kind: str) -> None:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # nobody of that number has a name
        user = ""
    words = msgspec.json.encode(Owner(kind, user, platform.node(), time.time()))
    with contextlib.suppress(OSError):
        os.write(descriptor, words)
        os.ftruncate(descriptor, len(words))
