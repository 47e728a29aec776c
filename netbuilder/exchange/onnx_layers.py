"""Every layer as ONNX operators of opset 17, as it is when predicting."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Array, Layer
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.layers.activation import Activation
from netbuilder.engine.layers.batch_norm import BatchNorm
from netbuilder.engine.layers.conv2d import Conv2D
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.layers.layer_norm import LayerNorm
from netbuilder.engine.plan import PlanNode
from netbuilder.errors import UserError
from netbuilder.exchange.onnx_graph import Graph
from netbuilder.registry import Facet

Arrays = Mapping[str, Array]
"""What a node has learned, by name."""

_FAR_FROM_ZERO = 64.0
"""From this ratio of mean to standard deviation on, float32 loses too many digits of what is left
when the mean is subtracted last."""


OPERATORS: Facet[Callable[..., str]] = Facet(LAYERS, "ONNX operators")
"""``writer(graph, node, layer, inputs, arrays)`` does what ``write`` says for one kind of layer."""
ACTIVATION_OPERATORS: Facet[Callable[[Graph, str, str], str]] = Facet(ACTIVATIONS, "ONNX operators")
"""``writer(graph, Z, name)`` gives the tensor of g(Z)."""

for _end in ("input", "cost"):
    OPERATORS.without(_end, "it is no part of what computes a prediction")


def write(graph: Graph, node: PlanNode, inputs: list[str], arrays: Arrays) -> str:
    """Adds what computes a node's A, and gives the name of its tensor.

    ``inputs`` are the tensors of the nodes that feed it; images are (m, channels, height, width).
    Raises UserError for a layer that cannot be written.
    """
    writer = OPERATORS.get(node.layer.kind)
    if writer is None:
        raise UserError(
            "{name} is a {title} layer, which cannot be written as ONNX. Export the network as "
            ".npz instead.",
            name=node.name,
            title=node.layer.title,
        )
    return writer(graph, node, node.layer, inputs, arrays)


@OPERATORS.of("dense")
def _dense(graph: Graph, node: PlanNode, layer: Dense, inputs: list[str], arrays: Arrays) -> str:
    W, b = _weights_and_biases(graph, node, arrays)
    Z = graph.node("Gemm", [inputs[0], W, b], f"{node.name}.Z", transB=1)
    return _activate(graph, layer.activation, Z, node.name)


@OPERATORS.of("conv2d")
def _conv(graph: Graph, node: PlanNode, layer: Conv2D, inputs: list[str], arrays: Arrays) -> str:
    Z = graph.node(
        "Conv",
        [inputs[0], *_weights_and_biases(graph, node, arrays)],
        f"{node.name}.Z",
        kernel_shape=[layer.kernel] * 2,
        strides=[layer.stride] * 2,
        pads=[layer.padding] * 4,
    )
    return _activate(graph, layer.activation, Z, node.name)


def _weights_and_biases(graph: Graph, node: PlanNode, arrays: Arrays) -> tuple[str, str]:
    W = graph.constant(f"{node.name}.W", arrays["W"])
    return W, graph.constant(f"{node.name}.b", arrays["b"][:, 0])


@OPERATORS.of("batch_norm")
def _batch_norm(
    graph: Graph, node: PlanNode, layer: BatchNorm, inputs: list[str], arrays: Arrays
) -> str:
    A_prev, mean, variance = inputs[0], arrays["mean"][:, 0], arrays["variance"][:, 0]
    if np.any(np.abs(mean) > _FAR_FROM_ZERO * np.sqrt(variance + layer.epsilon)):
        # Runtimes multiply before they subtract: large numbers would lose their last digits.
        far = graph.constant(f"{node.name}.mean", mean.reshape(-1, *(1 for _ in node.shape[1:])))
        A_prev = graph.node("Sub", [A_prev, far], f"{node.name}.shifted")
        mean = np.zeros_like(mean)
    constants = {"gamma": arrays["gamma"][:, 0], "beta": arrays["beta"][:, 0]}
    constants |= {"mean": mean, "variance": variance}
    names = [graph.constant(f"{node.name}.{name}", array) for name, array in constants.items()]
    return graph.node("BatchNormalization", [A_prev, *names], node.name, epsilon=layer.epsilon)


@OPERATORS.of("layer_norm")
def _layer_norm(
    graph: Graph, node: PlanNode, layer: LayerNorm, inputs: list[str], arrays: Arrays
) -> str:
    gamma, beta = (
        graph.constant(f"{node.name}.{name}", arrays[name].reshape(node.shape))
        for name in ("gamma", "beta")
    )
    return graph.node(
        "LayerNormalization", [inputs[0], gamma, beta], node.name, axis=1, epsilon=layer.epsilon
    )


@OPERATORS.of("activation")
def _activation(
    graph: Graph, node: PlanNode, layer: Activation, inputs: list[str], arrays: Arrays
) -> str:
    return _activate(graph, layer.activation, inputs[0], node.name)


@OPERATORS.of("reshape")
def _reshape(graph: Graph, node: PlanNode, layer: Layer, inputs: list[str], arrays: Arrays) -> str:
    # 0 keeps the size of an axis: here the examples.
    shape = graph.constant(f"{node.name}.shape", [0, *node.shape], np.int64)
    return graph.node("Reshape", [inputs[0], shape], node.name)


@OPERATORS.of("flatten")
def _flatten(graph: Graph, node: PlanNode, layer: Layer, inputs: list[str], arrays: Arrays) -> str:
    return graph.node("Flatten", inputs, node.name, axis=1)


def _pool(op: str) -> Callable[..., str]:
    return lambda graph, node, layer, inputs, arrays: graph.node(
        op, inputs, node.name, kernel_shape=[layer.size] * 2, strides=[layer.stride_in_force] * 2
    )


OPERATORS.add("avg_pool2d", _pool("AveragePool"))
OPERATORS.add("max_pool2d", _pool("MaxPool"))


@OPERATORS.of("global_avg_pool2d")
def _global_pool(
    graph: Graph, node: PlanNode, layer: Layer, inputs: list[str], arrays: Arrays
) -> str:
    means = graph.node("GlobalAveragePool", inputs, f"{node.name}.means")
    return _flatten(graph, node, layer, [means], arrays)  # (m, channels, 1, 1) no longer


def _join(op: str) -> Callable[..., str]:
    """An operator of two inputs, again and again where there are more."""
    return lambda graph, node, layer, inputs, arrays: functools.reduce(
        lambda joined, more: graph.node(op, [joined, more], node.name), inputs
    )


OPERATORS.add("add", _join("Add"))
OPERATORS.add("multiply", _join("Mul"))


@OPERATORS.of("concatenate")
def _concatenate(
    graph: Graph, node: PlanNode, layer: Layer, inputs: list[str], arrays: Arrays
) -> str:
    return graph.node("Concat", inputs, node.name, axis=1)


@OPERATORS.of("dropout")
def _dropout(graph: Graph, node: PlanNode, layer: Layer, inputs: list[str], arrays: Arrays) -> str:
    return inputs[0]  # when predicting, everything passes


def _activate(graph: Graph, function: str, Z: str, name: str) -> str:
    """The tensor of g(Z)."""
    write = ACTIVATION_OPERATORS.get(function)
    if write is None:
        raise UserError(
            "The activation {function} of {name} cannot be written as ONNX.",
            function=function,
            name=name,
        )
    return write(graph, Z, name)


def _function(op: str, **attributes: Any) -> Callable[[Graph, str, str], str]:
    return lambda graph, Z, name: graph.node(op, [Z], name, **attributes)


@ACTIVATION_OPERATORS.of("gelu")
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


@ACTIVATION_OPERATORS.of("silu")
def _silu(graph: Graph, Z: str, name: str) -> str:
    gate = graph.node("Sigmoid", [Z], f"{name}.sigmoid")
    return graph.node("Mul", [Z, gate], name)


@ACTIVATION_OPERATORS.of("linear")
def _linear(graph: Graph, Z: str, name: str) -> str:
    return Z


for _name, _writer in (
    ("sigmoid", _function("Sigmoid")),
    ("tanh", _function("Tanh")),
    ("relu", _function("Relu")),
    ("leaky_relu", _function("LeakyRelu", alpha=0.01)),
    ("elu", _function("Elu", alpha=1.0)),
    ("softplus", _function("Softplus")),
    ("softmax", _function("Softmax", axis=1)),
):
    ACTIVATION_OPERATORS.add(_name, _writer)
