"""Keras weights: a model of the same layers, built by hand, takes them in."""

from __future__ import annotations

import os

import numpy as np
import pytest

from netbuilder.engine.layers import Dense
from netbuilder.exchange import keras_file

h5py = pytest.importorskip("h5py")


@pytest.mark.peers
def test_weights_alone_load_into_a_model_of_the_same_layers(trained, X, predict, tmp_path):
    pytest.importorskip("torch")
    os.environ["KERAS_BACKEND"] = "torch"
    keras = pytest.importorskip("keras")
    network = trained([Dense(4, "tanh"), Dense(3, "softmax")])
    keras_file.save_weights(tmp_path / "n.weights.h5", network)
    own = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Normalization(),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    own.load_weights(tmp_path / "n.weights.h5")
    found = own(X.astype(np.float32), training=False).detach().cpu().numpy()
    np.testing.assert_allclose(found, predict(network, X), atol=1e-5)


def test_they_are_the_weights_of_the_whole_model(trained, tmp_path):
    network = trained([Dense(4, "tanh"), Dense(3, "softmax")])
    keras_file.save_weights(tmp_path / "n.weights.h5", network)
    with h5py.File(tmp_path / "n.weights.h5") as file:
        assert sorted(file["layers"]) == ["dense", "dense_1", "input_layer", "normalization"]
        assert file["layers/dense/vars/0"].shape == (5, 4)
