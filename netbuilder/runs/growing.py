"""Growing: what a changed network keeps, so that its function changes as little as possible.

A widened layer keeps its units; new ones begin with initial weights, and nobody listens to them
yet: their outgoing weights are zero, so that the output is the same (a case of Chen, Goodfellow and
Shlens, "Net2Net: Accelerating Learning via Knowledge Transfer", 2016, without their split of
outgoing weights, which leaves twins). A Dense put on a wire begins as the identity, or as near to
it as its activation comes.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netbuilder.document.check.compile import surviving
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.engine.program import Weights

Array = NDArray[Any]
Origins = list[Hashable]
"""For each unit or channel of an output, which unit of which layer it comes from."""

_AT_MOST = 4.0
"""Activations without bounds are thought to lie between this and its negative."""
_NEAR = 0.1
"""By how much a new layer may miss the identity."""
_SHRUNK = (0.5, 0.25)
"""Scales at which a smooth activation is tried as nearly a straight line."""


class Passing(NamedTuple):
    """How a new layer hands on x: z = a·x + c, and then x = (g(z) − offset) / factor."""

    a: float
    c: float
    offset: float
    factor: float


def grown(weights: Weights, old: Plan, new: Plan, seed: int) -> Weights:
    """What another network keeps of weights; the rest of it is the seed's to draw.

    Layers whose shapes are the same, and what feeds them too, keep the very arrays.
    """
    found = surviving(weights, new)
    before, passes = _origins(old), _passing(old, new)
    after = _origins(new, passes)
    known = {node.id for node in old.nodes}
    drawn: Weights = {}
    for node in new.nodes:
        keys = {name: f"{node.id}.{name}" for name in node.stored_shapes}
        passing = passes.get(node.id)
        if passing is None and (node.id not in known or not keys):
            continue
        if passing is None:
            inputs = [_of_input(plan, node.id, o) for plan, o in ((old, before), (new, after))]
            if all(key in found for key in keys.values()) and inputs[0] == inputs[1]:
                continue
        drawn = drawn or _drawn(new, seed)
        fresh = {name: drawn[key] for name, key in keys.items()}
        if passing is not None:
            n = fresh["W"].shape[1]
            fresh["W"][:n] = passing.a * np.eye(n)
            fresh["b"][:n] = passing.c
        else:
            had = {name: weights[key] for name, key in keys.items() if key in weights}
            if not _carry(had, fresh, *inputs):
                continue
        found |= {keys[name]: array for name, array in fresh.items()}
    for id, passing in passes.items():
        _undo(found, new, id, passing)
    return found


def _origins(plan: Plan, passes: dict[str, Passing] | None = None) -> dict[str, Origins]:
    """Of every node's output."""
    found: dict[str, Origins] = {}
    for node in plan.nodes:
        own: Origins = [(node.id, unit) for unit in range(node.shape[0] if node.shape else 0)]
        sources = [found[id] for id in node.inputs]
        if passes and node.id in passes:
            (source,) = sources
            found[node.id] = [*source, *own[len(source) :]]
        elif "W" in node.parameter_shapes or not sources:
            found[node.id] = own
        else:
            found[node.id] = _through(plan, node, sources, own)
    return found


def _through(plan: Plan, node: PlanNode, sources: list[Origins], own: Origins) -> Origins:
    """Of a layer that makes no units of its own."""
    if all(len(source) == len(own) for source in sources):
        return sources[0] if len(sources) == 1 else list(zip(*sources, strict=True))
    shapes = plan.input_shapes(node)
    if len(sources) == 1 and math.prod(shapes[0]) == len(own):  # of each channel all its pixels
        pixels = len(own) // len(sources[0])
        return [(origin, pixel) for origin in sources[0] for pixel in range(pixels)]
    joined = [origin for source in sources for origin in source]
    return joined if len(joined) == len(own) == len(set(joined)) else own


def _of_input(plan: Plan, id: str, origins: dict[str, Origins]) -> Origins:
    """Of what a layer with parameters is fed with."""
    inputs = plan.node(id).inputs
    return origins[inputs[0]] if len(inputs) == 1 else []


def _drawn(plan: Plan, seed: int) -> Weights:
    """The seed's initial weights, as a program draws them."""
    rng = np.random.RandomState(seed)
    return {
        f"{node.id}.{name}": node.layer.initial(name, shape, rng)
        for node in plan.nodes
        for name, shape in node.stored_shapes.items()
    }


