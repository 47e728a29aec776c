"""NPZ of every layer: NumPy alone predicts from the arrays and their description, and back again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.exchange import npz

# The consumer: as in test_npz.py, written from the file's description alone. Examples are rows.
FUNCTIONS = {
    "linear": lambda Z: Z,
    "tanh": np.tanh,
    "relu": lambda Z: np.maximum(Z, 0),
    "softmax": lambda Z: np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True),
}


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
