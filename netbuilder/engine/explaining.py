"""Explaining: what a layer shows of its own part in one update; a row in a facet for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.arithmetic import combined, mapped, summed
from netbuilder.engine.draws import Draws
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.plan import PlanNode
from netbuilder.engine.stops import Factor, Name, Quantity, Stop, equation
from netbuilder.errors import Message
from netbuilder.registry import Facet

Array = NDArray[Any]
Stops = Iterator[Stop]


@dataclass
class Names:
    """Hands out the names of one update, and never the same twice."""

    _used: dict[tuple[str, int | None], int] = field(default_factory=dict)

    def new(self, text: str, layer: int | None, latex: str = "") -> Name:
        count = self._used.get((text, layer), 0)
        self._used[text, layer] = count + 1
        return Name(text, latex or text, layer, count)


class Explained:
    """A layer at work in one update. ``forward`` finds A, ``backward`` gradients and dA_prev.

    In the course's way dZ and dA are each example's own, and the 1/m stands in dW and db.
    """

    A: Quantity
    dA: Quantity
    """Of its output; there before ``backward`` runs."""

    def __init__(
        self,
        node: PlanNode,
        number: int,
        names: Names,
        inputs: Sequence[Quantity],
        parameters: dict[str, Quantity],
        draws: Draws,
        dtype: np.dtype[Any],
        inner: bool = False,
    ) -> None:
        self.node, self.number, self.names = node, number, names
        self.layer: Any = node.layer
        self.inputs = list(inputs)
        self.parameters = parameters
        self.draws, self.dtype = draws, dtype
        """What is drawn at random is drawn as the layer itself does it."""
        self.inner = inner
        """Whether a layer with the same l follows, so that g is still to come."""
        self.m = inputs[0].shape[-1] if inputs else 0
        self.given_dZ: tuple[Quantity, Stop] | None = None
        """Where the loss takes Z: what it makes of the output layer's dA ∗ g′(Z)."""
        self.gradients: dict[str, Quantity] = {}
        self.d_inputs: list[Quantity | None] = [None] * len(inputs)
        self.wanted: list[Name | None] = [None] * len(inputs)
        """How the gradient of each input is called; None where nobody needs it."""

    def forward(self) -> Stops:
        raise NotImplementedError

    def backward(self) -> Stops:
        raise NotImplementedError

    def remember(self) -> Stops:
        """What moves with an update, and is not learned by a gradient: running averages."""
        return iter(())

    # --- for subclasses ----------------------------------------------------------------------

    def name(self, text: str, latex: str = "") -> Name:
        return self.names.new(text, self.number, latex)

    @property
    def mean(self) -> Factor:
        """1/m"""
        return Factor(1.0 / self.m, rf"\frac{{1}}{{{self.m}}}")

    def stop(
        self, phase: str, parts: Sequence[Any], why: Message | None = None, **more: Any
    ) -> Stop:
        return Stop(self.node.id, phase, tuple(parts), why=why, **more)

    def activate(self, Z: Quantity) -> Stops:
        """A = g(Z)"""
        kind = self.layer.activation
        words, g = TYPESET[kind], ACTIVATIONS[kind]
        name = self.name("A")
        applied = (f"{words.name}(", Z, ")") if words.name else (Z,)
        if g.elementwise:
            self.A = mapped(name, words.g, lambda z: g(np.array(z, ndmin=1)).reshape(z.shape), Z)
            parts = equation(self.A, *applied)
        else:
            # With Z − max Z the quotient is the same, and nothing overflows.
            top = Quantity(
                Name("max Z", r"\max Z", self.number),
                Z.values.max(axis=0, keepdims=True),
                given=Message("the largest of each example: it changes nothing but the rounding"),
            )
            e = mapped(Name("e^Z", "e^{Z}"), r"e^{z-\max z}", lambda z, t: np.exp(z - t), Z, top)
            total = _over_units(Name("Σ e^Z", r"\sum e^{Z}"), e)
            one_over = mapped(
                Name("1/Σ e^Z", r"\frac{1}{\sum e^{Z}}"), r"\frac{1}{x}", _inverse, total
            )
            self.A = combined(name, [(1, (e, one_over))])
            parts = equation(self.A, *applied)
        yield self.stop("forward", parts, also=(f"g(z) = {words.g}",))

    def to_dZ(self, Z: Quantity, name: Name) -> Stops:
        """dZ = dA ∗ g′(Z); sets ``dZ``."""
        if self.given_dZ is not None:
            self.dZ, stop = self.given_dZ
            yield stop
            return
        kind = self.layer.activation
        words, g = TYPESET[kind], ACTIVATIONS[kind]
        if not g.elementwise:
            along = _over_units(
                Name("Σ dA∗A", r"\textstyle\sum dA \ast A", self.number), self.dA, self.A
            )
            self.dZ = combined(name, [(1, (self.A, self.dA)), (-1, (self.A, along))])
            parts = equation(self.dZ, self.A, r"\ast (", self.dA, "-", along, ")")
        else:
            slope = self.slope(Z)
            self.dZ = combined(name, [(1, (self.dA, slope))])
            parts = equation(self.dZ, self.dA, r"\ast", slope)
        yield self.stop("backward", parts, also=(f"g'(z) = {words.slope}",))

    def slope(self, Z: Quantity) -> Quantity:
        """g′(Z) of every number"""
        kind = self.layer.activation
        g = ACTIVATIONS[kind]
        name = Name(f"g′({Z.name})", f"g'({Z.name.typeset})")
        return mapped(
            name, TYPESET[kind].slope, lambda z: g.slope(np.array(z, ndmin=1)).reshape(z.shape), Z
        )


