"""Every layer as modules of torch.nn: their text, and the tensors of their state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from netbuilder.engine.layer import Array, Layer, Shape
from netbuilder.engine.layers import Activation, Dense, Dropout, Flatten, Reshape
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
    return Module(text, {name: np.ascontiguousarray(array) for name, array in state.items()})


def _dense(layer: Dense, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    linear = _module(
        f"Linear({shape[0]}, {layer.units})", weight=arrays["W"], bias=arrays["b"][:, 0]
    )
    return [linear, *_activation(layer.activation)]


def _activation(name: str) -> list[Module]:
    return [] if name == "linear" else [Module(_ACTIVATIONS[name])]


def _reshape(layer: Reshape, shape: Shape, arrays: Mapping[str, Array]) -> list[Module]:
    return [Module(f"Unflatten(1, ({layer.channels}, {layer.height}, {layer.width}))")]


_WRITERS: dict[type[Layer], Callable[..., list[Module]]] = {
    Dense: _dense,
    Activation: lambda layer, shape, arrays: _activation(layer.activation),
    Dropout: lambda layer, shape, arrays: [Module(f"Dropout({layer.rate})")],
    Reshape: _reshape,
    Flatten: lambda layer, shape, arrays: [Module("Flatten()")],
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
