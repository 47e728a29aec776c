"""Writing files so that the old one stays whole until the new one is safely on the disk."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from netbuilder.errors import UserError

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
