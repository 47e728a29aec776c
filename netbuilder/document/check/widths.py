"""Widths: a network's widths in a row, and a shape as people write it."""

from __future__ import annotations

from netbuilder.engine.layer import Shape
from netbuilder.engine.plan import Plan


def widths(plan: Plan) -> list[str]:
    """2, 4, 1 of a network 2-4-1: the features, then the outputs of all layers with weights."""
    with_weights = (step for step in plan.steps if "W" in step.parameter_shapes)
    return [width_text(step.shape) for step in (plan.steps[0], *with_weights)]


def width_text(shape: Shape) -> str:
    """4 units are "4", an image is "8×6×6"."""
    return "×".join(f"{length:,}" for length in shape)
