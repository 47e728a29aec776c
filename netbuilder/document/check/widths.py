"""Widths: which layers' width can be set, which keep it, and a network's widths in a row."""

from __future__ import annotations

import dataclasses

from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers import Activation, BatchNorm, Conv2D, Dense, Dropout, LayerNorm
from netbuilder.engine.plan import Plan

KEEPERS = (Activation, Dropout, BatchNorm, LayerNorm)
"""Layers whose output is shaped as their only input."""


def width_of(layer: Layer) -> int | None:
    """The units of a Dense or the filters of a Conv2D; None for what has no width to be set."""
    if isinstance(layer, Dense):
        return layer.units
    return layer.filters if isinstance(layer, Conv2D) else None


def of_width(layer: Layer, width: int) -> Layer:
    """The same layer with another width, where it has one to be set."""
    if isinstance(layer, Dense):
        return dataclasses.replace(layer, units=width)
    return dataclasses.replace(layer, filters=width) if isinstance(layer, Conv2D) else layer


def widths(plan: Plan) -> list[str]:
    """2, 4, 1 of a network 2-4-1: the features, then the outputs of all layers with weights."""
    with_weights = (step for step in plan.steps if "W" in step.parameter_shapes)
    return [width_text(step.shape) for step in (plan.steps[0], *with_weights)]


def width_text(shape: Shape) -> str:
    """4 units are "4", an image is "8×6×6"."""
    return "×".join(f"{length:,}" for length in shape)
