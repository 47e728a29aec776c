"""Backward: what each kind of layer gives back in an update, in the course's notation, with shapes.

As in the course dZ and dA are each example's own, and the 1/m stands in dW and db.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layer import Shape
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.errors import Message
from netbuilder.lens.formulas import Place, Rows
from netbuilder.numbers import number, shape_text
from netbuilder.registry import Facet


class Way(NamedTuple):
    """Where a layer stands in an update."""

    m: int | None
    """Examples of a batch; None while there is no data."""
    output: Shape
    learning: tuple[bool, ...]
    """For each input, whether anything before it learns, so that it wants its dA."""
    joined: str = ""
    """For the output layer of a loss that takes its Z: how dZ is found from A and Y."""


Backward = Callable[[Place, Way], Iterator[tuple[str, Shape | None]]]
"""Formulas, and the shape of one example's result; a parameter's shape with None for no m."""

BACKWARD: Facet[Backward] = Facet(LAYERS, "backward formulas")
BACKWARD.without("input", "nothing is before the data that could learn")


def backward(at: Place, way: Way) -> Rows:
    """The formulas of the way back, each with the shape of what it gives."""
    found = BACKWARD.get(at.layer.kind)
    if found is None:
        return []
    rows: Rows = []
    for formula, shape in found(at, way):
        size = "" if shape is None else f"  {shape_text(shape, way.m or 'm')}"
        rows.append(("", f"{formula}{size}"))
    return rows


def update(settings: TrainingSettings, symbols: list[str], m: int | None) -> Rows:
    """What an update does with the gradients of these parameters, from penalties to α."""
    if not symbols:
        return []
    rule, size = OPTIMIZERS[settings.optimizer], "m" if m is None else f"{m:,}"
    weights = [symbol for symbol in symbols if symbol.startswith("W")]
    rows: Rows = []
    for W in weights:
        if settings.l2 and not rule.decoupled:
            rows.append(("L2", f"d{W} := d{W} + {number(settings.l2)}/{size} {W}"))
        if settings.l1:
            rows.append(("L1", f"d{W} := d{W} + {number(settings.l1)}/{size} sign({W})"))
    if settings.clip_norm:
        rows.append((Message("clipping"), f"g := g · {number(settings.clip_norm)}/‖g‖"))
    rows.append(("", rule.formula))
    if rule.uses_beta:
        rows.append(("β", number(settings.beta)))
    alpha = number(settings.learning_rate)
    rows.append(("α", alpha))
    if settings.schedule != "constant":
        rows.append((Message("α in epoch t"), SCHEDULES[settings.schedule].formula))
    return rows


def _mean(way: Way) -> str:
    return "1/m" if way.m is None else f"1/{way.m:,}"


def _to_dZ(at: Place, way: Way) -> tuple[str, Shape | None]:
    n = at.number
    if way.joined:
        return f"dZ{n} = dA{n} ∗ g′(Z{n}) = {way.joined}", way.output
    return f"dZ{n} = dA{n} ∗ g′(Z{n})", way.output


def _back_to(at: Place, way: Way, formula: str) -> Iterator[tuple[str, Shape | None]]:
    """dA of each input that wants it; {} in the formula is its name."""
    for name, wanted, shape in zip(at.inputs, way.learning, at.shapes, strict=False):
        if wanted:
            yield f"d{name} = {formula}", shape


@BACKWARD.of("dense")
def _dense(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    n, mean = at.number, _mean(way)
    yield _to_dZ(at, way)
    yield f"dW{n} = {mean} dZ{n}·{at.A_prev}ᵀ{_of_W(at)}", None
    yield f"db{n} = {mean} Σ dZ{n}  (axis=1, keepdims)", None
    yield from _back_to(at, way, f"W{n}ᵀ·dZ{n}")


def _of_W(at: Place) -> str:
    if not at.shapes:
        return ""
    W = at.layer.parameter_shapes(at.shapes)["W"]
    return f"  {shape_text(W)}"


@BACKWARD.of("conv2d")
def _conv(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    n, mean = at.number, _mean(way)
    yield _to_dZ(at, way)
    pixel = f"{at.A_prev}[c, …]"
    yield f"dW{n}[f, c, i, j] = {mean} Σ dZ{n}[f, y, x] · {pixel}{_of_W(at)}", None
    yield f"db{n}[f] = {mean} Σ dZ{n}[f, y, x]", None
    yield from _back_to(at, way, f"Σ W{n}[f, c, i, j] · dZ{n}[f, y, x]")


@BACKWARD.of("batch_norm", "layer_norm")
def _norm(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    n, mean = at.number, _mean(way)
    yield f"dγ{n} = {mean} Σ dZ̃{n} ∗ Z_norm", None
    yield f"dβ{n} = {mean} Σ dZ̃{n}", None
    for wanted, shape in zip(way.learning, at.shapes, strict=False):
        if wanted:
            yield f"dZ_norm = γ{n} ∗ dZ̃{n}", shape
            inner = "dZ_norm − mean(dZ_norm) − Z_norm ∗ mean(dZ_norm ∗ Z_norm)"
            yield f"dZ = ({inner}) / √(σ² + ε)", shape


@BACKWARD.of("activation")
def _activation(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    if any(way.learning):
        yield (f"dZ = {way.joined}" if way.joined else "dZ = dA ∗ g′(Z)"), way.output


@BACKWARD.of("dropout")
def _dropout(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    yield from _back_to(at, way, f"dA ∗ D / {1 - at.layer.rate:.3g}")


@BACKWARD.of("max_pool2d")
def _max_pool(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    yield from _back_to(at, way, "Σ dA of the windows it is largest in")


@BACKWARD.of("avg_pool2d")
def _avg_pool(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    yield from _back_to(at, way, f"1/{at.layer.size**2} Σ dA of its windows")


@BACKWARD.of("global_avg_pool2d")
def _global(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    pixels = f"{at.image[1] * at.image[2]:,}" if at.image else "HW"
    yield from _back_to(at, way, f"1/{pixels} dA[c]")


@BACKWARD.of("flatten", "reshape")
def _same_numbers(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    yield from _back_to(at, way, "dA, in the shape of the input")


@BACKWARD.of("add")
def _add(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    yield from _back_to(at, way, "dA")


@BACKWARD.of("concatenate")
def _concatenate(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    yield from _back_to(at, way, "its rows of dA")


@BACKWARD.of("multiply")
def _multiply(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    yield from _back_to(at, way, "dA ∗ the other inputs")


@BACKWARD.of("cost")
def _cost(at: Place, way: Way) -> Iterator[tuple[str, Shape | None]]:
    if any(way.learning):
        yield COST_SLOPES[at.layer.loss], at.shapes[0] if at.shapes else None


COST_SLOPES: Facet[str] = Facet(LOSSES, "dA of the output")
for _name, _slope in {
    "binary_cross_entropy": "dŶ = −Y/Ŷ + (1 − Y)/(1 − Ŷ)",
    "cross_entropy": "dŶ = −Y/Ŷ",
    "mse": "dŶ = Ŷ − Y",
    "mae": "dŶ = sign(Ŷ − Y)",
    "huber": "dŶ = Ŷ − Y, held within ±1",
}.items():
    COST_SLOPES.add(_name, _slope)
