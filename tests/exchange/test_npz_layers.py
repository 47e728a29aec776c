"""NPZ of every layer: NumPy alone predicts from arrays and description, and all is read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netbuilder.data.dataset import Dataset, Part
from netbuilder.document.model.network import DATA, Edge, Network, network_of
from netbuilder.engine.layers import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    LayerNorm,
    MaxPool2D,
    Multiply,
    Reshape,
)
from netbuilder.errors import UserError
from netbuilder.exchange import npz
from netbuilder.exchange.trained import Trained

# The consumer: as in test_npz.py, written from the file's description alone. Examples are rows.
FUNCTIONS = {
    "linear": lambda Z: Z,
    "tanh": np.tanh,
    "relu": lambda Z: np.maximum(Z, 0),
    "softmax": lambda Z: np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True),
}


def windows(A: np.ndarray, size: int, stride: int, padding: int = 0) -> np.ndarray:
    """(m, channels, rows, columns, size, size) of images (m, channels, height, width)."""
    around = (padding, padding)
    padded = np.pad(A, ((0, 0), (0, 0), around, around))
    found = np.lib.stride_tricks.sliding_window_view(padded, (size, size), (2, 3))
    return found[:, :, ::stride, ::stride]


def computed(layer: dict[str, Any], inputs: list[np.ndarray], file: Any) -> np.ndarray:
    """A of one layer without its activation."""
    A_prev = inputs[0]
    match layer["type"]:
        case "dense":
            return A_prev @ file[layer["W"]].T + file[layer["b"]].T
        case "reshape":
            return A_prev.reshape(-1, layer["channels"], layer["height"], layer["width"])
        case "flatten":
            return A_prev.reshape(len(A_prev), -1)
        case "conv2d":
            pixels = windows(A_prev, layer["kernel"], layer["stride"], layer["padding"])
            Z = np.einsum("mcrsij,fcij->mfrs", pixels, file[layer["W"]])
            return Z + file[layer["b"]][:, :, None]
        case "max_pool2d":
            return windows(A_prev, layer["size"], layer["stride"]).max(axis=(4, 5))
        case "avg_pool2d":
            return windows(A_prev, layer["size"], layer["stride"]).mean(axis=(4, 5))
        case "batch_norm":
            gamma, beta, mean, variance = (
                file[layer[name]].reshape(-1, *(1 for _ in A_prev.shape[2:]))
                for name in ("gamma", "beta", "mean", "variance")
            )
            return gamma * (A_prev - mean) / np.sqrt(variance + layer["epsilon"]) + beta
        case "layer_norm":
            gamma, beta = (
                file[layer[name]].reshape(A_prev.shape[1:]) for name in ("gamma", "beta")
            )
            axes = tuple(range(1, A_prev.ndim))
            mean, variance = A_prev.mean(axes, keepdims=True), A_prev.var(axes, keepdims=True)
            return gamma * (A_prev - mean) / np.sqrt(variance + layer["epsilon"]) + beta
        case "global_avg_pool2d":
            return A_prev.mean(axis=(2, 3))
        case "activation" | "dropout":
            return A_prev
    raise AssertionError(layer["type"])


def by_hand(path: Path, X: np.ndarray) -> np.ndarray:
    """Ŷ (m, n_y) of raw features, from nothing but the file."""
    with np.load(path, allow_pickle=False) as file:
        meta = json.loads(str(file["meta"]))
        shift, scale = (np.array(meta["scaling"][key]) for key in ("shift", "scale"))
        A = {"Data": (X - shift) / scale}
        for layer in meta["layers"]:
            value = computed(layer, [A[name] for name in layer["inputs"]], file)
            A[layer["name"]] = FUNCTIONS[layer.get("activation", "linear")](value)
    return A[meta["layers"][-1]["name"]]


def test_numpy_alone_computes_every_layer(chain_of_all, images, predict, tmp_path):
    npz.save(tmp_path / "w.npz", chain_of_all)
    np.testing.assert_allclose(
        by_hand(tmp_path / "w.npz", images), predict(chain_of_all, images), atol=1e-5
    )


def test_every_layer_is_read_back_to_the_last_bit(chain_of_all, tmp_path):
    npz.save(tmp_path / "w.npz", chain_of_all)
    weights = npz.load_weights(tmp_path / "w.npz", chain_of_all.plan)
    assert weights.keys() == chain_of_all.plan.stored.keys()
    for key, array in weights.items():
        np.testing.assert_array_equal(array, chain_of_all.weights[key])


def gated() -> Network:
    """A normalised branch is multiplied by a gate."""
    network = network_of([Dense(4, "tanh"), BatchNorm(), Dense(3, "softmax")], "cross_entropy")
    _, norm, last = (node.id for node in network.nodes if not node.fixed)
    network, product = network.insert(Multiply(), Edge(norm, last), (0.0, 0.0))
    network, gate = network.add(Dense(4, "sigmoid"), (0.0, 150.0))
    return network.connect(DATA, gate.id).connect(gate.id, product.id)


def test_what_a_norm_has_learned_is_written_by_number_in_a_chain(trained, tmp_path):
    network = trained([Dense(4, "linear"), BatchNorm(), LayerNorm(), Dense(3, "softmax")])
    npz.save(tmp_path / "w.npz", network)
    with np.load(tmp_path / "w.npz") as file:
        shapes = {name: file[name].shape for name in file.files if name != "meta"}
    assert shapes == {
        **{"W1": (4, 5), "b1": (4, 1)},
        **{name: (4, 1) for name in ("gamma2", "beta2", "mean2", "variance2", "gamma3", "beta3")},
        **{"W4": (3, 4), "b4": (3, 1)},
    }


def test_what_a_norm_has_learned_is_written_by_layer_in_a_graph(trained, tmp_path):
    network = trained(gated())
    npz.save(tmp_path / "w.npz", network)
    with np.load(tmp_path / "w.npz") as file:
        names = {name for name in file.files if name.startswith("BatchNorm 1.")}
    assert names == {f"BatchNorm 1.{name}" for name in ("gamma", "beta", "mean", "variance")}
    weights = npz.load_weights(tmp_path / "w.npz", network.plan)
    for key, array in network.weights.items():
        np.testing.assert_array_equal(weights[key], array)


def arrays_of(network: Trained, path: Path) -> dict[str, np.ndarray]:
    npz.save(path, network)
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


@pytest.mark.parametrize(
    "change, words",
    [
        ({"gamma2": None}, ["no gamma2, the scale of layer BatchNorm 1", "(4, 1)"]),
        ({"beta2": None}, ["no beta2, the shift of layer BatchNorm 1"]),
        ({"mean2": None}, ["no mean2, the running mean of layer BatchNorm 1"]),
        ({"variance2": None}, ["no variance2, the running variance of layer BatchNorm 1"]),
        ({"variance2": np.ones(4)}, ["variance2 (BatchNorm 1)", "(4,)", "(4, 1)"]),
        ({"variance2": np.full((4, 1), -0.1)}, ["variance2 (BatchNorm 1)", "negative"]),
        ({"gamma4": np.ones((3, 1))}, ["gamma4", "3 layers with parameters"]),
    ],
)
def test_what_a_norm_cannot_use_is_refused_by_name(change, words, trained, tmp_path):
    network = trained([Dense(4, "linear"), BatchNorm(), Dense(3, "softmax")])
    arrays = arrays_of(network, tmp_path / "w.npz") | change
    np.savez(tmp_path / "w.npz", **{name: a for name, a in arrays.items() if a is not None})
    with pytest.raises(UserError) as error:
        npz.load_weights(tmp_path / "w.npz", network.plan)
    for word in words:
        assert word in str(error.value)


def test_weights_of_a_network_without_the_norm_are_refused(trained, tmp_path):
    """W2 of the file would fit as well; what tells is that there is no gamma2."""
    plain = trained([Dense(4, "linear"), Dense(3, "softmax")])
    npz.save(tmp_path / "w.npz", plain)
    network = trained([Dense(4, "linear"), BatchNorm(), Dense(3, "softmax")])
    with pytest.raises(UserError, match="gamma2"):
        npz.load_weights(tmp_path / "w.npz", network.plan)


def test_the_functions_after_each_layer_count_norms_as_layers(trained):
    layers = [Dense(4, "linear"), BatchNorm(), Activation("relu"), LayerNorm()]
    network = trained([*layers, Dense(3, "softmax")])
    assert network.description()["activations"] == ["linear", "relu", "linear", "softmax"]


def test_pools_are_described_with_the_stride_that_they_have(trained):
    network = trained(
        [Reshape(1, 6, 6), MaxPool2D(2), MaxPool2D(3, 1), Flatten(), Dense(3, "softmax")], n_x=36
    )
    described = [(layer["type"], layer.get("stride")) for layer in network.description()["layers"]]
    assert described[1:3] == [("max_pool2d", 2), ("max_pool2d", 1)]


@pytest.mark.parametrize(
    "other, words",
    [
        ([Conv2D(2, 3, 1, 1), MaxPool2D(2, 2)], None),
        (
            [Conv2D(2, 3, 2, 2), MaxPool2D(2, 1)],
            "the layers conv2d kernel 3 stride 1 padding 1, max_pool2d size 2 stride 2, "
            "but here they are conv2d kernel 3 stride 2 padding 2, max_pool2d size 2 stride 1.",
        ),
        (
            [Conv2D(2, 3, 1, 1), AvgPool2D(2)],
            "the layers max_pool2d size 2 stride 2, but here they are avg_pool2d size 2 stride 2.",
        ),
        ([Conv2D(2, 3, 1, 1), MaxPool2D(2)], None),
        ([Conv2D(2, 3, 2, 1), Flatten()], "max_pool2d size 2 stride 2"),
    ],
)
def test_settings_that_no_shape_shows_are_told(other, words, trained, tmp_path):
    """Of all these networks the weights have the same shapes, and yet they compute otherwise."""

    def network(layers):
        first, last = Reshape(1, 6, 6), [Flatten(), Dense(3, "softmax")]
        return trained([first, *layers, *last], n_x=36, scaled=False)

    there, here = network([Conv2D(2, 3, 1, 1), MaxPool2D(2, 2)]), network(other)
    assert list(there.plan.stored.values()) == list(here.plan.stored.values())
    none = Part(np.empty((0, 36)), np.empty((0, 3)))
    dataset = Dataset(here.info, none, none, none, here.scaling)
    npz.save(tmp_path / "w.npz", there)
    told = [str(message) for message in npz.disagreements(tmp_path / "w.npz", here.plan, dataset)]
    assert len(told) == (words is not None)
    assert words is None or words in told[0]
