"""Where the time of a training step goes, call by call, and what the calls of a kind take together.

A step is a list of calls that was written down once. Each is timed within the step, so that it
finds the caches as it does in training, and the fastest of many repeats counts. What a whole step
takes beyond their sum is the interpreter's, which goes from call to call, and the optimiser's own
numbers; where steps are long and few, also chance.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from math import inf
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from netbuilder.engine.optimizers import Optimizer
from netbuilder.engine.program import Program
from tests.benchmarks.engine_cases import Case
from tests.benchmarks.engine_contestants import constant, program_of

SECONDS = 2.0
REPEATS = 20

Call = Callable[[], Any]


class Labelled(NamedTuple):
    """A call of a step: the layer it belongs to, what that does, and the call itself."""

    layer: str
    doing: str
    call: Call

    @property
    def function(self) -> str:
        function = function_of(self.call)
        if isinstance(function, FunctionType):
            return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        owner = getattr(function, "__self__", None)
        return f"{owner.__name__ + '.' if isinstance(owner, np.ufunc) else ''}{function.__name__}"

    @property
    def text(self) -> str:
        return f"{self.layer[:20]:20} {self.doing:9} {self.function:22} {self.shapes}"

    @property
    def shapes(self) -> str:
        """The arrays that it works on, in order; the last is mostly the one it writes."""
        owner = getattr(function_of(self.call), "__self__", None)
        keywords = getattr(self.call, "keywords", {})
        arguments = (owner, *getattr(self.call, "args", ()), *keywords.values())
        arrays = (value for value in arguments if isinstance(value, np.ndarray))
        return " ".join("×".join(map(str, array.shape)) or "1" for array in arrays)


def function_of(call: Call) -> Callable[..., Any]:
    return call.func if isinstance(call, partial) else call


def profile(case: Case) -> None:
    X, Y = constant(case.batch())
    program, optimizer = program_of(case)
    program.update(X, Y, optimizer)
    calls = calls_of(program, optimizer, X, Y)
    whole = partial(program.update, X, Y, optimizer)
    step, *times = fastest([whole, *(labelled.call for labelled in calls)])
    print(f"\n{case.title}: microseconds of a step, the fastest of at least {REPEATS}")
    by_function: dict[str, float] = defaultdict(float)
    by_layer: dict[str, float] = defaultdict(float)
    # What comes several times on end stands in one line.
    for key, group in groupby(zip(calls, times, strict=True), lambda pair: pair[0].text):
        found = list(group)
        together = sum(taken for _, taken in found)
        by_function[found[0][0].function] += together
        by_layer[found[0][0].layer] += together
        times_over = f"{len(found)} ×" if len(found) > 1 else ""
        print(f"{times_over:>4} {together / 1000:10.2f} {together / step:6.1%}  {key}")
    print(f"{'':4} {step / 1000:10.2f} 100.0%  the whole step, of which")
    for sums in (by_function, by_layer):
        sums["beyond the sum"] = step - sum(times)
        print()
        for name, together in sorted(sums.items(), key=lambda item: -item[1]):
            print(f"{'':4} {together / 1000:10.2f} {together / step:6.1%}  {name}")


def calls_of(program: Program, optimizer: Optimizer, X: Any, Y: Any) -> list[Labelled]:
    """All calls of an update in their order; where two threads share the optimiser's, it is one."""
    run = program._last
    assert run is not None
    nodes = program.plan.nodes[1:]
    forward = [node.name for node in nodes for _ in node.layer.forward(run.caches[node.id])]
    backward = [
        node.name for node in reversed(nodes) for _ in node.layer.backward(run.caches[node.id])
    ]
    found = [Labelled("Data", "feed", partial(run.feed, X, Y))]
    found += labels(forward, "forward", run.forward)
    found.append(Labelled(nodes[-1].name, "J", run.cost.total))
    found += labels(backward, "backward", run.backward)
    rule = optimizer._calls
    return found + labels([optimizer.title] * len(rule), "update", rule)


def labels(layers: list[str], doing: str, calls: Iterable[Call]) -> list[Labelled]:
    return [Labelled(layer, doing, call) for layer, call in zip(layers, calls, strict=True)]


def fastest(calls: list[Call]) -> list[float]:
    """The least nanoseconds of each, run one after the other again and again."""
    times, repeats = [inf] * len(calls), 0
    end = time.perf_counter() + SECONDS
    with np.errstate(all="ignore"):
        while repeats < REPEATS or time.perf_counter() < end:
            for index, call in enumerate(calls):
                times[index] = min(times[index], nanoseconds(call))
            repeats += 1
    clock = min(nanoseconds(lambda: None) for _ in range(1000))
    return [taken - clock for taken in times]


def nanoseconds(call: Call) -> int:
    start = time.perf_counter_ns()
    call()
    return time.perf_counter_ns() - start
