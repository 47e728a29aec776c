"""safetensors: torch.nn.Sequential loads the file and computes what the engine computes."""

from __future__ import annotations

import json

import numpy as np
import pytest
import safetensors

from netbuilder.document.network import Edge, chain
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import Activation, Add, Dense, Dropout
from netbuilder.errors import UserError
from netbuilder.exchange import safetensors_file


def metadata(path) -> dict[str, str]:
    with safetensors.safe_open(path, "numpy") as file:
        return file.metadata()


def torch_output(path, X) -> np.ndarray:
    """What PyTorch makes of the file: the modules it lists, its tensors, its scaling."""
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    meta = metadata(path)
    modules = [eval(text, vars(torch.nn)) for text in json.loads(meta["modules"])]
    model = torch.nn.Sequential(*modules).double()
    model.load_state_dict(load_file(path), strict=True)
    model.eval()
    scaling = json.loads(meta["scaling"])
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


def test_a_join_is_refused_with_its_name(trained, tmp_path):
    network = chain([Dense(4, "tanh"), Dense(4, "relu"), Dense(3, "softmax")], "cross_entropy")
    first, second, last = (node.id for node in network.nodes if not node.fixed)
    network, join = network.insert(Add(), Edge(second, last), (0.0, 0.0))
    network = network.connect(first, join.id)
    with pytest.raises(UserError, match=r"Add 1 joins 2 inputs.*onnx or \.npz"):
        _save(trained(network), tmp_path)
    assert not list(tmp_path.iterdir())


def _save(network, folder):
    safetensors_file.save(folder / "w.safetensors", network)
