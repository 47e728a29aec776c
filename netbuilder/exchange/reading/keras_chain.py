"""A Keras model's configuration as a chain of our layers; what cannot be one is refused by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from netbuilder.data.dataset import Scaling
from netbuilder.engine.layer import Shape
from netbuilder.errors import Message, UserError
from netbuilder.exchange.keras_layers import KERAS_ACTIVATIONS
from netbuilder.exchange.keras_model import snake_case
from netbuilder.exchange.reading.contents import MOST_LAYERS, FoundLayer
from netbuilder.exchange.reading.described import made


class KerasEntry(NamedTuple):
    """One layer of the configuration."""

    name: str
    kind: str
    config: Mapping[str, Any]


@dataclass
class KerasChain:
    """The chain as far as it was read."""

    entries: list[KerasEntry] = field(default_factory=list)
    found: list[FoundLayer] = field(default_factory=list)
    padding: int = 0
    """Of a ZeroPadding2D that a convolution follows."""
    shape: Shape | None = None
    """Of the input as Keras has it, until a layer has taken it."""
    scaling: Scaling | None = None
    normalized: str = ""
    """The place of a Normalization before the network."""
    notices: tuple[Message, ...] = ()

    @property
    def layers(self) -> tuple[FoundLayer, ...]:
        return tuple(self.found)

    def places(self) -> Iterator[tuple[str, KerasEntry]]:
        """Where Keras keeps each layer's arrays: by its class, and numbered."""
        counts: dict[str, int] = {}
        for entry in self.entries:
            base = snake_case(entry.kind)
            number = counts[base] = counts.get(base, -1) + 1
            yield (f"{base}_{number}" if number else base), entry

    def add(self, kind: str, name: str, **settings: Any) -> None:
        if self.shape is not None and len(self.shape) == 3:
            self._image(*self.shape)
        elif self.shape is not None and len(self.shape) != 1:
            raise _refused(name, kind, "its input is no row of numbers and no image")
        self.shape = None
        self.found.append(FoundLayer(name, made(kind, name, **settings)))

    def _image(self, height: int, width: int, channels: int) -> None:
        self.shape = None
        self.add("reshape", "", channels=channels, height=height, width=width)
        if channels > 1:
            self.notices = (
                Message(
                    "Rows of its images have all channels of a pixel side by side; here they "
                    "have one channel after the other, and so must the data."
                ),
            )


def chain_of(config: Any) -> KerasChain:
    """Raises UserError for anything but a chain of layers that netbuilder has."""
    chain = KerasChain()
    chain.entries = list(_entries(config))
    for entry in chain.entries:
        read = _READERS.get(entry.kind)
        if read is None:
            raise UserError(
                "The layer {name!r} is of Keras's class {kind}, which netbuilder does not have.",
                name=entry.name,
                kind=entry.kind,
            )
        try:
            read(chain, entry.name, entry.config)
        except (KeyError, TypeError, ValueError, IndexError, ArithmeticError):
            raise UserError(
                "The layer {name!r} is damaged: its settings make no sense.", name=entry.name
            ) from None
        if chain.padding and entry.kind not in ("ZeroPadding2D", "Conv2D"):
            raise _refused(entry.name, entry.kind, "no Conv2D follows the zeros put around")
    if not chain.found or chain.padding:
        raise UserError("It is a model without layers, or ends in zeros put around an image.")
    return chain


def _entries(config: Any) -> Iterator[KerasEntry]:
    """The layers in order, of a Sequential or of a Functional model without branches."""
    kind = config.get("class_name") if isinstance(config, dict) else None
    if not isinstance(config, dict) or kind not in ("Sequential", "Functional"):
        raise UserError(
            "It is a model of Keras's class {kind}; expected Sequential or Functional, whose "
            "layers are told in the file.",
            kind=str(kind),
        )
    body = config.get("config")
    listed = body.get("layers") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_LAYERS:
        raise UserError("Its list of layers is damaged.")
    before = ""
    for found in listed:
        own = found.get("config") if isinstance(found, dict) else None
        if not isinstance(own, dict) or not isinstance(found.get("class_name"), str):
            raise UserError("Its list of layers is damaged.")
        name = str(own.get("name") or found.get("name") or found["class_name"])
        sources = list(_sources(found.get("inbound_nodes") or [], 0))
        if kind == "Functional" and sources != [before] * bool(before):
            raise UserError(
                "The layer {name!r} is fed by {found}: only chains, each layer fed by the one "
                "before, become a network here.",
                name=name,
                found=", ".join(sources) or Message("nothing"),
            )
        before = name
        yield KerasEntry(name, found["class_name"], own)


