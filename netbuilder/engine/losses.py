"""Losses: how far the output is from the targets, and the slope of that distance."""

from __future__ import annotations

from dataclasses import dataclass

from netbuilder.registry import Registry


@dataclass(frozen=True)
class Loss:
    """PLACEHOLDER: the engine part fills this in."""

    name: str
    output_activation: str | None
    formula: str


LOSSES: Registry[Loss] = Registry("loss")
for _name, _act in {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "mse": None,
    "mae": None,
    "huber": None,
}.items():
    LOSSES.add(_name, Loss(_name, _act, ""))
