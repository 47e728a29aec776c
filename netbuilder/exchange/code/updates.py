"""Updates as the course writes them: generated code holds slices of this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]

SEED = 1
LEAP = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""How far the stream of random numbers moves on from epoch to epoch."""


def shuffled(m: int, epoch: int) -> Array:
    """The order in which an epoch's mini-batches take the examples."""
    stream = np.random.PCG64([SEED, 1])
    stream.advance(epoch * LEAP % 2**128)
    return np.random.Generator(stream).permutation(m)


ORDER_SEED = 10


def shuffled_as_in_the_course(m: int, epoch: int) -> Array:
    """The order in which an epoch's mini-batches take the examples."""
    return np.random.RandomState((ORDER_SEED + epoch) % 2**32).permutation(m)


def l2_cost(parameters: Mapping[str, Array], lambd: float, m: int) -> float:
    """λ/2m Σ W², which is added to the cost."""
    squares = [np.sum(W**2) for name, W in parameters.items() if name.startswith("W")]
    return float(lambd / (2 * m) * sum(squares))


def with_l2(
    grads: Mapping[str, Array], parameters: Mapping[str, Array], lambd: float, m: int
) -> dict[str, Array]:
    """The gradients with λ/m W added to each dW."""
    found = dict(grads)
    for name, W in parameters.items():
        if name.startswith("W"):
            found[f"d{name}"] = grads[f"d{name}"] + lambd / m * W
    return found


def shrunk(parameters: Mapping[str, Array], share: float) -> Parameters:
    """Every W less a share of itself, as AdamW has it."""
    return {
        name: values * (1 - share) if name.startswith("W") else values
        for name, values in parameters.items()
    }


Moments = dict[str, dict[str, Array]]
"""v and s of every parameter, running means of dW and dW² that begin at 0."""


def moment(moments: Moments, kind: str, name: str, new: Array, beta: float) -> Array:
    """v := β v + (1 − β) new, which is kept, and returned."""
    old = moments.setdefault(kind, {}).get(name, np.zeros_like(new))
    moments[kind][name] = beta * old + (1 - beta) * new
    return moments[kind][name]


def update_parameters_with_momentum(
    parameters: Mapping[str, Array],
    grads: Mapping[str, Array],
    learning_rate: float,
    moments: Moments,
    t: int,
    beta: float,
) -> Parameters:
    """v := β v + (1 − β) dW and W := W − α v."""
    return {
        name: values - learning_rate * moment(moments, "v", name, grads[f"d{name}"], beta)
        for name, values in parameters.items()
    }


def update_parameters_with_nesterov(
    parameters: Mapping[str, Array],
    grads: Mapping[str, Array],
    learning_rate: float,
    moments: Moments,
    t: int,
    beta: float,
) -> Parameters:
    """v := β v + (1 − β) dW and W := W − α (β v + (1 − β) dW)."""
    found = {}
    for name, values in parameters.items():
        dW = grads[f"d{name}"]
        v = moment(moments, "v", name, dW, beta)
        found[name] = values - learning_rate * (beta * v + (1 - beta) * dW)
    return found


def update_parameters_with_rmsprop(
    parameters: Mapping[str, Array],
    grads: Mapping[str, Array],
    learning_rate: float,
    moments: Moments,
    t: int,
    beta: float,
) -> Parameters:
    """s := β s + (1 − β) dW² and W := W − α dW / (√s + ε)."""
    found = {}
    for name, values in parameters.items():
        dW = grads[f"d{name}"]
        s = moment(moments, "s", name, dW**2, beta)
        found[name] = values - learning_rate * dW / (np.sqrt(s) + 1e-8)
    return found


def update_parameters_with_adam(
    parameters: Mapping[str, Array],
    grads: Mapping[str, Array],
    learning_rate: float,
    moments: Moments,
    t: int,
    beta: float,
) -> Parameters:
    """Both moments, each divided by 1 − βᵗ in update t = 1, 2, …, as they begin at 0."""
    found = {}
    for name, values in parameters.items():
        dW = grads[f"d{name}"]
        v = moment(moments, "v", name, dW, beta) / (1 - beta**t)
        s = moment(moments, "s", name, dW**2, 0.999) / (1 - 0.999**t)
        found[name] = values - learning_rate * v / (np.sqrt(s) + 1e-8)
    return found
