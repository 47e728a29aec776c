"""The buffers of a whole plan: allocated once, handed out as views for every batch size."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.layer import Cache
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.plan import Plan, Step

Array = NDArray[Any]

Call = Callable[[], Any]

_SIZES_KEPT = 8
"""Batch sizes whose views are kept; there are rarely more than two."""


class Run:
    """One batch size made ready: the layers' calls in order, each bound to its cache."""

    def __init__(self, caches: dict[str, Cache], plan: Plan, backward: bool) -> None:
        self.caches = caches
        self.cost = caches[plan.steps[-1].id]
        forwards = [(step.layer.forward, caches[step.id]) for step in plan.steps[1:]]
        self.training: list[Call] = [partial(call, cache, True) for call, cache in forwards]
        self.inference: list[Call] = [partial(call, cache, False) for call, cache in forwards]
        self.backward = _backward(plan, caches) if backward else []
        self._input = caches[plan.steps[0].id]
        self._data = [
            (cache, index)
            for cache in caches.values()
            for index, array in enumerate(cache.inputs)
            if array is self._input.A
        ]
        self._X: Array | None = None
        self._Y: Array | None = None

    def feed(self, X: Array, Y: Array | None = None) -> None:
        """Sets the batch, rows of examples. The layers see it as columns, where it is: no copy."""
        if X is not self._X:
            self._X = X
            self._input.A = X.T
            for cache, index in self._data:
                cache.inputs[index] = self._input.A
        if Y is not None and Y is not self._Y:
            self._Y = Y
            self.cost.Y = Y.T


class Buffers:
    """Memory for up to ``capacity`` examples; with ``gradients`` also for the backward pass."""

    def __init__(
        self,
        plan: Plan,
        capacity: int,
        dtype: np.dtype[Any],
        rng: np.random.Generator,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array] | None = None,
    ) -> None:
        self.plan = plan
        self.capacity = capacity
        self._rng = rng
        self._parameters = parameters
        self._gradients = gradients
        self._arrays = {
            step.id: {
                name: np.zeros(math.prod(shape) * capacity, dtype)
                for name, shape in plan.buffers(step, gradients is not None).items()
            }
            for step in plan.steps
        }
        self._ones = np.ones((capacity, 1), dtype)
        self._runs: dict[int, Run] = {}

    def run(self, m: int) -> Run:
        """The run for m examples, m ≤ capacity."""
        run = self._runs.get(m)
        if run is None:
            if len(self._runs) == _SIZES_KEPT:
                self._runs.clear()
            run = self._runs[m] = self._bind(m)
        return run

    def _bind(self, m: int) -> Run:
        caches: dict[str, Cache] = {}
        for step in self.plan.steps:
            caches[step.id] = self._cache(step, m, caches)
        self._join_cost(caches)
        for step in self.plan.steps:
            step.layer.bind(caches[step.id])
        return Run(caches, self.plan, self._gradients is not None)

    def _cache(self, step: Step, m: int, caches: dict[str, Cache]) -> Cache:
        cache = Cache()
        cache.ones, cache.rng, cache.takes_logits = self._ones[:m], self._rng, False
        shapes = self.plan.buffers(step, self._gradients is not None)
        for name, array in self._arrays[step.id].items():
            shape = shapes[name]
            setattr(cache, name, array[: math.prod(shape) * m].reshape(*shape, m))
        for name in step.parameter_shapes:
            setattr(cache, name, self._parameters[f"{step.id}.{name}"])
            if self._gradients is not None:
                setattr(cache, f"d{name}", self._gradients[f"{step.id}.{name}"])
        if step is self.plan.steps[0]:
            cache.A = np.empty((*step.shape, 0), self._ones.dtype)  # stands for X until it is fed
        cache.inputs = [caches[id].A for id in step.inputs]
        cache.d_inputs = [
            getattr(caches[id], self._gradient_name(id, step, index), None)
            for index, id in enumerate(step.inputs)
        ]
        return cache

    def _gradient_name(self, source: str, step: Step, index: int) -> str:
        """Which of the source's gradient buffers this consumer writes: the last one writes dA."""
        consumers = self.plan.consumers[source]
        extra = len(consumers) - 1 - consumers.index((step.id, index))
        return f"dA{extra}" if extra else "dA"

    def _join_cost(self, caches: dict[str, Cache]) -> None:
        """Gives the Cost the output's A, and where its loss takes logits its Z and dZ too."""
        cost_step = self.plan.steps[-1]
        cost, output = caches[cost_step.id], self.plan.step(cost_step.inputs[0])
        cost.A = caches[output.id].A
        if LOSSES[self.plan.loss].logits_activation is not None:
            logits = output.layer.logits(caches[output.id])
            if logits is None:
                raise ValueError(f"{self.plan.loss} needs an output layer with an activation")
            cost.inputs, cost.d_inputs = [logits[0]], [logits[1]]
            caches[output.id].takes_logits = True


def _backward(plan: Plan, caches: dict[str, Cache]) -> list[Call]:
    """The calls from the Cost to the data; where an output feeds several layers, also the sums."""
    calls: list[Call] = []
    for step in reversed(plan.steps[1:]):
        cache = caches[step.id]
        for extra in range(1, len(plan.consumers[step.id])):
            calls.append(partial(np.add, cache.dA, getattr(cache, f"dA{extra}"), cache.dA))
        calls.append(partial(step.layer.backward, cache))
    return calls
