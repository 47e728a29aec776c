"""Every layer as ONNX operators of opset 17, as it is when predicting."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from netbuilder.engine.layer import Array, Layer
from netbuilder.engine.layers import (
    Activation,
    Add,
    Concatenate,
    Dense,
    Dropout,
    Flatten,
    Reshape,
)
from netbuilder.engine.plan import Step
from netbuilder.errors import UserError
from netbuilder.exchange.onnx_graph import Graph


def write(graph: Graph, step: Step, inputs: list[str], arrays: Mapping[str, Array]) -> str:
    """Adds what computes a step's A, and gives the name of its tensor.

    ``inputs`` are the tensors of the steps that feed it, ``arrays`` what it has learned, by name.
    Images are (m, channels, height, width). Raises UserError for a layer that cannot be written.
    """
    writer = _WRITERS.get(type(step.layer))
    if writer is None:
        raise UserError(
            "{name} is a {title} layer, which cannot be written as ONNX. Export the network as "
            ".npz instead.",
            name=step.name,
            title=step.layer.title,
        )
    return writer(graph, step.layer, step.name, inputs, arrays)


def _dense(
    graph: Graph, layer: Dense, name: str, inputs: list[str], arrays: Mapping[str, Array]
) -> str:
    W = graph.constant(f"{name}.W", arrays["W"])
    b = graph.constant(f"{name}.b", arrays["b"][:, 0])
    Z = graph.node("Gemm", [inputs[0], W, b], f"{name}.Z", transB=1)
    return _activate(graph, layer.activation, Z, name)


def _activation(
    graph: Graph, layer: Activation, name: str, inputs: list[str], arrays: Mapping[str, Array]
) -> str:
    return _activate(graph, layer.activation, inputs[0], name)


def _reshape(
    graph: Graph, layer: Reshape, name: str, inputs: list[str], arrays: Mapping[str, Array]
) -> str:
    # 0 keeps the size of an axis: here the examples.
    shape = [0, layer.channels, layer.height, layer.width]
    return graph.node(
        "Reshape", [inputs[0], graph.constant(f"{name}.shape", shape, np.int64)], name
    )


def _operator(op: str, **attributes: Any) -> Callable[..., str]:
    """A layer that is one operator on one input."""
    return lambda graph, layer, name, inputs, arrays: graph.node(op, inputs[:1], name, **attributes)


def _join(op: str) -> Callable[..., str]:
    """A layer that is an operator of two inputs, again and again where there are more."""
    return lambda graph, layer, name, inputs, arrays: functools.reduce(
        lambda total, more: graph.node(op, [total, more], name), inputs
    )


_WRITERS: dict[type[Layer], Callable[..., str]] = {
    Dense: _dense,
    Activation: _activation,
    Reshape: _reshape,
    Flatten: _operator("Flatten", axis=1),
    Add: _join("Add"),
    Concatenate: lambda graph, layer, name, inputs, arrays: graph.node(
        "Concat", inputs, name, axis=1
    ),
    # When predicting, dropout lets everything pass.
    Dropout: lambda graph, layer, name, inputs, arrays: inputs[0],
}


def _activate(graph: Graph, function: str, Z: str, name: str) -> str:
    """The tensor of g(Z)."""
    write = _ACTIVATIONS.get(function)
    if write is None:
        raise UserError(
            "The activation {function} of {name} cannot be written as ONNX.",
            function=function,
            name=name,
        )
    return write(graph, Z, name)


def _function(op: str, **attributes: Any) -> Callable[[Graph, str, str], str]:
    return lambda graph, Z, name: graph.node(op, [Z], name, **attributes)


def _gelu(graph: Graph, Z: str, name: str) -> str:
    """0.5 z (1 + tanh(√(2/π) (z + 0.044715 z³))); opset 17 has no operator of this name."""

    def apply(op: str, *inputs: str) -> str:
        return graph.node(op, inputs, f"{name}.gelu")

    def constant(value: float) -> str:
        return graph.constant(f"{name}.gelu", value)

    cube = apply("Mul", apply("Mul", apply("Mul", Z, Z), Z), constant(0.044715))
    inner = apply("Mul", apply("Add", Z, cube), constant(math.sqrt(2 / math.pi)))
    gate = apply("Add", apply("Tanh", inner), constant(1.0))
    half = apply("Mul", Z, constant(0.5))
    return graph.node("Mul", [half, gate], name)


def _silu(graph: Graph, Z: str, name: str) -> str:
    gate = graph.node("Sigmoid", [Z], f"{name}.sigmoid")
    return graph.node("Mul", [Z, gate], name)


_ACTIVATIONS: dict[str, Callable[[Graph, str, str], str]] = {
    "linear": lambda graph, Z, name: Z,
    "sigmoid": _function("Sigmoid"),
    "tanh": _function("Tanh"),
    "relu": _function("Relu"),
    "leaky_relu": _function("LeakyRelu", alpha=0.01),
    "elu": _function("Elu", alpha=1.0),
    "gelu": _gelu,
    "softplus": _function("Softplus"),
    "silu": _silu,
    "softmax": _function("Softmax", axis=1),
}
