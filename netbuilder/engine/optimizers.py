"""Optimisers: how the gradients change the parameters."""

from __future__ import annotations

from netbuilder.registry import Registry

OPTIMIZERS: Registry[object] = Registry("optimiser")
for _name in "gd momentum adam".split():
    OPTIMIZERS.add(_name, object())  # PLACEHOLDER
