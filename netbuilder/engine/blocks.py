"""Blocks of rows: a chain of operations on a large array is faster on one piece after the other."""

from __future__ import annotations

_NUMBERS = 2**16
"""So many of each array stay in the processor's cache from one operation to the next."""


def row_blocks(rows: int, columns: int) -> list[slice]:
    """The rows of an array (rows, columns) in as few pieces as stay in the cache."""
    step = max(1, _NUMBERS // columns)
    return [slice(start, start + step) for start in range(0, rows, step)]
