"""Every layer as layers of Keras 3, and its weights as they take them; channels come last there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Array, Layer, Shape
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.layers.activation import Activation
from netbuilder.engine.layers.batch_norm import BatchNorm
from netbuilder.engine.layers.conv2d import Conv2D
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.layers.dropout import Dropout
from netbuilder.engine.layers.layer_norm import LayerNorm
from netbuilder.engine.layers.pool2d import Pool2D
from netbuilder.engine.layers.reshape import Reshape
from netbuilder.exchange.code.text import Call, Raw
from netbuilder.registry import Facet

Arrays = Mapping[str, Array]
Step = tuple[Call, list[Array]]
"""A layer of Keras and its weights, in its own order."""

LAYER_CALLS: Facet[Callable[..., list[Step]]] = Facet(LAYERS, "Keras code")
"""``writer(layer, shape, arrays)``: the layers, one after the other, of one input."""
JOINS: Facet[str] = Facet(LAYERS, "Keras joins")
"""The layer that takes a list of inputs."""
ACTIVATION_CALLS: Facet[Call] = Facet(ACTIVATIONS, "Keras code")

for _kind in ("input", "cost"):
    LAYER_CALLS.without(_kind, "it is no part of what computes a prediction")
for _kind, _name in (("add", "Add"), ("multiply", "Multiply"), ("concatenate", "Concatenate")):
    LAYER_CALLS.without(_kind, "it takes several inputs")
    JOINS.add(_kind, f"layers.{_name}()")
for _kind, _layer in LAYERS.items():
    if _layer.max_inputs in (0, 1):
        JOINS.without(_kind, "it has no several inputs")

TANH_GELU = '''\
def tanh_gelu(x: Any) -> Any:
    """GELU in its fast form, by tanh."""
    return keras.activations.gelu(x, approximate=True)'''

ACTIVATION_CALLS.without("linear", "nothing is to be done")
for _name in ("sigmoid", "tanh", "relu", "elu", "softplus", "silu"):
    ACTIVATION_CALLS.add(_name, Call("layers.Activation", _name))
ACTIVATION_CALLS.add("leaky_relu", Call("layers.LeakyReLU", negative_slope=0.01))
ACTIVATION_CALLS.add("gelu", Call("layers.Activation", Raw("tanh_gelu")))
ACTIVATION_CALLS.add("softmax", Call("layers.Softmax"))


def _function(name: str) -> list[Step]:
    call = ACTIVATION_CALLS.get(name)
    return [] if call is None else [(call, [])]


@LAYER_CALLS.of("dense")
def _dense(layer: Dense, shape: Shape, arrays: Arrays) -> list[Step]:
    dense = Call("layers.Dense", layer.units)
    return [(dense, [arrays["W"].T, arrays["b"][:, 0]]), *_function(layer.activation)]


@LAYER_CALLS.of("activation")
def _activation(layer: Activation, shape: Shape, arrays: Arrays) -> list[Step]:
    return _function(layer.activation)


@LAYER_CALLS.of("dropout")
def _dropout(layer: Dropout, shape: Shape, arrays: Arrays) -> list[Step]:
    return [(Call("layers.Dropout", layer.rate), [])]


def _channels_first(shape: Shape) -> list[Step]:
    return [(Call("layers.Permute", (3, 1, 2)), [])] if len(shape) == 3 else []


@LAYER_CALLS.of("flatten")
def _flatten(layer: Layer, shape: Shape, arrays: Arrays) -> list[Step]:
    return [*_channels_first(shape), (Call("layers.Flatten"), [])]


@LAYER_CALLS.of("reshape")
def _reshape(layer: Reshape, shape: Shape, arrays: Arrays) -> list[Step]:
    image = Call("layers.Reshape", (layer.channels, layer.height, layer.width))
    return [*_channels_first(shape), (image, []), (Call("layers.Permute", (2, 3, 1)), [])]


@LAYER_CALLS.of("conv2d")
def _conv(layer: Conv2D, shape: Shape, arrays: Arrays) -> list[Step]:
    around: list[Step] = []
    if layer.padding:
        around = [(Call("layers.ZeroPadding2D", layer.padding), [])]
    conv = Call("layers.Conv2D", layer.filters, layer.kernel, strides=layer.stride)
    weights = [arrays["W"].transpose(2, 3, 1, 0), arrays["b"][:, 0]]
    return [*around, (conv, weights), *_function(layer.activation)]


def _pool(name: str) -> Callable[..., list[Step]]:
    def write(layer: Pool2D, shape: Shape, arrays: Arrays) -> list[Step]:
        return [(Call(f"layers.{name}", layer.size, strides=layer.stride_in_force), [])]

    return write


LAYER_CALLS.add("max_pool2d", _pool("MaxPooling2D"))
LAYER_CALLS.add("avg_pool2d", _pool("AveragePooling2D"))


@LAYER_CALLS.of("global_avg_pool2d")
def _global_pool(layer: Layer, shape: Shape, arrays: Arrays) -> list[Step]:
    return [(Call("layers.GlobalAveragePooling2D"), [])]


@LAYER_CALLS.of("batch_norm")
def _batch_norm(layer: BatchNorm, shape: Shape, arrays: Arrays) -> list[Step]:
    norm = Call("layers.BatchNormalization", momentum=layer.momentum, epsilon=layer.epsilon)
    return [(norm, [arrays[name][:, 0] for name in ("gamma", "beta", "mean", "variance")])]


@LAYER_CALLS.of("layer_norm")
def _layer_norm(layer: LayerNorm, shape: Shape, arrays: Arrays) -> list[Step]:
    axes = list(range(1, len(shape) + 1))
    norm = Call("layers.LayerNormalization", axis=axes, epsilon=layer.epsilon)
    weights = [arrays[name].reshape(shape) for name in ("gamma", "beta")]
    if len(shape) == 3:
        weights = [array.transpose(1, 2, 0) for array in weights]
    return [(norm, weights)]
