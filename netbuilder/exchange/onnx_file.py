"""The whole network as an ONNX model: raw features go in, probabilities come out."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netbuilder.data.dataset import Scaling
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import Activation, Add, Concatenate, Dense, Dropout
from netbuilder.engine.program import Step
from netbuilder.errors import UserError
from netbuilder.exchange.trained import Trained, as_json
from netbuilder.files import replacing

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

OPSET = 17
IR_VERSION = 8
_LARGEST = 2**31 - 2**20
"""A model in one file must stay below 2 GiB."""
_FAR_FROM_ZERO = 64.0
"""From this ratio of shift to scale on, float32 loses too many digits of a raw feature."""


def save(path: Path, trained: Trained) -> None:
    """Writes the model: input ``features`` (m, n_x), not scaled, output (m, n_y).

    The output is called ``probabilities``, or ``predictions`` where it is no probability. Raises
    UserError for a network too large for one ONNX file, or with a layer that cannot be written.
    """
    size = 4 * trained.plan.parameter_count
    if size > _LARGEST:
        raise UserError(
            "This network has {size:.1f} GB of weights, but one ONNX file holds at most 2 GB. "
            "Export it as .npz or .safetensors instead.",
            size=size / 2**30,
        )
    content = build(trained).SerializeToString()
    with replacing(path) as handle:
        handle.write(content)


def build(trained: Trained) -> ModelProto:
    """The model of a trained network, opset 17, IR version 8, float32."""
    # Imported late: only those who export wait for it.
    from onnx import TensorProto, helper

    graph = _Graph()
    plan = trained.plan
    precise = trained.scaling is not None and _needs_double(trained.scaling)
    tensors = {plan.steps[0].id: graph.scale("features", trained.scaling, precise)}
    for step in plan.steps[1:-1]:
        inputs = [tensors[id] for id in step.inputs]
        tensors[step.id] = graph.step(step, inputs, trained)
    output = "probabilities" if trained.gives_probabilities else "predictions"
    graph.node("Identity", [tensors[trained.output.id]], {}, output=output)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "netbuilder",
            [
                helper.make_tensor_value_info(
                    "features",
                    TensorProto.DOUBLE if precise else TensorProto.FLOAT,
                    ["m", trained.info.n_x],
                )
            ],
            [
                helper.make_tensor_value_info(
                    output, TensorProto.FLOAT, ["m", trained.output.shape[0]]
                )
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="netbuilder",
    )
    meta = trained.description()
    helper.set_model_props(
        model,
        {
            "class_names": as_json(meta["class_names"]),
            "feature_names": as_json(meta["feature_names"]),
            "target_names": as_json(meta["target_names"]),
            "loss": meta["loss"],
            "task": meta["task"],
            "scaling": as_json(meta["scaling"]),
            "use": "Feed the raw features: the scaling is part of the model. "
            f"The output is {meta['output']}.",
        },
    )
    return model


def _needs_double(scaling: Scaling) -> bool:
    """Whether only float64 tells raw features apart, as years or times far from zero.

    Or features so large, or so little different, that float32 does not reach there.
    """
    far = np.abs(scaling.shift) > _FAR_FROM_ZERO * scaling.scale
    extreme = (scaling.scale > 1e30) | (scaling.scale < 1e-30)
    return bool(np.any(far | extreme))


class _Graph:
    """Collects nodes and constants; every tensor name is used once."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self._names: set[str] = set()

    def name(self, wish: str) -> str:
        """The name, or the name with a number where it is taken."""
        name, number = wish, 2
        while name in self._names:
            name, number = f"{wish} {number}", number + 1
        self._names.add(name)
        return name

    def constant(self, wish: str, value: Any, dtype: type = np.float32) -> str:
        from onnx import numpy_helper

        name = self.name(wish)
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(
        self, op: str, inputs: Sequence[str], attributes: dict[str, Any], *, output: str
    ) -> str:
        """Adds one operator and gives the name of its result."""
        from onnx import helper

        output = self.name(output)
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=output, **attributes))
        return output

    def scale(self, features: str, scaling: Scaling | None, precise: bool) -> str:
        """(x − shift) / scale, in float64 where float32 would not do."""
        from onnx import TensorProto

        self._names.add(features)
        if scaling is None:
            return features
        dtype = np.float64 if precise else np.float32
        shift = self.constant("scaling.shift", scaling.shift, dtype)
        scale = self.constant("scaling.scale", scaling.scale, dtype)
        shifted = self.node("Sub", [features, shift], {}, output="shifted")
        scaled = self.node("Div", [shifted, scale], {}, output="scaled")
        if not precise:
            return scaled
        return self.node("Cast", [scaled], {"to": TensorProto.FLOAT}, output="scaled float32")

    def step(self, step: Step, inputs: list[str], trained: Trained) -> str:
        """The tensor of a step's A."""
        write = _WRITERS.get(type(step.layer))
        if write is None:
            raise UserError(
                "{name} is a {title} layer, which cannot be written as ONNX yet.",
                name=step.name,
                title=step.layer.title,
            )
        return write(self, step, inputs, trained)

    def activation(self, function: str, Z: str, name: str) -> str:
        """The tensor of g(Z)."""
        write = _ACTIVATIONS.get(function)
        if write is None:
            raise UserError(
                "The activation {function} of {name} cannot be written as ONNX.",
                function=function,
                name=name,
            )
        return write(self, Z, name)


