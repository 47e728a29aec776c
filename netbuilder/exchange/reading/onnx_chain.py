"""An ONNX graph as a chain of our layers; what cannot be one is refused by its node's name."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from netbuilder.data.dataset import Scaling
from netbuilder.engine.layer import Array
from netbuilder.errors import UserError
from netbuilder.exchange.reading.contents import (
    MOST_LAYERS,
    Contents,
    FoundLayer,
    Group,
    Held,
    column,
)
from netbuilder.exchange.reading.described import made
from netbuilder.exchange.reading.onnx_nodes import refused, told, value_of

_ANSWERS = {"ArgMax", "LabelEncoder", "ZipMap", "ArrayFeatureExtractor", "Shape", "TopK"}
"""What names the answers of a network, and is no part of it."""


class OnnxChain:
    """Walks from the input to the output, and writes down a layer for each operator."""

    def __init__(self, graph: Any, constants: Mapping[str, Array]) -> None:
        self._graph, self.constants = graph, constants
        self._fed: dict[str, list[Any]] = {}
        for node in graph.node:
            for name in dict.fromkeys(node.input):
                self._fed.setdefault(name, []).append(node)
        self.found: list[FoundLayer] = []
        self.groups: list[Group] = []
        self.shift: Array = np.zeros(1)
        self.scale: Array = np.ones(1)
        self.columns = 0
        """How many columns a scaling was seen for."""
        self.images = False
        """Whether what goes on is an image, and no row."""

    def read(self) -> Contents:
        """Raises UserError with the node's name for what is no chain of layers that we have."""
        tensor = self._input()
        outputs = {output.name for output in self._graph.output}
        for _ in range(4 * MOST_LAYERS):
            nodes = [n for n in self._fed.get(tensor, ()) if n.op_type not in _ANSWERS]
            if tensor in outputs and (self.found or not nodes):
                break
            if not nodes:
                raise UserError("The graph ends in {name!r}, which is no output.", name=tensor)
            tensor = self._step(tensor, nodes)
        else:
            raise UserError("The graph has more nodes than any network, or leads round.")
        if not self.found:
            raise UserError("The graph has no layers between its input and its output.")
        scaling = Scaling(self.shift, self.scale) if self.columns else None
        return Contents(
            tuple(self.groups),
            layers=tuple(self.found),
            scaling=scaling,
            tells_scaling=scaling is not None,
        )

    def _input(self) -> str:
        inputs = [i for i in self._graph.input if i.name not in self.constants]
        if len(inputs) != 1:
            raise UserError(
                "The model has {n} inputs, {names}; expected one, of all features of an example.",
                n=len(inputs),
                names=", ".join(i.name for i in inputs[:6]),
            )
        dims = [d.dim_value for d in inputs[0].type.tensor_type.shape.dim]
        if len(dims) == 4 and all(0 < n < 2**20 for n in dims[1:]):
            self.add("reshape", "", channels=dims[1], height=dims[2], width=dims[3])
            self.images = True
        elif len(dims) not in (0, 2):
            raise UserError(
                "The input {name!r} has the shape {shape}; expected rows of numbers, or images of "
                "a fixed size.",
                name=inputs[0].name,
                shape=str(tuple(dims)),
            )
        return str(inputs[0].name)

    def _step(self, tensor: str, nodes: list[Any]) -> str:
        silu = self._silu(tensor, nodes)
        if silu is not None:
            return silu
        node = nodes[0]
        if len(nodes) > 1:
            raise UserError(
                "{tensor!r} feeds {names}: only chains, each node fed by the one before, become a "
                "network here.",
                tensor=tensor,
                names=", ".join(told(n) for n in nodes[:4]),
            )
        read = _OPERATORS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        if read is None or node.op_type == "Constant":
            raise refused(node, "netbuilder has no layer for this operator")
        if not node.output:
            raise refused(node, "it has no output")
        attributes = {a.name: value_of(a) for a in node.attribute}
        inputs = list(node.input)
        if inputs and inputs[0] != tensor and node.op_type not in ("Add", "Mul"):
            raise refused(node, "the chain does not enter it first")
        try:
            read(self, node, [name for name in inputs if name != tensor], attributes)
        except (TypeError, ValueError, IndexError, ArithmeticError):
            raise refused(node, "its attributes make no sense") from None
        return str(node.output[0])

    def _silu(self, tensor: str, nodes: list[Any]) -> str | None:
        """z·σ(z) is two nodes that the same tensor feeds."""
        by_op = {node.op_type: node for node in nodes}
        if len(nodes) != 2 or set(by_op) != {"Sigmoid", "Mul"}:
            return None
        gate, product = by_op["Sigmoid"].output[:1], by_op["Mul"]
        if sorted(product.input) != sorted([tensor, *gate]) or len(product.output) != 1:
            return None
        if self._fed.get(gate[0]) != [product]:
            return None
        self.activate(product, "silu")
        return str(product.output[0])

    # --- what operators write down -----------------------------------------------------------

    def add(self, kind: str, name: str, **settings: Any) -> None:
        self.found.append(FoundLayer(name, made(kind, name, **settings)))

    def activate(self, node: Any, function: str) -> None:
        """Inside the layer before, where that is one of weights without a function of its own."""
        last = self.found[-1] if self.found else None
        if last is not None and last.layer.own_width and last.layer.activation == "linear":
            layer = last.layer.with_settings(activation=function)
            self.found[-1] = dataclasses.replace(last, layer=layer)
        else:
            self.add("activation", node.name, activation=function)

    def constant(self, node: Any, names: list[str], k: int) -> Array:
        """An array that the node is given beside the chain; UserError where it is none."""
        if k >= len(names) or names[k] not in self.constants:
            raise refused(node, "what it is given beside its input is not in the file")
        values = self.constants[names[k]]
        if values.dtype.kind != "f" and node.op_type != "Reshape":
            raise refused(node, "its weights are no fractional numbers")
        return values

    def weights(self, node: Any, W: tuple[str, Array], b: tuple[str, Array] | None) -> None:
        arrays = {"W": Held(*W)}
        if b is not None:
            units = W[1].shape[0]
            values = np.broadcast_to(b[1].reshape(-1), (units,))
            arrays["b"] = Held(b[0], column(values))
        self.groups.append(Group(node.name or node.output[0], arrays))


