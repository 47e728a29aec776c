"""Cost: where the network ends; it compares the output with the targets by a loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.layer import LAYERS, Layer, Shape, setting
from netbuilder.engine.losses import LOSSES


@dataclass(frozen=True)
class Cost(Layer):
    """J = 1/m Σ loss(Ŷ, Y), plus λ/(2m) Σ W² when there is L2 regularisation."""

    kind: ClassVar[str] = "cost"
    title: ClassVar[str] = "Cost"
    summary: ClassVar[str] = "Compares the output with the targets and gives the cost J."
    has_output: ClassVar[bool] = False
    in_palette: ClassVar[bool] = False

    loss: str = setting(
        "binary_cross_entropy",
        "loss",
        "How the distance between output and target is measured.",
        choices=tuple(LOSSES),
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return ()


LAYERS.add(Cost.kind, Cost)
