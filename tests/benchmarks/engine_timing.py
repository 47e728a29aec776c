"""Timing: contestants take turns in one process, and the median over the turns counts.

So whatever else the machine does falls on all alike.
"""

from __future__ import annotations

import time
from statistics import median

from tests.benchmarks.engine_contestants import Run

SETTLING = 0.05
"""Seconds before a turn: the threads of the contestant before still look for work for a while."""


def seconds(run: Run, steps: int) -> float:
    """How long a step takes, as the mean of so many."""
    start = time.perf_counter()
    run(steps)
    return (time.perf_counter() - start) / steps


def steps_within(run: Run, turn_seconds: float) -> int:
    """How many steps fill a turn."""
    steps = 2
    while (taken := seconds(run, steps) * steps) < turn_seconds / 4:
        steps *= 2
    return max(2, round(steps * turn_seconds / taken))


def measure(runs: dict[str, Run], turns: int, turn_seconds: float) -> dict[str, float]:
    """The median seconds a step of every contestant."""
    steps = {name: steps_within(run, turn_seconds) for name, run in runs.items()}
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(turns):
        for name, run in runs.items():
            time.sleep(SETTLING)
            run(max(2, steps[name] // 10))
            taken[name].append(seconds(run, steps[name]))
    return {name: median(values) for name, values in taken.items()}
