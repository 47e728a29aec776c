"""Keras: Keras 3 itself loads the file and computes what the engine computes."""

from __future__ import annotations

import dataclasses
import json
import os
import zipfile

import numpy as np
import pytest

from netbuilder.data.dataset import Scaling
from netbuilder.document.model.network import DATA, Edge, Network, network_of
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import (
    Activation,
    Add,
    BatchNorm,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    GlobalAvgPool2D,
    MaxPool2D,
    Multiply,
    Reshape,
)
from netbuilder.errors import UserError
from netbuilder.exchange import keras_file
from netbuilder.exchange.formats import export
from netbuilder.exchange.keras_layers import KERAS_LAYERS
from netbuilder.exchange.self_check import check_path

h5py = pytest.importorskip("h5py")


@pytest.fixture
def loaded():
    """``loaded(path)``: the model that Keras makes of a file."""
    pytest.importorskip("torch")
    os.environ["KERAS_BACKEND"] = "torch"
    return pytest.importorskip("keras").models.load_model


def output(model, X) -> np.ndarray:
    return model(np.asarray(X, np.float32), training=False).detach().cpu().numpy()


@pytest.fixture
def prove(loaded, predict, tmp_path):
    def run(network, X, tolerance: float = 1e-5) -> None:
        keras_file.save(tmp_path / "n.keras", network)
        found = output(loaded(tmp_path / "n.keras"), X)
        expected = predict(network, X)
        np.testing.assert_allclose(found, expected, atol=tolerance, rtol=tolerance)

    return run


@pytest.mark.peers
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_keras_computes_the_same(hidden, trained, X, prove):
    layers = [Dense(7, hidden), Dropout(0.3), Dense(4, "linear"), Activation(hidden)]
    prove(trained([*layers, Dense(3, "softmax")]), X)


@pytest.mark.peers
def test_keras_computes_every_layer(chain_of_all, images, prove):
    prove(chain_of_all, images)


@pytest.mark.peers
def test_branches_of_images_whose_layers_are_numbered_by_keras(trained, prove):
    """A residual block with a gate, beside pooled pixels and Data's own features."""
    layers = [Reshape(1, 8, 8), Conv2D(4, 3, 1, 1), BatchNorm(), Conv2D(4, 3, 1, 1, "linear")]
    network = network_of([*layers, GlobalAvgPool2D(), Dense(3, "softmax")], "cross_entropy")
    image, first, _, second, mean, last = (node.id for node in network.nodes if not node.fixed)
    network, total = network.insert(Add(), Edge(second, mean), (0.0, 0.0))
    network = network.connect(first, total.id)
    network, product = network.insert(Multiply(), Edge(total.id, mean), (0.0, 0.0))
    network, gate = network.add(Conv2D(4, 1, activation="sigmoid"), (0.0, 0.0))
    network = network.connect(image, gate.id).connect(gate.id, product.id)
    network, small = network.insert(MaxPool2D(3), Edge(product.id, mean), (0.0, 0.0))
    network, beside = network.insert(Concatenate(), Edge(small.id, mean), (0.0, 0.0))
    network, pixels = network.add(MaxPool2D(4, 3), (0.0, 0.0))
    network = network.connect(image, pixels.id).connect(pixels.id, beside.id)
    network, joined = network.insert(Concatenate(), Edge(mean, last), (0.0, 0.0))
    network, branch = network.add(Dense(5, "gelu"), (0.0, 0.0))
    network = network.connect(DATA, branch.id).connect(branch.id, joined.id)
    X = np.random.default_rng(4).normal(3.0, 4.0, (20, 64))
    prove(trained(named(network), n_x=64), X)


def named(network: Network) -> Network:
    names = ["features", "scaling", "a/b", "花 ß", "scaling 2", "W"]
    for node, name in zip([n for n in network.nodes if not n.fixed], names, strict=False):
        network = network.rename(node.id, name)
    return network


