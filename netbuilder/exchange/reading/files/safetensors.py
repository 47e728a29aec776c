"""Reads safetensors, as torch names its tensors: 0.weight, fc1.bias, bn.running_mean."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.engine.layer import Array
from netbuilder.errors import UserError
from netbuilder.exchange.reading.contents import (
    READERS,
    Contents,
    Group,
    Held,
    column,
    content_of,
    refused,
)
from netbuilder.exchange.reading.described import own, parsed

_LONGEST_HEADER = 100_000_000
_MOST_TENSORS = 100_000
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_SKIPPED = {"I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1, "U16": 2, "U32": 4, "U64": 8}
_OF_NORMS = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "mean",
    "running_var": "variance",
}


@READERS.of("safetensors")
def read(path: Path) -> Contents:
    """Raises UserError for what is no safetensors file."""
    tensors, meta = _tensors(content_of(path))
    modules: dict[str, dict[str, tuple[str, Array]]] = {}
    loose: list[str] = []
    for name, values in tensors.items():
        module, _, parameter = name.rpartition(".")
        if parameter == "num_batches_tracked":
            continue  # a count, which no prediction needs
        if values is None or parameter not in _OF_NORMS:
            loose.append(name)
        else:
            modules.setdefault(module, {})[parameter] = name, values
    groups = []
    for module in sorted(modules, key=_natural):
        group = _group(module, modules[module])
        if group is None:
            loose += [name for name, _ in modules[module].values()]
        else:
            groups.append(group)
    described: dict[str, Any] = {"loss": meta.get("loss"), "task": meta.get("task")}
    described |= {key: parsed(meta[key]) for key in _JSON if key in meta}
    is_ours = "layers" in meta
    by_code = is_ours and "module" in meta
    return Contents(
        tuple(groups), tuple(loose), named_by_code=by_code, **(own(described) if is_ours else {})
    )


_JSON = ("layers", "scaling", "target_scaling", "feature_names", "target_names", "class_names")


def _natural(name: str) -> list[tuple[int, str]]:
    """So that 10 comes after 9, as in layers.9 and layers.10."""
    parts = re.findall(r"[0-9]{1,15}|[^0-9]+|[0-9]+", name, re.ASCII)
    return [(int(part), "") if part.isdecimal() and len(part) < 16 else (0, part) for part in parts]


def _group(name: str, state: dict[str, tuple[str, Array]]) -> Group | None:
    """A module's tensors by our names; None for a module that we have no layer for."""
    if "weight" not in state:
        return None
    weight = state["weight"][1]
    image_norm = weight.ndim == 3 and "bias" in state and state["bias"][1].shape == weight.shape
    if weight.ndim in (1, 3) and (weight.ndim == 1 or image_norm):
        return Group(name, {_OF_NORMS[p]: Held(n, column(v)) for p, (n, v) in state.items()})
    if weight.ndim not in (2, 4) or set(state) > {"weight", "bias"}:
        return None
    arrays = {"W": Held(state["weight"][0], weight)}
    if "bias" in state:
        arrays["b"] = Held(state["bias"][0], column(state["bias"][1]))
    return Group(name, arrays)


def _tensors(data: bytes) -> tuple[dict[str, Array | None], dict[str, str]]:
    """The tensors by name, None for those of a type that weights are not of, and the metadata.

    Every claim of the header is held against the file before any memory is taken.
    """
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(_LONGEST_HEADER, len(data) - 8):
        raise refused("it is cut off, or no safetensors file")
    try:
        header = json.loads(data[8 : 8 + length], object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise refused(f"its header is damaged ({error})") from None
    if not isinstance(header, dict) or len(header) > _MOST_TENSORS:
        raise refused("its header is no list of tensors")
    meta = header.pop("__metadata__", {})
    body = memoryview(data)[8 + length :]
    left, found = len(body), dict[str, Array | None]()
    for name, entry in header.items():
        values, size = _tensor(name, entry, body)
        left -= size
        if left < 0:
            raise refused("its tensors claim more than it has")
        found[name] = values
    sound = isinstance(meta, dict) and all(isinstance(v, str) for v in meta.values())
    return found, meta if sound else {}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _tensor(name: str, entry: Any, body: memoryview) -> tuple[Array | None, int]:
    try:
        type, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        whole = isinstance(type, str) and all(
            isinstance(n, int) and 0 <= n < 2**48 for n in (start, end, *shape)
        )
    except (KeyError, TypeError, ValueError):
        whole = False
    if not whole or len(shape) > 8 or not 0 <= start <= end <= len(body):
        raise refused(f"its tensor {name[:80]} lies outside of it")
    if type not in _TYPES:
        if type not in _SKIPPED:
            raise UserError(
                "{name} is of the type {type}, which netbuilder does not read.",
                name=name,
                type=str(type),
            )
        return None, end - start
    dtype = np.dtype(_TYPES[type])
    if end - start != math.prod(shape) * dtype.itemsize:
        raise refused(f"the numbers of {name[:80]} do not fill its shape")
    values: Array = np.frombuffer(body[start:end], dtype).reshape(shape)
    if type == "BF16":  # the upper half of a float32
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return values, end - start
