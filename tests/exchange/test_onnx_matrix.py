"""ONNX as one matrix: onnxruntime takes raw features and gives what the engine gives."""

from __future__ import annotations

import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest

from netbuilder.data.dataset import Scaling
from netbuilder.document.model.network import Edge, Network, network_of
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import (
    Activation,
    Add,
    BatchNorm,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    Multiply,
    Reshape,
)
from netbuilder.errors import UserError
from netbuilder.exchange import onnx_file
from netbuilder.exchange.onnx_layers import OPERATORS
from netbuilder.exchange.trained import Trained


def runtime_output(path, X) -> np.ndarray:
    """What onnxruntime makes of the file, checked in full before."""
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (features,) = session.get_inputs()
    dtype = {"tensor(float)": np.float32, "tensor(double)": np.float64}[features.type]
    found = session.run(None, {features.name: X.astype(dtype)})
    assert all(output.dtype in (np.float32, object) for output in found)
    return found[0] if len(found) == 1 else found


def prove(network, X, predict, folder) -> None:
    """The bare matrix gives Ŷ itself."""
    onnx_file.save_matrix(folder / "n.onnx", network)
    np.testing.assert_allclose(
        runtime_output(folder / "n.onnx", X), predict(network, X), atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_onnxruntime_computes_the_same(hidden, trained, predict, X, tmp_path):
    layers = [Dense(7, hidden), Dropout(0.3), Dense(4, "linear"), Activation(hidden)]
    prove(trained([*layers, Dense(3, "softmax")]), X, predict, tmp_path)


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("task, output", [("binary", "sigmoid"), ("regression", "linear")])
def test_onnxruntime_computes_the_other_tasks(task, output, scaled, trained, predict, X, tmp_path):
    layers = [Dense(4, "tanh"), Dense(1 if task == "binary" else 2, output)]
    prove(trained(layers, task, scaled=scaled), X, predict, tmp_path)


def test_onnxruntime_computes_every_layer(chain_of_all, images, predict, tmp_path):
    prove(chain_of_all, images, predict, tmp_path)


def test_branches(trained, branches, predict, X, tmp_path):
    prove(trained(branches), X, predict, tmp_path)


def image_branches() -> Network:
    """A residual block with a gate, beside pooled pixels: images that part and come together."""
    layers = [Reshape(1, 8, 8), Conv2D(4, 3, 1, 1), BatchNorm(), Conv2D(4, 3, 1, 1, "linear")]
    network = network_of([*layers, GlobalAvgPool2D(), Dense(3, "softmax")], "cross_entropy")
    image, first, _, second, mean, _ = (node.id for node in network.nodes if not node.fixed)
    network, total = network.insert(Add(), Edge(second, mean), (0.0, 0.0))
    network = network.connect(first, total.id)
    network, product = network.insert(Multiply(), Edge(total.id, mean), (0.0, 0.0))
    network, gate = network.add(Conv2D(4, 1, activation="sigmoid"), (0.0, 0.0))
    network = network.connect(image, gate.id).connect(gate.id, product.id)
    network, small = network.insert(MaxPool2D(3), Edge(product.id, mean), (0.0, 0.0))
    network, beside = network.insert(Concatenate(), Edge(small.id, mean), (0.0, 0.0))
    network, pixels = network.add(MaxPool2D(4, 3), (0.0, 0.0))
    return network.connect(image, pixels.id).connect(pixels.id, beside.id)


def test_branches_of_images(trained, predict, tmp_path):
    network = trained(image_branches(), n_x=64)
    assert network.plan.nodes[-3].shape == (5,)
    X = np.random.default_rng(4).normal(3.0, 4.0, (20, 64))
    prove(network, X, predict, tmp_path)


def test_layers_may_be_called_anything(trained, branches, predict, X, tmp_path):
    """Names become tensor names, which must differ from each other and from those of the model."""
    network = branches
    names = ["probabilities", "features", "scaled", "花 ß", "W"]
    for node, name in zip([n for n in network.nodes if not n.fixed], names, strict=False):
        network = network.rename(node.id, name)
    prove(trained(network), X, predict, tmp_path)
    assert [output.name for output in onnx.load(tmp_path / "n.onnx").graph.output] == [names[0]]
    assert onnx_file.build(trained(network)).graph.output[0].name == "label"


def test_features_far_from_zero_keep_their_digits(trained, predict, tmp_path):
    """Seconds since 1970 differ by less than float32 can tell: the model then takes float64."""
    network = trained([Dense(4, "tanh"), Dense(3, "softmax")], n_x=2)
    scaling = Scaling(np.array([1.7e9, 2000.0]), np.array([30.0, 10.0]))
    network = Trained(network.plan, network.weights, network.info, scaling)
    X = scaling.undo(np.random.default_rng(0).normal(size=(30, 2)))
    prove(network, X, predict, tmp_path)
    (features,) = onnx.load(tmp_path / "n.onnx").graph.input
    assert features.type.tensor_type.elem_type == onnx.TensorProto.DOUBLE


def test_a_norm_of_numbers_far_from_zero_keeps_their_digits(trained, predict, X, tmp_path):
    """Seconds since midnight, not scaled, of examples that lie within a few seconds."""
    network = trained([BatchNorm(), Dense(3, "softmax")], scaled=False)
    (norm, _) = network.plan.layer_numbers
    network.weights[f"{norm}.mean"][...] = 40_000.0
    network.weights[f"{norm}.variance"][...] = 9.0
    prove(network, np.round(40_000.0 + X), predict, tmp_path)


def test_a_layer_that_nobody_has_taught_to_travel_is_refused(trained, tmp_path, monkeypatch):
    monkeypatch.delitem(OPERATORS._rows, "flatten")
    with pytest.raises(UserError, match=r"Flatten 1 is a Flatten layer.*\.npz"):
        onnx_file.save(tmp_path / "n.onnx", trained([Flatten(), Dense(3, "softmax")]))
    assert not list(tmp_path.iterdir())


def test_more_than_two_gigabytes_are_refused_before_anything_is_built(trained, tmp_path):
    network = trained([Dense(4, "tanh"), Dense(3, "softmax")])
    object.__setattr__(network.plan, "stored_count", 600_000_000)
    with pytest.raises(UserError, match=r"2\.2 GB.*at most 2 GB"):
        onnx_file.save(tmp_path / "n.onnx", network)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("output, name", [("sigmoid", "probabilities"), ("linear", "predictions")])
def test_the_output_is_called_what_it_is(output, name, trained, tmp_path):
    onnx_file.save_matrix(tmp_path / "n.onnx", trained([Dense(1, output)], "binary", loss="mse"))
    model = onnx.load(tmp_path / "n.onnx")
    assert [found.name for found in model.graph.output] == [name]
    assert [node.op_type for node in model.graph.node][:2] == ["Sub", "Div"]
    assert [imported.domain for imported in model.opset_import] == [""]


def test_predictions_come_in_the_targets_own_units(trained, predict, X, tmp_path):
    network = trained([Dense(4, "tanh"), Dense(2, "linear")], "regression")
    units = Scaling(np.array([350_000.0, -2e-4]), np.array([8_000.0, 3e-5]))
    onnx_file.save_matrix(tmp_path / "n.onnx", dataclasses.replace(network, target_scaling=units))
    found = runtime_output(tmp_path / "n.onnx", X)
    np.testing.assert_allclose(units.apply(found), predict(network, X), atol=1e-4)
