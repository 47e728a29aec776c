"""Reads Keras 3: models that are chains of layers that we have, and weights alone."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.data.dataset import Scaling
from netbuilder.engine.layer import Array
from netbuilder.errors import UserError
from netbuilder.exchange.keras_model import snake_case
from netbuilder.exchange.reading import hdf5
from netbuilder.exchange.reading.contents import (
    LARGEST,
    READERS,
    Contents,
    Group,
    Held,
    column,
    content_of,
    refused,
    scaling_of,
)
from netbuilder.exchange.reading.described import own, parsed
from netbuilder.exchange.reading.keras_chain import chain_of

_MOST_CONFIG = 64 * 2**20
_OURS = "netbuilder.json"
_WITHOUT_PLACE = ("normalization", "rescaling")
"""What scales the features or the targets is no layer of the network."""


@READERS.of("keras_weights")
def read_weights(path: Path) -> Contents:
    """Raises UserError for what is no such file."""
    stored, is_ours = _stored(content_of(path))
    groups, loose = _groups(stored)
    return Contents(groups, loose, channels_last=not is_ours)


@READERS.of("keras")
def read(path: Path) -> Contents:
    """Raises UserError for a model that is no chain of our layers, with the layer's name."""
    members = _members(path)
    stored, _ = _stored(members["model.weights.h5"])
    ours = parsed(members.get(_OURS))
    if isinstance(ours, dict):
        groups, loose = _groups(stored)
        return Contents(groups, loose, **own(ours))
    config = parsed(members["config.json"])
    chain = chain_of(config)
    groups = tuple(
        _group(found.name, found.kind, stored.get(place, (found.name, []))[1], place, found.config)
        for place, found in chain.places()
        if found.kind in _KINDS
    )
    used = {place for place, _ in chain.places()}
    loose = tuple(
        f"{place}/{k}"
        for place, (_, arrays) in stored.items()
        for k in range(len(arrays))
        if place not in used
    )
    scaling = chain.scaling
    if chain.normalized:
        scaling = _normalization(stored[chain.normalized][1])
    return Contents(
        groups,
        loose,
        chain.layers,
        channels_last=True,
        scaling=scaling,
        tells_scaling=scaling is not None,
        notices=chain.notices,
    )


def _normalization(arrays: list[Array]) -> Scaling:
    """What a Normalization before the network does."""
    mean, variance = (np.asarray(array, np.float64).reshape(-1) for array in arrays[:2])
    scaling = scaling_of({"shift": mean, "scale": np.maximum(np.sqrt(np.abs(variance)), 1e-7)})
    if scaling is None:
        raise UserError("What it scales the features by is damaged.")
    return scaling


