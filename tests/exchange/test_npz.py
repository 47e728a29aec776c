"""NPZ weights: enough for NumPy alone, and read back with every lie in the file found out."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data.dataset import Dataset, Part
from netbuilder.document.model.network import COST, DATA, Edge, Network, network_of
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import Activation, Concatenate, Cost, Dense, Dropout, Input
from netbuilder.engine.program import Plan, PlanNode
from netbuilder.errors import UserError
from netbuilder.exchange import npz
from netbuilder.exchange.trained import Trained

# The consumer: written from the file's description alone, with nothing of ours but the file.
FUNCTIONS = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "gelu": lambda z: 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    "softplus": lambda z: np.log1p(np.exp(z)),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=0, keepdims=True),
}


def chain_by_hand(path: Path, X: np.ndarray) -> np.ndarray:
    """Â (n_y, m) of a chain, in the course's columns, from W1, b1, … and meta."""
    with np.load(path, allow_pickle=False) as file:
        meta = json.loads(str(file["meta"]))
        A = X.T
        if meta["scaling"] is not None:
            shift, scale = (np.array(meta["scaling"][key])[:, None] for key in ("shift", "scale"))
            A = (A - shift) / scale
        for number, names in enumerate(meta["activations"], start=1):
            A = file[f"W{number}"] @ A + file[f"b{number}"]
            for name in names.split(" + "):
                A = FUNCTIONS[name](A)
        assert f"W{len(meta['activations']) + 1}" not in file
    return A


def graph_by_hand(path: Path, X: np.ndarray) -> np.ndarray:
    """Â (n_y, m) of any graph, from ``layers`` in meta."""
    with np.load(path, allow_pickle=False) as file:
        meta = json.loads(str(file["meta"]))
        shift, scale = (np.array(meta["scaling"][key])[:, None] for key in ("shift", "scale"))
        A = {"Data": (X.T - shift) / scale}
        for layer in meta["layers"]:
            inputs = [A[name] for name in layer["inputs"]]
            if layer["type"] == "dense":
                value = file[layer["W"]] @ inputs[0] + file[layer["b"]]
            elif layer["type"] == "concatenate":
                value = np.concatenate(inputs)
            elif layer["type"] == "add":
                value = sum(inputs)
            else:
                assert layer["type"] in ("activation", "dropout")
                value = inputs[0]
            A[layer["name"]] = FUNCTIONS[layer.get("activation", "linear")](value)
    return A[meta["layers"][-1]["name"]]


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_numpy_alone_runs_a_chain(hidden, trained, predict, X, tmp_path):
    network = trained([Dense(7, hidden), Dropout(0.3), Dense(4, hidden), Dense(3, "softmax")])
    npz.save(tmp_path / "w.npz", network)
    np.testing.assert_allclose(
        chain_by_hand(tmp_path / "w.npz", X).T, predict(network, X), atol=1e-5
    )


@pytest.mark.parametrize("task, output", [("binary", "sigmoid"), ("regression", "linear")])
def test_numpy_alone_runs_the_other_tasks(task, output, trained, predict, X, tmp_path):
    units = 1 if task == "binary" else 2
    network = trained([Dense(4, "tanh"), Dense(units, output)], task, scaled=False)
    npz.save(tmp_path / "w.npz", network)
    np.testing.assert_allclose(
        chain_by_hand(tmp_path / "w.npz", X).T, predict(network, X), atol=1e-5
    )


def test_activation_layers_count_among_the_activations(trained, predict, X, tmp_path):
    layers = [Dense(4, "linear"), Activation("tanh"), Dense(4, "relu"), Activation("silu")]
    network = trained([*layers, Dense(3, "softmax")])
    npz.save(tmp_path / "w.npz", network)
    assert network.description()["activations"] == ["tanh", "relu + silu", "softmax"]
    np.testing.assert_allclose(
        chain_by_hand(tmp_path / "w.npz", X).T, predict(network, X), atol=1e-5
    )


def branched() -> Network:
    """Data feeds two layers; they are put side by side, and Data's own features with them."""
    network = network_of([Dense(4, "tanh"), Dense(3, "softmax")], "cross_entropy")
    (output,) = network.inputs(COST)
    (hidden,) = network.inputs(output)
    network, join = network.insert(Concatenate(), Edge(hidden, output), (0.0, 0.0))
    network, other = network.add(Dense(2, "relu"), (0.0, 150.0))
    for source, target in ((DATA, other.id), (other.id, join.id), (DATA, join.id)):
        network = network.connect(source, target)
    return network.rename(other.id, "Seitenzweig ß")


def test_a_graph_is_written_by_layer_name(trained, predict, X, tmp_path):
    network = trained(branched())
    npz.save(tmp_path / "w.npz", network)
    with np.load(tmp_path / "w.npz") as file:
        assert file["Seitenzweig ß.W"].shape == (2, 5)
        assert file["Seitenzweig ß.b"].shape == (2, 1)
    np.testing.assert_allclose(
        graph_by_hand(tmp_path / "w.npz", X).T, predict(network, X), atol=1e-5
    )


