"""The network as a Python file in plain NumPy, in the course's own functions where they do."""

from __future__ import annotations

import ast
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from netbuilder.engine import textbook
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Array
from netbuilder.errors import Message
from netbuilder.exchange.code import layers
from netbuilder.exchange.code.numpy_layers import EXPRESSIONS
from netbuilder.exchange.code.numpy_training import Course, course_layers, course_of
from netbuilder.exchange.code.parts import (
    definitions,
    described,
    named_nodes,
    row_of,
    split_column,
    table_parts,
)
from netbuilder.exchange.code.slices import sliced
from netbuilder.exchange.code.text import Raw, assigned, comment, string, with_imports
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.trained import Trained
from netbuilder.files import replacing


def save(path: Path, trained: Trained) -> None:
    """Writes the code, and beside it ``<stem>_weights.npz`` with what it loads.

    Raises UserError, before anything is written, for what the code cannot hold.
    """
    beside = path.with_name(_beside(path.stem))
    text, buffer = source(trained, path.stem), io.BytesIO()
    np.savez(buffer, allow_pickle=False, **_stored(trained))
    with replacing(beside) as weights, replacing(path) as code:
        weights.write(buffer.getvalue())
        code.write(text.encode())


def _stored(trained: Trained) -> dict[str, Array]:
    """W1, b1, … of the network, and what its training began with."""
    course = course_of(trained)
    found = {name: trained.weights[key] for name, key in trained.plan.numbered_names.items()}
    return found | course.arrays() if isinstance(course, Course) else found


def _beside(stem: str) -> str:
    return f"{stem}_weights.npz"


def source(trained: Trained, stem: str) -> str:
    """The code of a file of that name, which loads its weights from another beside it."""
    plan, task, course = trained.plan, trained.info.task, course_of(trained)
    activations = course_layers(plan)
    forward = _forward(plan) if activations is None else _COURSE_FORWARD
    constants = [assigned("WEIGHTS", Raw(f"Path(__file__).with_name({string(_beside(stem))})"))]
    if activations is not None:
        constants.append(assigned("LAYER_ACTIVATIONS", list(activations)))
    column, rows = split_column(definitions("prepare", "read_rows", f"{task}_answers"))
    trains = isinstance(course, Course)
    parts = [
        "Array = NDArray[Any]\nParameters = dict[str, Array]",
        "\n".join(constants),
        *_functions(plan, forward, course),
        forward,
        *(course.parts() if isinstance(course, Course) else ()),
        column,
        *table_parts(trained),
        *rows,
        _DOORS.replace("ANSWERS", f"{task}_answers"),
        _MAIN if trains else _MAIN_WITHOUT,
    ]
    return with_imports(_docstring(course), parts)


def _functions(plan: Plan, forward: str, course: Course | Message) -> list[str]:
    """The textbook's functions that are called, and those of other layers."""
    used = {node.id for node in ast.walk(ast.parse(forward)) if isinstance(node, ast.Name)}
    if isinstance(course, Course):
        used |= set(course.wanted())
    functions = {node.layer.activation for node in plan.nodes} - {None}
    kept: dict[str, Sequence[str]] = {
        "ACTIVATIONS": [str(name) for name in functions],
        "SLOPES": [str(name) for name in functions] if functions - {"softmax"} else ["linear"],
        "LOSSES": [plan.loss],
        "LOSS_SLOPES": [plan.loss],
    }
    given = ("Array", "Parameters")
    found = sliced(textbook, used, kept, given)
    return found + sliced(layers, used, given=given)


def _forward(plan: Plan) -> str:
    """The layers one after the other, each an A of its own."""
    names, numbers = named_nodes(plan), plan.layer_numbers
    lines = [
        "def network(X: Array, parameters: Parameters) -> Array:",
        '    """AL (n_y, m) of X (n_x, m)."""',
        "    p, x = parameters, X",
    ]
    for node in plan.nodes[1:-1]:
        own = {name: Raw(f'p["{name}{numbers[node.id]}"]') for name in node.stored_shapes}
        inputs = [Raw(names[id]) for id in node.inputs]
        shape = plan.input_shapes(node)[0]
        made = row_of(EXPRESSIONS, node, "NumPy code")(node.layer, shape, inputs, own)
        lines.append("    " + comment(described(node), 96))
        lines.append(assigned(names[node.id], made, 1))
    return "\n".join([*lines, f"    return {names[plan.nodes[-1].inputs[0]]}"])


_COURSE_FORWARD = '''\
def network(X: Array, parameters: Parameters) -> Array:
    """AL (n_y, m) of X (n_x, m)."""
    AL, _ = L_model_forward(X, parameters, LAYER_ACTIVATIONS)
    return AL'''

_DOORS = '''\
def load_parameters() -> Parameters:
    """W1, b1, W2, …: what the network has learned."""
    with np.load(WEIGHTS) as file:
        learned = [n for n in file.files if n not in ("X", "Y") and not n.startswith("initial_")]
        return {name: file[name] for name in learned}


def outputs(rows: Sequence[Mapping[str, Any]]) -> Array:
    """What the network puts out for rows of the table, (m, n_y)."""
    return network(prepare(rows).T, load_parameters()).T


def predict(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The answer to each row, in the table's own words or units."""
    return ANSWERS(outputs(rows))'''

_MAIN = """\
if __name__ == "__main__":
    match sys.argv[1:]:
        case ["predict", path]:
            for answer in predict(read_rows(path)):
                print(answer)
        case ["train"]:
            train()
        case _:
            sys.exit(f"usage: python {sys.argv[0]} train | predict ROWS.csv")"""

_MAIN_WITHOUT = """\
if __name__ == "__main__":
    match sys.argv[1:]:
        case ["predict", path]:
            for answer in predict(read_rows(path)):
                print(answer)
        case _:
            sys.exit(f"usage: python {sys.argv[0]} predict ROWS.csv")"""


def _docstring(course: Course | Message) -> str:
    lines = [
        "A network drawn in netbuilder, in plain NumPy with examples as columns.",
        "",
        "Import it for predict(rows), which takes rows of the table by column name, or run it:",
        "",
        "    python THIS.py predict ROWS.csv",
    ]
    if isinstance(course, Course):
        lines += [
            "    python THIS.py train",
            "",
            "Training starts from the same weights as the run in netbuilder, on the same examples,",
            "and prints its costs beside those of the run.",
        ]
        if course.lesson.settings.dtype == "float32":
            lines += [
                "The run counted in 32 bits, this file does in 64: costs differ in the last",
                "digits, and more where training is chaotic.",
            ]
    else:
        lines += ["", f"It does not train: {_small(str(course))}"]
    return "\n".join([*lines, ""])


def _small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


FORMATS.add(
    "numpy_code",
    Format(
        "numpy_code",
        "NumPy code",
        ".py",
        "runs by itself in plain NumPy, weights beside it",
        save,
        "numpy",
        source,
    ),
)
