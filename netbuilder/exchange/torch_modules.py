"""Every layer as modules of torch.nn: their text, and the tensors of their state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from netbuilder.engine.layer import Array, Layer, Shape
from netbuilder.engine.layers import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    LayerNorm,
    MaxPool2D,
    Reshape,
)
from netbuilder.engine.plan import Step
from netbuilder.errors import UserError


@dataclass(frozen=True)
class Module:
    """One module, as ``Linear(5, 7)``; ``state`` is its state_dict, C-contiguous."""

    text: str
    state: Mapping[str, Array] = field(default_factory=dict)


def modules(step: Step, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    """The modules, one after the other, that compute a step's A from one input of this shape.

    ``arrays`` is what the step has learned, by name. Raises UserError for a layer that torch.nn
    has no module for.
    """
    write = _WRITERS.get(type(step.layer))
    if write is None:
        raise UserError(
            "{name} is a {title} layer, which torch.nn.Sequential has no module for here. "
            "Export the network as .onnx or .npz instead.",
            name=step.name,
            title=step.layer.title,
        )
    return write(step.layer, shape, arrays)


def _module(text: str, **state: Array) -> Module:
    return Module(text, {name: np.asarray(array, order="C") for name, array in state.items()})


def _dense(layer: Dense, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    linear = _module(
        f"Linear({shape[0]}, {layer.units})", weight=arrays["W"], bias=arrays["b"][:, 0]
    )
    return [linear, *_activation(layer.activation)]


def _activation(name: str) -> list[Module]:
    return [] if name == "linear" else [Module(_ACTIVATIONS[name])]


def _reshape(layer: Reshape, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    return [Module(f"Unflatten(1, ({layer.channels}, {layer.height}, {layer.width}))")]


def _conv(layer: Conv2D, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    conv = _module(
        f"Conv2d({shape[0]}, {layer.filters}, {layer.kernel}, stride={layer.stride}, "
        f"padding={layer.padding})",
        weight=arrays["W"],
        bias=arrays["b"][:, 0],
    )
    return [conv, *_activation(layer.activation)]


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


def _layer_norm(layer: LayerNorm, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    gamma, beta = (arrays[name].reshape(shape) for name in ("gamma", "beta"))
    return [_module(f"LayerNorm({list(shape)}, eps={layer.epsilon})", weight=gamma, bias=beta)]


def _pool(name: str) -> Callable[..., list[Module]]:
    return lambda layer, shape, arrays: [Module(f"{name}({layer.size}, {layer.step})")]


_WRITERS: dict[type[Layer], Callable[..., list[Module]]] = {
    Dense: _dense,
    Activation: lambda layer, shape, arrays: _activation(layer.activation),
    Dropout: lambda layer, shape, arrays: [Module(f"Dropout({layer.rate})")],
    Reshape: _reshape,
    Flatten: lambda layer, shape, arrays: [Module("Flatten()")],
    Conv2D: _conv,
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    MaxPool2D: _pool("MaxPool2d"),
    AvgPool2D: _pool("AvgPool2d"),
    GlobalAvgPool2D: lambda layer, shape, arrays: [
        Module("AdaptiveAvgPool2d(1)"),
        Module("Flatten()"),
    ],
}

_ACTIVATIONS = {
    "sigmoid": "Sigmoid()",
    "tanh": "Tanh()",
    "relu": "ReLU()",
    "leaky_relu": "LeakyReLU(0.01)",
    "elu": "ELU()",
    "gelu": "GELU(approximate='tanh')",
    "softplus": "Softplus()",
    "silu": "SiLU()",
    "softmax": "Softmax(dim=1)",
}
