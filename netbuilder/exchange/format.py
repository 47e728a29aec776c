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
    """What else but the suffix asks for it, as whose functions generated code calls."""
    source: Callable[[Trained, str], str] | None = None
    """``source(trained, stem)``: the text of generated code in a file of that name."""


FORMATS: Registry[Format] = Registry("format")
"""All of them, once ``netbuilder.exchange.formats`` is imported."""
