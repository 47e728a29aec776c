"""What a file of another program, or of our own, holds: arrays of layers, and a network if it says.

Each format that can be read again has a row here, beside its row in the table of formats.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.data.dataset import Scaling
from netbuilder.engine.layer import Array, Layer
from netbuilder.errors import Message, UserError
from netbuilder.exchange.formats import FORMATS
from netbuilder.registry import Facet

LARGEST = 2**31
"""Bytes of a file that is read."""
MOST_LAYERS = 5_000
"""As many as a project may have."""


@dataclass(frozen=True, eq=False)
class Held:
    """An array of the file, as it would lie here."""

    name: str
    """In the file; "" for one that is not there as it is all zeros or ones."""
    values: Array


@dataclass(frozen=True, eq=False)
class Group:
    """The arrays of one layer, by the names that parameters have here.

    W is (n_out, n_in) or (filters, channels, height, width), all others are (n, 1).
    """

    name: str
    arrays: Mapping[str, Held]


@dataclass(frozen=True)
class FoundLayer:
    """A layer of the network that a file describes."""

    name: str
    """"" for one that is to be called by its kind."""
    layer: Layer
    inputs: tuple[str, ...] | None = None
    """The names of what feeds it, "Data" among them; None for the layer before."""


@dataclass(frozen=True, eq=False)
class Contents:
    """All that a file says."""

    groups: tuple[Group, ...]
    """In the order of its layers, as far as that is known."""
    loose: tuple[str, ...] = ()
    """Arrays that belong to no layer known here."""
    layers: tuple[FoundLayer, ...] = ()
    """From Data to the output; none where the file has weights alone."""
    why_not: Message | None = None
    """Why it describes no network."""
    channels_last: bool = False
    """Whether a Dense behind images sees pixel by pixel what it sees channel by channel here."""
    named_by_code: bool = False
    """Whether groups are called as generated code calls its layers."""
    loss: str = ""
    task: str = ""
    scaling: Scaling | None = None
    target_scaling: Scaling | None = None
    tells_scaling: bool = False
    """Whether it says how features and targets are scaled, be it not at all."""
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    notices: tuple[Message, ...] = field(default=())


READERS: Facet[Callable[[Path], Contents]] = Facet(FORMATS, "readers")
"""``read(path)`` raises UserError for a file that it cannot take, with what stands in the way."""


def column(values: Array) -> Array:
    """(n,) or any shape as (n, 1)."""
    return np.asarray(values).reshape(-1, 1)


def content_of(path: Path) -> bytes:
    """The bytes of a file; UserError where it is too large or cannot be read."""
    try:
        with open(path, "rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            if size > LARGEST:
                raise UserError(
                    "it has {size:.1f} GB; files of at most {most:.0f} GB are read.",
                    size=size / 2**30,
                    most=LARGEST / 2**30,
                )
            return handle.read(LARGEST)
    except (OSError, ValueError) as error:
        raise refused(error) from None


def refused(reason: object) -> UserError:
    """That a file is not what its name says, and why."""
    return UserError("{reason}.", reason=str(reason).rstrip("."))


def scaling_of(value: Any) -> Scaling | None:
    """From what our own files say; None where that is nothing, or makes no sense."""
    if not isinstance(value, dict):
        return None
    try:
        shift, scale = (np.asarray(value[name], np.float64) for name in ("shift", "scale"))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    sound = shift.ndim == 1 and shift.shape == scale.shape and bool(np.all(scale))
    finite = bool(np.isfinite(shift).all() and np.isfinite(scale).all())
    return Scaling(shift, scale) if sound and finite else None


def words_of(value: Any) -> tuple[str, ...]:
    """A list of names; none where it is no such list."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(value) if all(isinstance(word, str) for word in value) else ()