def test_meta_carries_all_that_is_needed_to_predict(trained, tmp_path):
    network = trained([Dense(3, "softmax")])
    npz.save(tmp_path / "w.npz", network)
    with np.load(tmp_path / "w.npz") as file:
        meta = json.loads(str(file["meta"]))
    assert meta["class_names"] == ["setosa", "versicolor", "fleur à pétales 花"]
    assert meta["feature_names"] == [f"feature {k}" for k in range(5)]
    assert meta["loss"] == "cross_entropy"
    np.testing.assert_array_equal(meta["scaling"]["shift"], network.scaling.shift)
    np.testing.assert_array_equal(meta["scaling"]["scale"], network.scaling.scale)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("branches", [False, True])
def test_what_was_written_is_read_back_to_the_last_bit(branches, dtype, trained, tmp_path):
    layers = branched() if branches else [Dense(4, "tanh"), Dense(3, "softmax")]
    network = trained(layers, dtype=dtype)
    npz.save(tmp_path / "w.npz", network)
    weights = npz.load_weights(tmp_path / "w.npz", network.plan)
    assert weights.keys() == network.weights.keys()
    for key, array in weights.items():
        np.testing.assert_array_equal(array, network.weights[key])


def test_weights_made_with_plain_numpy_are_accepted(trained, tmp_path):
    plan = trained([Dense(4, "tanh"), Dense(3, "softmax")]).plan
    first, second = plan.layer_numbers
    W1 = np.asfortranarray(np.arange(20, dtype=">f4").reshape(4, 5))
    np.savez_compressed(
        tmp_path / "w.npz",
        W1=W1,
        b1=np.zeros((4, 1), np.int64),
        W2=np.ones((3, 4)),
        b2=np.ones((3, 1)),
    )
    weights = npz.load_weights(tmp_path / "w.npz", plan)
    np.testing.assert_array_equal(weights[f"{first}.W"], W1)
    np.testing.assert_array_equal(weights[f"{second}.W"], np.ones((3, 4)))
    assert {array.dtype for array in weights.values()} == {np.dtype("float64")}


def dataset(network: Trained, **changes: object) -> Dataset:
    """The data of a network, without a number of it."""
    none = Part(np.empty((0, 5)), np.empty((0, 3)))
    return dataclasses.replace(Dataset(network.info, none, none, none, network.scaling), **changes)


def test_what_is_otherwise_than_when_it_was_trained_is_told(trained, tmp_path):
    network = trained([Dense(4, "tanh"), Dense(3, "softmax")])
    path = tmp_path / "w.npz"
    npz.save(path, network)
    assert npz.disagreements(path, network.plan, dataset(network)) == []

    other = trained([Dense(4, "relu"), Dense(3, "softmax")], scaled=False)
    info = dataclasses.replace(
        other.info, class_names=("a", "b", "c"), feature_names=("p", "q", "r", "s", "t")
    )
    told = [str(m) for m in npz.disagreements(path, other.plan, dataset(other, info=info))]
    for words in ("tanh, softmax, but here they are relu", "but here they are p, q",
                  "but here they are a, b", "scaled in another way"):  # fmt: skip
        assert sum(words in message for message in told) == 1
    assert len(told) == 4


@pytest.mark.parametrize("which", ["shift", "scale"])
def test_another_scaling_is_told_whether_it_shifts_or_stretches(which, trained, tmp_path):
    network = trained([Dense(4, "tanh"), Dense(3, "softmax")])
    npz.save(tmp_path / "w.npz", network)
    changed = dataclasses.replace(
        network.scaling, **{which: getattr(network.scaling, which) * [1, 1, 1, 1, 1.5]}
    )
    here = dataset(network, scaling=changed)
    (told,) = npz.disagreements(tmp_path / "w.npz", network.plan, here)
    assert "scaled in another way" in str(told)


@pytest.mark.parametrize(
    "meta", ["{", "[1]", '{"scaling": 3}', '{"activations": 7}', '{"layers": [3]}', "", 5, [1]]
)
def test_a_meta_that_nobody_wrote_is_no_reason_to_fail(meta, trained, tmp_path):
    network = trained([Dense(4, "tanh"), Dense(3, "softmax")])
    np.savez(tmp_path / "w.npz", meta=np.array(meta), **good())
    npz.load_weights(tmp_path / "w.npz", network.plan)
    told = npz.disagreements(tmp_path / "w.npz", network.plan, dataset(network))
    assert ["scaled" in str(message) for message in told] == [True] * ("scaling" in str(meta))


def good() -> dict[str, np.ndarray]:
    return {
        "W1": np.ones((4, 5)),
        "b1": np.ones((4, 1)),
        "W2": np.ones((3, 4)),
        "b2": np.ones((3, 1)),
    }