def _sources(value: Any, depth: int) -> Iterator[str]:
    """The layers whose outputs a layer's call was given."""
    if depth > 12:
        raise UserError("The wires of its layers are damaged.")
    if isinstance(value, dict):
        history = value.get("keras_history")
        if isinstance(history, list) and history:
            yield str(history[0])
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _sources(item, depth + 1)


# --- one function a class of Keras ---------------------------------------------------------------

Config = Mapping[str, Any]


def _refused(name: str, kind: str, reason: str) -> UserError:
    return UserError(
        "The layer {name!r} ({kind}) cannot be had here: {reason}.",
        name=name,
        kind=kind,
        reason=Message(reason),
    )


def _plain(name: str, kind: str, config: Config, **expected: Any) -> None:
    """Refuses a setting that has another value than the one that there is here."""
    for key, value in expected.items():
        found = config.get(key, value)
        found = list(found) if isinstance(value, list) and isinstance(found, list) else found
        if found != value:
            raise UserError(
                "The layer {name!r} ({kind}) cannot be had here: its {key} is {found}, and here it "
                "is always {value}.",
                name=name,
                kind=kind,
                key=key,
                found=str(found),
                value=str(value),
            )


def _function(name: str, word: Any) -> str:
    """Our activation for Keras's word."""
    if word is None:
        return "linear"
    if word == "swish":
        word = "silu"
    if isinstance(word, str) and KERAS_ACTIVATIONS.get(word) == word:
        return word
    raise UserError(
        "The activation {word} of the layer {name!r} is none that netbuilder has; it has {known}.",
        word=str(word),
        name=name,
        known=", ".join(w for w in KERAS_ACTIVATIONS.values() if isinstance(w, str)),
    )


def _square(name: str, kind: str, value: Any) -> int:
    sizes = [value, value] if isinstance(value, int) else list(value)
    if len(sizes) != 2 or sizes[0] != sizes[1] or type(sizes[0]) is not int:
        raise _refused(name, kind, "its windows, steps and margins are not square")
    return sizes[0]


def _input(chain: KerasChain, name: str, config: Config) -> None:
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    sizes = tuple(shape[1:]) if isinstance(shape, list) else ()
    if not sizes or not all(type(n) is int and 0 < n < 2**31 for n in sizes) or chain.found:
        raise _refused(name, "InputLayer", "it does not tell the size of an example")
    chain.shape = sizes


def _dense(chain: KerasChain, name: str, config: Config) -> None:
    function = _function(name, config.get("activation"))
    if chain.shape is not None and len(chain.shape) > 1:
        raise _refused(name, "Dense", "it works on every pixel by itself")
    chain.add("dense", name, units=config["units"], activation=function)


def _conv(chain: KerasChain, name: str, config: Config) -> None:
    _plain(name, "Conv2D", config, data_format="channels_last", groups=1)
    if _square(name, "Conv2D", config.get("dilation_rate", 1)) != 1:
        raise _refused(name, "Conv2D", "its filters have holes")
    kernel = _square(name, "Conv2D", config["kernel_size"])
    stride = _square(name, "Conv2D", config.get("strides", 1))
    padding, chain.padding = chain.padding, 0
    if config.get("padding", "valid") == "same":
        if stride != 1 or kernel % 2 == 0:
            raise _refused(name, "Conv2D", "its margins are not the same on all sides")
        padding += (kernel - 1) // 2
    function = _function(name, config.get("activation"))
    chain.add(
        "conv2d",
        name,
        filters=config["filters"],
        kernel=kernel,
        stride=stride,
        padding=padding,
        activation=function,
    )


def _zeros(chain: KerasChain, name: str, config: Config) -> None:
    around = config["padding"]
    sizes = {n for side in around for n in (side if isinstance(side, list) else [side])}
    if len(sizes) != 1 or not isinstance(n := sizes.pop(), int):
        raise _refused(name, "ZeroPadding2D", "its margins are not the same on all sides")
    chain.padding += n


def _pool(kind: str) -> Callable[[KerasChain, str, Config], None]:
    def read(chain: KerasChain, name: str, config: Config) -> None:
        _plain(name, "pooling", config, data_format="channels_last", padding="valid")
        size = _square(name, "pooling", config["pool_size"])
        stride = config.get("strides")
        step = size if stride is None else _square(name, "pooling", stride)
        chain.add(kind, name, size=size, stride=0 if step == size else step)

    return read