def _members(path: Path) -> dict[str, bytes]:
    """The parts of a .keras file that are read here."""
    wanted = ("config.json", "model.weights.h5")
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.filename not in (*wanted, _OURS):
                    continue
                most = LARGEST if info.filename.endswith(".h5") else _MOST_CONFIG
                packed = info.compress_type != zipfile.ZIP_STORED
                if info.file_size > most or (
                    packed and info.file_size > 250 * max(info.compress_size, 2**16)
                ):
                    raise refused(f"{info.filename} in it is too large")
                if info.filename in found:
                    raise refused(f"{info.filename} is in it twice")
                with archive.open(info) as handle:
                    found[info.filename] = handle.read(info.file_size)
    except (OSError, RuntimeError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise refused(error) from None
    missing = [name for name in wanted if name not in found]
    if missing:
        raise refused(f"it is no Keras 3 model: there is no {missing[0]} in it")
    return found


Stored = dict[str, tuple[str, list[Array]]]
"""Place, as dense_1 -> (what the layer is called, its arrays in Keras's order)."""


def _stored(data: bytes) -> tuple[Stored, bool]:
    """The arrays of every layer, and whether we have written them."""
    try:
        root = hdf5.read(data)
    except hdf5.Damaged as error:
        raise refused(error) from None
    layers = root.children.get("layers")
    if not isinstance(layers, hdf5.Group):
        raise refused('it holds no layers as Keras 3 writes them, in a group "layers"')
    found: Stored = {}
    for place in sorted(layers.children, key=_number):
        group = layers.children[place]
        held = group.children.get("vars") if isinstance(group, hdf5.Group) else None
        if not isinstance(held, hdf5.Group) or not isinstance(group, hdf5.Group):
            raise refused(f"its layer {place[:80]} is of another kind than Keras 3 writes")
        # Dropout keeps the state of its dice, which no prediction needs.
        within = [name for name in group.children if name not in ("vars", "seed_generator")]
        if any(isinstance(group.children[n], hdf5.Group) and _holds(group, n) for n in within):
            raise UserError(
                "The layer {name!r} is made of others, which netbuilder does not have.", name=place
            )
        arrays = [held.children.get(str(k)) for k in range(len(held.children))]
        if not all(isinstance(array, np.ndarray) for array in arrays):
            raise refused(f"the arrays of {place[:80]} are not numbered from 0")
        found[place] = (held.name or place, [np.asarray(array) for array in arrays])
    top = root.children.get("vars")
    return found, isinstance(top, hdf5.Group) and top.name == "netbuilder"


def _holds(group: hdf5.Group, name: str) -> bool:
    child = group.children[name]
    return isinstance(child, hdf5.Group) and bool(child.children)


def _number(place: str) -> tuple[str, int]:
    base, _, number = place.rpartition("_")
    return (base, int(number)) if base and re.fullmatch("[0-9]{1,9}", number) else (place, 0)


_KINDS = ("Dense", "Conv2D", "BatchNormalization", "LayerNormalization")


def _groups(stored: Stored) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """By the places alone, which tell the kind."""
    kinds = {snake_case(kind): kind for kind in _KINDS}
    groups, loose = [], []
    for place, (name, arrays) in stored.items():
        base = _number(place)[0]
        if base in kinds:
            groups.append(_group(name, kinds[base], arrays, place, {}))
        elif base not in _WITHOUT_PLACE:
            loose += [f"{place}/{k}" for k in range(len(arrays))]
    return tuple(groups), tuple(loose)


def _group(
    name: str, kind: str, arrays: list[Array], place: str, config: Mapping[str, Any]
) -> Group:
    """Arrays in Keras's order and layout, as ours."""
    wanted = _wanted(kind, config)
    if len(arrays) != len(wanted) and not (kind in ("Dense", "Conv2D") and len(arrays) == 1):
        raise UserError(
            "The layer {name!r} has {found} arrays, expected {expected}.",
            name=name,
            found=len(arrays),
            expected=len(wanted),
        )
    held: dict[str, Held] = {}
    for k, (parameter, values) in enumerate(zip(wanted, arrays, strict=False)):
        held[parameter] = Held(f"{place}/{k}", _layout(name, parameter, kind, values))
    units = max((h.values.size for h in held.values()), default=0)
    if kind == "BatchNormalization" and units > 0:
        for parameter, value in (("gamma", 1.0), ("beta", 0.0)):
            held.setdefault(parameter, Held("", np.full((units, 1), value)))
    return Group(name, held)


def _wanted(kind: str, config: Mapping[str, Any]) -> list[str]:
    if kind in ("Dense", "Conv2D"):
        return ["W", "b"] if config.get("use_bias", True) else ["W"]
    found = [
        name
        for name, switch in (("gamma", "scale"), ("beta", "center"))
        if config.get(switch, True)
    ]
    return [*found, "mean", "variance"] if kind == "BatchNormalization" else found


def _layout(name: str, parameter: str, kind: str, values: Array) -> Array:
    ranks = {"Dense": 2, "Conv2D": 4}
    if parameter == "W":
        if values.ndim != ranks[kind]:
            raise UserError(
                "The weights of {name!r} have the shape {shape}, which no {kind} has.",
                name=name,
                shape=str(values.shape),
                kind=kind,
            )
        return values.T if kind == "Dense" else values.transpose(3, 2, 0, 1)
    if values.ndim == 3:  # of an image, whose channels are last
        values = values.transpose(2, 0, 1)
    return column(values)
