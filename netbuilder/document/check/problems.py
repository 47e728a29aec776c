"""Problems: what keeps a network from training or learning well, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from netbuilder.document.model.network import Edge
from netbuilder.document.model.project import Project
from netbuilder.errors import Message

Severity = Literal["error", "warning", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")
"""Error: it cannot train. Warning: it trains, but not as drawn. Hint: something worth knowing."""


@dataclass(frozen=True)
class Fix:
    """A remedy in one click: a pure edit and what its button says."""

    label: Message
    apply: Callable[[Project], Project]


@dataclass(frozen=True)
class Problem:
    """Something that does not fit; ``node`` and ``edge`` say where it is to be shown.

    The message's values may be messages themselves.
    """

    message: Message
    node: str | None
    """None: it concerns the project, not one card."""
    edge: Edge | None = None
    fix: Fix | None = None
    severity: Severity = "error"


@dataclass(frozen=True)
class Finding:
    """A problem while it is being diagnosed, with the remedies to be tried, the best one first."""

    problem: Problem
    remedies: tuple[Fix, ...] = ()


def finding(
    message: Message,
    node: str | None,
    *remedies: Fix,
    edge: Edge | None = None,
    severity: Severity = "error",
) -> Finding:
    return Finding(Problem(message, node, edge, None, severity), remedies)


def count_units(n: int) -> Message:
    return Message("1 unit") if n == 1 else Message("{n} units", n=f"{n:,}")


def count_channels(n: int) -> Message:
    return Message("1 channel") if n == 1 else Message("{n} channels", n=f"{n:,}")
