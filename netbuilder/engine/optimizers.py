"""Optimisers: how the gradients change the parameters, on flat vectors and in blocks."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.pool import shared
from netbuilder.registry import Registry

Array = NDArray[Any]

BLOCK = 65_536
"""Elements at a time: what an update reads and writes of one block stays in a core's cache."""
THREADED_ABOVE = 200_000
"""Parameters from which two threads share the blocks."""


def scratch_size(parameters: int) -> int:
    """How many numbers of work space an update needs."""
    if parameters > THREADED_ABOVE:
        return 2 * BLOCK
    return min(parameters, BLOCK)


class Trainable(Protocol):
    """What an optimiser sees of a program: two flat vectors, every W before every b."""

    flat_parameters: Array
    flat_gradients: Array
    weight_count: int
    """The first so many are entries of a W, which L2 concerns."""


class _Block(NamedTuple):
    """A stretch of all vectors that is updated at a time."""

    W: Array
    dW: Array
    state: list[Array]
    scratch: list[Array]
    """Work space as long as W, one for each thread."""
    weights: int
    """So many at its beginning are entries of a W, which L2 concerns."""


class Optimizer:
    """Changes the parameters in place; its numbers may be changed between two updates."""

    name: ClassVar[str]
    title: ClassVar[str]
    formula: ClassVar[str]
    moments: ClassVar[int] = 0
    """How many vectors it keeps beside parameters and gradients."""

    def __init__(
        self, program: Trainable, *, learning_rate: float = 0.1, beta: float = 0.9
    ) -> None:
        self.learning_rate = learning_rate
        self.beta = beta
        self.updates = 0
        parameters, gradients = program.flat_parameters, program.flat_gradients
        self._dtype = parameters.dtype
        self._values: tuple[float, ...] = ()
        self._scalars: list[Array] = []
        state = [np.zeros_like(parameters) for _ in range(self.moments)]
        threads = 2 if parameters.size > THREADED_ABOVE else 1
        size = scratch_size(parameters.size) // threads
        scratch = [np.empty(size, parameters.dtype) for _ in range(threads)]
        self._threads = threads
        self._blocks = []
        for start in range(0, parameters.size, BLOCK):
            vectors = [v[start : start + BLOCK] for v in (parameters, gradients, *state)]
            weights = max(0, min(len(vectors[0]), program.weight_count - start))
            spare = [space[: len(vectors[0])] for space in scratch]
            self._blocks.append(_Block(vectors[0], vectors[1], vectors[2:], spare, weights))

    def update(self, decay: float = 0.0) -> None:
        """One update from the gradients. ``decay`` is λ/m: first dW := dW + λ/m W."""
        self.updates += 1
        values = self.scalars()
        if values != self._values:
            # Arrays without axes are NumPy's fastest numbers, and keep the parameters' dtype.
            self._values = values
            self._scalars = [np.array(value, self._dtype) for value in values]
        scalars = self._scalars
        if self._threads == 1:
            for block in self._blocks:
                self._update_block(block, 0, decay, scalars)
        else:
            shared(partial(self._update_block, decay=decay, scalars=scalars), self._blocks)

    def _update_block(self, block: _Block, thread: int, decay: float, scalars: list[Array]) -> None:
        scratch = block.scratch[thread]
        if decay:
            n = block.weights
            np.multiply(block.W[:n], decay, scratch[:n])
            np.add(block.dW[:n], scratch[:n], block.dW[:n])
        self.rule(block.W, block.dW, scratch, *block.state, *scalars)

    def scalars(self) -> tuple[float, ...]:
        """The numbers of this update's rule."""
        return (self.learning_rate,)

    def rule(self, W: Array, dW: Array, scratch: Array, *state_and_scalars: Any) -> None:
        """Changes a block of parameters and its moments in place; ``scratch`` is as long as W."""
        raise NotImplementedError


OPTIMIZERS: Registry[type[Optimizer]] = Registry("optimiser")


class GradientDescent(Optimizer):
    """W := W − α dW"""

    name = "gd"
    title = "Gradient descent"
    formula = "W := W − α dW"

    def rule(self, W: Array, dW: Array, scratch: Array, *rest: Any) -> None:
        (alpha,) = rest
        np.multiply(dW, alpha, scratch)
        np.subtract(W, scratch, W)


class Momentum(Optimizer):
    """v := βv + (1 − β) dW, W := W − α v; v is a running mean of the gradients."""

    name = "momentum"
    title = "Momentum"
    formula = "v := βv + (1 − β) dW,  W := W − α v"
    moments = 1

    def scalars(self) -> tuple[float, ...]:
        return self.learning_rate, self.beta, 1.0 - self.beta

    def rule(self, W: Array, dW: Array, scratch: Array, *rest: Any) -> None:
        v, alpha, beta, one_minus_beta = rest
        np.multiply(v, beta, v)
        np.multiply(dW, one_minus_beta, scratch)
        np.add(v, scratch, v)
        np.multiply(v, alpha, scratch)
        np.subtract(W, scratch, W)


class Adam(Optimizer):
    """Momentum over a running root mean square of the gradients, both corrected for their start."""

    name = "adam"
    title = "Adam"
    formula = (
        "v := β₁v + (1 − β₁) dW,  s := β₂s + (1 − β₂) dW²,  "
        "W := W − α v/(1 − β₁ᵗ) / (√(s/(1 − β₂ᵗ)) + ε)"
    )
    moments = 2
    beta2: ClassVar[float] = 0.999
    epsilon: ClassVar[float] = 1e-8

    def scalars(self) -> tuple[float, ...]:
        # The corrections are drawn out of the fraction: α √c₂/c₁ · v / (√s + ε √c₂).
        c1 = 1.0 - self.beta**self.updates
        c2 = math.sqrt(1.0 - self.beta2**self.updates)
        alpha = self.learning_rate * c2 / c1
        return 1.0 - self.beta, 1.0 - self.beta2, alpha, self.epsilon * c2

    def rule(self, W: Array, dW: Array, scratch: Array, *rest: Any) -> None:
        v, s, one_minus_beta1, one_minus_beta2, alpha, epsilon = rest
        np.subtract(dW, v, scratch)  # v := v + (1 − β₁)(dW − v)
        np.multiply(scratch, one_minus_beta1, scratch)
        np.add(v, scratch, v)
        np.multiply(dW, dW, scratch)  # s := s + (1 − β₂)(dW² − s)
        np.subtract(scratch, s, scratch)
        np.multiply(scratch, one_minus_beta2, scratch)
        np.add(s, scratch, s)
        np.sqrt(s, scratch)
        np.add(scratch, epsilon, scratch)
        np.divide(v, scratch, scratch)
        np.multiply(scratch, alpha, scratch)
        np.subtract(W, scratch, W)


for _optimizer in (GradientDescent, Momentum, Adam):
    OPTIMIZERS.add(_optimizer.name, _optimizer)
