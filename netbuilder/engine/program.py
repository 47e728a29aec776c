"""The program: a plan made ready to run, with parameters, buffers, forward, backward, update."""

from __future__ import annotations

import contextvars
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.buffers import GRADIENT, PREDICT, UPDATE, BoundPlan, Buffers, Memory, Mode
from netbuilder.engine.draws import Draws
from netbuilder.engine.layer import Cache, ShapeError
from netbuilder.engine.optimizers import Optimizer
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.engine.textbook import LOSS_SLOPES

__all__ = ["Array", "Plan", "PlanNode", "Program", "Values", "Weights"]

Array = NDArray[Any]
Weights = dict[str, Array]
"""Parameters or their gradients by ``"{node id}.{parameter}"``: W (n[l], n[l-1]), b (n[l], 1)."""


@dataclass(frozen=True, eq=False)
class Values:
    """What one node computed, each (m, n), or None where the node has no such thing.

    As in the course dZ and dA are each example's own, without the 1/m: dZ[L] = A[L] − Y.
    """

    Z: Array | None
    A: Array | None
    dZ: Array | None
    dA: Array | None
    gradients: Weights
    """dW, db, … of these examples by the parameter's name, with the 1/m."""
    beside: Weights
    """What else the layer has: Dropout's mask D, 1 for a unit that stays, (m, n), in an update;
    BatchNorm's mu and sigma2, (n, 1)."""


