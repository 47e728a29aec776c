"""Values of options: numbers as they are written, or the reason why they are none, and names."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netbuilder.engine.settings import HasSettings


def choices(owner: type[HasSettings], name: str) -> str:
    """a|b|c of a setting."""
    return "|".join(next(s.choices for s in owner.settings() if s.name == name))


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None


def minutes(text: str) -> float:
    found = number(text)
    if not 0 < found < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of minutes above 0, got {text!r}")
    return found


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}") from None


def count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 10**9):
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 1,000,000,000, got {text!r}")
    return int(text)


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65535):
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return int(text)


def batch_size(text: str) -> int:
    """0 stands for the full batch."""
    return 0 if text == "full" else count(text)