def member(header: str, content: bytes = b"") -> bytes:
    """The bytes of an array of the .npy format, with whatever its header claims."""
    text = (header + " " * (-(len(header) + 11) % 64) + "\n").encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content


@pytest.mark.parametrize(
    "change, words",
    [
        ({"W1": np.ones((4, 2))}, ["W1 (Dense 1)", "(4, 2)", "(4, 5)"]),
        ({"b2": np.ones(3)}, ["b2 (Dense 2)", "(3,)", "(3, 1)"]),
        ({"b2": None}, ["b2", "biases", "Dense 2", "(3, 1)", "W1"]),
        ({"W3": np.ones((3, 3))}, ["W3", "2 layers"]),
        ({"W1": np.full((4, 5), None)}, ["W1 (Dense 1)", "object"]),
        ({"W1": np.full((4, 5), "x")}, ["W1 (Dense 1)", "<U1"]),
        ({"W1": np.ones((4, 5), complex)}, ["W1 (Dense 1)", "complex"]),
        ({"W2": np.full((3, 4), np.nan)}, ["W2 (Dense 2)", "not finite"]),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change, words, trained, tmp_path):
    plan = trained([Dense(4, "tanh"), Dense(3, "softmax")]).plan
    arrays = {name: array for name, array in {**good(), **change}.items() if array is not None}
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(UserError) as error:
        npz.load_weights(tmp_path / "w.npz", plan)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    "content, words",
    [
        (
            member("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000)}"),
            ["W1 (Dense 1)", "(1000000, 1000000)", "(4, 5)"],
        ),
        (
            member("{'descr': '<f8', 'fortran_order': False, 'shape': (4, 5)}", bytes(10**6)),
            ["W1 (Dense 1)", "longer"],
        ),
        (
            member("{'descr': '<f8', 'fortran_order': False, 'shape': (4, 5)}", bytes(24)),
            ["cut off"],
        ),
        (member("{'descr': '<f8', 'shape': (4, 5)"), ["W1 (Dense 1)", "not an array"]),
        (b"not an array at all", ["W1 (Dense 1)", "not an array"]),
    ],
)
def test_an_array_that_lies_is_found_out_before_it_is_read(content, words, trained, tmp_path):
    plan = trained([Dense(4, "tanh"), Dense(3, "softmax")]).plan
    np.savez(tmp_path / "good.npz", **good())
    with (
        zipfile.ZipFile(tmp_path / "good.npz") as source,
        zipfile.ZipFile(tmp_path / "w.npz", "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, content if name == "W1.npy" else source.read(name))
    with pytest.raises(UserError) as error:
        npz.load_weights(tmp_path / "w.npz", plan)
    for word in words:
        assert word in str(error.value)


def foreign_files() -> dict[str, bytes]:
    whole = io.BytesIO()
    np.savez_compressed(whole, **good())
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<xml/>")
    damaged = bytearray(whole.getvalue())
    start = damaged.index(b"W1.npy") + 20
    damaged[start : start + 40] = bytes(40)
    return {
        "empty": b"",
        "text": b"epoch,cost\n0,0.69\n",
        "truncated": whole.getvalue()[:-30],
        "another zip": other.getvalue(),
        "damaged": bytes(damaged),
    }


@pytest.mark.parametrize("kind", foreign_files())
def test_foreign_and_damaged_files_are_refused(kind, trained, tmp_path):
    plan = trained([Dense(4, "tanh"), Dense(3, "softmax")]).plan
    path = tmp_path / "w.npz"
    path.write_bytes(foreign_files()[kind])
    with pytest.raises(UserError, match=r"w\.npz"):
        npz.load_weights(path, plan)


@settings(deadline=None)
@given(data=st.data())
def test_whatever_bytes_change_the_answer_is_a_sentence_or_weights(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    plan = Plan(
        (
            PlanNode("data", "Data", Input(), (), (5,), {}),
            PlanNode("n1", "Dense 1", Dense(4), ("data",), (4,), {"W": (4, 5), "b": (4, 1)}),
            PlanNode("cost", "Cost", Cost("mse"), ("n1",), (), {}),
        ),
        "mse",
    )
    buffer = io.BytesIO()
    np.savez(buffer, W1=np.ones((4, 5)), b1=np.ones((4, 1)))
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path = folder / "w.npz"
    path.write_bytes(content)
    try:
        weights = npz.load_weights(path, plan)
    except UserError as error:
        assert "\n" not in str(error)
    else:
        assert weights["n1.W"].shape == (4, 5)


def test_a_file_that_is_not_there(trained, tmp_path):
    plan = trained([Dense(3, "softmax")]).plan
    with pytest.raises(UserError, match="no file"):
        npz.load_weights(tmp_path / "none.npz", plan)
    with pytest.raises(UserError, match="cannot be read"):
        npz.load_weights(tmp_path, plan)
