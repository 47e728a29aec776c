"""Formulas: what each kind of layer computes, in the course's notation, with its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layer import Shape
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.losses import LOSSES
from netbuilder.errors import Message
from netbuilder.registry import Facet

Row = tuple[str | Message, str | Message]
"""(name, value); a value without a name is a formula that stands for itself."""
Rows = list[Row]


@dataclass(frozen=True)
class Place:
    """A layer and where it stands in its network."""

    layer: Any
    """A Layer; each kind's formulas know their own settings."""
    inputs: Sequence[str]
    """What feeds it: X, A1, or A_prev."""
    shapes: Sequence[Shape]
    """Those of the inputs; empty while they are not known."""
    number: str
    """The course's l of W[l] or γ[l], or "" where the layer has no parameters."""

    @property
    def A_prev(self) -> str:
        return self.inputs[0]

    @property
    def image(self) -> Shape | None:
        """The shape of the input where that is an image."""
        return self.shapes[0] if self.shapes and len(self.shapes[0]) == 3 else None


FORMULAS: Facet[Callable[[Place], Rows]] = Facet(LAYERS, "formulas")
FORMULAS.without("input", "the data is given, not computed")


def formulas(at: Place) -> Rows:
    """What the layer computes, with its settings and shapes filled in.

    There are no rows for the data, and none where too little is known of the inputs.
    """
    rows = FORMULAS.get(at.layer.kind)
    return [] if rows is None else rows(at)


# --- layers with weights -------------------------------------------------------------------------


@FORMULAS.of("dense")
def _dense(at: Place) -> Rows:
    formula = (
        f"Z{at.number} = W{at.number}·{at.A_prev} + b{at.number},  A{at.number} = g(Z{at.number})"
    )
    return [("", formula), *_g(at.layer), _start(at.layer)]


@FORMULAS.of("conv2d")
def _conv(at: Place) -> Rows:
    layer, n = at.layer, at.number
    pixel = _pixel(at.A_prev, layer.stride, layer.padding)
    return [
        ("", f"Z{n}[f, y, x] = b{n}[f] + Σ W{n}[f, c, i, j] · {pixel}"),
        ("", f"A{n} = g(Z{n})"),
        ("Σ", Message("over all channels c and pixels i, j of the kernel")),
        *_size(at.image, layer.kernel, layer.stride, layer.padding),
        *_g(layer),
        _start(layer),
    ]


@FORMULAS.of("batch_norm")
def _batch_norm(at: Place) -> Rows:
    over = (
        Message("over the batch and all pixels of a channel")
        if at.image
        else Message("over the batch, unit by unit")
    )
    running = Message(
        "with running averages: v := {stays} v + {comes} · batch",
        stays=f"{at.layer.momentum:.3g}",
        comes=f"{1 - at.layer.momentum:.3g}",
    )
    return [*_norm(at, over), (Message("predicting"), running)]


@FORMULAS.of("layer_norm")
def _layer_norm(at: Place) -> Rows:
    return _norm(at, Message("over the numbers of each example"))


def _norm(at: Place, over: Message) -> Rows:
    return [
        ("", f"Z = {at.A_prev},  μ = mean(Z),  σ² = mean((Z − μ)²)"),
        ("", "Z_norm = (Z − μ) / √(σ² + ε)"),
        ("", f"Z̃{at.number} = γ{at.number} ∗ Z_norm + β{at.number}"),
        (Message("mean"), over),
    ]


# --- layers without ------------------------------------------------------------------------------


@FORMULAS.of("max_pool2d")
def _max_pool(at: Place) -> Rows:
    return _pooled(at, "max")


@FORMULAS.of("avg_pool2d")
def _avg_pool(at: Place) -> Rows:
    return _pooled(at, f"1/{at.layer.size**2} Σ")


def _pooled(at: Place, what: str) -> Rows:
    """``what`` is made of the pixels of a window."""
    size, stride = at.layer.size, at.layer.stride_in_force
    formula = f"A[c, y, x] = {what} {_pixel(at.A_prev, stride, 0)}"
    return [("", formula), _window(size), *_size(at.image, size, stride, 0)]


@FORMULAS.of("global_avg_pool2d")
def _global(at: Place) -> Rows:
    pixels = f"{math.prod(at.image[1:]):,}" if at.image else "HW"
    return [("", f"A[c] = 1/{pixels} Σ {at.A_prev}[c, y, x]")]


@FORMULAS.of("flatten")
def _flatten(at: Place) -> Rows:
    return [("", f"A[{_index(at.image)}] = {at.A_prev}[c, y, x]")] if at.image else []


@FORMULAS.of("reshape")
def _reshape(at: Place) -> Rows:
    image = at.layer.channels, at.layer.height, at.layer.width
    return [("", f"A[c, y, x] = {at.A_prev}[{_index(image)}]")]


@FORMULAS.of("add")
def _add(at: Place) -> Rows:
    return _joined(at, " + ")


@FORMULAS.of("multiply")
def _multiply(at: Place) -> Rows:
    return _joined(at, " ∗ ")


@FORMULAS.of("concatenate")
def _concatenate(at: Place) -> Rows:
    return _joined(at, "; ", "[{}]")


@FORMULAS.of("activation")
def _activation(at: Place) -> Rows:
    return [("", f"Z = {at.A_prev},  A = g(Z)"), *_g(at.layer)]


@FORMULAS.of("dropout")
def _dropout(at: Place) -> Rows:
    keep = f"{1 - at.layer.rate:.3g}"
    return [
        ("", f"A = {at.A_prev} ∗ D / {keep}"),
        ("D", Message("1 with probability {keep}, else 0", keep=keep)),
        (Message("predicting"), f"A = {at.A_prev}"),
    ]


@FORMULAS.of("cost")
def _cost(at: Place) -> Rows:
    loss = LOSSES[at.layer.loss]
    return [("J", "1/m Σ L(Ŷ, Y)"), ("L", loss.formula), ("dL", loss.derivative_formula)]


# --- parts ---------------------------------------------------------------------------------------


def _g(layer: Any) -> Rows:
    g = ACTIVATIONS[layer.activation]
    return [("g(Z)", g.formula), ("g′(Z)", g.derivative_formula)]


def _joined(at: Place, sign: str, whole: str = "{}") -> Rows:
    joined = whole.format(sign.join(at.inputs))
    return [("", f"A = {joined}")] if len(at.inputs) > 1 else []


def _start(layer: Any) -> Row:
    return Message("W starts as"), INITIALIZERS[layer.initializer].formula


def _pixel(A_prev: str, stride: int, padding: int) -> str:
    """X[c, y + i, x + j], the pixel of a window that stands at (y, x); or X[c, 2y − 1 + i, …]."""
    step = "" if stride == 1 else str(stride)
    back = f" − {padding}" if padding else ""
    return f"{A_prev}[c, {step}y{back} + i, {step}x{back} + j]"


def _window(size: int) -> Row:
    return "i, j", f"0 … {size - 1}"


def _size(image: Shape | None, window: int, stride: int, padding: int) -> Rows:
    """How the height, and the width of a square image too, follows from the input's."""
    if image is None:
        return []
    name = Message("height, width") if image[1] == image[2] else Message("height")
    padded = f"{image[1]} + 2·{padding}" if padding else f"{image[1]}"
    found = (image[1] + 2 * padding - window) // stride + 1
    return [(name, f"⌊({padded} − {window}) / {stride}⌋ + 1 = {found}")]


def _index(image: Shape) -> str:
    """Where the pixel (c, y, x) of an image is in the column of all its numbers."""
    _, height, width = image
    return f"{height * width} c + {width} y + x"