# --- one function an operator --------------------------------------------------------------------

Attributes = Mapping[str, Any]


def _gemm(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    if with_.get("transA", 0) or with_.get("alpha", 1.0) != 1 or with_.get("beta", 1.0) != 1:
        raise refused(node, "it does not compute W·A + b")
    W = chain.constant(node, names, 0)
    if W.ndim != 2:
        raise refused(node, "its weights are no matrix")
    W = W if with_.get("transB", 0) else W.T
    b = (names[1], chain.constant(node, names, 1)) if len(names) > 1 and names[1] else None
    _dense(chain, node, (names[0], W), b)


def _dense(chain: OnnxChain, node: Any, W: tuple[str, Array], b: tuple[str, Array] | None) -> None:
    chain.weights(node, W, b)
    chain.add("dense", node.name or node.output[0], units=W[1].shape[0], activation="linear")


def _matmul(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    W = chain.constant(node, names, 0)
    if W.ndim != 2:
        raise refused(node, "its weights are no matrix")
    _dense(chain, node, (names[0], W.T), None)


def _add(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    values = chain.constant(node, names, 0)
    if not chain.found:
        _scales(chain, node, shift=-values)
        return
    last, group = chain.found[-1].layer, chain.groups[-1] if chain.groups else None
    plain = last.own_width is not None and last.activation == "linear"
    if group is None or not plain or "b" in group.arrays:
        raise refused(node, "what is added is no bias of the layer before")
    units = last.own_width or 0
    if values.size not in (1, units) or group.arrays["W"].values.shape[0] != units:
        raise refused(node, "what is added is no bias of the layer before")
    b = Held(names[0], column(np.broadcast_to(values.reshape(-1), (units,))))
    chain.groups[-1] = Group(group.name, {**group.arrays, "b": b})


def _sub(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    _scales(chain, node, shift=chain.constant(node, names, 0))


def _div(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    _scales(chain, node, scale=chain.constant(node, names, 0))


def _mul(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    _scales(chain, node, scale=1.0 / chain.constant(node, names, 0).astype(np.float64))


def _scales(
    chain: OnnxChain, node: Any, shift: Array | None = None, scale: Array | None = None
) -> None:
    """(x − shift) / scale before the network, on top of what came before: of rows alone."""
    value = shift if shift is not None else scale
    if value is None or chain.found or value.size != max(value.shape, default=1):
        raise refused(node, "it scales something else than the features")
    flat = value.astype(np.float64).reshape(-1)
    if not np.isfinite(flat).all() or (scale is not None and not flat.all()):
        raise refused(node, "it scales by what is no number")
    if shift is not None:
        chain.shift = chain.shift + flat * chain.scale
    else:
        chain.scale = chain.scale * flat
    chain.columns = max(chain.columns, chain.shift.size, chain.scale.size)
    chain.shift, chain.scale = np.broadcast_arrays(chain.shift, chain.scale)


def _one(node: Any, sizes: Any, what: str) -> int:
    found = set(sizes)
    if len(found) != 1:
        raise refused(node, f"its {what} are not the same on all sides")
    return int(found.pop())


def _padding(node: Any, with_: Attributes, kernel: int, stride: int) -> int:
    auto = with_.get("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        if stride != 1 or kernel % 2 == 0:
            raise refused(node, "its margins are not the same on all sides")
        return (kernel - 1) // 2
    return 0 if auto == "VALID" else _one(node, with_.get("pads", [0]), "margins")


def _conv(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    W = chain.constant(node, names, 0)
    if W.ndim != 4 or with_.get("group", 1) != 1 or set(with_.get("dilations", [1])) != {1}:
        raise refused(node, "it is no plain convolution of images")
    kernel = _one(node, W.shape[2:], "filters")
    stride = _one(node, with_.get("strides", [1]), "steps")
    padding = _padding(node, with_, kernel, stride)
    b = (names[1], chain.constant(node, names, 1)) if len(names) > 1 and names[1] else None
    chain.weights(node, (names[0], W), b)
    chain.add(
        "conv2d",
        node.name or node.output[0],
        filters=W.shape[0],
        kernel=kernel,
        stride=stride,
        padding=padding,
        activation="linear",
    )


def _pool(kind: str) -> Callable[[OnnxChain, Any, list[str], Attributes], None]:
    def read(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
        size = _one(node, with_["kernel_shape"], "windows")
        stride = _one(node, with_.get("strides", [1]), "steps")
        plain = not with_.get("ceil_mode") and set(with_.get("dilations", [1])) == {1}
        if not plain or _padding(node, with_, size, stride):
            raise refused(node, "its windows go beyond the image, or have holes")
        chain.add(kind, node.name, size=size, stride=0 if stride == size else stride)

    return read


def _global_pool(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    chain.add("global_avg_pool2d", node.name)
    chain.images = False


def _norm(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    if with_.get("training_mode"):
        raise refused(node, "it is set to training")
    arrays = [chain.constant(node, names, k) for k in range(4)]
    order = ("gamma", "beta", "mean", "variance")
    held = {p: Held(n, column(v)) for p, n, v in zip(order, names, arrays, strict=False)}
    chain.groups.append(Group(node.name or node.output[0], held))
    epsilon = with_.get("epsilon", 1e-5)
    chain.add("batch_norm", node.name or node.output[0], epsilon=_short(epsilon))


def _layer_norm(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    gamma = chain.constant(node, names, 0)
    if with_.get("axis", -1) not in (1, -gamma.ndim) or gamma.ndim not in (1, 3):
        raise refused(node, "it does not take all numbers of an example together")
    held = {"gamma": Held(names[0], column(gamma)), "beta": Held("", np.zeros((gamma.size, 1)))}
    if len(names) > 1 and names[1]:
        held["beta"] = Held(names[1], column(chain.constant(node, names, 1)))
    chain.groups.append(Group(node.name or node.output[0], held))
    epsilon = _short(with_.get("epsilon", 1e-5))
    chain.add("layer_norm", node.name or node.output[0], epsilon=epsilon)


def _short(value: float) -> float:
    """Attributes are float32: 1e-5 is meant, and not 9.999999747378752e-06."""
    return float(f"{value:.7g}")


def _flatten(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    if with_.get("axis", 1) != 1:
        raise refused(node, "it flattens the examples too")
    _to_row(chain, node)


def _to_row(chain: OnnxChain, node: Any) -> None:
    """Nothing where there are rows already: after a global pool, or before any image."""
    if chain.images:
        chain.add("flatten", node.name)
    chain.images = False


def _reshape(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    sizes = [int(n) for n in chain.constant(node, names, 0).reshape(-1)]
    if len(sizes) == 2:
        _to_row(chain, node)
    elif len(sizes) == 4 and not chain.found and min(sizes[1:]) > 0:
        chain.add("reshape", node.name, channels=sizes[1], height=sizes[2], width=sizes[3])
        chain.images = True
    else:
        raise refused(node, "only rows of the data become images, and images rows")


def _same(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    if node.op_type == "Cast" and with_.get("to") not in (1, 11):
        raise refused(node, "it makes something else than fractional numbers")


def _function(
    function: str, **expected: float
) -> Callable[[OnnxChain, Any, list[str], Attributes], None]:
    def read(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
        for key, value in expected.items():
            if not math.isclose(with_.get(key, value), value, rel_tol=1e-6):
                raise refused(node, f"its {key} is not {value:g}")
        chain.activate(node, function)

    return read


def _softmax(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    if with_.get("axis", -1) not in ((1,) if chain.images else (1, -1)):
        raise refused(node, "it shares out over another axis than the units")
    chain.activate(node, "softmax")


def _gelu(chain: OnnxChain, node: Any, names: list[str], with_: Attributes) -> None:
    if with_.get("approximate", "none") != "tanh":
        raise refused(node, "only GELU by tanh is had here")
    chain.activate(node, "gelu")


_OPERATORS: dict[str, Callable[[OnnxChain, Any, list[str], Attributes], None]] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Add": _add,
    "Sub": _sub,
    "Div": _div,
    "Mul": _mul,
    "Conv": _conv,
    "MaxPool": _pool("max_pool2d"),
    "AveragePool": _pool("avg_pool2d"),
    "GlobalAveragePool": _global_pool,
    "BatchNormalization": _norm,
    "LayerNormalization": _layer_norm,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Relu": _function("relu"),
    "Sigmoid": _function("sigmoid"),
    "Tanh": _function("tanh"),
    "LeakyRelu": _function("leaky_relu", alpha=0.01),
    "Elu": _function("elu", alpha=1.0),
    "Softplus": _function("softplus"),
    "Softmax": _softmax,
    "Gelu": _gelu,
    "Identity": _same,
    "Dropout": _same,
    "Cast": _same,
}
