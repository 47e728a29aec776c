"""The whole network as an ONNX model: raw features go in, probabilities come out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netbuilder.data.dataset import Scaling
from netbuilder.errors import UserError
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.onnx_graph import Graph
from netbuilder.exchange.onnx_layers import write
from netbuilder.exchange.trained import Trained, as_json
from netbuilder.files import replacing

if TYPE_CHECKING:
    from onnx import ModelProto

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
    size = 4 * trained.plan.stored_count
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

    features = "features"
    output = "probabilities" if trained.gives_probabilities else "predictions"
    graph = Graph(features, output)
    plan = trained.plan
    precise = trained.scaling is not None and _needs_double(trained.scaling)
    tensors = {plan.nodes[0].id: _scale(graph, features, trained.scaling, precise)}
    for node in plan.nodes[1:-1]:
        inputs = [tensors[id] for id in node.inputs]
        tensors[node.id] = write(graph, node, inputs, trained.arrays(node))
    graph.finish(_unscale(graph, tensors[trained.output.id], trained.target_scaling))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "netbuilder",
            [
                helper.make_tensor_value_info(
                    features,
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


def _scale(graph: Graph, features: str, scaling: Scaling | None, precise: bool) -> str:
    """(x − shift) / scale, in float64 where float32 would not do."""
    from onnx import TensorProto

    if scaling is None:
        return features
    dtype = np.float64 if precise else np.float32
    shift = graph.constant("scaling.shift", scaling.shift, dtype)
    scale = graph.constant("scaling.scale", scaling.scale, dtype)
    shifted = graph.node("Sub", [features, shift], "shifted")
    scaled = graph.node("Div", [shifted, scale], "scaled")
    if not precise:
        return scaled
    return graph.node("Cast", [scaled], "scaled float32", to=TensorProto.FLOAT)


def _unscale(graph: Graph, output: str, scaling: Scaling | None) -> str:
    """output · scale + shift: the prediction in the target's own units."""
    if scaling is None:
        return output
    scale = graph.constant("target.scale", scaling.scale, np.float32)
    shift = graph.constant("target.shift", scaling.shift, np.float32)
    return graph.node("Add", [graph.node("Mul", [output, scale], "spread"), shift], "in units")


FORMATS.add(
    "onnx", Format("onnx", "ONNX model", ".onnx", "runs in onnxruntime, scaling included", save)
)
