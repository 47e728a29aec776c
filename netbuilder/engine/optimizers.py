"""Optimisers: how the gradients change the parameters, on flat vectors and in blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial as call
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.calls import Calls
from netbuilder.engine.pool import shared
from netbuilder.registry import Registry

Array = NDArray[Any]

BLOCK = 65_536
"""Elements at a time: what an update reads and writes of one block stays in a core's cache."""
THREADED_ABOVE = 1_000_000
"""Parameters from which two threads share the blocks."""


def scratch_size(parameters: int) -> int:
    """How many numbers of work space an update needs."""
    if parameters > THREADED_ABOVE:
        return 2 * BLOCK
    return min(parameters, BLOCK)


class Trainable(Protocol):
    """What an optimiser sees of a program."""

    flat_parameters: Array
    """All parameters, and after them what is not learned."""
    flat_gradients: Array
    weight_slices: tuple[slice, ...]
    """Where the entries of every W lie, which L1 and L2 concern."""
    frozen_slices: tuple[slice, ...]
    """Where parameters lie that no update may change."""


class _Block(NamedTuple):
    """A stretch of all vectors that is updated at a time."""

    W: Array
    dW: Array
    state: list[Array]
    weights: list[slice]
    """Which parts of it are entries of a W."""


class Optimizer:
    """Changes the parameters in place; its numbers may be changed between two updates.

    An update is a list of NumPy calls for each block, written down once and run every time.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    formula: ClassVar[str]
    moments: ClassVar[int] = 0
    """How many vectors it keeps beside parameters and gradients."""
    decoupled: ClassVar[bool] = False
    """Whether L2 shrinks W by itself, W := W − α λ/m W, and is no part of the cost J."""
    uses_beta: ClassVar[bool] = True
    usual_rate: ClassVar[float] = 0.1
    """The learning rate to begin with, where features are of the size of 1."""
    corrected: ClassVar[bool] = False
    """Whether the scalars of the rule change from update to update."""

    def __init__(
        self,
        program: Trainable,
        *,
        learning_rate: float = 0.1,
        beta: float = 0.9,
        clip_norm: float = 0.0,
    ) -> None:
        self.learning_rate = learning_rate
        self.beta = beta
        self.clip_norm = clip_norm
        """The gradient is shortened to this length where it is longer; 0 leaves it as it is."""
        self.updates = 0
        gradients = program.flat_gradients
        parameters = program.flat_parameters[: gradients.size]
        self._gradients = gradients
        # With gradients and moments of exactly zero each rule leaves W as it is, bit by bit.
        self._frozen: Calls = [call(gradients[place].fill, 0) for place in program.frozen_slices]
        self.state = [np.zeros_like(gradients) for _ in range(self.moments)]
        """The moments themselves, each as long as the gradients."""
        self._threads = 2 if parameters.size > THREADED_ABOVE else 1
        size = scratch_size(parameters.size) // self._threads
        self._scratch = [np.empty(size, parameters.dtype) for _ in range(self._threads)]
        self._blocks = [
            _Block(
                parameters[start : start + BLOCK],
                gradients[start : start + BLOCK],
                [vector[start : start + BLOCK] for vector in self.state],
                list(_within(program.weight_slices, start)),
            )
            for start in range(0, parameters.size, BLOCK)
        ]
        # Arrays without axes are NumPy's fastest numbers, and keep the parameters' dtype.
        self._decay, self._l1, self._clip = (np.zeros((), parameters.dtype) for _ in range(3))
        self._scalars: list[Array] = []
        self._numbers: tuple[float, ...] = ()
        self._kind: tuple[bool, ...] = ()
        self._calls: Calls = []

    def update(self, l2: float = 0.0, l1: float = 0.0) -> None:
        """One update from the gradients; ``l2`` is λ/m and ``l1`` λ₁/m, of the whole batch.

        First dW := dW + λ/m W + λ₁/m sign W, then clipping, then the rule.
        """
        self.updates += 1
        numbers = (self.learning_rate, self.beta, self.clip_norm, l2, l1)
        if numbers != self._numbers or self.corrected:
            self._set(numbers, l2, l1)
        for function in self._calls:
            function()

    def _set(self, numbers: tuple[float, ...], l2: float, l1: float) -> None:
        """Puts new numbers where the calls find them, and writes new calls where need be."""
        kind = (l2 != 0.0, l1 != 0.0, self.clip_norm > 0.0)
        values = self.scalars()
        if not self._scalars:
            self._scalars = [np.zeros((), self._gradients.dtype) for _ in values]
        for scalar, value in zip(self._scalars, values, strict=True):
            scalar[...] = value
        self._decay[...] = 1.0 - self.learning_rate * l2 if self.decoupled else l2
        self._l1[...] = l1
        if kind != self._kind:
            self._calls = self._written(*kind)
        self._numbers, self._kind = numbers, kind

    def _written(self, l2: bool, l1: bool, clip: bool) -> Calls:
        """All calls of an update; clipping needs the whole gradient before the rule begins."""
        if not clip:
            return self._frozen + self._over_blocks(
                lambda block, spare: [
                    *self._penalties(block, spare, l2, l1),
                    *self._rule(block, spare, l2, clip),
                ]
            )
        return [
            *self._frozen,
            *self._over_blocks(lambda block, spare: self._penalties(block, spare, l2, l1)),
            self._measure_length,
            *self._over_blocks(lambda block, spare: self._rule(block, spare, l2, clip)),
        ]

    def _over_blocks(self, written: Callable[[_Block, Array], Calls]) -> Calls:
        """The calls of all blocks, one after the other or shared by two threads."""
        if self._threads == 1:
            return [function for b in self._blocks for function in written(b, self._scratch[0])]
        # Which thread takes a block is left to chance, so each has its own calls for all of them.
        tasks = [[written(block, spare) for spare in self._scratch] for block in self._blocks]
        return [call(shared, _run, tasks)]

    def _penalties(self, block: _Block, spare: Array, l2: bool, l1: bool) -> Calls:
        calls: Calls = []
        for part in block.weights:
            W, dW = block.W[part], block.dW[part]
            scratch = spare[: len(W)]
            if l2 and not self.decoupled:
                calls += [call(np.multiply, W, self._decay, scratch), call(np.add, dW, scratch, dW)]
            if l1:
                calls += [
                    call(np.sign, W, scratch),
                    call(np.multiply, scratch, self._l1, scratch),
                    call(np.add, dW, scratch, dW),
                ]
        return calls

    def _rule(self, block: _Block, spare: Array, l2: bool, clip: bool) -> Calls:
        calls: Calls = []
        if clip:
            calls.append(call(np.multiply, block.dW, self._clip, block.dW))
        if l2 and self.decoupled:
            for part in block.weights:
                calls.append(call(np.multiply, block.W[part], self._decay, block.W[part]))
        scratch = spare[: len(block.W)]
        return calls + self.rule(block.W, block.dW, scratch, *block.state, *self._scalars)

    def _measure_length(self) -> None:
        length = math.sqrt(float(self._gradients.dot(self._gradients)))
        if math.isinf(length):  # the squares may be out of range where the gradient is not
            length = float(np.linalg.norm(self._gradients.astype(np.float64)))
        # A length that is no number leaves the gradient as it is: the next cost will tell.
        self._clip[...] = self.clip_norm / (length + 1e-6) if length > self.clip_norm else 1.0

    def scalars(self) -> tuple[float, ...]:
        """The numbers of this update's rule."""
        return (self.learning_rate,)

    def rule(self, W: Array, dW: Array, scratch: Array, *state_and_scalars: Array) -> Calls:
        """The calls that change a block of parameters and its moments in place.

        ``scratch`` is work space as long as W; the scalars are arrays without axes.
        """
        raise NotImplementedError


