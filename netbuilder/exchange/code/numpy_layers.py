"""Every layer as an expression in plain NumPy, for code that predicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.layers.activation import Activation
from netbuilder.engine.layers.batch_norm import BatchNorm
from netbuilder.engine.layers.conv2d import Conv2D
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.layers.layer_norm import LayerNorm
from netbuilder.engine.layers.pool2d import Pool2D
from netbuilder.exchange.code.text import Call, Raw
from netbuilder.registry import Facet

Parameters = Mapping[str, Raw]
Made = Call | Raw
Writer = Callable[..., Made]

EXPRESSIONS: Facet[Writer] = Facet(LAYERS, "NumPy code")
"""``writer(layer, shape, inputs, parameters)``: what computes A from inputs, all of them code."""

for _kind in ("input", "cost"):
    EXPRESSIONS.without(_kind, "it is no part of what computes a prediction")


def _active(activation: str, Z: Made) -> Made:
    if activation == "linear":
        return Z
    return Call(f'ACTIVATIONS["{activation}"]', Z)


@EXPRESSIONS.of("dense")
def _dense(layer: Dense, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return _active(layer.activation, Call("linear_forward", *inputs, p["W"], p["b"]))


@EXPRESSIONS.of("conv2d")
def _conv(layer: Conv2D, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    Z = Call("conv2d_forward", *inputs, p["W"], p["b"], stride=layer.stride, padding=layer.padding)
    return _active(layer.activation, Z)


@EXPRESSIONS.of("activation")
def _activation(layer: Activation, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return _active(layer.activation, inputs[0])


@EXPRESSIONS.of("dropout")
def _dropout(layer: Layer, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return inputs[0]  # it acts in training alone


@EXPRESSIONS.of("flatten", "reshape")
def _same_numbers(layer: Layer, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return Call(f"{inputs[0]}.reshape", *layer.output_shape([shape]), -1)


def _pool(name: str) -> Writer:
    def write(layer: Pool2D, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
        return Call(name, *inputs, size=layer.size, stride=layer.stride_in_force)

    return write


EXPRESSIONS.add("max_pool2d", _pool("max_pool_forward"))
EXPRESSIONS.add("avg_pool2d", _pool("average_pool_forward"))


@EXPRESSIONS.of("global_avg_pool2d")
def _global_pool(layer: Layer, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return Call("global_average_pool_forward", *inputs)


@EXPRESSIONS.of("batch_norm")
def _batch_norm(layer: BatchNorm, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return Call("batch_norm_forward", *inputs, **p, epsilon=layer.epsilon)


@EXPRESSIONS.of("layer_norm")
def _layer_norm(layer: LayerNorm, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return Call("layer_norm_forward", *inputs, **p, epsilon=layer.epsilon)


@EXPRESSIONS.of("add")
def _add(layer: Layer, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return Raw(" + ".join(inputs))


@EXPRESSIONS.of("multiply")
def _multiply(layer: Layer, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return Raw(" * ".join(inputs))


@EXPRESSIONS.of("concatenate")
def _concatenate(layer: Layer, shape: Shape, inputs: Sequence[Raw], p: Parameters) -> Made:
    return Call("np.concatenate", list(inputs), axis=0)
