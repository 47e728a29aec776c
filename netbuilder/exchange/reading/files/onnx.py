"""Reads ONNX: our own models as we describe them, and others where they are chains of layers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.engine.layer import Array
from netbuilder.engine.parameters import PARAMETERS
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
from netbuilder.exchange.reading.onnx_chain import OnnxChain

_FLOATS = {1: "<f4", 10: "<f2", 11: "<f8"}
_WHOLES = {6: "<i4", 7: "<i8"}
"""TensorProto.DataType of the numbers that weights, and shapes, are of."""


@READERS.of("onnx", "onnx_matrix")
def read(path: Path) -> Contents:
    """Raises UserError for a model that is no chain of layers that we have, with the node's name.

    No file but this one is opened, whatever the model says.
    """
    # Imported late: only those who import wait for it.
    from google.protobuf.message import DecodeError
    from onnx import ModelProto

    data = content_of(path)
    try:
        model = ModelProto.FromString(data)
    except (DecodeError, ValueError) as error:
        raise refused(f"it is no ONNX model, or damaged ({error})") from None
    if not model.graph.node:
        raise refused("it is no ONNX model, or one without operators")
    _check_names(model)
    constants = _constants(model.graph)
    meta = {entry.key: entry.value for entry in model.metadata_props}
    if "netbuilder_version" in meta and "network" in meta:
        return _own(meta, constants)
    chain = OnnxChain(model.graph, constants)
    return chain.read()


def _own(meta: dict[str, str], constants: dict[str, Array]) -> Contents:
    """Arrays are called by layer and parameter, as "Dense 1.W"."""
    described: dict[str, Any] = {"loss": meta.get("loss"), "task": meta.get("task")}
    for key in ("scaling", "target_scaling", "feature_names", "target_names", "class_names"):
        if key in meta:
            described[key] = parsed(meta[key])
    described["layers"] = parsed(meta["network"])
    layers = own(described)["layers"]
    names = {layer.name for layer in layers}
    groups: dict[str, dict[str, Held]] = {}
    for name, values in constants.items():
        layer, _, parameter = name.rpartition(".")
        if layer in names and parameter in PARAMETERS:
            kept = values if parameter == "W" else column(values)
            groups.setdefault(layer, {})[parameter] = Held(name, kept)
    found = tuple(Group(name, arrays) for name, arrays in groups.items())
    return Contents(found, **own(described))


def _check_names(model: Any) -> None:
    """What is no text comes as bytes."""
    graph = model.graph
    names = [(n.name, n.op_type, n.domain, *n.input, *n.output) for n in graph.node]
    names += [(t.name,) for t in (*graph.initializer, *graph.input, *graph.output)]
    names += [(entry.key, entry.value) for entry in model.metadata_props]
    if any(isinstance(name, bytes) for entry in names for name in entry):
        raise UserError("It is damaged: names in it are no text.")


def _constants(graph: Any) -> dict[str, Array]:
    found = {}
    nodes = [n for n in graph.node if n.op_type == "Constant" and len(n.output) == 1]
    tensors = [(t.name, t) for t in graph.initializer]
    for node in nodes:
        tensors += [(node.output[0], a.t) for a in node.attribute if a.name == "value"]
    for name, tensor in tensors:
        if name in found:
            raise UserError("The model has two arrays called {name!r}.", name=name)
        values = _array(name, tensor)
        if values is not None:
            found[name] = values
    return found


def _array(name: str, tensor: Any) -> Array | None:
    """The numbers of a tensor, which its own bytes must fill; None for words and the like."""
    if tensor.data_location == 1 or tensor.external_data:
        raise UserError(
            "The array {name!r} lies in another file, and none but this one is opened. Save the "
            "model with its weights inside.",
            name=name,
        )
    kind = _FLOATS.get(tensor.data_type) or _WHOLES.get(tensor.data_type)
    if kind is None:
        return None
    fields = {1: "float_data", 11: "double_data", 6: "int32_data", 7: "int64_data"}
    if tensor.HasField("raw_data"):
        data = tensor.raw_data
        if len(data) % np.dtype(kind).itemsize:
            raise UserError("The numbers of {name!r} do not fill its shape.", name=name)
        flat: Array = np.frombuffer(data, kind)
    elif tensor.data_type == 10:
        halves = np.array(tensor.int32_data, np.int64)
        flat = (halves & 0xFFFF).astype("<u2").view("<f2")
    else:
        flat = np.array(getattr(tensor, fields[tensor.data_type]), kind)
    shape = tuple(tensor.dims)
    if len(shape) > 8 or any(n < 0 for n in shape) or math.prod(shape) != flat.size:
        raise UserError("The numbers of {name!r} do not fill its shape.", name=name)
    return flat.reshape(shape)