def _carry(had: Weights, fresh: Weights, old: Origins, new: Origins) -> bool:
    """Lays what a layer had over its initial arrays; False where nothing of it fits."""
    place = {origin: column for column, origin in enumerate(old)}
    pairs = [(column, place[o]) for column, o in enumerate(new) if o in place]
    if not pairs or had.keys() != fresh.keys():
        return False
    columns, sources = (np.array(side) for side in zip(*pairs, strict=True))
    if "W" not in fresh:  # a norm, with its numbers for every unit
        if any(len(fresh[name]) != len(new) or len(had[name]) != len(old) for name in had):
            return False
        for name, array in had.items():
            fresh[name][columns] = array[sources]
        return True
    W, W_fresh = had["W"], fresh["W"]
    if W.shape[2:] != W_fresh.shape[2:] or (W.shape[1], W_fresh.shape[1]) != (len(old), len(new)):
        return False
    rows = min(len(W), len(W_fresh))
    W_fresh[:rows] = 0.0
    W_fresh[:rows, columns] = W[:rows, sources]
    fresh["b"][:rows] = had["b"][:rows]
    return True


def _passing(old: Plan, new: Plan) -> dict[str, Passing]:
    """The Dense layers that were put on a wire, and can hand on what runs over it."""
    known = {node.id for node in old.nodes}
    found = {}
    for node in new.nodes:
        W = node.parameter_shapes.get("W", ())
        if node.id in known or len(W) != 2 or W[0] < W[1] or len(node.inputs) != 1:
            continue
        source, consumers = node.inputs[0], [new.node(id) for id, _ in new.consumers[node.id]]
        if all(
            c.layer.has_output
            and c.id in known
            and source in old.node(c.id).inputs
            and source not in c.inputs
            for c in consumers
        ):
            passing = _identity(node, new.node(source))
            # To be made good, all must stand in the very next W and b, and these must be free.
            direct = all(
                len(c.parameter_shapes.get("W", ())) == 2 and not c.layer.frozen_parameters
                for c in consumers
            )
            if passing is not None and (direct or passing[2:] == (0.0, 1.0)):
                found[node.id] = passing
    return found


def _identity(node: PlanNode, source: PlanNode) -> Passing | None:
    """How a layer can hand on its input; None where its activation does not allow it."""
    name, before = node.layer.activation, source.layer.activation
    if name is None or not ACTIVATIONS[name].elementwise:
        return None
    low, high = ACTIVATIONS[before].bounds if before is not None else (-math.inf, math.inf)
    x = np.linspace(max(low, -_AT_MOST), min(high, _AT_MOST), 65)
    shift = -low if math.isfinite(low) else 0.0
    slope = float(np.diff(_applied(name, [-1e-4, 1e-4]))[0]) / 2e-4
    at_zero = float(_applied(name, [0.0])[0])
    tried = [Passing(1.0, 0.0, 0.0, 1.0), Passing(1.0, shift, shift, 1.0)]
    tried += [Passing(a, 0.0, at_zero, slope * a) for a in _SHRUNK if slope]
    for number, passing in enumerate(tried):
        handed_on = (_applied(name, passing.a * x + passing.c) - passing.offset) / passing.factor
        if float(np.abs(handed_on - x).max()) <= (1e-9 if number < 2 else _NEAR):
            return passing
    return None


def _applied(activation: str, Z: Sequence[float] | Array) -> Array:
    """g(Z), (n,)"""
    Z = np.array(Z, np.float64)[None]
    A = np.empty_like(Z)
    for function in ACTIVATIONS[activation].forward(Z, A):
        function()
    found: Array = A[0]
    return found


def _undo(weights: Weights, plan: Plan, id: str, passing: Passing) -> None:
    """Has the layers after a new one read what it hands on as they read it before."""
    if passing[2:] == (0.0, 1.0):
        return
    n = plan.node(id).parameter_shapes["W"][1]
    for consumer, _ in plan.consumers[id]:
        if f"{consumer}.W" not in weights:
            continue
        W, b = (np.array(weights[f"{consumer}.{name}"], np.float64) for name in ("W", "b"))
        W[:, :n] /= passing.factor
        b -= passing.offset * W[:, :n].sum(axis=1, keepdims=True)
        weights |= {f"{consumer}.W": W, f"{consumer}.b": b}
