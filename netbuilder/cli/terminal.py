"""What a command says: results on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TextIO

from netbuilder.errors import printable

OK, FAILED, INTERRUPTED = 0, 2, 130
SIGNALLED = 128
"""Exit codes; that of a signal is SIGNALLED and its number, INTERRUPTED for Ctrl-C."""
ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, a system that shuts down, a terminal that is closed; not every system has them all."""


def say(text: object = "", *, to: TextIO | None = None) -> None:
    """A line on stdout, or on stderr; names in it that hold commands for a terminal give none."""
    print(printable(str(text)), file=to, flush=True)


def failed(reason: object) -> int:
    """Says why in one line on stderr, and gives the exit code."""
    say(f"netbuilder: {' '.join(str(reason).split())}", to=sys.stderr)
    return FAILED


def notices(texts: Iterable[object]) -> None:
    """Things to know that are no failures; stdout is for results."""
    for text in texts:
        say(text, to=sys.stderr)


def print_table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> None:
    """Rows of cells in columns, those numbered in ``right`` standing to the right."""
    right = frozenset(right)
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.rjust(width) if k in right else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        say("  ".join(cells).rstrip())


def either(names: Iterable[str]) -> str:
    """a, b or c"""
    *others, last = names
    return f"{', '.join(others)} or {last}"


def epochs(count: int) -> str:
    """Such as "1 epoch" or "10,000 epochs"."""
    return f"{count:,} epoch{'' if count == 1 else 's'}"


_FIRST, _SLOWER, _LAST = 2.0, 1.5, 60.0
"""Seconds to the first line in a file or a pipe; the next ones come ever later, up to a minute."""


class Progress:
    """A line that is written over and over on a terminal; elsewhere one now and then."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._wait = _FIRST
        self._next = time.monotonic() + _FIRST

    def show(self, text: str) -> None:
        if self._terminal:
            # \x1b[K clears what a longer line before has left.
            self._write(f"\r{text}\x1b[K")
        elif time.monotonic() >= self._next:
            self._wait = min(_SLOWER * self._wait, _LAST)
            self._next = time.monotonic() + self._wait
            self._write(f"{text}\n")

    def clear(self) -> None:
        if self._terminal:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        # A terminal that was closed is no reason to lose what the command is about.
        if not self._quiet:
            with contextlib.suppress(OSError):
                print(text, end="", file=sys.stderr, flush=True)