def _within(slices: Iterable[slice], start: int) -> Iterable[slice]:
    """The parts of the block at ``start`` that the slices cover, counted from its beginning."""
    for place in slices:
        first, last = max(place.start, start), min(place.stop, start + BLOCK)
        if first < last:
            yield slice(first - start, last - start)


def _run(task: list[Calls], thread: int) -> None:
    for function in task[thread]:
        function()


OPTIMIZERS: Registry[type[Optimizer]] = Registry("optimiser")


def _running_mean(v: Array, new: Array, beta: Array, rest: Array, scratch: Array) -> Calls:
    """v := βv + (1 − β) new, with 1 − β as ``rest``; ``new`` may be the scratch itself."""
    return [
        call(np.multiply, v, beta, v),
        call(np.multiply, new, rest, scratch),
        call(np.add, v, scratch, v),
    ]


def _step_over_root(
    W: Array, v: Array, s: Array, alpha: Array, epsilon: Array, scratch: Array
) -> Calls:
    """W := W − α v / (√s + ε)"""
    return [
        call(np.sqrt, s, scratch),
        call(np.add, scratch, epsilon, scratch),
        call(np.divide, v, scratch, scratch),
        call(np.multiply, scratch, alpha, scratch),
        call(np.subtract, W, scratch, W),
    ]


class GradientDescent(Optimizer):
    """W := W − α dW"""

    name = "gd"
    title = "Gradient descent"
    formula = "W := W − α dW"
    uses_beta = False

    def rule(self, W: Array, dW: Array, scratch: Array, *rest: Array) -> Calls:
        (alpha,) = rest
        return [call(np.multiply, dW, alpha, scratch), call(np.subtract, W, scratch, W)]


