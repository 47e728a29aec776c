"""A second thread that helps with large updates, started when first needed and joined at exit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

import numpy as np

Task = TypeVar("Task")


@cache
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="netbuilder-engine")


def shared(work: Callable[[Task, int], None], tasks: Sequence[Task]) -> None:
    """Calls ``work(task, thread)`` once for every task, on this thread (0) and a second one (1).

    The tasks must not touch each other's data: which thread takes which is left to chance. Returns
    when both threads are done, and raises what either of them has raised.
    """
    waiting = iter(tasks)  # taking the next is one step of the interpreter, so no lock is needed
    helping = _helper().submit(_take, work, waiting, 1)
    try:
        _take(work, waiting, 0)
    finally:
        wait([helping])  # whatever happens here, nothing goes on behind the caller's back
    helping.result()


def _take(work: Callable[[Task, int], None], waiting: Iterator[Task], thread: int) -> None:
    with np.errstate(all="ignore"):  # each thread has its own error state
        for task in waiting:
            work(task, thread)