@pytest.mark.peers
@pytest.mark.parametrize("scale", ["none", "standard", "minmax"])
def test_raw_numbers_go_in_and_targets_come_out_in_their_units(
    scale, of_data, houses, in_words, loaded, tmp_path
):
    without = ("label",) if scale == "none" else ()
    data = houses.data("regression", scale, without=without)
    network = of_data([Dense(5, "tanh"), Dense(1, "linear")], data)
    rows = {name: [350_000.25 if name == "label" else 2.0] for name in houses.rows}
    rows |= {"city": ["北京"], "slope": [-(2.0**-12)], "state": ["fair"]}
    # City, floor, slope, and state, whose words have an order.
    features = [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, rows["slope"][0], 2.0]
    features = [2.0, *([] if without else [350_000.25]), *features]
    assert len(features) == data.info.n_x
    keras_file.save(tmp_path / "n.keras", network)
    found = output(loaded(tmp_path / "n.keras"), [features])
    np.testing.assert_allclose(found, in_words(network, rows)["price"], rtol=1e-5)


@pytest.mark.peers
def test_every_layer_and_a_graph_answer_the_check(
    any_network, of_data, houses, in_words, loaded, tmp_path
):
    """Raw rows with gaps and words never seen, made into the matrix that Keras takes."""
    network = of_data(any_network, houses.data("classes", "minmax", "own"))
    path = tmp_path / "n.keras"
    export(path, network)
    check = json.loads(check_path(path).read_text(encoding="utf-8"))
    found = output(loaded(path), check["inputs"]["features"])
    np.testing.assert_allclose(found, check["answers"]["probabilities"], atol=1e-5)
    # As a matrix, what stands for a gap at 350,000 ± 1 is what float32 has of it.
    expected = in_words(network, check["rows"])
    np.testing.assert_allclose(found, expected["probabilities"], atol=1e-3)
    assert (found.argmax(axis=1) == expected["probabilities"].argmax(axis=1)).all()


def test_the_file_is_laid_out_as_keras_does(trained, tmp_path):
    network = trained([Dense(4, "tanh"), Dense(3, "softmax")])
    keras_file.save(tmp_path / "n.keras", network)
    with zipfile.ZipFile(tmp_path / "n.keras") as archive:
        assert archive.namelist()[:3] == ["metadata.json", "config.json", "model.weights.h5"]
        names = json.loads(archive.read("netbuilder.json"))["class_names"]
        assert names == list(network.info.class_names)
        with archive.open("model.weights.h5") as handle, h5py.File(handle) as file:
            first, second = (network.plan.nodes[k].id for k in (1, 2))
            W, b = (file[f"layers/dense/vars/{k}"][()] for k in (0, 1))
            np.testing.assert_array_equal(W, network.weights[f"{first}.W"].T.astype(np.float32))
            np.testing.assert_array_equal(b, network.weights[f"{first}.b"][:, 0].astype("f4"))
            assert file["layers/dense_1/vars/0"].shape == (4, 3)
            assert network.weights[f"{second}.W"].shape == (3, 4)
            assert file["layers/normalization/vars/0"].shape == (5,)


def test_what_keras_cannot_do_is_refused_before_anything_is_written(trained, tmp_path, monkeypatch):
    network = trained([Dense(4, "tanh"), Dense(3, "softmax")])
    scale = np.array([1.0, 1.0, 1e-9, 1.0, 1.0])
    tiny = dataclasses.replace(network, scaling=Scaling(np.zeros(5), scale))
    with pytest.raises(UserError, match="'feature 2' is scaled by 1e-09"):
        keras_file.save(tmp_path / "n.keras", tiny)
    monkeypatch.delitem(KERAS_LAYERS._rows, "dense")
    with pytest.raises(UserError, match=r"Dense 1 is a Dense layer.*no twin.*\.onnx"):
        keras_file.save_weights(tmp_path / "n.weights.h5", network)
    assert not list(tmp_path.iterdir())


def test_without_h5py_it_says_what_brings_it(trained, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(UserError, match=r"pip install 'netbuilder\[keras\]'"):
        keras_file.save(tmp_path / "n.keras", trained([Dense(3, "softmax")]))
    assert not list(tmp_path.iterdir())
