"""What this machine has left: asked before something large is read, so that nothing is killed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path

from netbuilder.errors import UserError
from netbuilder.numbers import byte_count

_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -3, -1
"""As glibc's malloc.h numbers them."""
_LARGE = 2**18
"""Bytes from which memory is taken and given back by itself."""


def free() -> int | None:
    """Bytes of memory that nobody uses; None where nobody can say."""
    return _windows_memory() if sys.platform == "win32" else _unix_memory()


def allowed() -> int | None:
    """Bytes that a container may use, where that is less than the machine has; None elsewhere."""
    with contextlib.suppress(OSError, ValueError):
        return int(Path("/sys/fs/cgroup/memory.max").read_text())  # "max" is no number
    return None


def used() -> int:
    """Bytes of memory that this process uses; 0 where nobody can say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def give_back() -> None:
    """Has arrays given back to the system as soon as they are let go, where glibc would keep them.

    It puts ever larger ones among the small ones, whose gaps then stay: 30 MB in ten minutes.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # of another C library
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_M_MMAP_THRESHOLD, _LARGE)
            mallopt(_M_TRIM_THRESHOLD, _LARGE)


def check_room(what: object, size: int) -> None:
    """Raises UserError where ``size`` bytes more than this process has are not to be had.

    Without this Linux ends the process in the middle of its work, and says nothing.
    """
    if size < _SMALL:
        return
    left, limit = free(), allowed()
    if limit is not None:
        left = min(left or limit, limit - used())
    if left is not None and size > left:
        raise UserError(
            "{what} needs {size} of memory, but this machine has {free} free; take a part of it, "
            "or close other programs.",
            what=what,
            size=byte_count(size),
            free=byte_count(max(0, left)),
        )


_SMALL = 2**24
"""Bytes that are there, or nothing is."""


def _unix_memory() -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    # macOS does not tell what is free: there, all that it has is taken.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _windows_memory() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            ("total", ctypes.c_ulonglong),
            ("available", ctypes.c_ulonglong),
            ("rest", ctypes.c_ulonglong * 5),
        )

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (only Windows has it)
    return int(status.available) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
