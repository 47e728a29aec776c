"""Writing files so that the old one stays whole, and holding them against other processes."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from netbuilder.errors import UserError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_TEMPORARY = re.compile(r"\.netbuilder-[0-9a-f]{12}\.tmp")
_ABANDONED = 60.0
"""Seconds after which a temporary file that nobody holds will not be put in place any more."""
_HELD_BYTE = 2**30
"""Windows lets nobody read a byte that is held; this one no file that is held has."""

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Yields a binary handle whose content takes the place of ``path`` once the block ends well.

    Until then the content is in a temporary file in the same folder, so that a full disk, an
    exception or a power cut leaves the old file as it was. Raises UserError when the file cannot
    be written; any other exception of the block passes through.
    """
    shown = Path(path)
    try:
        # A link is written through, not replaced by a file.
        target = Path(os.path.realpath(shown))
    except ValueError as error:
        raise UserError(
            "{path!r} cannot be written: that is no name of a file.", path=str(shown)
        ) from error
    _check(shown, target)
    temporary = target.parent / f".netbuilder-{secrets.token_hex(6)}.tmp"
    try:
        # Not tempfile: that would make a file which only its owner can read.
        descriptor = os.open(
            temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
        )
    except OSError as error:
        raise _sentence(shown, error) from error
    try:
        with open(descriptor, "w+b") as handle:
            hold(descriptor)
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
    except OSError as error:
        raise _sentence(shown, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)
    _clear_up(target.parent)


def ordinary(path: str | os.PathLike[str]) -> BufferedReader:
    """Opens a file to be read, whose name may come from a file that nobody vouches for.

    Raises OSError, for devices and pipes too: they might never end, or never begin.
    """
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # open() has its own word for folders
        reason = "it is a device or a pipe, expected an ordinary file"
        raise OSError(errno.EINVAL, reason, str(path))
    return open(path, "rb")


def hold(descriptor: int) -> bool | None:
    """Holds an open file until it is closed; False when another one that has opened it does.

    The system lets go of it however the process ends. None where the file system knows nothing
    of this.
    """
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _HELD_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK) else None
    return True


def _clear_up(folder: Path) -> None:
    """Removes what our own processes have left in a folder because they were killed."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            ours = _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
            # Between its last byte and its being put in place nobody holds it.
            if ours and time.time() - entry.stat().st_mtime > _ABANDONED and _is_free(entry.path):
                os.unlink(entry.path)


def _is_free(path: str) -> bool:
    descriptor = os.open(path, os.O_RDWR)
    try:
        return hold(descriptor) is True
    finally:
        os.close(descriptor)


def _check(shown: Path, target: Path) -> None:
    """Refuses what would fail anyway, before anything is computed or written."""
    # The functions of os.path say False where those of pathlib raise, as for too long a name.
    if os.path.isdir(target):
        raise UserError(
            "{path} is a folder; give the name of a file to write, for example {example}.",
            path=str(shown),
            example=str(shown / "network.netb"),
        )
    if not os.path.isdir(target.parent):
        raise UserError(
            "{path} cannot be written: there is no folder {folder}. "
            "Make it first, or choose another.",
            path=str(shown),
            folder=str(target.parent),
        )
    # os.replace would put an ordinary file in the place of a device, such as /dev/null.
    if os.path.exists(target) and not os.path.isfile(target):
        raise UserError(
            "{path} is a device or a pipe, expected an ordinary file; give another name.",
            path=str(shown),
        )
    # os.replace would go over a write-protected file without a word.
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise UserError(
            "{path} cannot be written: the file is write-protected. "
            "Choose another name, or allow writing.",
            path=str(shown),
        )


def _sentence(path: Path, error: OSError) -> UserError:
    if error.errno in _FULL:
        text = (
            "{path} cannot be written: the disk is full. Free some space, or choose another folder."
        )
    elif error.errno in _FORBIDDEN:
        text = (
            "{path} cannot be written: the folder does not allow it. "
            "Choose another folder, or change its permissions."
        )
    elif error.errno == errno.ENAMETOOLONG:
        text = "{path} cannot be written: the name is too long. Choose a shorter one."
    else:
        text = "{path} cannot be written: {reason}."
    return UserError(text, path=str(path), reason=error.strerror or str(error))


def _sync_folder(folder: Path) -> None:
    """Makes the new name last a power cut, where the system can do that for folders."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
