"""The program: a plan made ready to run, with parameters, buffers, forward, backward, update."""

from __future__ import annotations

import contextvars
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.buffers import Buffers, Run
from netbuilder.engine.optimizers import Optimizer
from netbuilder.engine.plan import Plan, Step

__all__ = ["Array", "Plan", "Program", "Step", "Values", "Weights"]

Array = NDArray[Any]
Weights = dict[str, Array]
"""Parameters or their gradients by ``"{step id}.{parameter}"``: W (n[l], n[l-1]), b (n[l], 1)."""


@dataclass(frozen=True, eq=False)
class Values:
    """What one step computed, each (m, n), or None where the step has no such thing.

    As in the course the gradients are each example's own, without the 1/m: dZ[L] = A[L] − Y.
    """

    Z: Array | None
    A: Array | None
    dZ: Array | None
    dA: Array | None


class Program:
    """Runs a plan. Works in place on memory of its own; whatever it returns is a copy.

    Arguments X (m, n_x) and Y (m, n_y) are rows of examples. ``update`` and ``gradient`` take any
    C-contiguous arrays of the program's dtype; the others convert what they get.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        dtype: str = "float32",
        seed: int = 1,
        weights: Mapping[str, Array] | None = None,
    ) -> None:
        self.plan = plan
        self.dtype = np.dtype(dtype)
        self.weight_count = plan.weight_count
        self.flat_parameters = np.zeros(plan.parameter_count, self.dtype)
        self.flat_gradients = np.zeros(plan.parameter_count, self.dtype)
        self._parameters = self._views(self.flat_parameters)
        self._gradients = self._views(self.flat_gradients)
        self._rng = np.random.default_rng(seed)
        self._training: Buffers | None = None
        self._inference: Buffers | None = None
        self._last: Run | None = None
        self._last_cost = 0.0
        # A context in which NumPy does not warn: cheaper to enter than np.errstate.
        self._quiet = contextvars.copy_context()
        self._quiet.run(np.seterr, all="ignore")
        given = self.load(weights or {})
        if len(given) < len(self._parameters):
            self._draw(seed, given)

    def _views(self, vector: Array) -> Weights:
        shapes, layout = self.plan.parameters, self.plan.layout
        return {key: vector[layout[key]].reshape(shape) for key, shape in shapes.items()}

    def _draw(self, seed: int, given: set[str]) -> None:
        """Draws in step order; what is given is drawn too, so that the rest stays the seed's."""
        rng = np.random.RandomState(seed)
        for step in self.plan.steps:
            for name, shape in step.parameter_shapes.items():
                key, drawn = f"{step.id}.{name}", step.layer.initial(name, shape, rng)
                if key not in given:
                    self._parameters[key][...] = drawn

    # --- parameters --------------------------------------------------------------------------

    def weights(self) -> Weights:
        """Copies of all parameters."""
        return {key: array.copy() for key, array in self._parameters.items()}

    def gradients(self) -> Weights:
        """Copies of the last update's dW and db, L2's part included."""
        return {key: array.copy() for key, array in self._gradients.items()}

    def load(self, weights: Mapping[str, Array]) -> set[str]:
        """Takes over the parameters whose key and shape fit; returns their keys."""
        taken = {
            key
            for key, array in weights.items()
            if key in self._parameters and np.shape(array) == self._parameters[key].shape
        }
        # What a diverged float64 network has learned may be infinite in float32.
        with np.errstate(over="ignore"):
            for key in taken:
                self._parameters[key][...] = weights[key]
        self._last, self._last_cost = None, 0.0
        return taken

    # --- training ----------------------------------------------------------------------------

    def update(self, X: Array, Y: Array, optimizer: Optimizer, l2: float = 0.0) -> float:
        """One update from a batch; returns the cost J that it started from.

        When that cost is not finite nothing is changed, so that ``first_non_finite`` can tell where
        it began.
        """
        return self._quiet.run(self._update, X, Y, optimizer, l2)

    def _update(self, X: Array, Y: Array, optimizer: Optimizer, l2: float) -> float:
        m = len(X)
        run = self._training_run(m)
        run.feed(X, Y)
        for call in run.training:
            call()
        cost = run.cost.J + self._penalty(l2, m)
        self._last_cost = cost
        if math.isfinite(cost):
            for call in run.backward:
                call()
            optimizer.update(l2 / m)
        return cost

    def gradient(self, X: Array, Y: Array, l2: float = 0.0) -> tuple[float, Weights]:
        """The cost J and its gradients, without an update and without dropout."""
        with _kept(self.flat_gradients), np.errstate(all="ignore"):
            run = self._forward_backward(X, Y)
            n = self.weight_count
            self.flat_gradients[:n] += self.dtype.type(l2 / len(X)) * self.flat_parameters[:n]
            return run.cost.J + self._penalty(l2, len(X)), self.gradients()

    def _forward_backward(self, X: Array, Y: Array) -> Run:
        run = self._training_run(len(X))
        run.feed(X, Y)
        for call in (*run.inference, *run.backward):
            call()
        return run

    def _penalty(self, l2: float, m: int) -> float:
        """λ/(2m) Σ W²"""
        if not l2:  # so that 0 times an infinite W adds nothing
            return 0.0
        W = self.flat_parameters[: self.weight_count]
        return l2 / (2 * m) * float(np.dot(W, W))

    def _training_run(self, m: int) -> Run:
        if self._training is None or m > self._training.capacity:
            self._training = self._buffers(m, self._gradients)
        self._last = self._training.run(m)
        return self._last

    def _buffers(self, capacity: int, gradients: Weights | None = None) -> Buffers:
        return Buffers(self.plan, capacity, self.dtype, self._rng, self._parameters, gradients)

    def first_non_finite(self) -> str | None:
        """The id of the first step, in forward order, that is no longer finite; None where all are.

        Looks at the parameters, and at Z, A and J of the last update since ``load``.
        """
        for step in self.plan.steps:
            arrays = [self._parameters[f"{step.id}.{name}"] for name in step.parameter_shapes]
            if self._last is not None and step.layer.has_output:
                cache = self._last.caches[step.id]
                logits = step.layer.logits(cache)
                arrays += [cache.A] if logits is None else [logits[0], cache.A]
            if not all(np.isfinite(array).all() for array in arrays):
                return step.id
        return None if math.isfinite(self._last_cost) else self.plan.steps[-1].id

    # --- looking on --------------------------------------------------------------------------

    def predict(self, X: Array) -> Array:
        """Ŷ (m, n_y) for any number of examples; dropout is off."""
        output = self.plan.steps[-1].inputs[0]
        return self.activations(X, [output])[output]

    def activations(self, X: Array, ids: Iterable[str] | None = None) -> dict[str, Array]:
        """A (m, n) of the steps asked for, or of all that have an output, the Input included."""
        if ids is None:
            ids = [step.id for step in self.plan.steps if step.layer.has_output]
        found = {id: np.empty((len(X), *self.plan.step(id).shape), self.dtype) for id in ids}
        for rows, run in self._infer(X):
            for id, A in found.items():
                A[rows] = run.caches[id].A.T
        return found

    def cost(self, X: Array, Y: Array, l2: float = 0.0) -> float:
        """J of any number of examples, λ/(2m) Σ W² included; dropout is off. NaN for none."""
        if len(X) == 0:
            return math.nan
        total = 0.0
        for rows, run in self._infer(X, Y):
            total += run.cost.J * (rows.stop - rows.start)
        with np.errstate(all="ignore"):
            return total / len(X) + self._penalty(l2, len(X))

    def _infer(self, X: Array, Y: Array | None = None) -> Iterator[tuple[slice, Run]]:
        """Forward in chunks of rows; without Y the Cost is left out."""
        for start in range(0, len(X), self.plan.inference_rows):
            rows = slice(start, min(start + self.plan.inference_rows, len(X)))
            m = rows.stop - rows.start
            if self._inference is None or m > self._inference.capacity:
                self._inference = self._buffers(m)
            run = self._inference.run(m)
            run.feed(self._converted(X[rows]), None if Y is None else self._converted(Y[rows]))
            with np.errstate(all="ignore"):
                for call in run.inference if Y is not None else run.inference[:-1]:
                    call()
            yield rows, run

    def _converted(self, array: Array) -> Array:
        return np.ascontiguousarray(array, self.dtype)

    def inspect(self, X: Array, Y: Array) -> dict[str, Values]:
        """Z, A, dZ and dA of every step for these examples, for views; dropout is off.

        dA of the output is None where the loss takes its logits, for there only dZ is computed.
        """
        with _kept(self.flat_gradients), np.errstate(all="ignore"):
            run = self._forward_backward(self._converted(X), self._converted(Y))
            return {
                step.id: self._values(step, run)
                for step in self.plan.steps
                if step.layer.has_output
            }

    def _values(self, step: Step, run: Run) -> Values:
        cache, m = run.caches[step.id], len(run.cost.ones)
        Z, dZ = step.layer.logits(cache) or (None, None)
        dA = None if cache.takes_logits else getattr(cache, "dA", None)
        return Values(
            Z=None if Z is None else Z.T.copy(order="C"),
            A=cache.A.T.copy(order="C"),
            dZ=None if dZ is None else np.multiply(dZ.T, m, order="C"),
            dA=None if dA is None else np.multiply(dA.T, m, order="C"),
        )


class _kept:
    """Puts a vector's values back at the end of a with block."""

    def __init__(self, vector: Array) -> None:
        self._vector = vector

    def __enter__(self) -> None:
        self._values = self._vector.copy()

    def __exit__(self, *details: object) -> None:
        self._vector[...] = self._values
