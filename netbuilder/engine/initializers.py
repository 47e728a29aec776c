"""Initialisers: the weights before the first update."""

from __future__ import annotations

from collections.abc import Callable

from netbuilder.registry import Registry

INITIALIZERS: Registry[Callable[..., object]] = Registry("initialiser")
for _name in "zeros normal large he xavier lecun".split():
    INITIALIZERS.add(_name, lambda: None)  # PLACEHOLDER