class Momentum(Optimizer):
    """v := βv + (1 − β) dW, W := W − α v; v is a running mean of the gradients."""

    name = "momentum"
    title = "Momentum"
    formula = "v := βv + (1 − β) dW,  W := W − α v"
    moments = 1

    def scalars(self) -> tuple[float, ...]:
        return self.learning_rate, self.beta, 1.0 - self.beta

    def rule(self, W: Array, dW: Array, scratch: Array, *rest: Array) -> Calls:
        v, alpha, beta, one_minus_beta = rest
        return [
            *_running_mean(v, dW, beta, one_minus_beta, scratch),
            call(np.multiply, v, alpha, scratch),
            call(np.subtract, W, scratch, W),
        ]


class Nesterov(Momentum):
    """Momentum that looks ahead: the step is the one that v would make next.

    Source: Nesterov, "A Method of Solving a Convex Programming Problem with Convergence Rate
    O(1/k²)", 1983; for networks Sutskever, Martens, Dahl and Hinton, "On the Importance of
    Initialization and Momentum in Deep Learning", 2013. Written at the point looked ahead to, and
    with the running mean of this file instead of a sum.
    """

    name = "nesterov"
    title = "Nesterov"
    formula = "v := βv + (1 − β) dW,  W := W − α (βv + (1 − β) dW)"

    def rule(self, W: Array, dW: Array, scratch: Array, *rest: Array) -> Calls:
        v, alpha, beta, one_minus_beta = rest
        return [
            *_running_mean(v, dW, beta, one_minus_beta, scratch),
            call(np.multiply, scratch, alpha, scratch),
            call(np.subtract, W, scratch, W),  # W − α (1 − β) dW
            call(np.multiply, v, beta, scratch),
            call(np.multiply, scratch, alpha, scratch),
            call(np.subtract, W, scratch, W),  # − α β v
        ]


class RMSprop(Optimizer):
    """Divides by a running root mean square of the gradients, so that all directions are alike.

    Source: Tieleman and Hinton, "Lecture 6.5: RMSprop", Neural Networks for Machine Learning, 2012.
    """

    name = "rmsprop"
    title = "RMSprop"
    formula = "s := βs + (1 − β) dW²,  W := W − α dW / (√s + ε)"
    usual_rate = 0.01
    moments = 1
    epsilon: ClassVar[float] = 1e-8

    def scalars(self) -> tuple[float, ...]:
        return self.learning_rate, self.beta, 1.0 - self.beta, self.epsilon

    def rule(self, W: Array, dW: Array, scratch: Array, *rest: Array) -> Calls:
        s, alpha, beta, one_minus_beta, epsilon = rest
        return [
            call(np.multiply, dW, dW, scratch),
            *_running_mean(s, scratch, beta, one_minus_beta, scratch),
            *_step_over_root(W, dW, s, alpha, epsilon, scratch),
        ]


class Adam(Optimizer):
    """Momentum over a running root mean square of the gradients, both corrected for their start.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1 in the
    order of its section 2.
    """

    name = "adam"
    title = "Adam"
    formula = (
        "v := β₁v + (1 − β₁) dW,  s := β₂s + (1 − β₂) dW²,  "
        "W := W − α v/(1 − β₁ᵗ) / (√(s/(1 − β₂ᵗ)) + ε)"
    )
    usual_rate = 0.01
    moments = 2
    corrected = True
    beta2: ClassVar[float] = 0.999
    epsilon: ClassVar[float] = 1e-8

    def scalars(self) -> tuple[float, ...]:
        # The corrections are drawn out of the fraction: α √c₂/c₁ · v / (√s + ε √c₂).
        c1 = 1.0 - self.beta**self.updates
        c2 = math.sqrt(1.0 - self.beta2**self.updates)
        alpha = self.learning_rate * c2 / c1
        return 1.0 - self.beta, 1.0 - self.beta2, alpha, self.epsilon * c2

    def rule(self, W: Array, dW: Array, scratch: Array, *rest: Array) -> Calls:
        v, s, one_minus_beta1, one_minus_beta2, alpha, epsilon = rest
        return [
            call(np.subtract, dW, v, scratch),  # v := v + (1 − β₁)(dW − v)
            call(np.multiply, scratch, one_minus_beta1, scratch),
            call(np.add, v, scratch, v),
            call(np.multiply, dW, dW, scratch),  # s := s + (1 − β₂)(dW² − s)
            call(np.subtract, scratch, s, scratch),
            call(np.multiply, scratch, one_minus_beta2, scratch),
            call(np.add, s, scratch, s),
            *_step_over_root(W, v, s, alpha, epsilon, scratch),
        ]


class AdamW(Adam):
    """Adam whose L2 shrinks the weights by itself, instead of passing through the moments.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.
    """

    name = "adamw"
    title = "AdamW"
    formula = "W := W − α λ/m W, then as Adam; L2 is no part of the cost J"
    decoupled = True


for _optimizer in (GradientDescent, Momentum, Nesterov, RMSprop, Adam, AdamW):
    OPTIMIZERS.add(_optimizer.name, _optimizer)
