"""The warp: where a hidden layer puts the points of the input plane, and the examples on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.errors import Message
from netbuilder.lens.layer_views import View
from netbuilder.lens.look import Look

Array = NDArray[Any]

_EVERY = 3
"""Of the rows and columns of the map one in so many is a line."""


@dataclass(frozen=True, eq=False)
class WarpView(View):
    """The plane in a layer's own two coordinates: two units, or what tells most of more."""

    lines: tuple[Array, ...]
    """Each (points, 2): rows and columns of a grid on the input plane, which were straight."""
    points: Array
    """(examples, 2) of the sample"""
    classes: tuple[int, ...]
    """Of the examples; none where numbers are predicted."""
    axes: tuple[Message, Message]


def warp(view: View) -> View | Message:
    """Of the activations A, whichever quantity is chosen."""
    look, node = view.look, view.node
    if look.dataset.info.n_x != 2:
        return Message("Only data with two features has a plane that could be seen warped.")
    if math.prod(node.shape) < 2:
        return Message("{name} has a single unit: it lays the plane on a line.", name=node.name)
    plane = look.maps()[node.id]
    n, size = len(plane), plane.shape[-1]
    sample = look.activations()[node.id].reshape(n, -1).T
    flat = plane.reshape(n, -1).T
    if not (np.isfinite(flat).all() and np.isfinite(sample).all()):
        return Message("The activations of {name} are beyond all numbers.", name=node.name)
    if n > 2:
        turn = look.once(("warp", node.id), lambda: _directions(sample))
        flat, sample = flat @ turn, sample @ turn
        axes = Message("component 1"), Message("component 2")
    else:
        axes = view.unit(0), view.unit(1)
    if node is look.plan.nodes[0]:
        one, other = look.dataset.info.feature_names
        axes = Message("feature {name}", name=one), Message("feature {name}", name=other)
    grid = flat.reshape(size, size, 2)
    steps = range(0, size, _EVERY)
    lines = (*(grid[i] for i in steps), *(grid[:, i] for i in steps))
    return WarpView(look, node, view.name, view.values, lines, sample, _classes(look), axes)


def _directions(sample: Array) -> Array:
    """(n, 2): the two directions in which examples (m, n) differ most, in a steady sense."""
    _, _, directions = np.linalg.svd(sample - sample.mean(axis=0), full_matrices=False)
    turn = directions[:2].T.copy()
    largest = np.abs(turn).argmax(axis=0)
    turn *= np.where(turn[largest, np.arange(turn.shape[1])] < 0, -1.0, 1.0)
    return turn


def _classes(look: Look) -> tuple[int, ...]:
    if look.dataset.info.task == "regression":
        return ()
    Y = look.dataset.train.Y[look.sample]
    codes = Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0]
    return tuple(int(code) for code in codes)
