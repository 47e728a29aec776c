"""What a command says: results on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Sequence

OK, FAILED, INTERRUPTED = 0, 2, 130
SIGNALLED = 128
"""Exit codes; that of a signal is SIGNALLED and its number, INTERRUPTED for Ctrl-C."""


def failed(reason: object) -> int:
    """Says why in one line on stderr, and gives the exit code."""
    print(f"netbuilder: {' '.join(str(reason).split())}", file=sys.stderr)
    return FAILED


def notices(texts: Iterable[object]) -> None:
    """Things to know that are no failures; stdout is for results."""
    for text in texts:
        print(text, file=sys.stderr)


def print_table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> None:
    """Rows of cells in columns, those numbered in ``right`` standing to the right."""
    right = frozenset(right)
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.rjust(width) if k in right else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def epochs(count: int) -> str:
    """Such as "1 epoch" or "10,000 epochs"."""
    return f"{count:,} epoch{'' if count == 1 else 's'}"


class Progress:
    """A line that is written over and over, on a terminal; elsewhere nothing is written."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def show(self, text: str) -> None:
        if self._shown:
            # A terminal that was closed is no reason to lose what the command is about.
            with contextlib.suppress(OSError):
                # \x1b[K clears what a longer line before has left.
                print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        self.show("")
