"""Parameters: what the arrays that layers learn or remember are called, by their names in files.

A layer with an array of another name adds it in its own file.
"""

from __future__ import annotations

from dataclasses import dataclass

from netbuilder.errors import Message
from netbuilder.registry import Registry


@dataclass(frozen=True)
class Parameter:
    """One name that arrays of layers have, and what it means."""

    name: str
    """As in ``W1`` or ``n1.W``."""
    symbol: str
    """As formulas write it."""
    title: Message
    squares: bool = False
    """Whether it is a mean of squares, which cannot be negative."""


PARAMETERS: Registry[Parameter] = Registry("parameter")

for _parameter in (
    Parameter("W", "W", Message("weights")),
    Parameter("b", "b", Message("biases")),
    Parameter("gamma", "γ", Message("scale")),
    Parameter("beta", "β", Message("shift")),
    Parameter("mean", "μ", Message("running mean")),
    Parameter("variance", "σ²", Message("running variance"), squares=True),
):
    PARAMETERS.add(_parameter.name, _parameter)
