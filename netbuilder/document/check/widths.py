"""Widths: a network's widths in a row, and a shape as people write it."""

from __future__ import annotations

from netbuilder.engine.layer import Shape
from netbuilder.engine.plan import Plan


def widths(plan: Plan) -> list[str]:
    """2, 4, 1 of a network 2-4-1: the features, then the outputs of all layers with weights."""
    with_weights = (node for node in plan.nodes if "W" in node.parameter_shapes)
    return [width_text(node.shape) for node in (plan.nodes[0], *with_weights)]


def width_text(shape: Shape) -> str:
    """4 units are "4", an image is "8×6×6"."""
    return "×".join(f"{length:,}" for length in shape)