class Program:
    """Runs a plan. Works in place on memory of its own; whatever it returns is a copy.

    Arguments X (m, n_x) and Y (m, n_y) are rows of examples; where a layer has images, its
    activations are (m, channels, height, width), as in PyTorch and ONNX. ``update`` and
    ``gradient`` take arrays of the program's dtype; the others convert what they get. Arrays of
    another shape are refused with a ShapeError, and so are weights of another name or shape.

    ``class_weights`` are factors, one for each class, by which an example's loss counts in J.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        dtype: str = "float32",
        seed: int = 1,
        weights: Mapping[str, Array] | None = None,
        class_weights: Sequence[float] = (),
    ) -> None:
        self.plan = plan
        self.dtype = np.dtype(dtype)
        self.weight_slices = plan.weight_slices
        self.frozen_slices = plan.frozen_slices
        self._stored = Memory(plan, plan.stored, self.dtype)
        self._learned = Memory(plan, plan.parameters, self.dtype)
        self.flat_parameters = self._stored.vector
        """All parameters, and after them the running statistics."""
        self.flat_gradients = self._learned.vector
        self.draws = Draws(seed)
        """What layers draw at random; its ``mask_seed`` may be set between two updates."""
        self._training: Buffers | None = None
        self._inference: Buffers | None = None
        self._last: BoundPlan | None = None
        self._last_cost = 0.0
        self.weigh(class_weights)
        # A context in which NumPy does not warn: cheaper to enter than np.errstate.
        self._quiet = contextvars.copy_context()
        self._quiet.run(np.seterr, all="ignore")
        given = self.load(weights or {})
        if len(given) < len(plan.stored):
            self._draw(seed, given)

    def _draw(self, seed: int, given: set[str]) -> None:
        """Draws in node order; what is given is drawn too, so that the rest stays the seed's."""
        rng = np.random.RandomState(seed)
        for node in self.plan.nodes:
            for name, shape in node.stored_shapes.items():
                key, drawn = f"{node.id}.{name}", node.layer.initial(name, shape, rng)
                if key not in given:
                    self._stored.arrays[key][...] = drawn

    # --- parameters --------------------------------------------------------------------------

    def weights(self) -> Weights:
        """Copies of all parameters and running statistics."""
        return {key: array.copy("K") for key, array in self._stored.arrays.items()}

    def parameter(self, key: str) -> Array:
        """The parameter itself, to be changed in place; the only array that is no copy."""
        return self._stored.arrays[key]

    def gradients(self) -> Weights:
        """Copies of the last update's dW and db, the penalties' part and clipping included."""
        return {key: array.copy("K") for key, array in self._learned.arrays.items()}

    def load(self, weights: Mapping[str, Array]) -> set[str]:
        """Takes over some parameters, called ``n1.W`` or ``W1``; returns their keys.

        Raises ShapeError for a name that the network does not have and for another shape; then
        nothing is taken over.
        """
        shapes, names = self.plan.stored, self.plan.numbered_names
        taken = {names.get(key, key): array for key, array in weights.items()}
        for key, array in taken.items():
            if key not in shapes:
                raise ShapeError(
                    "This network has no parameter {key!r}; it has {known}.",
                    key=key,
                    known=_listed([*names, *shapes]),
                )
            if np.shape(array) != shapes[key]:
                raise ShapeError(
                    "{key} must have the shape {expected}, got {found}.",
                    key=key,
                    expected=str(shapes[key]),
                    found=str(np.shape(array)),
                )
        # What a diverged float64 network has learned may be infinite in float32.
        with np.errstate(over="ignore"):
            for key, array in taken.items():
                self._stored.arrays[key][...] = array
        self._last, self._last_cost = None, 0.0
        return set(taken)

    @property
    def random(self) -> tuple[int, int, int, int]:
        """Where the generator is that layers draw from: state, increment, has_uint32, uinteger.

        Set to what it was, it draws the same numbers again.
        """
        found: dict[str, Any] = dict(self.draws.own.bit_generator.state)
        place = found["state"]
        return place["state"], place["inc"], found["has_uint32"], found["uinteger"]

    @random.setter
    def random(self, place: tuple[int, int, int, int]) -> None:
        state, increment, has_uint32, uinteger = place
        self.draws.own.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": state, "inc": increment},
            "has_uint32": has_uint32,
            "uinteger": uinteger,
        }

    # --- training ----------------------------------------------------------------------------

    def weigh(self, class_weights: Sequence[float]) -> None:
        """Puts other class weights in force; parameters, and what optimisers remember, stay."""
        self._class_weights = np.array(class_weights, self.dtype) if class_weights else None
        self._training = self._inference = self._last = None

    @property
    def class_weights(self) -> Array | None:
        """How much an example of each class counts; None: all alike."""
        return self._class_weights

    def update(
        self, X: Array, Y: Array, optimizer: Optimizer, l2: float = 0.0, l1: float = 0.0
    ) -> float:
        """One update from a batch; returns the cost J that it started from.

        When that cost is not finite nothing is changed, so that ``first_non_finite`` can tell where
        it began. A batch whose arrays are read-only is not copied again when it comes again.
        """
        return self._quiet.run(self._update, X, Y, optimizer, l2, l1)

    def _update(self, X: Array, Y: Array, optimizer: Optimizer, l2: float, l1: float) -> float:
        m, bound = len(X), self._last
        if bound is None or bound.cost.m != m or bound.mode is not UPDATE:
            bound = self._bound_for_training(m, UPDATE)
        bound.feed(X, Y)
        self.draws.begin()
        for function in bound.forward:
            function()
        cost = bound.cost.total() / m
        if l2 or l1:
            cost += self._penalty(0.0 if optimizer.decoupled else l2, l1, m)
        self._last_cost = cost
        if math.isfinite(cost):
            for function in bound.backward:
                function()
            optimizer.update(l2 / m, l1 / m)
        return cost

    def gradient(
        self, X: Array, Y: Array, l2: float = 0.0, l1: float = 0.0
    ) -> tuple[float, Weights]:
        """The cost J and its gradients, without an update and without dropout."""
        with _kept(self.flat_gradients), np.errstate(all="ignore"):
            bound, cost = self._forward(X, Y, GRADIENT)
            for function in bound.backward:
                function()
            for place in self.weight_slices:
                W, dW = self.flat_parameters[place], self.flat_gradients[place]
                dW += self.dtype.type(l2 / len(X)) * W + self.dtype.type(l1 / len(X)) * np.sign(W)
            return cost + self._penalty(l2, l1, len(X)), self.gradients()

    def batch_cost(self, X: Array, Y: Array, l2: float = 0.0, l1: float = 0.0) -> float:
        """J of one batch as ``gradient`` finds it: normalised by its own statistics, no dropout."""
        with np.errstate(all="ignore"):
            return self._forward(X, Y, GRADIENT)[1] + self._penalty(l2, l1, len(X))

    def sides(self) -> Array:
        """On which side of its kinks each unit was in the last ``batch_cost``; one vector."""
        assert self._last is not None
        found = [node.layer.sides(self._last.caches[node.id]) for node in self.plan.nodes]
        return np.concatenate([[True], *(side.ravel() for side in found if side is not None)])

    def _forward(self, X: Array, Y: Array, mode: Mode) -> tuple[BoundPlan, float]:
        bound = self._bound_for_training(len(X), mode)
        bound.feed(X, Y)
        self.draws.begin()
        for function in bound.forward:
            function()
        return bound, bound.cost.total() / len(X)

    def _penalty(self, l2: float, l1: float, m: int) -> float:
        """λ/(2m) Σ W² + λ₁/m Σ |W|"""
        penalty = 0.0
        for place in self.weight_slices:
            W = self.flat_parameters[place]
            if l2:  # so that 0 times an infinite W adds nothing
                penalty += l2 / (2 * m) * float(W.dot(W))
            if l1:
                penalty += l1 / m * float(np.abs(W).sum())
        return penalty

    def _bound_for_training(self, m: int, mode: Mode) -> BoundPlan:
        if self._training is None or m > self._training.capacity:
            self._training = self._buffers(m, self._learned)
        self._last = self._training.bound(m, mode)
        return self._last

    def _buffers(self, capacity: int, gradients: Memory | None = None) -> Buffers:
        weights = self._class_weights
        return Buffers(self.plan, capacity, self.draws, self._stored, gradients, weights)

    def first_non_finite(self) -> str | None:
        """The id of the first node, in forward order, that is no longer finite; None where all are.

        Looks at the parameters, and at Z, A and J of the last update since ``load``.
        """
        for node in self.plan.nodes:
            arrays = [self._stored.arrays[f"{node.id}.{name}"] for name in node.stored_shapes]
            if self._last is not None and node.layer.has_output:
                cache = self._last.caches[node.id]
                logits = node.layer.logits(cache)
                arrays += [cache.A] if logits is None else [logits[0], cache.A]
            if not all(np.isfinite(array).all() for array in arrays):
                return node.id
        return None if math.isfinite(self._last_cost) else self.plan.nodes[-1].id

    # --- looking on --------------------------------------------------------------------------

    def predict(self, X: Array) -> Array:
        """Ŷ (m, n_y) for any number of examples; dropout is off."""
        output = self.plan.nodes[-1].inputs[0]
        return self.activations(X, [output])[output]

    def activations(self, X: Array, ids: Iterable[str] | None = None) -> dict[str, Array]:
        """A (m, n) of the nodes asked for, or of all that have an output, the Input included."""
        if ids is None:
            ids = [node.id for node in self.plan.nodes if node.layer.has_output]
        found = {id: np.empty((len(X), *self.plan.node(id).shape), self.dtype) for id in ids}
        for rows, bound in self._infer(X):
            for id, A in found.items():
                A[rows] = _rows(bound.caches[id].A)
        return found

    def cost(self, X: Array, Y: Array, l2: float = 0.0, l1: float = 0.0) -> float:
        """J of any number of examples, penalties included, as when predicting. NaN for none."""
        if len(X) == 0:
            return math.nan
        total = 0.0
        for _, bound in self._infer(X, Y):
            total += bound.cost.total()
        with np.errstate(all="ignore"):
            return total / len(X) + self._penalty(l2, l1, len(X))

    def costs(self, X: Array, Y: Array) -> Array:
        """The loss of every example (m,), summed over the outputs, as when predicting."""
        found = np.empty(len(X), self.dtype)
        for rows, bound in self._infer(X, Y):
            bound.cost.total()
            bound.cost.losses.sum(axis=0, out=found[rows])
        return found

    def _infer(self, X: Array, Y: Array | None = None) -> Iterator[tuple[slice, BoundPlan]]:
        """Forward in chunks of rows, NumPy's warnings off."""
        for start in range(0, len(X), self.plan.inference_rows):
            rows = slice(start, min(start + self.plan.inference_rows, len(X)))
            m = rows.stop - rows.start
            if self._inference is None or m > self._inference.capacity:
                self._inference = self._buffers(m)
            bound = self._inference.bound(m, PREDICT)
            bound.feed(self._converted(X[rows]), None if Y is None else self._converted(Y[rows]))
            with np.errstate(all="ignore"):
                for function in bound.forward:
                    function()
                yield rows, bound

    def _converted(self, array: Array) -> Array:
        return np.ascontiguousarray(array, self.dtype)

    def inspect(self, X: Array, Y: Array, as_update: bool = False) -> dict[str, Values]:
        """Z, A, dZ, dA, dW and db of every node for these examples, for views; as when predicting,
        or ``as_update`` with the masks, the means and the variances that an update would have.

        Of the data dA is dA0, where W of the first layers is a matrix. Nothing is changed by it.
        """
        X, Y = self._converted(X), self._converted(Y)
        random, parameters = self.random, self.flat_parameters
        with _kept(self.flat_gradients), _kept(parameters), np.errstate(all="ignore"):
            bound, _ = self._forward(X, Y, UPDATE if as_update else PREDICT)
            Z = {}
            for node in self.plan.nodes:  # before dZ may take the place of Z
                logits = node.layer.logits(bound.caches[node.id])
                Z[node.id] = None if logits is None else _rows(logits[0]).copy()
            for function in bound.backward:
                function()
            self.random = random
            found = {
                node.id: self._values(node, bound.caches[node.id], Z[node.id])
                for node in self.plan.nodes
                if node.layer.has_output
            }
            return self._with_ends(found, Y)

    def _with_ends(self, found: dict[str, Values], Y: Array) -> dict[str, Values]:
        """With dAL and dA0, which training has no need of."""
        first, last = self.plan.nodes[0].id, self.plan.nodes[-1].inputs[0]
        output, slope = found[last], LOSS_SLOPES.get(self.plan.loss)
        if output.dA is None and self._class_weights is None and slope and output.A is not None:
            found[last] = replace(output, dA=np.asarray(slope(output.A, Y)))
        fed = [self.plan.node(id) for id, _ in self.plan.consumers[first]]
        matrices = [self._stored.arrays.get(f"{node.id}.W") for node in fed]
        dZ = [found[node.id].dZ if node.id in found else None for node in fed]
        if fed and all(W is not None and W.ndim == 2 for W in matrices):
            parts = [d @ W for d, W in zip(dZ, matrices, strict=True) if d is not None]
            found[first] = replace(found[first], dA=np.sum(parts, axis=0))
        return found

    def _values(self, node: PlanNode, c: Cache, Z: Array | None) -> Values:
        _, dZ = node.layer.logits(c) or (None, None)
        dA = None if c.takes_logits else getattr(c, "dA", None)
        return Values(
            Z=Z,
            A=_rows(c.A).copy(),
            dZ=None if dZ is None else np.multiply(_rows(dZ), c.m, order="C"),
            dA=None if dA is None else np.multiply(_rows(dA), c.m, order="C"),
            gradients={
                name: self._learned.arrays[f"{node.id}.{name}"].copy()
                for name in node.parameter_shapes
            },
            beside={name: array.copy() for name, array in node.layer.beside(c).items()},
        )


def _rows(array: Array) -> Array:
    """Examples first, as users have them; inside the engine they are the last axis."""
    return array.T if array.ndim == 2 else np.moveaxis(array, -1, 0)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")


class _kept:
    """Puts a vector's values back at the end of a with block."""

    def __init__(self, vector: Array) -> None:
        self._vector = vector

    def __enter__(self) -> None:
        self._values = self._vector.copy()

    def __exit__(self, *details: object) -> None:
        self._vector[...] = self._values
