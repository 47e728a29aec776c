"""Who reads an exported file, and the short program that does it: to copy, and to verify by."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.plan import PlanNode
from netbuilder.exchange import (
    keras_file,
    npz,
    onnx_file,
    safetensors_file,
)
from netbuilder.exchange.columns import RawColumn, raw_columns
from netbuilder.exchange.format import FORMATS
from netbuilder.exchange.onnx_file import matrix_name
from netbuilder.exchange.torch_modules import modules
from netbuilder.exchange.trained import Trained, is_chain, parameter_names
from netbuilder.registry import Facet

_ROWS_COME_FIRST = (keras_file, npz, onnx_file, safetensors_file)
"""A facet takes no row for a format that is not there yet."""


_WIDEST = 70
"""Characters of the columns that a comment lists."""


@dataclass(frozen=True)
class Consumer:
    """A library that takes a format's files."""

    title: str
    packages: tuple[str, ...]
    """What must be installed."""
    script: Callable[[str, Trained], str | None]
    """``script(file name, trained)``: a program that answers the file's check and prints JSON;
    None where it would take more than some lines."""
    takes_columns: bool = False
    """Whether raw columns go in, and named answers come out."""
    input_name: Callable[[Trained], str] = lambda trained: "features"
    """What the input is called where it is one matrix."""


CONSUMERS: Facet[Consumer] = Facet(FORMATS, "consumers")
"""A format without a short program for its files has a reason here instead."""
NUMPY_LINES: Facet[Callable[[PlanNode, dict[str, str]], list[str]]] = Facet(LAYERS, "NumPy lines")
"""``lines(node, names)``: A of a layer from the A before it; ``names`` are its arrays' outside."""
NUMPY_FUNCTIONS: Facet[str] = Facet(ACTIVATIONS, "NumPy expressions")
"""g(A)."""


def output_name(trained: Trained) -> str:
    """What Ŷ is called where it is one matrix."""
    return "probabilities" if trained.gives_probabilities else "predictions"


def _check(file: str, trained: Trained, columns: bool = False) -> str:
    """The lines that take the check's rows, and say how one's own are to look."""
    lines = [
        f'with open({_quoted(f"{file}.check.json")}, encoding="utf-8") as check:',
        '    rows = json.load(check)["inputs"]',
    ]
    found = raw_columns(trained) if columns else ()
    if found:
        own = _listed(f"{_quoted(column.name)}: {_quoted([_usual(column)])}" for column in found)
        lines.append(f"# Your own rows: rows = {{{own}}}")
    else:
        names = _listed(_quoted(name) for name in trained.info.feature_names)
        lines.append(f"# Your own rows have, in this order: {names}")
    return "\n".join(lines)


def _listed(texts: Iterable[str]) -> str:
    """As many as fit in a comment."""
    listed = ""
    for text in texts:
        longer = f"{listed}, {text}" if listed else text
        if len(longer) > _WIDEST:
            return f"{listed}, …" if listed else "…"
        listed = longer
    return listed


def _usual(column: RawColumn) -> str | float:
    """What an example has for a column."""
    learned = column.learned
    if column.of_words:
        return (learned.words or learned.order)[0]
    return column.values[0] if learned.words else float(f"{learned.fill:.6g}")


def _quoted(value: Any) -> str:
    """As Python and JSON both write it."""
    return json.dumps(value, ensure_ascii=False)


def _onnx(file: str, trained: Trained, columns: bool) -> str:
    return f"""\
import json
import numpy as np
import onnxruntime

{_check(file, trained, columns)}
session = onnxruntime.InferenceSession({_quoted(file)}, providers=["CPUExecutionProvider"])
types = {{"tensor(string)": object, "tensor(float)": np.float32, "tensor(double)": np.float64}}
fed = {{
    i.name: np.array(rows[i.name], types[i.type]).reshape(-1, i.shape[1])
    for i in session.get_inputs()
}}
names = [output.name for output in session.get_outputs()]
answers = dict(zip(names, session.run(names, fed)))
print(json.dumps({{name: answer.tolist() for name, answer in answers.items()}}))
"""


def _keras(file: str, trained: Trained) -> str:
    return f"""\
import json
import keras
import numpy as np

{_check(file, trained)}
model = keras.models.load_model({_quoted(file)})
Y = model.predict(np.array(rows["features"], np.float32), verbose=0)
print(json.dumps({{"{output_name(trained)}": Y.tolist()}}))
"""


