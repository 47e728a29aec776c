"""safetensors: torch.nn.Sequential loads the file and computes what the engine computes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import safetensors

from netbuilder.document.model.network import Edge, network_of
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import (
    Activation,
    Add,
    AvgPool2D,
    BatchNorm,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    GlobalAvgPool2D,
    LayerNorm,
    MaxPool2D,
    Multiply,
    Reshape,
)
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.program import Program
from netbuilder.exchange import safetensors_file


def metadata(path) -> dict[str, str]:
    with safetensors.safe_open(path, "numpy") as file:
        return file.metadata()


def torch_model(path) -> Any:
    """The modules that the file lists, in float64, with its tensors."""
    import torch
    from safetensors.torch import load_file

    modules = [eval(text, vars(torch.nn)) for text in json.loads(metadata(path)["modules"])]
    model = torch.nn.Sequential(*modules).double()
    model.load_state_dict(load_file(path), strict=True)
    return model


def torch_output(path, X) -> np.ndarray:
    """What PyTorch makes of the file, scaling included."""
    torch = pytest.importorskip("torch")
    model = torch_model(path).eval()
    scaling = json.loads(metadata(path)["scaling"])
    if scaling is not None:
        X = (X - np.array(scaling["shift"])) / np.array(scaling["scale"])
    with torch.no_grad():
        return model(torch.from_numpy(X)).numpy()


@pytest.mark.peers
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_torch_computes_the_same(hidden, trained, predict, X, tmp_path):
    network = trained([Dense(7, hidden), Dropout(0.3), Dense(4, hidden), Dense(3, "softmax")])
    safetensors_file.save(tmp_path / "w.safetensors", network)
    np.testing.assert_allclose(
        torch_output(tmp_path / "w.safetensors", X), predict(network, X), atol=1e-5
    )


@pytest.mark.peers
@pytest.mark.parametrize("task, output", [("binary", "sigmoid"), ("regression", "linear")])
def test_torch_computes_the_other_tasks(task, output, trained, predict, X, tmp_path):
    layers = [Dense(4), Activation("silu"), Dense(1 if task == "binary" else 2, output)]
    network = trained(layers, task, scaled=False, dtype="float32")
    safetensors_file.save(tmp_path / "w.safetensors", network)
    np.testing.assert_allclose(
        torch_output(tmp_path / "w.safetensors", X), predict(network, X), atol=1e-5
    )


@pytest.mark.peers
def test_torch_computes_every_layer(chain_of_all, images, predict, tmp_path):
    safetensors_file.save(tmp_path / "w.safetensors", chain_of_all)
    np.testing.assert_allclose(
        torch_output(tmp_path / "w.safetensors", images), predict(chain_of_all, images), atol=1e-5
    )


def test_every_module_takes_an_index(trained, tmp_path):
    layers = [Dense(7, "tanh"), Dropout(0.3), Dense(4, "linear"), Activation("gelu")]
    network = trained([*layers, Dense(3, "softmax")], dtype="float32")
    safetensors_file.save(tmp_path / "w.safetensors", network)
    with safetensors.safe_open(tmp_path / "w.safetensors", "numpy") as file:
        shapes = {name: file.get_tensor(name).shape for name in file.offset_keys()}
        assert file.get_tensor("0.weight").dtype == np.float32
    assert shapes == {
        "0.weight": (7, 5),
        "0.bias": (7,),
        "3.weight": (4, 7),
        "3.bias": (4,),
        "5.weight": (3, 4),
        "5.bias": (3,),
    }
    assert json.loads(metadata(tmp_path / "w.safetensors")["modules"]) == [
        "Linear(5, 7)",
        "Tanh()",
        "Dropout(0.3)",
        "Linear(7, 4)",
        "GELU(approximate='tanh')",
        "Linear(4, 3)",
        "Softmax(dim=1)",
    ]


def test_modules_without_an_activation_and_with_statistics(trained, tmp_path):
    layers = [Reshape(2, 6, 5), Conv2D(4, 3, 2, 1, "linear"), BatchNorm(0.8, 0.01), MaxPool2D(2)]
    layers += [LayerNorm(), AvgPool2D(1, 2), GlobalAvgPool2D(), BatchNorm()]
    network = trained([*layers, Dense(3, "softmax")], n_x=60, dtype="float32")
    safetensors_file.save(tmp_path / "w.safetensors", network)
    assert json.loads(metadata(tmp_path / "w.safetensors")["modules"]) == [
        "Unflatten(1, (2, 6, 5))",
        "Conv2d(2, 4, 3, stride=2, padding=1)",
        "BatchNorm2d(4, eps=0.01, momentum=0.2)",
        "MaxPool2d(2, 2)",
        "LayerNorm([4, 1, 1], eps=1e-05)",
        "AvgPool2d(1, 2)",
        "AdaptiveAvgPool2d(1)",
        "Flatten()",
        "BatchNorm1d(4, eps=1e-05, momentum=0.1)",
        "Linear(4, 3)",
        "Softmax(dim=1)",
    ]
    with safetensors.safe_open(tmp_path / "w.safetensors", "numpy") as file:
        found = {name: file.get_tensor(name) for name in file.offset_keys()}
    norm = {"weight": (4,), "bias": (4,), "running_mean": (4,), "running_var": (4,)}
    norm["num_batches_tracked"] = ()
    assert {name: array.shape for name, array in found.items()} == {
        **{"1.weight": (4, 2, 3, 3), "1.bias": (4,)},
        **{f"2.{name}": shape for name, shape in norm.items()},
        **{"4.weight": (4, 1, 1), "4.bias": (4, 1, 1)},
        **{f"8.{name}": shape for name, shape in norm.items()},
        **{"9.weight": (3, 4), "9.bias": (3,)},
    }
    assert found["2.num_batches_tracked"].dtype == np.int64


@pytest.mark.peers
@pytest.mark.parametrize("momentum", [0.0, 0.8, 0.9])
def test_training_goes_on_in_torch_with_the_same_momentum(momentum, trained, predict, X, tmp_path):
    """The first batch moves the running statistics in torch as it would here."""
    torch = pytest.importorskip("torch")
    network = trained([BatchNorm(momentum), Dense(3, "softmax")], scaled=False)
    (norm, _) = network.plan.layer_numbers
    program = Program(network.plan, dtype="float64", weights=network.weights)
    program.update(X, np.eye(3)[np.arange(len(X)) % 3], OPTIMIZERS["gd"](program))
    safetensors_file.save(tmp_path / "w.safetensors", network)
    model = torch_model(tmp_path / "w.safetensors")
    model.train()(torch.from_numpy(X))
    for name, running in (("mean", "running_mean"), ("variance", "running_var")):
        np.testing.assert_allclose(
            program.weights()[f"{norm}.{name}"][:, 0], model.state_dict()[f"0.{running}"].numpy()
        )


def test_scaling_and_class_names_travel_along(trained, tmp_path):
    network = trained([Dense(3, "softmax")])
    safetensors_file.save(tmp_path / "w.safetensors", network)
    meta = metadata(tmp_path / "w.safetensors")
    assert json.loads(meta["class_names"]) == list(network.info.class_names)
    assert json.loads(meta["scaling"])["scale"] == network.scaling.scale.tolist()
    assert "(x - shift) / scale" in meta["use"]
    assert meta["loss"] == "cross_entropy"


def test_without_scaling_the_note_does_not_ask_for_it(trained, tmp_path):
    safetensors_file.save(tmp_path / "w.safetensors", trained([Dense(3, "softmax")], scaled=False))
    assert "shift" not in metadata(tmp_path / "w.safetensors")["use"]


@pytest.mark.peers
def test_torch_computes_branches_by_the_class_in_the_metadata(trained, predict, X, tmp_path):
    """Add, Multiply and Concatenate, and layers that are several modules, or none."""
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    layers = [Dense(5, "tanh"), Activation("linear"), Dense(5, "gelu"), Dense(3, "softmax")]
    network = network_of(layers, "cross_entropy")
    first, idle, second, last = (node.id for node in network.nodes if not node.fixed)
    before = second
    for join, other in ((Add(), idle), (Multiply(), first), (Concatenate(), second)):
        network, node = network.insert(join, Edge(before, last), (0.0, 0.0))
        network, before = network.connect(other, node.id), node.id
    graph = trained(network)
    safetensors_file.save(tmp_path / "w.safetensors", graph)
    found: dict[str, Any] = {"torch": torch, "nn": torch.nn}
    meta = metadata(tmp_path / "w.safetensors")
    assert "modules" not in meta and "the class in module" in meta["use"]
    exec(meta["module"], found)
    model = found["Network"]().double()
    model.load_state_dict(load_file(tmp_path / "w.safetensors"), strict=True)
    scaled = torch.from_numpy(graph.scaling.apply(X))
    with torch.no_grad():
        output = model.eval()(scaled).numpy()
    np.testing.assert_allclose(output, predict(graph, X), atol=1e-5)
