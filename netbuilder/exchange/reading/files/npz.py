"""Reads NPZ files: our own, and those of the course with W1, b1, W2 and so on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from netbuilder.engine.layer import Array
from netbuilder.engine.parameters import PARAMETERS
from netbuilder.exchange.reading.contents import (
    LARGEST,
    READERS,
    Contents,
    Group,
    Held,
    column,
    refused,
)
from netbuilder.exchange.reading.described import own, parsed
from netbuilder.npz import Archive, Refused, opened

_NUMBERED = re.compile(rf"({'|'.join(PARAMETERS)})([0-9]{{1,6}})", re.ASCII)


@READERS.of("npz")
def read(path: Path) -> Contents:
    """Raises UserError for what is no NPZ file of numbers."""
    try:
        with opened(path, LARGEST) as archive:
            return _contents(archive)
    except Refused as refusal:
        name = refusal.values.get("name")
        raise refused(f"{name}: {refusal}" if name else refusal) from None
    except (OSError, ValueError) as error:
        raise refused(error) from None


def _contents(archive: Archive) -> Contents:
    meta: Any = None
    if "meta" in archive.names:
        stored = archive.stored("meta", "U")
        meta = parsed(str(stored.read())) if stored.shape == () else None
    found: dict[str, dict[str, Held]] = {}
    loose: list[str] = []
    for name in archive.names:
        place = _place(name)
        if place is None:
            if name != "meta":
                loose.append(name)
            continue
        group, parameter = place
        values = archive.stored(name, "fiu").read()
        if values.ndim < 3 and parameter != "W":
            values = column(values)
        found.setdefault(group, {})[parameter] = Held(name, values)
    numbered = all(name.isdecimal() for name in found)
    names = sorted(found, key=int) if numbered else list(found)
    groups = _upright([Group(name, found[name]) for name in names])
    described = own(meta) if isinstance(meta, dict) else {}
    return Contents(groups, tuple(loose), **described)


def _place(name: str) -> tuple[str, str] | None:
    """The layer and the parameter that an array's name says, as in W1 or "Dense 1.W"."""
    found = _NUMBERED.fullmatch(name)
    if found is not None:
        return found[2], found[1]
    layer, dot, parameter = name.rpartition(".")
    return (layer, parameter) if dot and parameter in PARAMETERS else None


def _upright(groups: list[Group]) -> tuple[Group, ...]:
    """With W as (n_out, n_in): turned where all biases say that they are the other way."""
    pairs = [
        (group.arrays["W"].values, group.arrays["b"].values)
        for group in groups
        if {"W", "b"} <= set(group.arrays) and group.arrays["W"].values.ndim == 2
    ]
    as_here = all(_units(W, b, 0) for W, b in pairs)
    other_way = all(_units(W, b, 1) for W, b in pairs)
    if as_here or not other_way:
        return tuple(groups)
    turned = []
    for group in groups:
        arrays = dict(group.arrays)
        W = arrays.get("W")
        if W is not None and W.values.ndim == 2:
            arrays["W"] = Held(W.name, W.values.T)
        turned.append(Group(group.name, arrays))
    return tuple(turned)


def _units(W: Array, b: Array, axis: int) -> bool:
    return bool(b.size == W.shape[axis])
