"""How much memory a network takes, from building it through its first updates.

Counted is what Python and NumPy allocate, and for PyTorch what its tensors take. The data given are
there before, so of X only what a contestant copies counts.
"""

from __future__ import annotations

import gc
import os
import tracemalloc
from dataclasses import replace

import numpy as np

from tests.benchmarks.engine_cases import MEMORY_ACTIVATIONS, MEMORY_PARAMETERS, Case, Verdict
from tests.benchmarks.engine_contestants import constant, program_of, torch

# Else the profiler says on the terminal that it starts and stops. Read when torch is imported.
os.environ.setdefault("KINETO_LOG_LEVEL", "7")

UPDATES = 3
COLUMNS = ("peak", "arrays", "objects", "limit Z, A", "limit A", "torch peak")


def train(case: Case) -> tuple[int, int, int]:
    """The most bytes in use at a time; those of arrays, and of all other objects, in the end."""
    X, Y = constant(case.batch())
    gc.collect()
    tracemalloc.start()
    program, optimizer = program_of(case)
    for _ in range(UPDATES):
        program.update(X, Y, optimizer)
    held, peak = tracemalloc.get_traced_memory()
    domain = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([domain]).traces
    tracemalloc.stop()
    arrays = sum(trace.size for trace in traces)
    return peak, arrays, held - arrays


def torch_peak(case: Case) -> int:
    """The most bytes that PyTorch's tensors take at a time."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        torch(case)(UPDATES)
    events = profiler.profiler.kineto_results.events()
    changes = sorted((e.start_ns(), e.nbytes()) for e in events if e.name() == "[memory]")
    return int(np.cumsum([change for _, change in changes]).max())


def limit(case: Case, arrays: int) -> float:
    """The bytes allowed with Adam; ``arrays``: 2 counts Z and A as activations, 1 A alone."""
    activations = case.activations(arrays)
    numbers = case.parameters * MEMORY_PARAMETERS + activations * MEMORY_ACTIVATIONS
    return numbers * np.dtype(np.float32).itemsize


def memory(cases: list[Case]) -> list[Verdict]:
    print(
        "\nKilobytes while building and training: the most at a time, and what arrays and other"
        "\nobjects hold in the end; the limit with Adam is"
        f" parameters × {MEMORY_PARAMETERS:g} + activations × {MEMORY_ACTIVATIONS:g},"
        "\nthe activations being X with every Z and A, or with every A alone"
    )
    print(f"{'':36}{'':10}" + "".join(f"{name:>12}" for name in COLUMNS))
    verdicts = []
    for case in cases:
        for optimizer in dict.fromkeys((case.optimizer, "adam")):
            variant = replace(case, optimizer=optimizer)
            train(variant)  # what is made once for all networks is no part of this one
            peak, arrays, objects = train(variant)
            allowed, strictly = limit(variant, 2), limit(variant, 1)
            numbers = (peak, arrays, objects, allowed, strictly, torch_peak(variant))
            cells = "".join(f"{number / 1000:12,.1f}" for number in numbers)
            print(f"{case.title:36}{optimizer:10}{cells}", flush=True)
        verdicts.append(
            Verdict(
                case.title,
                f"memory with Adam, at most {allowed / 1000:,.1f} kB",
                f"{peak / 1000:,.1f} kB, objects {objects / 1000:,.1f}",
                peak <= allowed,
            )
        )
    return verdicts
