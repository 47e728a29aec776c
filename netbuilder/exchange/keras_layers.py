"""Every layer as layers of Keras, as it is when predicting; images have their channels last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Array, Layer, Shape
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.layers.activation import Activation
from netbuilder.engine.layers.batch_norm import BatchNorm
from netbuilder.engine.layers.conv2d import Conv2D
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.layers.dropout import Dropout
from netbuilder.engine.layers.layer_norm import LayerNorm
from netbuilder.engine.layers.reshape import Reshape
from netbuilder.engine.plan import PlanNode
from netbuilder.errors import Message, UserError
from netbuilder.exchange.keras_model import KerasModel
from netbuilder.registry import Facet

Arrays = Mapping[str, Array]
"""What a node has learned, by name."""

KERAS_LAYERS: Facet[Callable[..., str]] = Facet(LAYERS, "Keras layers")
"""``writer(model, node, layer, inputs, arrays)`` does what ``write`` says for one kind of layer."""
KERAS_ACTIVATIONS: Facet[str | Callable[[KerasModel, str, Shape, str], str]] = Facet(
    ACTIVATIONS, "Keras activations"
)
"""Keras's word for it, or ``writer(model, Z, shape, name)``, which gives g(Z)'s layer."""

for _end in ("input", "cost"):
    KERAS_LAYERS.without(_end, "it is no part of what computes a prediction")

_LAST: dict[str, Any] = {"data_format": "channels_last"}


def write(model: KerasModel, node: PlanNode, inputs: list[str], arrays: Arrays) -> str:
    """Adds what computes a node's A, and gives the name of the layer that has it as its output.

    Raises UserError for a layer that Keras has no twin for.
    """
    writer = KERAS_LAYERS.get(node.layer.kind)
    if writer is None:
        raise UserError(
            "{name} is a {title} layer, which cannot be written for Keras: {reason}. Export the "
            "network as .onnx or .npz instead.",
            name=node.name,
            title=node.layer.title,
            reason=Message(KERAS_LAYERS.absent.get(node.layer.kind, "Keras has no twin for it")),
        )
    return writer(model, node, node.layer, inputs, arrays)


def _last(shape: Shape) -> Shape:
    """(channels, height, width) as Keras has it: (height, width, channels)."""
    return shape if len(shape) == 1 else (shape[1], shape[2], shape[0])


@KERAS_LAYERS.of("dense")
def _dense(
    model: KerasModel, node: PlanNode, layer: Dense, inputs: list[str], arrays: Arrays
) -> str:
    return _with_function(
        model, node, layer.activation, "Dense", inputs, arrays["W"].T, arrays, units=layer.units
    )


@KERAS_LAYERS.of("conv2d")
def _conv(
    model: KerasModel, node: PlanNode, layer: Conv2D, inputs: list[str], arrays: Arrays
) -> str:
    if layer.padding:
        height, width, channels = model.layers[inputs[0]].shape
        padded = (height + 2 * layer.padding, width + 2 * layer.padding, channels)
        around = [[layer.padding] * 2] * 2
        name = f"{node.name} padding"
        inputs = [model.add("ZeroPadding2D", name, inputs, padded, padding=around, **_LAST)]
    return _with_function(
        model,
        node,
        layer.activation,
        "Conv2D",
        inputs,
        arrays["W"].transpose(2, 3, 1, 0),
        arrays,
        filters=layer.filters,
        kernel_size=[layer.kernel] * 2,
        strides=[layer.stride] * 2,
        padding="valid",
        **_LAST,
    )


def _with_function(
    model: KerasModel,
    node: PlanNode,
    function: str,
    kind: str,
    inputs: list[str],
    W: Array,
    arrays: Arrays,
    **config: Any,
) -> str:
    """A layer of weights, with its activation inside where Keras has a word for it."""
    word = KERAS_ACTIVATIONS.get(function)
    shape = _last(node.shape)
    inside = word if isinstance(word, str) else "linear"
    Z = model.add(
        kind, node.name, inputs, shape, (W, arrays["b"][:, 0]), activation=inside, **config
    )
    return Z if isinstance(word, str) else _activate(model, function, Z, node.name)


def _activate(model: KerasModel, function: str, Z: str, name: str) -> str:
    """The layer of g(Z)."""
    word, shape = KERAS_ACTIVATIONS.get(function), model.layers[Z].shape
    if word is None:
        raise UserError(
            "The activation {function} of {name} cannot be written for Keras.",
            function=function,
            name=name,
        )
    if callable(word):
        return word(model, Z, shape, f"{name} {function}")
    if word == "linear":
        return Z
    return model.add("Activation", name, [Z], shape, activation=word)


@KERAS_LAYERS.of("activation")
def _activation(
    model: KerasModel, node: PlanNode, layer: Activation, inputs: list[str], arrays: Arrays
) -> str:
    return _activate(model, layer.activation, inputs[0], node.name)


@KERAS_LAYERS.of("batch_norm")
def _batch_norm(
    model: KerasModel, node: PlanNode, layer: BatchNorm, inputs: list[str], arrays: Arrays
) -> str:
    learned = [arrays[name][:, 0] for name in ("gamma", "beta", "mean", "variance")]
    return model.add(
        "BatchNormalization",
        node.name,
        inputs,
        _last(node.shape),
        learned,
        axis=-1,
        momentum=layer.momentum,
        epsilon=layer.epsilon,
    )


@KERAS_LAYERS.of("layer_norm")
def _layer_norm(
    model: KerasModel, node: PlanNode, layer: LayerNorm, inputs: list[str], arrays: Arrays
) -> str:
    learned = [arrays[name].reshape(node.shape) for name in ("gamma", "beta")]
    if len(node.shape) > 1:
        learned = [array.transpose(1, 2, 0) for array in learned]
    return model.add(
        "LayerNormalization",
        node.name,
        inputs,
        _last(node.shape),
        learned,
        axis=list(range(1, len(node.shape) + 1)),
        epsilon=layer.epsilon,
    )


@KERAS_LAYERS.of("dropout")
def _dropout(
    model: KerasModel, node: PlanNode, layer: Dropout, inputs: list[str], arrays: Arrays
) -> str:
    return model.add("Dropout", node.name, inputs, _last(node.shape), rate=layer.rate)


@KERAS_LAYERS.of("reshape")
def _reshape(
    model: KerasModel, node: PlanNode, layer: Reshape, inputs: list[str], arrays: Arrays
) -> str:
    flat = _flattened(model, node, inputs[0])
    channels, height, width = node.shape
    if channels == 1:
        return _shaped(model, node.name, flat, (height, width, 1))
    first = _shaped(model, f"{node.name} channels first", flat, node.shape)
    return model.add("Permute", node.name, [first], (height, width, channels), dims=[2, 3, 1])


def _shaped(model: KerasModel, name: str, source: str, shape: Shape) -> str:
    return model.add("Reshape", name, [source], shape, target_shape=list(shape))


@KERAS_LAYERS.of("flatten")
def _flatten(
    model: KerasModel, node: PlanNode, layer: Layer, inputs: list[str], arrays: Arrays
) -> str:
    return _flattened(model, node, inputs[0])


def _flattened(model: KerasModel, node: PlanNode, source: str) -> str:
    """An image as a row, channel by channel as everywhere here; a row as it is."""
    shape = model.layers[source].shape
    if len(shape) == 1:
        return source
    height, width, channels = shape
    if channels > 1 and height * width > 1:
        name, first = f"{node.name} channels first", (channels, height, width)
        source = model.add("Permute", name, [source], first, dims=[3, 1, 2])
    return model.add("Flatten", node.name, [source], (height * width * channels,), **_LAST)


def _pool(kind: str) -> Callable[..., str]:
    return lambda model, node, layer, inputs, arrays: model.add(
        kind,
        node.name,
        inputs,
        _last(node.shape),
        pool_size=[layer.size] * 2,
        strides=[layer.stride_in_force] * 2,
        padding="valid",
        **_LAST,
    )


KERAS_LAYERS.add("avg_pool2d", _pool("AveragePooling2D"))
KERAS_LAYERS.add("max_pool2d", _pool("MaxPooling2D"))


@KERAS_LAYERS.of("global_avg_pool2d")
def _global_pool(
    model: KerasModel, node: PlanNode, layer: Layer, inputs: list[str], arrays: Arrays
) -> str:
    return model.add("GlobalAveragePooling2D", node.name, inputs, node.shape, **_LAST)


def _join(kind: str, **config: Any) -> Callable[..., str]:
    return lambda model, node, layer, inputs, arrays: model.add(
        kind, node.name, inputs, _last(node.shape), **config
    )


KERAS_LAYERS.add("add", _join("Add"))
KERAS_LAYERS.add("multiply", _join("Multiply"))
KERAS_LAYERS.add("concatenate", _join("Concatenate", axis=-1))


@KERAS_ACTIVATIONS.of("leaky_relu")
def _leaky_relu(model: KerasModel, Z: str, shape: Shape, name: str) -> str:
    return model.add("LeakyReLU", name, [Z], shape, negative_slope=0.01)


@KERAS_ACTIVATIONS.of("gelu")
def _gelu(model: KerasModel, Z: str, shape: Shape, name: str) -> str:
    # Keras's word "gelu" is the one by the error function; this is how it writes ops.gelu(z, True).
    return model.add("Gelu", name, [Z], shape, module="keras.src.ops.nn", approximate=True)


for _name in ("linear", "sigmoid", "tanh", "relu", "elu", "softplus", "silu", "softmax"):
    KERAS_ACTIVATIONS.add(_name, _name)
