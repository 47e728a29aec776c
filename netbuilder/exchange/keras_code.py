"""The network as a Python file for Keras 3, its weights as NPZ beside it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from netbuilder.engine.program import Array
from netbuilder.exchange.code.frameworks import KERAS_LOSSES, KERAS_OPTIMIZERS
from netbuilder.exchange.code.keras_layers import JOINS, LAYER_CALLS, TANH_GELU
from netbuilder.exchange.code.parts import (
    definitions,
    described,
    named_nodes,
    row_of,
    split_column,
    table_parts,
)
from netbuilder.exchange.code.settings import constants, factor_of, factor_parts, settings_of
from netbuilder.exchange.code.text import Call, Raw, assigned, comment, string, with_imports
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.trained import Trained
from netbuilder.files import replacing


def save(path: Path, trained: Trained) -> None:
    """Writes the code, and beside it ``<stem>_weights.npz``, which it loads.

    Raises UserError, before anything is written, for what the code cannot hold.
    """
    beside = path.with_name(_beside(path.stem))
    text, buffer = source(trained, path.stem), io.BytesIO()
    np.savez(buffer, allow_pickle=False, **_network(trained)[1])
    with replacing(beside) as weights, replacing(path) as code:
        weights.write(buffer.getvalue())
        code.write(text.encode())


def _beside(stem: str) -> str:
    return f"{stem}_weights.npz"


def source(trained: Trained, stem: str) -> str:
    """The code of a file of that name, which loads its weights from another beside it."""
    task, settings = trained.info.task, settings_of(trained)
    network, arrays = _network(trained)
    column, rows = split_column(
        definitions("prepare", "read_rows", f"{task}_answers", f"{task}_targets")
    )
    double = any(array.dtype == np.float64 for array in arrays.values())
    train = _training(trained).replace("TARGETS(", f"{task}_targets(")
    return with_imports(
        _DOCSTRING,
        [
            "Array = NDArray[Any]",
            assigned("WEIGHTS", Raw(f"Path(__file__).with_name({string(_beside(stem))})")),
            'keras.config.set_floatx("float64")' if double else "",
            constants(trained, train, ("clipped gradients",)),
            column,
            *table_parts(trained),
            *rows,
            TANH_GELU if "tanh_gelu" in network else "",
            network,
            _DOORS.replace("ANSWERS", f"{task}_answers"),
            *factor_parts(settings),
            train,
            _MAIN,
        ],
    )


def _network(trained: Trained) -> tuple[str, dict[str, Array]]:
    """The function that builds the model, and each layer's weights as Keras has them."""
    plan, names = trained.plan, named_nodes(trained.plan)
    lines = [
        "def network() -> keras.Model:",
        '    """The layers, and how they feed each other; images have their channels last."""',
        f"    x = layers.Input(({plan.nodes[0].shape[0]},))",
    ]
    arrays: dict[str, Array] = {}
    for node in plan.nodes[1:-1]:
        name, inputs = names[node.id], [Raw(names[id]) for id in node.inputs]
        lines.append("    " + comment(described(node), 96))
        join = JOINS.get(node.layer.kind)
        if join is not None:
            lines.append(assigned(name, Call(join, inputs), 1))
            continue
        write = row_of(LAYER_CALLS, node, "Keras code")
        A = inputs[0]
        made = write(node.layer, plan.input_shapes(node)[0], trained.arrays(node))
        for step, weights in made:
            if weights:
                step = Call(step.name, *step.arguments, **step.named, name=name)
                for place, array in enumerate(weights):
                    arrays[f"{name}.{place}"] = np.ascontiguousarray(array)
            lines.append(assigned(name, Call(step.flat, A), 1))
            A = Raw(name)
        if not made:
            lines.append(assigned(name, A, 1))
    lines.append(f"    return keras.Model(x, {names[plan.nodes[-1].inputs[0]]})")
    return "\n".join(lines), arrays


def _training(trained: Trained) -> str:
    settings = settings_of(trained)
    optimizer = KERAS_OPTIMIZERS[settings.optimizer]
    if settings.clip_norm > 0:
        optimizer = optimizer[:-1] + ", global_clipnorm=CLIP_NORM)"
    text = f"    optimizer = {optimizer}"
    if len(text) > 100:
        head, _, tail = text.partition("(")
        text = f"{head}(\n        {tail[:-1]}\n    )"
    factor = factor_of(settings)
    calls, more = "", ""
    if factor:
        calls = "\n    schedule = keras.callbacks.LearningRateScheduler(\n        lambda epoch: "
        calls += f"START * {factor}(epoch, DECAY, PERIOD)\n    )"
        sums = "(1 - BETA)" in optimizer
        calls = calls.replace("START", "LEARNING_RATE * (1 - BETA)" if sums else "LEARNING_RATE")
        more = ", callbacks=[schedule]"
    return (
        _TRAIN.replace("LOSS", KERAS_LOSSES[trained.plan.loss])
        .replace("    OPTIMIZER", text + calls)
        .replace(", MORE", more)
    )


_DOCSTRING = """\
A network drawn in netbuilder, for Keras 3 on any of its backends.

Import it for predict(rows), which takes rows of the table by column name, or run it:

    python THIS.py predict ROWS.csv
    python THIS.py train TABLE.csv
"""

_DOORS = '''\
def load_network() -> keras.Model:
    """The network with what it has learned."""
    model = network()
    with np.load(WEIGHTS) as file:
        for layer in model.layers:
            count = len(layer.weights)
            if f"{layer.name}.0" in file.files:
                layer.set_weights([file[f"{layer.name}.{k}"] for k in range(count)])
    return model


def outputs(rows: Sequence[Mapping[str, Any]]) -> Array:
    """What the network puts out for rows of the table, (m, n_y)."""
    return keras.ops.convert_to_numpy(load_network()(prepare(rows)))


def predict(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The answer to each row, in the table's own words or units."""
    return ANSWERS(outputs(rows))'''

_TRAIN = '''\
def loss(y: Any, y_hat: Any) -> Any:
    """Of each example."""
    return LOSS


def train(rows: Sequence[Mapping[str, Any]]) -> keras.Model:
    """Trains a new network on rows with their targets, and keeps it beside this file."""
    keras.utils.set_random_seed(SEED)
    model = network()
    known = [row for row in rows if all(word(row[name]) for name in TARGETS)]
    X, Y = prepare(known), TARGETS(known)
    OPTIMIZER
    model.compile(optimizer=optimizer, loss=loss)
    batch = BATCH_SIZE or len(X)
    model.fit(X, Y, batch_size=batch, epochs=EPOCHS, verbose=2, MORE)
    model.save_weights(WEIGHTS.with_name(f"{WEIGHTS.stem}_new.weights.h5"))
    return model'''

_MAIN = """\
if __name__ == "__main__":
    match sys.argv[1:]:
        case ["predict", path]:
            for answer in predict(read_rows(path)):
                print(answer)
        case ["train", path]:
            train(read_rows(path))
        case _:
            sys.exit(f"usage: python {sys.argv[0]} predict|train TABLE.csv")"""

FORMATS.add(
    "keras_code",
    Format(
        "keras_code",
        "Keras code",
        ".py",
        "a model of Keras 3 that predicts and trains, weights beside it",
        save,
        "keras",
        source,
    ),
)
