"""Every layer as modules of torch.nn: their text, and the tensors of their state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

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
from netbuilder.registry import Facet


@dataclass(frozen=True)
class Module:
    """One module, as ``Linear(5, 7)``; ``state`` is its state_dict, C-contiguous."""

    text: str
    state: Mapping[str, Array] = field(default_factory=dict)


MODULES: Facet[Callable[..., list[Module]]] = Facet(LAYERS, "torch modules")
"""``writer(layer, shape, arrays)`` does what ``modules`` says for one kind of layer."""
ACTIVATION_MODULES: Facet[str] = Facet(ACTIVATIONS, "torch modules")
"""The module's text."""

for _kind in ("input", "cost"):
    MODULES.without(_kind, "it is no part of what computes a prediction")
for _kind in ("add", "multiply", "concatenate"):
    MODULES.without(_kind, "it takes several inputs, and is no module of its own")


def modules(node: PlanNode, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    """The modules, one after the other, that compute a node's A from one input of this shape.

    ``arrays`` is what the node has learned, by name. Raises UserError for a layer that torch.nn
    has no module for.
    """
    write = MODULES.get(node.layer.kind)
    if write is None:
        raise UserError(
            "{name} is a {title} layer: {reason}. Export the network as .onnx or .npz instead.",
            name=node.name,
            title=node.layer.title,
            reason=Message(
                MODULES.absent.get(node.layer.kind, "torch.nn has no module for it here")
            ),
        )
    return write(node.layer, shape, arrays)


def _module(text: str, **state: Array) -> Module:
    return Module(text, {name: np.asarray(array, order="C") for name, array in state.items()})


@MODULES.of("dense")
def _dense(layer: Dense, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    linear = _module(
        f"Linear({shape[0]}, {layer.units})", weight=arrays["W"], bias=arrays["b"][:, 0]
    )
    return [linear, *_function(layer.activation)]


def _function(name: str) -> list[Module]:
    text = ACTIVATION_MODULES.get(name)
    return [] if text is None else [Module(text)]


@MODULES.of("activation")
def _activation(layer: Activation, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    return _function(layer.activation)


@MODULES.of("dropout")
def _dropout(layer: Dropout, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    return [Module(f"Dropout({layer.rate})")]


@MODULES.of("flatten")
def _flatten(layer: Layer, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    return [Module("Flatten()")]


@MODULES.of("global_avg_pool2d")
def _global_pool(layer: Layer, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    return [Module("AdaptiveAvgPool2d(1)"), Module("Flatten()")]


@MODULES.of("reshape")
def _reshape(layer: Reshape, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    return [Module(f"Unflatten(1, ({layer.channels}, {layer.height}, {layer.width}))")]


@MODULES.of("conv2d")
def _conv(layer: Conv2D, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    conv = _module(
        f"Conv2d({shape[0]}, {layer.filters}, {layer.kernel}, stride={layer.stride}, "
        f"padding={layer.padding})",
        weight=arrays["W"],
        bias=arrays["b"][:, 0],
    )
    return [conv, *_function(layer.activation)]


@MODULES.of("batch_norm")
def _batch_norm(layer: BatchNorm, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    # torch's momentum is the share of the new batch, not of what was.
    module = _module(
        f"BatchNorm{len(shape) - 1 or 1}d({shape[0]}, eps={layer.epsilon}, "
        f"momentum={1 - layer.momentum:.6g})",
        weight=arrays["gamma"][:, 0],
        bias=arrays["beta"][:, 0],
        running_mean=arrays["mean"][:, 0],
        running_var=arrays["variance"][:, 0],
        num_batches_tracked=np.array(0),
    )
    return [module]


@MODULES.of("layer_norm")
def _layer_norm(layer: LayerNorm, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    gamma, beta = (arrays[name].reshape(shape) for name in ("gamma", "beta"))
    return [_module(f"LayerNorm({list(shape)}, eps={layer.epsilon})", weight=gamma, bias=beta)]


def _pool(name: str) -> Callable[..., list[Module]]:
    return lambda layer, shape, arrays: [Module(f"{name}({layer.size}, {layer.stride_in_force})")]


MODULES.add("avg_pool2d", _pool("AvgPool2d"))
MODULES.add("max_pool2d", _pool("MaxPool2d"))

ACTIVATION_MODULES.without("linear", "nothing is to be done")
for _name, _text in (
    ("sigmoid", "Sigmoid()"),
    ("tanh", "Tanh()"),
    ("relu", "ReLU()"),
    ("leaky_relu", "LeakyReLU(0.01)"),
    ("elu", "ELU()"),
    ("gelu", "GELU(approximate='tanh')"),
    ("softplus", "Softplus()"),
    ("silu", "SiLU()"),
    ("softmax", "Softmax(dim=1)"),
):
    ACTIVATION_MODULES.add(_name, _text)
