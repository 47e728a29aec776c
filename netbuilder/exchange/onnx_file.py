"""The whole network as an ONNX model: the table's raw columns go in, named answers come out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netbuilder import __version__
from netbuilder.data.dataset import Scaling
from netbuilder.errors import UserError
from netbuilder.exchange.columns import RawColumn, raw_columns
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.onnx_answers import answer_names, answers, in_units
from netbuilder.exchange.onnx_columns import (
    from_columns,
    is_beyond_float32,
    scale,
    without_gaps,
)
from netbuilder.exchange.onnx_graph import ML, Graph, free_name
from netbuilder.exchange.onnx_layers import write
from netbuilder.exchange.trained import Trained, as_json
from netbuilder.files import replacing

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 17
ML_OPSET = 3
IR_VERSION = 8
"""What onnxruntime takes everywhere; the onnx package's own newest is ahead of it."""
_LARGEST = 2**31 - 2**20
"""A model in one file must stay below 2 GiB."""


def save(path: Path, trained: Trained) -> None:
    """Writes the model that `build` makes.

    Raises UserError for a network too large for one ONNX file, or with a layer or a column that
    cannot be written.
    """
    _save(path, trained, matrix=False)


def save_matrix(path: Path, trained: Trained) -> None:
    """Writes the model that `build_matrix` makes; raises UserError as `save` does."""
    _save(path, trained, matrix=True)


def _save(path: Path, trained: Trained, matrix: bool) -> None:
    size = 4 * trained.plan.stored_count
    if size > _LARGEST:
        raise UserError(
            "This network has {size:.1f} GB of weights, but one ONNX file holds at most 2 GB. "
            "Export it as .npz or .safetensors instead.",
            size=size / 2**30,
        )
    model = build_matrix(trained) if matrix else build(trained)
    content = model.SerializeToString()
    with replacing(path) as handle:
        handle.write(content)


def build(trained: Trained) -> ModelProto:
    """The model with an input (m, 1) for every column: float32, NaN where a number is missing, or
    text, "" where a word is. Data without columns is one matrix, ``features`` or ``pixels``.

    The outputs are ``label`` and ``probabilities``, or every target in its own units. A column of
    such a name keeps it; the output then gets a number.
    """
    columns = raw_columns(trained)
    inputs = [column.name for column in columns] or [matrix_name(trained)]
    outputs = outputs_of(trained)
    graph = Graph((*inputs, *outputs))
    if columns:
        features = from_columns(graph, trained, columns)
    else:
        features = without_gaps(graph, _from_matrix(graph, inputs[0], trained), trained)
    answers(graph, trained, _computed(graph, trained, features), outputs)
    return _model(graph, trained, columns)


def build_matrix(trained: Trained) -> ModelProto:
    """The model for small runtimes: numbers in and out, by the plain operators alone.

    The input is the features (m, n_x), not scaled, words as 0 and 1; the output (m, n_y) is called
    ``probabilities``, or ``predictions`` where it is no probability.
    """
    features = matrix_name(trained)
    output = "probabilities" if trained.gives_probabilities else "predictions"
    graph = Graph((features, output))
    computed = _computed(graph, trained, _from_matrix(graph, features, trained))
    values = in_units(graph, computed, trained.target_scaling)
    graph.output(output, values, "FLOAT", trained.output.shape[0])
    return _model(graph, trained, ())


def outputs_of(trained: Trained) -> tuple[str, ...]:
    """What the outputs of `build` are called, none of them as a column is."""
    taken = [column.name for column in raw_columns(trained)]
    found: list[str] = []
    for name in answer_names(trained):
        found.append(free_name(name, (*taken, *found)))
    return tuple(found)


def matrix_name(trained: Trained) -> str:
    """What the one input is called where it is a matrix."""
    return "features" if trained.info.image_shape is None else "pixels"


def _from_matrix(graph: Graph, name: str, trained: Trained) -> str:
    """The matrix scaled: float32, or float64 where only that tells the raw features apart."""
    scaling = trained.scaling
    precise = scaling is not None and bool(is_beyond_float32(scaling).any())
    graph.input(name, "DOUBLE" if precise else "FLOAT", trained.info.n_x)
    if scaling is None or not precise:
        return scale(graph, name, scaling)
    return graph.cast(_scaled_precisely(graph, name, scaling), "FLOAT", "scaled float32")


def _scaled_precisely(graph: Graph, name: str, scaling: Scaling) -> str:
    shift = graph.constant("scaling.shift", scaling.shift, np.float64)
    shifted = graph.node("Sub", [name, shift], "shifted")
    return graph.node(
        "Div", [shifted, graph.constant("scaling.scale", scaling.scale, np.float64)], "scaled"
    )


def _computed(graph: Graph, trained: Trained, features: str) -> str:
    """The network's Ŷ (m, n_y) from its X."""
    plan = trained.plan
    tensors = {plan.nodes[0].id: features}
    for node in plan.nodes[1:-1]:
        inputs = [tensors[id] for id in node.inputs]
        tensors[node.id] = write(graph, node, inputs, trained.arrays(node))
    return tensors[trained.output.id]


def _model(graph: Graph, trained: Trained, columns: tuple[RawColumn, ...]) -> ModelProto:
    # Imported late: only those who export wait for it.
    from onnx import helper

    domains = {"": OPSET}
    if any(node.domain == ML for node in graph.nodes):
        domains[ML] = ML_OPSET
    model = helper.make_model(
        helper.make_graph(graph.nodes, "netbuilder", graph.inputs, graph.outputs, graph.constants),
        opset_imports=[helper.make_opsetid(*found) for found in domains.items()],
        ir_version=IR_VERSION,
        producer_name="netbuilder",
        producer_version=__version__,
    )
    helper.set_model_props(model, dict(_metadata(trained, columns)))
    return model


def _metadata(trained: Trained, columns: tuple[RawColumn, ...]) -> Mapping[str, str]:
    """All values are text, as the format wants it; what is not a sentence is JSON."""
    meta = trained.description()
    use = "Feed the raw features: the scaling is part of the model."
    if columns:
        use = (
            "Feed the raw columns, each (m, 1): numbers as float32 with NaN where one is missing, "
            'words as text with "" where one is missing.'
        )
    return {
        "netbuilder_version": __version__,
        "network": as_json(meta["layers"]),
        "columns": as_json([_described(column) for column in columns]),
        "class_names": as_json(meta["class_names"]),
        "feature_names": as_json(meta["feature_names"]),
        "target_names": as_json(meta["target_names"]),
        "loss": meta["loss"],
        "task": meta["task"],
        "scaling": as_json(meta["scaling"]),
        "target_scaling": as_json(meta["target_scaling"]),
        "use": f"{use} The network gives {meta['output']}.",
    }


def _described(column: RawColumn) -> dict[str, object]:
    learned = column.learned
    found: dict[str, object] = {
        "name": column.name,
        "type": "text" if column.of_words else "number",
    }
    if learned.order:
        found["order"] = column.order
    if learned.words:
        return found | {"words": learned.words, "missing": learned.words[int(learned.fill)]}
    return found | {"missing": learned.fill}


FORMATS.add(
    "onnx",
    Format("onnx", "ONNX model", ".onnx", "raw columns in, named answers out", save),
)
FORMATS.add(
    "onnx_matrix",
    Format(
        "onnx_matrix",
        "ONNX model, one matrix in",
        ".onnx",
        "numbers in and out, for small runtimes",
        save_matrix,
        variant="matrix",
    ),
)