def _dense(graph: _Graph, step: Step, inputs: list[str], trained: Trained) -> str:
    W = graph.constant(f"{step.name}.W", trained.weights[f"{step.id}.W"])
    b = graph.constant(f"{step.name}.b", trained.weights[f"{step.id}.b"][:, 0])
    Z = graph.node("Gemm", [inputs[0], W, b], {"transB": 1}, output=f"{step.name}.Z")
    assert isinstance(step.layer, Dense)
    return graph.activation(step.layer.activation, Z, step.name)


def _activation(graph: _Graph, step: Step, inputs: list[str], trained: Trained) -> str:
    assert isinstance(step.layer, Activation)
    return graph.activation(step.layer.activation, inputs[0], step.name)


def _add(graph: _Graph, step: Step, inputs: list[str], trained: Trained) -> str:
    return functools.reduce(
        lambda total, more: graph.node("Add", [total, more], {}, output=step.name), inputs
    )


_WRITERS: dict[type[Layer], Callable[[_Graph, Step, list[str], Trained], str]] = {
    Dense: _dense,
    Activation: _activation,
    Add: _add,
    Concatenate: lambda graph, step, inputs, trained: graph.node(
        "Concat", inputs, {"axis": 1}, output=step.name
    ),
    # When predicting, dropout lets everything pass.
    Dropout: lambda graph, step, inputs, trained: inputs[0],
}


def _operator(op: str, **attributes: Any) -> Callable[[_Graph, str, str], str]:
    return lambda graph, Z, name: graph.node(op, [Z], attributes, output=name)


def _gelu(graph: _Graph, Z: str, name: str) -> str:
    """0.5 z (1 + tanh(√(2/π) (z + 0.044715 z³))); opset 17 has no operator of this name."""

    def apply(op: str, *inputs: str) -> str:
        return graph.node(op, inputs, {}, output=f"{name}.gelu")

    def constant(value: float) -> str:
        return graph.constant(f"{name}.gelu", value)

    cube = apply("Mul", apply("Mul", apply("Mul", Z, Z), Z), constant(0.044715))
    inner = apply("Mul", apply("Add", Z, cube), constant(math.sqrt(2 / math.pi)))
    gate = apply("Add", apply("Tanh", inner), constant(1.0))
    half = apply("Mul", Z, constant(0.5))
    return graph.node("Mul", [half, gate], {}, output=name)


def _silu(graph: _Graph, Z: str, name: str) -> str:
    gate = graph.node("Sigmoid", [Z], {}, output=f"{name}.sigmoid")
    return graph.node("Mul", [Z, gate], {}, output=name)


_ACTIVATIONS: dict[str, Callable[[_Graph, str, str], str]] = {
    "linear": lambda graph, Z, name: Z,
    "sigmoid": _operator("Sigmoid"),
    "tanh": _operator("Tanh"),
    "relu": _operator("Relu"),
    "leaky_relu": _operator("LeakyRelu", alpha=0.01),
    "elu": _operator("Elu", alpha=1.0),
    "gelu": _gelu,
    "softplus": _operator("Softplus"),
    "silu": _silu,
    "softmax": _operator("Softmax", axis=1),
}
