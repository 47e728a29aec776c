"""How long it takes from a network as drawn to a program that is ready to train."""

from __future__ import annotations

import time
from statistics import median

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.layers import Dense
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.program import Program
from tests.benchmarks.engine_cases import COMPILE_LAYERS, COMPILE_MILLISECONDS, Verdict

UNITS = 8
REPEATS = 15


def once(layers: int) -> tuple[float, float, float]:
    """Seconds for the plan, for the program, and for its first update."""
    hidden = [Dense(UNITS, "relu") for _ in range(layers - 1)]
    network = network_of([*hidden, Dense(1, "sigmoid")], "binary_cross_entropy")
    project, dataset = Project(network), dataset_of(DataChoice())
    X, Y = (array.astype("float32") for array in (dataset.train.X, dataset.train.Y))
    times = [time.perf_counter()]
    plan = compile_project(project, dataset.info).plan
    times.append(time.perf_counter())
    assert plan is not None
    program = Program(plan)
    times.append(time.perf_counter())
    program.update(X, Y, OPTIMIZERS["gd"](program))
    times.append(time.perf_counter())
    return times[1] - times[0], times[2] - times[1], times[3] - times[2]


def compile_time() -> list[Verdict]:
    print(f"\nMilliseconds to compile a chain of layers of {UNITS} units, median of {REPEATS}")
    print(f"{'layers':>36}{'plan':>12}{'program':>12}{'first update':>14}{'together':>12}")
    for layers in (COMPILE_LAYERS // 10, COMPILE_LAYERS // 3, COMPILE_LAYERS):
        runs = [once(layers) for _ in range(REPEATS)]
        plan, program, update = (median(times) * 1000 for times in zip(*runs, strict=True))
        together = median(map(sum, runs)) * 1000
        print(f"{layers:36}{plan:12.2f}{program:12.2f}{update:14.2f}{together:12.2f}", flush=True)
    return [
        Verdict(
            f"{COMPILE_LAYERS} layers",
            f"plan to first update in less than {COMPILE_MILLISECONDS:g} ms",
            f"{together:.1f} ms",
            together < COMPILE_MILLISECONDS,
        )
    ]