def _global_pool(chain: KerasChain, name: str, config: Config) -> None:
    _plain(name, "pooling", config, data_format="channels_last", keepdims=False)
    chain.add("global_avg_pool2d", name)


def _batch_norm(chain: KerasChain, name: str, config: Config) -> None:
    axis = config.get("axis", -1)
    last = -1 if isinstance(axis, list) and axis == [-1] else axis
    if last not in (-1, 1, 3):
        raise _refused(name, "BatchNormalization", "it does not go by channels")
    momentum, epsilon = float(config.get("momentum", 0.99)), float(config.get("epsilon", 1e-3))
    chain.add("batch_norm", name, momentum=momentum, epsilon=epsilon)


def _layer_norm(chain: KerasChain, name: str, config: Config) -> None:
    _plain(name, "LayerNormalization", config, scale=True, center=True, rms_scaling=False)
    chain.add("layer_norm", name, epsilon=float(config.get("epsilon", 1e-3)))


def _activation(chain: KerasChain, name: str, config: Config) -> None:
    chain.add("activation", name, activation=_function(name, config["activation"]))


def _relu(chain: KerasChain, name: str, config: Config) -> None:
    _plain(name, "ReLU", config, max_value=None, negative_slope=0.0, threshold=0.0)
    chain.add("activation", name, activation="relu")


def _leaky_relu(chain: KerasChain, name: str, config: Config) -> None:
    slope = float(config.get("negative_slope", 0.3))
    if not math.isclose(slope, 0.01, rel_tol=1e-6):
        raise _refused(name, "LeakyReLU", "its slope below zero is not 0.01")
    chain.add("activation", name, activation="leaky_relu")


def _elu(chain: KerasChain, name: str, config: Config) -> None:
    _plain(name, "ELU", config, alpha=1.0)
    chain.add("activation", name, activation="elu")


def _softmax(chain: KerasChain, name: str, config: Config) -> None:
    _plain(name, "Softmax", config, axis=-1)
    chain.add("activation", name, activation="softmax")


def _flatten(chain: KerasChain, name: str, config: Config) -> None:
    _plain(name, "Flatten", config, data_format="channels_last")
    if chain.shape is not None and len(chain.shape) < 3:
        chain.shape = (math.prod(chain.shape),)  # the data are rows already
        return
    chain.add("flatten", name)


def _reshape(chain: KerasChain, name: str, config: Config) -> None:
    sizes = config["target_shape"]
    if len(sizes) != 3 or not (chain.shape is not None or not chain.found) or -1 in sizes:
        raise _refused(name, "Reshape", "only rows of the data become images")
    chain.shape = None
    chain._image(*sizes)


def _dropout(chain: KerasChain, name: str, config: Config) -> None:
    chain.add("dropout", name, rate=float(config["rate"]))


def _normalization(chain: KerasChain, name: str, config: Config) -> None:
    if chain.found or chain.normalized or chain.scaling or config.get("invert"):
        raise _refused(name, "Normalization", "it does not stand before the network")
    if config.get("mean") is not None or chain.shape is None or len(chain.shape) != 1:
        raise _refused(name, "Normalization", "it scales something else than columns by its arrays")
    chain.normalized = "normalization"


def _rescaling(chain: KerasChain, name: str, config: Config) -> None:
    if chain.found or chain.normalized or chain.scaling or chain.shape is None:
        raise _refused(name, "Rescaling", "it does not stand before the network")
    scale, offset = float(config["scale"]), float(config.get("offset", 0.0))
    ones = np.ones(math.prod(chain.shape))
    if not (math.isfinite(offset / scale) and math.isfinite(1 / scale)) or ones.size > 10**7:
        raise ValueError
    chain.scaling = Scaling(-offset / scale * ones, ones / scale)


_READERS: dict[str, Callable[[KerasChain, str, Config], None]] = {
    "InputLayer": _input,
    "Dense": _dense,
    "Conv2D": _conv,
    "ZeroPadding2D": _zeros,
    "MaxPooling2D": _pool("max_pool2d"),
    "AveragePooling2D": _pool("avg_pool2d"),
    "GlobalAveragePooling2D": _global_pool,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "Activation": _activation,
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu,
    "Softmax": _softmax,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Dropout": _dropout,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
}
