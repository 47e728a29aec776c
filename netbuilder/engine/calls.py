"""Calls: what an update consists of, written down once for a batch size and then run every time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Calls = list[Callable[[], Any]]
"""NumPy calls with their arguments."""
