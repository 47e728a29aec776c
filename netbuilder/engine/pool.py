"""A second thread that helps with large updates, started when first needed and joined at exit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numpy as np

Task = TypeVar("Task")
Tool = TypeVar("Tool")


@cache
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="netbuilder-engine")


def shared(
    work: Callable[[Task, Tool], None], tasks: Sequence[Task], tools: Sequence[Tool]
) -> None:
    """Calls ``work(task, tool)`` for every task, on one thread for each of the one or two tools.

    The tasks must not touch each other's data: which thread takes which is left to chance.
    """
    if len(tools) == 1:
        for task in tasks:
            work(task, tools[0])
        return
    waiting = iter(tasks)  # taking the next one is a single step of the interpreter: no lock needed
    helping = _helper().submit(_take, work, waiting, tools[1])
    _take(work, waiting, tools[0])
    helping.result()


def _take(work: Callable[[Task, Tool], None], waiting: Iterator[Task], tool: Tool) -> None:
    with np.errstate(all="ignore"):  # each thread has its own error state
        for task in waiting:
            work(task, tool)
