"""What the fuzzer needs of files with networks: sound samples, their reader, and changes within."""

from __future__ import annotations

import io
import json
import random
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of, recipe_of
from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import new_project
from netbuilder.engine.program import Program
from netbuilder.exchange.formats import FORMATS
from netbuilder.exchange.reading.readers import READERS, read
from netbuilder.exchange.reading.taking import adopted, without_data
from netbuilder.exchange.reading.weights import weights_for
from netbuilder.exchange.trained import Trained

LAYERS = "reshape 1x8x8, conv 3 3x3 relu, batch norm, max pool 2, flatten, 4 gelu, 10 softmax"
FOREIGN = "4 tanh, batch norm, dropout 0.2, 3 leaky_relu, 3 softmax"
Change = Callable[[bytes, random.Random], bytes]


def samples() -> dict[str, tuple[str, bytes, Callable[[Path], object]]]:
    """Of every format that is read, a network of ours, and others as they come from elsewhere."""
    trained = trained_on("digits", LAYERS)
    dataset = dataset_of(DataChoice("digits"))
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in READERS:
            suffix = FORMATS[name].suffix
            path = Path(folder) / f"n{suffix}"
            FORMATS[name].save(path, trained)
            found[f"network, {name}"] = (suffix, path.read_bytes(), network)
        path = Path(folder) / "foreign.keras"
        FORMATS["keras"].save(path, trained_on("iris", FOREIGN))
        found["network, foreign keras"] = (".keras", foreign_keras(path), network)
    suffix, data, _ = found["network, keras_weights"]
    reader = partial(weights_for, plan=trained.plan, dataset=dataset)
    found["network, keras_weights"] = (suffix, data, reader)
    found["network, foreign onnx"] = (".onnx", foreign_onnx(), network)
    return found


def trained_on(data: str, layers: str) -> Trained:
    project = new_project(DataChoice(data), layers)
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None
    return Trained.of(plan, Program(plan, seed=1).weights(), dataset)


def network(path: Path) -> object:
    """As the command that imports: what is read must compute something finite, or be refused."""
    contents = read(path)
    empty = Project(network_of((), "mse"), without_data(contents, path.name))
    taken = adopted(contents, empty, path.name)
    stored = taken.plan.stored
    assert {key: array.shape for key, array in taken.weights.items()} == dict(stored)
    rows = np.ones((2, recipe_of(taken.project.data).info.n_x))
    if contents.scaling is not None:
        rows = contents.scaling.apply(rows)
    Program(taken.plan, weights=taken.weights).predict(rows)
    assert all(np.isfinite(array).all() for array in taken.weights.values())
    return taken


def foreign_onnx() -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.RandomState(0)
    arrays = {
        "mean": rng.rand(1, 4),
        "k": rng.rand(4, 6),
        "kb": rng.rand(6),
        "w": rng.rand(3, 6),
        "b": rng.rand(3),
        **{name: rng.rand(6) for name in ("g", "be", "m", "v")},
    }
    nodes = [
        helper.make_node("Sub", ["x", "mean"], ["c"]),
        helper.make_node("MatMul", ["c", "k"], ["z"], name="first"),
        helper.make_node("Add", ["z", "kb"], ["zb"]),
        helper.make_node("LeakyRelu", ["zb"], ["a"], alpha=0.01),
        helper.make_node("BatchNormalization", ["a", "g", "be", "m", "v"], ["n"], epsilon=1e-3),
        helper.make_node("Gemm", ["n", "w", "b"], ["l"], transB=1),
        helper.make_node("Softmax", ["l"], ["y"], axis=1),
    ]
    kept = [numpy_helper.from_array(a.astype("f4"), name) for name, a in arrays.items()]
    row, out = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["m", n])
        for name, n in (("x", 4), ("y", 3))
    )
    model = helper.make_model(helper.make_graph(nodes, "g", [row], [out], kept))
    content: bytes = model.SerializeToString()
    return content


def foreign_keras(path: Path) -> bytes:
    """Ours without what only we have in it."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(made, "w") as new,
    ):
        for name in old.namelist():
            if name != "netbuilder.json":
                new.writestr(name, old.read(name))
    return made.getvalue()


# --- changes within ------------------------------------------------------------------------------


def within(data: bytes) -> Callable[[bytes, random.Random, Change], bytes] | None:
    """How a file is changed so that what is around the change stays sound."""
    length = int.from_bytes(data[:8], "little")
    if data[8:9] == b"{" and length < len(data):
        return header
    if data[:1] == b"\x08":  # the first field of ONNX is its version
        return fields
    return None


def header(data: bytes, dice: random.Random, changed: Change) -> bytes:
    """The header of safetensors, by bytes or by a value, with its length made right again."""
    length = int.from_bytes(data[:8], "little")
    text, body = data[8 : 8 + length], data[8 + length :]
    if dice.random() < 0.5:
        text = changed(text, dice)
    else:
        text = json.dumps(other(json.loads(text), dice)).encode()
    return len(text).to_bytes(8, "little") + text + body


def other(value: Any, dice: random.Random) -> Any:
    """The same JSON with one value in it another."""
    strange = (None, -1, 0, 2**62, 1e300, "", "x", [], {}, [[]], True, "NaN", 2**31, [0, 2**40])
    if isinstance(value, dict) and value and dice.random() < 0.9:
        key = dice.choice(list(value))
        return {**value, key: other(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.9:
        place = dice.randrange(len(value))
        return [*value[:place], other(value[place], dice), *value[place + 1 :]]
    if isinstance(value, str) and value[:1] in "[{" and dice.random() < 0.8:
        return json.dumps(other(json.loads(value), dice))
    return dice.choice(strange)


def fields(data: bytes, dice: random.Random, changed: Change) -> bytes:
    """Fields of an ONNX model: operators, wires, shapes, types, attributes, descriptions."""
    from onnx import ModelProto

    model = ModelProto.FromString(data)
    graph = model.graph
    names = [name for node in graph.node for name in (*node.input, *node.output)]
    for _ in range(dice.choice((1, 1, 2, 4))):
        node, tensor = dice.choice(graph.node), dice.choice(graph.initializer)
        how = dice.randrange(10)
        if how == 0:
            node.op_type = dice.choice([n.op_type for n in graph.node] + ["Loop", "Add", "Sub"])
        elif how == 1 and node.input:
            node.input[dice.randrange(len(node.input))] = dice.choice(names)
        elif how == 2 and node.output:
            node.output[0] = dice.choice(names)
        elif how == 3 and tensor.dims:
            place = dice.randrange(len(tensor.dims))
            tensor.dims[place] = dice.choice((-1, 0, 1, 2**31, 2**62, tensor.dims[place] + 1))
        elif how == 4:
            tensor.data_type = dice.randrange(20)
        elif how == 5:
            tensor.raw_data = changed(tensor.raw_data, dice)
        elif how == 6 and node.attribute:
            attribute = dice.choice(node.attribute)
            attribute.i = dice.choice((-1, 0, 2, 2**40))
            attribute.ints[:] = [dice.choice((-1, 0, 2, 3, 2**40)) for _ in attribute.ints]
            attribute.f = dice.choice((0.0, -1.0, 1e30, float("nan")))
        elif how == 7 and model.metadata_props:
            entry = dice.choice(model.metadata_props)
            entry.value = changed(entry.value.encode(), dice).decode(errors="replace")
        elif how == 8:
            del graph.node[dice.randrange(len(graph.node))]
            if not graph.node:
                break
        else:
            tensor.name = dice.choice(names)
    content: bytes = model.SerializeToString()
    return content
