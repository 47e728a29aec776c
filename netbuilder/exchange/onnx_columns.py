"""Raw columns as ONNX inputs: gaps filled, words coded and all of it scaled, as it was learned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from netbuilder.data.dataset import Scaling
from netbuilder.errors import UserError
from netbuilder.exchange.columns import RawColumn
from netbuilder.exchange.onnx_graph import ML, Graph

if TYPE_CHECKING:
    from netbuilder.exchange.trained import Trained

_BEYOND = 8e5
"""From this ratio of shift to scale on, float32 steps by a twentieth of a column's deviation."""


def is_beyond_float32(scaling: Scaling) -> np.ndarray:
    """(n,) for each feature whether its raw values differ by less than float32 can tell.

    As seconds since 1970 within a minute. Or they are so large, or so little different, that
    float32 does not reach there.
    """
    far = np.abs(scaling.shift) > _BEYOND * scaling.scale
    extreme = (scaling.scale > 1e30) | (scaling.scale < 1e-30)
    return np.asarray(far | extreme)


def from_columns(graph: Graph, trained: Trained, columns: tuple[RawColumn, ...]) -> str:
    """Adds an input (m, 1) for every column, and gives the tensor (m, n_x) that the network takes.

    Raises UserError for a column whose numbers float32 cannot tell apart.
    """
    scaling = trained.scaling
    if scaling is not None and is_beyond_float32(scaling).any():
        worst = int(np.argmax(is_beyond_float32(scaling)))
        raise UserError(
            "The column {name!r} lies around {shift:.9g} and differs by {scale:.3g} only, which "
            "the float32 inputs of ONNX cannot tell apart. Subtract a number from it in the data, "
            "or export one matrix of float64 instead (on the command line: --matrix).",
            name=trained.info.feature_names[worst],
            shift=scaling.shift[worst],
            scale=scaling.scale[worst],
        )
    parts = [_feature(graph, column) for column in columns]
    features = parts[0] if len(parts) == 1 else graph.node("Concat", parts, "features", axis=1)
    scaled = scale(graph, features, scaling)
    return without_gaps(graph, scaled, trained)


def _feature(graph: Graph, column: RawColumn) -> str:
    """What a column becomes (m, number of features), not scaled; NaN for a missing number."""
    learned, name = column.learned, column.name
    if not column.of_words:
        graph.input(name, "FLOAT", 1)
        return _categories(graph, column) if learned.words else name
    graph.input(name, "STRING", 1)
    if learned.order:
        order = column.order
        return graph.node(
            "LabelEncoder",
            [name],
            f"{name} number",
            domain=ML,
            keys_strings=list(order),
            values_floats=list(order.values()),
            default_float=math.nan,  # filled in with all that is missing
        )
    code = graph.node(
        "LabelEncoder",
        [name],
        f"{name} code",
        domain=ML,
        keys_strings=list(learned.words),
        values_int64s=list(range(len(learned.words))),
        default_int64=int(learned.fill),  # what is missing, and words that were never seen
    )
    places = graph.constant(f"{name} places", range(len(learned.words)), np.int64)
    return graph.cast(graph.node("Equal", [code, places], f"{name} is"), "FLOAT", f"{name} hot")


def _categories(graph: Graph, column: RawColumn) -> str:
    """One 0 or 1 for each number that is a category; where it is none of them, the usual one's."""
    name, learned = column.name, column.learned
    values = graph.constant(f"{name} values", column.values)
    found = graph.cast(graph.node("Equal", [name, values], f"{name} is"), "FLOAT", f"{name} found")
    axis = graph.constant("axis", [1], np.int64)
    count = graph.node("ReduceSum", [found, axis], f"{name} count", keepdims=1)
    strange = graph.node("Sub", [graph.constant("one", 1.0), count], f"{name} strange")
    usual = np.arange(len(learned.words)) == learned.fill
    filled = graph.node("Mul", [strange, graph.constant(f"{name} usual", usual)], f"{name} filled")
    return graph.node("Add", [found, filled], f"{name} hot")


def scale(graph: Graph, features: str, scaling: Scaling | None) -> str:
    """(x − shift) / scale in float32, which loses no digit that the raw feature has.

    Far from zero float32 has too few digits for the shift, so it is taken away in two steps: what
    float32 can hold of it, which leaves a small number without an error, and then the rest.
    """
    if scaling is None:
        return features
    coarse = scaling.shift.astype(np.float32)
    rest = scaling.shift - coarse
    scaled = graph.node("Sub", [features, graph.constant("scaling.shift", coarse)], "shifted")
    if np.any(np.abs(rest) > 1e-6 * scaling.scale):
        scaled = graph.node("Sub", [scaled, graph.constant("scaling.rest", rest)], "centred")
    return graph.node("Div", [scaled, graph.constant("scaling.scale", scaling.scale)], "scaled")


def without_gaps(graph: Graph, scaled: str, trained: Trained) -> str:
    """Fills in what stands for a missing number; scaled already, so that it keeps its digits."""
    inputs, scaling = trained.inputs, trained.scaling
    if all(column.words for column in inputs):
        return scaled
    fills = np.concatenate(
        [np.zeros(len(column.features)) if column.words else [column.fill] for column in inputs]
    )
    if scaling is not None:
        fills = scaling.apply(fills)
    missing = graph.node("IsNaN", [scaled], "missing")
    return graph.node("Where", [missing, graph.constant("fills", fills), scaled], "filled")
