"""A format: one kind of file that trained networks can be taken away in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from netbuilder.exchange.trained import Trained
from netbuilder.registry import Registry


@dataclass(frozen=True)
class Format:
    """One kind of file; ``save`` raises UserError for what the format cannot hold."""

    name: str
    title: str
    suffix: str
    summary: str
    save: Callable[[Path, Trained], None]
    variant: str = ""
    """What else but the suffix asks for it; empty for what a suffix stands for."""


FORMATS: Registry[Format] = Registry("format")
"""All of them, once ``netbuilder.exchange.formats`` is imported."""