def _torch(file: str, trained: Trained) -> str | None:
    plan = trained.plan
    if not is_chain(plan):
        return None
    texts = [
        f"    nn.{module.text},"
        for node in plan.nodes[1:-1]
        for module in modules(node, plan.input_shapes(node)[0], trained.arrays(node))
    ]
    layers = "\n".join(texts)
    scaled = (
        "X" if trained.scaling is None else '(X - of("scaling", "shift")) / of("scaling", "scale")'
    )
    output = "network(X.float())"
    if trained.target_scaling is not None:
        output += '.double() * of("target_scaling", "scale") + of("target_scaling", "shift")'
    return f"""\
import json
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

network = nn.Sequential(
{layers}
)
network.load_state_dict(load_file({_quoted(file)}))
network.eval()
metadata = safe_open({_quoted(file)}, "pt").metadata()


def of(key, name):
    return torch.tensor(json.loads(metadata[key])[name], dtype=torch.float64)


{_check(file, trained)}
X = torch.tensor(rows["features"], dtype=torch.float64)
X = {scaled}
with torch.no_grad():
    Y = {output}
print(json.dumps({{"{output_name(trained)}": Y.tolist()}}))
"""


def _numpy(file: str, trained: Trained) -> str | None:
    plan, outside = trained.plan, parameter_names(trained.plan)
    if not is_chain(plan) or any(n.layer.kind not in NUMPY_LINES for n in plan.nodes[1:-1]):
        return None
    lines: list[str] = []
    for node in plan.nodes[1:-1]:
        names = {name: outside[f"{node.id}.{name}"] for name in node.stored_shapes}
        lines += NUMPY_LINES[node.layer.kind](node, names)
    if trained.scaling is not None:
        lines.insert(0, 'A = (A - meta["scaling"]["shift"]) / meta["scaling"]["scale"]')
    if trained.target_scaling is not None:
        units = 'meta["target_scaling"]'
        lines.append(f'A = A * {units}["scale"] + {units}["shift"]')
    computed = "\n".join(lines)
    return f"""\
import json
import numpy as np

net = np.load({_quoted(file)})
meta = json.loads(str(net["meta"]))
{_check(file, trained)}
A = np.array(rows["features"])
{computed}
print(json.dumps({{"{output_name(trained)}": A.tolist()}}))
"""


@NUMPY_LINES.of("dense")
def _dense(node: PlanNode, names: dict[str, str]) -> list[str]:
    line = f'A = A @ net["{names["W"]}"].T + net["{names["b"]}"].T'
    return [line, *_function(node, names)]


@NUMPY_LINES.of("activation")
def _function(node: PlanNode, names: dict[str, str]) -> list[str]:
    found = NUMPY_FUNCTIONS.get(str(node.layer.activation))
    return [] if found is None else [f"A = {found}"]


@NUMPY_LINES.of("dropout")
def _nothing(node: PlanNode, names: dict[str, str]) -> list[str]:
    return []  # when predicting, everything passes


for _kind in LAYERS:
    if _kind not in NUMPY_LINES:
        NUMPY_LINES.without(_kind, "it takes more than a line")

NUMPY_FUNCTIONS.without("linear", "nothing is to be done")
for _name, _text in (
    ("sigmoid", "1 / (1 + np.exp(-A))"),
    ("tanh", "np.tanh(A)"),
    ("relu", "np.maximum(A, 0)"),
    ("leaky_relu", "np.maximum(A, 0.01 * A)"),
    ("elu", "np.maximum(A, np.expm1(np.minimum(A, 0)))"),
    ("gelu", "A / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (A + 0.044715 * A**3)))"),
    ("softplus", "np.logaddexp(A, 0)"),
    ("silu", "A / (1 + np.exp(-A))"),
    (
        "softmax",
        "np.exp(A - A.max(axis=1, keepdims=True)); A = A / A.sum(axis=1, keepdims=True)",
    ),
):
    NUMPY_FUNCTIONS.add(_name, _text)

CONSUMERS.add("npz", Consumer("NumPy", ("numpy",), _numpy))
CONSUMERS.add("safetensors", Consumer("PyTorch", ("torch", "safetensors"), _torch))
CONSUMERS.add("keras", Consumer("Keras", ("keras",), _keras))
for _code in ("keras_code", "numpy_code", "torch_code"):
    CONSUMERS.without(_code, "it is a program that runs by itself")
CONSUMERS.without("weights_csv", "they are tables for a spreadsheet")
CONSUMERS.without("keras_weights", "they are the weights of a model that is there already")
for _name, _columns in (("onnx", True), ("onnx_matrix", False)):
    _script = functools.partial(_onnx, columns=_columns)
    CONSUMERS.add(
        _name, Consumer("onnxruntime", ("onnxruntime",), _script, _columns, input_name=matrix_name)
    )
