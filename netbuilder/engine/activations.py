"""Activation functions, each with its derivative side by side."""

from __future__ import annotations

from dataclasses import dataclass

from netbuilder.registry import Registry


@dataclass(frozen=True)
class ActivationFunction:
    """PLACEHOLDER: the engine part fills this in."""

    name: str
    formula: str


ACTIVATIONS: Registry[ActivationFunction] = Registry("activation")
for _name in "linear sigmoid tanh relu leaky_relu elu gelu softplus silu softmax".split():
    ACTIVATIONS.add(_name, ActivationFunction(_name, ""))
