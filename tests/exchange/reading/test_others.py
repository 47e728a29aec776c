"""Files that Keras, torch and ONNX tools have written compute here what they compute there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import Project
from netbuilder.engine.layers import BatchNorm, Conv2D, Dense, Flatten, MaxPool2D, Reshape
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program
from netbuilder.exchange.reading.matching import all_of
from netbuilder.exchange.reading.readers import read
from netbuilder.exchange.reading.taking import adopted, without_data

rng = np.random.default_rng(0)


def answers(path: Path, X: np.ndarray) -> np.ndarray:
    contents = read(path)
    empty = Project(network_of((), "mse"), without_data(contents, path.name))
    found = adopted(contents, empty, path.name)
    X = X.astype(np.float64).reshape(len(X), -1)
    if contents.scaling is not None:
        X = contents.scaling.apply(X)
    return Program(found.plan, dtype="float64", weights=found.weights).predict(X)


def test_a_graph_as_other_tools_write_it(tmp_path: Path) -> None:
    """Images in, a scaling before them none, MatMul and Add for Gemm, SiLU in two nodes."""
    arrays = {
        "k": rng.normal(0, 0.3, size=(4, 2, 3, 3)),
        "kb": rng.normal(size=4),
        "w": rng.normal(0, 0.2, size=(4 * 3 * 2, 6)),
        "wb": rng.normal(size=(1, 6)),
        "v": rng.normal(size=(3, 6)),
        **{name: rng.uniform(0.5, 2, 4) for name in ("g", "be", "mu", "s2")},
        "row": np.array([0, -1]),
    }
    nodes = [
        helper.make_node("Conv", ["x", "k", "kb"], ["c"], pads=[1] * 4, kernel_shape=[3, 3]),
        helper.make_node("BatchNormalization", ["c", "g", "be", "mu", "s2"], ["n"], epsilon=1e-3),
        helper.make_node("Relu", ["n"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Reshape", ["p", "row"], ["f"]),
        helper.make_node("MatMul", ["f", "w"], ["d"]),
        helper.make_node("Add", ["wb", "d"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["gate"]),
        helper.make_node("Mul", ["z", "gate"], ["a"]),
        helper.make_node("Gemm", ["a", "v"], ["l"], transB=1),
        helper.make_node("Softmax", ["l"], ["y"], axis=1),
        helper.make_node("ArgMax", ["y"], ["label"], axis=1),
    ]
    types = {name: "i8" if name == "row" else "f4" for name in arrays}
    kept = [numpy_helper.from_array(a.astype(types[n]), n) for n, a in arrays.items()]
    infos = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["m", 2, 6, 5]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["m", 3]),
        helper.make_tensor_value_info("label", TensorProto.INT64, ["m", 1]),
    ]
    graph = helper.make_graph(nodes, "g", infos[:1], infos[1:], kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path / "n.onnx"
    path.write_bytes(model.SerializeToString())
    X = rng.normal(size=(7, 2, 6, 5)).astype("f4")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(answers(path, X), session.run(["y"], {"x": X})[0], atol=1e-6)


def shaken(model: Any) -> None:
    for variable in model.weights:
        if variable.dtype == "float32":
            variable.assign(rng.uniform(0.1, 0.8, variable.shape))


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")
def test_keras(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")

    layers = keras.layers
    images = [
        layers.Input((7, 6, 2)),
        layers.Conv2D(3, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.BatchNormalization(scale=False),
        layers.Flatten(),
        layers.LayerNormalization(),
        layers.Dense(5, activation="tanh"),
        layers.Dropout(0.3),
        layers.Dense(3, activation="softmax"),
    ]
    inputs = keras.Input((4,))
    scaled = layers.Normalization()
    scaled.adapt(rng.normal(3, 2, (50, 4)).astype("f4"))
    hidden = layers.Dense(6, activation="elu", use_bias=False)(scaled(inputs))
    rows = keras.Model(inputs, layers.Dense(1)(layers.LeakyReLU(negative_slope=0.01)(hidden)))
    for model, X in (
        (keras.Sequential(images), rng.normal(size=(5, 7, 6, 2))),
        (rows, rng.normal(3, 2, (5, 4))),
    ):
        if model is not rows:
            shaken(model)
        path = tmp_path / "n.keras"
        model.save(path)
        Y = model.predict(X.astype("f4"), verbose=0)
        ours = X.transpose(0, 3, 1, 2) if X.ndim == 4 else X
        np.testing.assert_allclose(answers(path, ours), Y, atol=2e-6)
    # Its weights alone, into the same network as it is drawn here.
    bare = keras.Sequential(
        [
            layers.Input((7, 6, 2)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    shaken(bare)
    bare.save_weights(tmp_path / "n.weights.h5")
    drawn = [Reshape(2, 7, 6), Conv2D(3, 3), BatchNorm(epsilon=1e-3), MaxPool2D(2)]
    plan = chain(84, [*drawn, Flatten(), Dense(3, "linear")], "mse")
    weights = all_of(read(tmp_path / "n.weights.h5"), plan, "n")
    X = rng.normal(size=(5, 7, 6, 2))
    ours = X.transpose(0, 3, 1, 2).reshape(5, -1)
    Y = Program(plan, dtype="float64", weights=weights).predict(ours)
    np.testing.assert_allclose(Y, bare.predict(X.astype("f4"), verbose=0), atol=2e-6)


@pytest.mark.peers
def test_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    nn = torch.nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(2, 3, 3, padding=1)
            self.norm = nn.BatchNorm2d(3)
            self.fc = nn.Linear(3 * 3 * 3, 4, bias=False)
            self.fc2 = nn.Linear(4, 3)

    net = Net().eval()
    with torch.no_grad():
        net.norm.running_mean.uniform_()
        net.norm.running_var.uniform_(0.5, 2)
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, tmp_path / "n.safetensors")
    drawn = [Reshape(2, 6, 6), Conv2D(3, 3, 1, 1, "linear"), BatchNorm(), MaxPool2D(2), Flatten()]
    plan = chain(72, [*drawn, Dense(4, "tanh"), Dense(3, "linear")], "mse")
    weights = all_of(read(tmp_path / "n.safetensors"), plan, "n")
    X = rng.normal(size=(5, 2, 6, 6))
    with torch.no_grad():
        pooled = nn.functional.max_pool2d(net.norm(net.conv(torch.tensor(X).float())), 2)
        theirs = net.fc2(torch.tanh(net.fc(pooled.flatten(1)))).numpy()
    Y = Program(plan, dtype="float64", weights=weights).predict(X.reshape(5, -1))
    np.testing.assert_allclose(Y, theirs, atol=2e-6)
    half = {k: v.to(torch.bfloat16) for k, v in net.state_dict().items() if "norm" not in k}
    save_file(half, tmp_path / "h.safetensors")
    held = {h.name: h for g in read(tmp_path / "h.safetensors").groups for h in g.arrays.values()}
    np.testing.assert_array_equal(
        held["fc.weight"].values, net.fc.weight.detach().bfloat16().float().numpy()
    )