def _over_units(name: Name, *factors: Quantity) -> Quantity:
    """The sum over the units, (1, m)"""
    return summed(name, factors, (1, factors[0].shape[-1]))


def _inverse(x: Any) -> Any:
    return 1.0 / x


EXPLAINED: Facet[type[Explained]] = Facet(LAYERS, "explanations of an update")
"""Layer -> what it shows of its part in an update."""


class Typeset(NamedTuple):
    """An activation in LaTeX, of one number z with its a = g(z)."""

    name: str
    """As in A = tanh(Z)."""
    g: str
    slope: str


TYPESET: Facet[Typeset] = Facet(ACTIVATIONS, "typeset activations")
for _name, _row in {
    "linear": Typeset(r"", "z", "1"),
    "sigmoid": Typeset(r"\sigma", r"\frac{1}{1+e^{-z}}", "a\\,(1-a)"),
    "tanh": Typeset(r"\tanh", r"\tanh z", "1-a^2"),
    "relu": Typeset(r"\mathrm{ReLU}", r"\max(0, z)", r"1\ \text{if}\ z>0,\ \text{else}\ 0"),
    "leaky_relu": Typeset(
        r"\mathrm{LeakyReLU}", r"\max(0.01\,z, z)", r"1\ \text{if}\ z>0,\ \text{else}\ 0.01"
    ),
    "elu": Typeset(
        r"\mathrm{ELU}",
        r"z\ \text{if}\ z>0,\ \text{else}\ e^{z}-1",
        r"1\ \text{if}\ z>0,\ \text{else}\ e^{z}",
    ),
    "gelu": Typeset(r"\mathrm{GELU}", r"z\,\Phi(z)", r"\Phi(z)+z\,\Phi'(z)"),
    "softplus": Typeset(r"\mathrm{softplus}", r"\log(1+e^{z})", r"\frac{1}{1+e^{-z}}"),
    "silu": Typeset(r"\mathrm{SiLU}", r"z\,\sigma(z)", r"\sigma(z)\,(1+z\,(1-\sigma(z)))"),
    "softmax": Typeset(r"\mathrm{softmax}", r"\frac{e^{z}}{\sum e^{z}}", "a\\,(1-a)"),
}.items():
    TYPESET.add(_name, _row)


class LossFormula(NamedTuple):
    """A loss and its derivative in LaTeX, of one output a and its target y."""

    loss: str
    slope: str
    value: Callable[[Any, Any], Any]
    derivative: Callable[[Any, Any], Any]


LOSS_FORMULAS: Facet[LossFormula] = Facet(LOSSES, "typeset losses")
for _name, _formula in {
    "binary_cross_entropy": LossFormula(
        r"-y \log a - (1-y) \log(1-a)",
        r"-\frac{y}{a}+\frac{1-y}{1-a}",
        lambda a, y: (
            -np.where(y > 0, y * np.log(a), 0) - np.where(y < 1, (1 - y) * np.log1p(-a), 0)
        ),
        lambda a, y: np.where(y < 1, (1 - y) / (1 - a), 0) - np.where(y > 0, y / a, 0),
    ),
    "cross_entropy": LossFormula(
        r"-y \log a",
        r"-\frac{y}{a}",
        lambda a, y: -np.where(y > 0, y * np.log(a), 0),
        lambda a, y: -np.where(y > 0, y / a, 0),
    ),
    "mse": LossFormula(
        r"\frac{1}{2}(a-y)^2", "a-y", lambda a, y: (a - y) ** 2 / 2, lambda a, y: a - y
    ),
    "mae": LossFormula(
        "|a-y|", r"\mathrm{sign}(a-y)", lambda a, y: np.abs(a - y), lambda a, y: np.sign(a - y)
    ),
    "huber": LossFormula(
        r"\frac{1}{2}(a-y)^2\ \text{if}\ |a-y|\leq 1,\ \text{else}\ |a-y|-\frac{1}{2}",
        r"\max(-1, \min(a-y, 1))",
        lambda a, y: np.where(np.abs(a - y) <= 1, (a - y) ** 2 / 2, np.abs(a - y) - 0.5),
        lambda a, y: np.clip(a - y, -1, 1),
    ),
}.items():
    LOSS_FORMULAS.add(_name, _formula)
