"""What an ONNX model answers: the class by its name and its probabilities, or numbers in units."""

from __future__ import annotations

import numpy as np

from netbuilder.data.dataset import Scaling
from netbuilder.exchange.onnx_graph import ML, Graph
from netbuilder.exchange.trained import Trained


def answer_names(trained: Trained) -> tuple[str, ...]:
    """The outputs of a model with named answers: label and numbers, or the targets."""
    if trained.info.task == "regression":
        return trained.info.target_names
    return ("label", "probabilities" if trained.gives_probabilities else "scores")


def answers(graph: Graph, trained: Trained, output: str, names: tuple[str, ...]) -> None:
    """Makes the outputs of the tensor Ŷ (m, n_y); ``names`` are theirs as `answer_names` has them.

    ``label`` is text (m,), ``probabilities`` (m, classes), of two classes too; scores that are no
    probabilities stay (m, n_y); every target is a column (m, 1) in its own units.
    """
    info = trained.info
    if info.task == "regression":
        values = in_units(graph, output, trained.target_scaling)
        columns = [values]
        if len(names) > 1:
            columns = graph.split(values, len(names), "target")
        for name, column in zip(names, columns, strict=True):
            graph.output(name, column, "FLOAT", 1)
        return
    label, numbers = names
    graph.output(label, _label(graph, output, trained))
    if info.task == "binary" and trained.gives_probabilities:
        other = graph.node("Sub", [graph.constant("one", 1.0), output], "other class")
        output = graph.node("Concat", [other, output], "both classes", axis=1)
        graph.output(numbers, output, "FLOAT", 2)
    else:
        graph.output(numbers, output, "FLOAT", info.n_y)


def _label(graph: Graph, output: str, trained: Trained) -> str:
    """The name of the class of every example, text (m,), chosen as `metrics.classes` does."""
    if trained.info.task == "binary":
        above = graph.node("Greater", [output, graph.constant("half", 0.5)], "above half")
        axis = graph.constant("axis", [1], np.int64)
        code = graph.node("Squeeze", [graph.cast(above, "INT64", "codes"), axis], "code")
    else:
        code = graph.node("ArgMax", [output], "code", axis=1, keepdims=0)
    return graph.node(
        "LabelEncoder",
        [code],
        "class name",
        domain=ML,
        keys_int64s=list(range(len(trained.info.class_names))),
        values_strings=list(trained.info.class_names),
    )


def in_units(graph: Graph, output: str, scaling: Scaling | None) -> str:
    """output · scale + shift: the prediction in the target's own units."""
    if scaling is None:
        return output
    scale = graph.constant("target.scale", scaling.scale)
    shift = graph.constant("target.shift", scaling.shift)
    return graph.node("Add", [graph.node("Mul", [output, scale], "spread"), shift], "in units")
