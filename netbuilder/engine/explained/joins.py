"""What only moves numbers: joins, dropout, and layers that give images another shape."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netbuilder.engine.arithmetic import combined
from netbuilder.engine.explaining import EXPLAINED, Array, Explained, Stops
from netbuilder.engine.stops import Factor, Index, Name, Origin, Quantity, Term, equation
from netbuilder.errors import Message

Where = Callable[[Index], Index]


def _moved(name: Name, values: Array, source: Quantity, where: Where) -> Quantity:
    """Numbers that stand elsewhere in their source; ``where(at)`` says at which place."""

    def traced(at: Index) -> Origin:
        return Origin(found, at, [Term((Factor.of(source, where(at)),))])

    found = Quantity(name, values, traced)
    return found


@EXPLAINED.of("dropout")
class ExplainedDropout(Explained):
    def forward(self) -> Stops:
        keep, A_prev = 1.0 - self.layer.rate, self.inputs[0]
        # Drawn as the layer draws them, so that it is the mask of this very update.
        shape = A_prev.shape
        drawn = np.empty(shape, self.dtype)
        self.draws.fill(drawn)
        mask = np.less(drawn, np.array(keep, drawn.dtype)).astype(np.float64)
        given = Message("drawn at random for this update")
        self.D = Quantity(self.name("D"), mask, given=given)
        yield self.stop(
            "forward",
            equation(self.D, rf"\mathrm{{rand}} < {keep:.3g}"),
            Message("1 for a unit that stays, 0 for one that is silenced in this update."),
        )
        self.scale = Factor(1.0 / keep, rf"\frac{{1}}{{{keep:.3g}}}")
        name = self.name("A_drop", r"A_{\mathrm{drop}}")
        self.A = combined(name, [(1, (A_prev, self.D))], (self.scale,))
        yield self.stop("forward", equation(self.A, self.scale.latex, A_prev, r"\ast", self.D))

    def backward(self) -> Stops:
        if (name := self.wanted[0]) is not None:
            found = combined(name, [(1, (self.dA, self.D))], (self.scale,))
            self.d_inputs[0] = found
            yield self.stop("backward", equation(found, self.scale.latex, self.dA, r"\ast", self.D))


@EXPLAINED.of("add")
class ExplainedAdd(Explained):
    def forward(self) -> Stops:
        self.A = combined(self.name("S"), [(1, (part,)) for part in self.inputs])
        signs = [sign for part in self.inputs for sign in ("+", part)][1:]
        yield self.stop("forward", equation(self.A, *signs))

    def backward(self) -> Stops:
        for index, name in enumerate(self.wanted):
            if name is not None:
                found = self.d_inputs[index] = combined(name, [(1, (self.dA,))])
                yield self.stop("backward", equation(found, self.dA))


@EXPLAINED.of("multiply")
class ExplainedMultiply(Explained):
    def forward(self) -> Stops:
        self.A = combined(self.name("M"), [(1, tuple(self.inputs))])
        signs = [sign for part in self.inputs for sign in (r"\ast", part)][1:]
        yield self.stop("forward", equation(self.A, *signs))

    def backward(self) -> Stops:
        for index, name in enumerate(self.wanted):
            if name is not None:
                others = [part for k, part in enumerate(self.inputs) if k != index]
                found = self.d_inputs[index] = combined(name, [(1, (self.dA, *others))])
                signs = [sign for part in others for sign in (r"\ast", part)]
                yield self.stop("backward", equation(found, self.dA, *signs))


@EXPLAINED.of("concatenate")
class ExplainedConcatenate(Explained):
    def forward(self) -> Stops:
        starts = np.cumsum([0, *(part.shape[0] for part in self.inputs)])
        self._starts = [int(start) for start in starts]

        def traced(at: Index) -> Origin:
            number = int(np.searchsorted(starts, at[0], "right")) - 1
            place = (at[0] - self._starts[number], *at[1:])
            return Origin(self.A, at, [Term((Factor.of(self.inputs[number], place),))])

        values = np.concatenate([part.values for part in self.inputs])
        self.A = Quantity(self.name("C"), values, traced)
        signs = [sign for part in self.inputs for sign in (";", part)][1:]
        yield self.stop("forward", equation(self.A, "[", *signs, "]"))

    def backward(self) -> Stops:
        for index, name in enumerate(self.wanted):
            if name is not None:
                start, end = self._starts[index], self._starts[index + 1]
                found = self.d_inputs[index] = _moved(
                    name,
                    self.dA.values[start:end],
                    self.dA,
                    _below(start),
                )
                rows = rf"[{start + 1} \ldots {end}]"
                yield self.stop("backward", equation(found, self.dA, rows))


def _below(start: int) -> Where:
    """So many rows further down."""
    return lambda at: (at[0] + start, *at[1:])


@EXPLAINED.of("flatten", "reshape")
class ExplainedReshape(Explained):
    def forward(self) -> Stops:
        A_prev = self.inputs[0]
        shape = (*self.node.shape, self.m)
        self.A = _moved(
            self.name("R"), A_prev.values.reshape(shape), A_prev, _same(shape, A_prev.shape)
        )
        yield self.stop(
            "forward",
            equation(self.A, A_prev),
            Message("The same numbers in the same order, in another shape."),
        )

    def backward(self) -> Stops:
        if (name := self.wanted[0]) is not None:
            shape = self.inputs[0].shape
            values = self.dA.values.reshape(shape)
            found = _moved(name, values, self.dA, _same(shape, self.dA.shape))
            self.d_inputs[0] = found
            yield self.stop("backward", equation(found, self.dA))


def _same(shape: Index, other: Index) -> Where:
    def where(at: Index) -> Index:
        flat = int(np.ravel_multi_index(at, shape))
        return tuple(int(i) for i in np.unravel_index(flat, other))

    return where
