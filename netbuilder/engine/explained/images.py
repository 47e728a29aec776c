"""Conv2D and the pools: one window at a time, over each image."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from netbuilder.engine.arithmetic import summed
from netbuilder.engine.explaining import EXPLAINED, Array, Explained, Stops
from netbuilder.engine.stops import Factor, Index, Name, Origin, Quantity, Term, Terms, equation
from netbuilder.engine.windows import windows
from netbuilder.errors import Message


class _Windowed(Explained):
    """What moves a window over images; ``size``, ``step`` and ``padding`` say how."""

    size: int
    step: int
    padding: int = 0

    def pixel(self, c: int, y: int, x: int, i: int, j: int, e: int) -> Index | None:
        """The pixel (i, j) of the window at (y, x); None where that is padding."""
        _, height, width, _ = self.inputs[0].shape
        row, column = y * self.step + i - self.padding, x * self.step + j - self.padding
        return (c, row, column, e) if 0 <= row < height and 0 <= column < width else None

    def windows_of(self, row: int, column: int) -> Iterator[tuple[int, int, int, int]]:
        """(y, x, i, j) of every window that a pixel is in, and where in it."""
        _, rows, columns = self.node.shape
        for i, j in np.ndindex(self.size, self.size):
            y, rest_y = divmod(row + self.padding - i, self.step)
            x, rest_x = divmod(column + self.padding - j, self.step)
            if rest_y == rest_x == 0 and 0 <= y < rows and 0 <= x < columns:
                yield y, x, i, j


@EXPLAINED.of("conv2d")
class ExplainedConv(_Windowed):
    def _windows(self) -> Array:
        """(channels, kernel, kernel, rows, columns, m), padding included"""
        p = self.padding
        padded = np.pad(self.inputs[0].values, ((0, 0), (p, p), (p, p), (0, 0)))
        return windows(padded, self.size, self.step)

    def forward(self) -> Stops:
        self.size, self.step = self.layer.kernel, self.layer.stride
        self.padding = self.layer.padding
        W, b, A_prev = self.parameters["W"], self.parameters["b"], self.inputs[0]
        values = np.tensordot(W.values, self._windows(), 3) + b.values[:, :, None, None]
        kernel = (W.shape[1], self.size, self.size)

        def traced(at: Index) -> Origin:
            f, y, x, e = at

            def term(k: int) -> Term:
                if k == math.prod(kernel):
                    return Term((Factor.of(b, (f, 0)),))
                c, i, j = (int(n) for n in np.unravel_index(k, kernel))
                place = self.pixel(c, y, x, i, j, e)
                seen = Factor(0.0, "0") if place is None else Factor.of(A_prev, place)
                return Term((Factor.of(W, (f, c, i, j)), seen))

            return Origin(self.Z, at, Terms(math.prod(kernel) + 1, term))

        self.Z = Quantity(self.name("Z"), values, traced)
        yield self.stop(
            "forward",
            equation(self.Z, W, r"\star", A_prev, "+", b),
            Message(
                "Each number sees one window of the image, {size} × {size} pixels.", size=self.size
            ),
            indexed=r"z_{f,y,x} = \sum_{c,i,j} w_{f,c,i,j}\, "
            rf"a_{{c,\,{self._moved('y', 'i')},\,{self._moved('x', 'j')}}} + b_f",
        )
        if self.inner and self.layer.activation == "linear":
            self.A = self.Z
        else:
            yield from self.activate(self.Z)

    def _moved(self, y: str, i: str) -> str:
        step = "" if self.step == 1 else str(self.step)
        return f"{step}{y}+{i}" + (f"-{self.padding}" if self.padding else "")

    def backward(self) -> Stops:
        W, A_prev = self.parameters["W"], self.inputs[0]
        if self.A is self.Z:
            self.dZ = self.dA
        else:
            yield from self.to_dZ(self.Z, self.Z.name.d)
        dZ = self.dZ
        places = dZ.shape[1:]

        def of_weight(at: Index) -> Origin:
            f, c, i, j = at

            def term(k: int) -> Term:
                y, x, e = (int(n) for n in np.unravel_index(k, places))
                place = self.pixel(c, y, x, i, j, e)
                seen = Factor(0.0, "0") if place is None else Factor.of(A_prev, place)
                return Term((Factor.of(dZ, (f, y, x, e)), seen))

            return Origin(dW, at, Terms(math.prod(places), term), (self.mean,))

        values = np.tensordot(dZ.values, self._windows(), ((1, 2, 3), (3, 4, 5)))
        dW = Quantity(W.name.d, values * self.mean.value, of_weight)
        yield self.stop(
            "backward",
            equation(dW, self.mean.latex, r"\sum_{y,x}", dZ, r"\star", A_prev),
            Message(
                "Each weight has worked at every place of every image: all of that is added up."
            ),
        )
        db = summed(self.parameters["b"].name.d, [dZ], (dZ.shape[0], 1), (self.mean,))
        yield self.stop("backward", equation(db, self.mean.latex, r"\sum_{y,x,j}", dZ))
        self.gradients = {"W": dW, "b": db}
        if (name := self.wanted[0]) is not None:
            dA_prev = self.d_inputs[0] = self._to_pixels(name)
            yield self.stop(
                "backward",
                equation(dA_prev, r"\sum_{f}", W, r"\star", dZ),
                Message("A pixel gets something back from every window that it was in."),
            )

    def _to_pixels(self, name: Name) -> Quantity:
        W, dZ, A_prev, p = self.parameters["W"], self.dZ, self.inputs[0], self.padding
        padded = np.pad(np.zeros(A_prev.shape), ((0, 0), (p, p), (p, p), (0, 0)))
        d_pixels = windows(padded, self.size, self.step)
        for i, j in np.ndindex(self.size, self.size):
            d_pixels[:, i, j] += np.tensordot(W.values[:, :, i, j].T, dZ.values, 1)
        height, width = A_prev.shape[1:3]

        def traced(at: Index) -> Origin:
            c, row, column, e = at
            terms = [
                Term((Factor.of(W, (f, c, i, j)), Factor.of(dZ, (f, y, x, e))))
                for y, x, i, j in self.windows_of(row, column)
                for f in range(W.shape[0])
            ]
            return Origin(found, at, terms)

        found = Quantity(name, padded[:, p : p + height, p : p + width], traced)
        return found


class _Pool(_Windowed):
    def forward(self) -> Stops:
        self.size, self.step = self.layer.size, self.layer.stride_in_force
        A_prev = self.inputs[0]
        seen = windows(A_prev.values, self.size, self.step)
        count = self.size**2
        scale, largest = self.of_window()

        def traced(at: Index) -> Origin:
            c, y, x, e = at

            def term(k: int) -> Term:
                place = self.pixel(c, y, x, *divmod(k, self.size), e)
                assert place is not None
                return Term((Factor.of(A_prev, place),))

            return Origin(self.A, at, Terms(count, term), scale, largest=largest)

        values = seen.max((1, 2)) if largest else seen.mean((1, 2))
        self.A = Quantity(self.name("P"), values, traced)
        word = r"\max_{i,j}" if largest else rf"\frac{{1}}{{{count}}} \sum_{{i,j}}"
        yield self.stop(
            "forward",
            equation(self.A, word, A_prev),
            Message("Over each window of {size} × {size} pixels.", size=self.size),
        )

    def of_window(self) -> tuple[tuple[Factor, ...], bool]:
        """The scale of its sum, and whether the largest is taken in place of the sum."""
        raise NotImplementedError

    def backward(self) -> Stops:
        name, A_prev, dA = self.wanted[0], self.inputs[0], self.dA
        if name is None:
            return
        values = np.zeros(A_prev.shape)
        gains, into = self._gains(), windows(values, self.size, self.step)
        for i, j in np.ndindex(self.size, self.size):
            into[:, i, j] += gains[:, i, j] * dA.values

        def traced(at: Index) -> Origin:
            c, row, column, e = at
            terms = [
                Term((Factor.of(dA, (c, y, x, e)), Factor(gain, f"{gain:.3g}")))
                for y, x, i, j in self.windows_of(row, column)
                if (gain := float(gains[c, i, j, y, x, e]))
            ]
            return Origin(found, at, terms)

        found = self.d_inputs[0] = Quantity(name, values, traced)
        yield self.stop("backward", equation(found, r"\sum", dA, sign=r"\leftarrow"), self.back)

    back: Message

    def _gains(self) -> Array:
        """What each pixel (i, j) of a window gets of its dA: as the windows are shaped."""
        raise NotImplementedError


@EXPLAINED.of("max_pool2d")
class ExplainedMaxPool(_Pool):
    back = Message("Only the pixel that was the largest of its window gets what comes back.")

    def of_window(self) -> tuple[tuple[Factor, ...], bool]:
        return (), True

    def _gains(self) -> Array:
        seen = windows(self.inputs[0].values, self.size, self.step)
        flat = np.moveaxis(seen, (1, 2), (0, 1)).reshape(self.size**2, *self.A.shape)
        first = np.arange(self.size**2).reshape(-1, 1, 1, 1, 1) == flat.argmax(0)
        gains = first.reshape(self.size, self.size, *self.A.shape).astype(np.float64)
        return np.moveaxis(gains, (0, 1), (1, 2))


@EXPLAINED.of("avg_pool2d")
class ExplainedAvgPool(_Pool):
    back = Message("Every pixel of a window gets the same part of what comes back.")

    def of_window(self) -> tuple[tuple[Factor, ...], bool]:
        count = self.size**2
        return (Factor(1.0 / count, rf"\frac{{1}}{{{count}}}"),), False

    def _gains(self) -> Array:
        shape = windows(self.inputs[0].values, self.size, self.step).shape
        return np.full(shape, 1.0 / self.size**2)


@EXPLAINED.of("global_avg_pool2d")
class ExplainedGlobalPool(Explained):
    @property
    def _share(self) -> Factor:
        pixels = math.prod(self.inputs[0].shape[1:3])
        return Factor(1.0 / pixels, rf"\frac{{1}}{{{pixels}}}")

    def forward(self) -> Stops:
        A_prev = self.inputs[0]
        pixels = A_prev.shape[1:3]

        def traced(at: Index) -> Origin:
            c, e = at

            def term(k: int) -> Term:
                y, x = (int(n) for n in np.unravel_index(k, pixels))
                return Term((Factor.of(A_prev, (c, y, x, e)),))

            return Origin(self.A, at, Terms(math.prod(pixels), term), (self._share,))

        self.A = Quantity(self.name("P"), A_prev.values.mean((1, 2)), traced)
        yield self.stop(
            "forward",
            equation(self.A, self._share.latex, r"\sum_{y,x}", A_prev),
            Message("The mean of each channel."),
        )

    def backward(self) -> Stops:
        name, dA = self.wanted[0], self.dA
        if name is None:
            return
        shape = self.inputs[0].shape
        values = np.broadcast_to(dA.values[:, None, None] * self._share.value, shape)

        def traced(at: Index) -> Origin:
            return Origin(found, at, [Term((Factor.of(dA, (at[0], at[3])),))], (self._share,))

        found = self.d_inputs[0] = Quantity(name, values.copy(), traced)
        yield self.stop("backward", equation(found, self._share.latex, dA))
