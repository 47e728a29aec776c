"""Random networks of all layers: onnxruntime and Keras give what the engine gives."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data.dataset import DataInfo
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import LAYERS, Layer, ShapeError
from netbuilder.engine.layers import (
    Activation,
    Add,
    AvgPool2D,
    BatchNorm,
    Concatenate,
    Conv2D,
    Cost,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    Input,
    LayerNorm,
    MaxPool2D,
    Multiply,
    Reshape,
)
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.engine.program import Program
from netbuilder.exchange import keras_file, onnx_file
from netbuilder.exchange.trained import Trained

FUNCTIONS = st.sampled_from(list(ACTIVATIONS))
FEW = st.integers(1, 3)
IMAGE = (2, 6, 5)
N_X = 60

KINDS: dict[str, st.SearchStrategy[Layer]] = {
    "activation": st.builds(Activation, FUNCTIONS),
    "add": st.just(Add()),
    "avg_pool2d": st.builds(AvgPool2D, FEW, st.integers(0, 3)),
    "batch_norm": st.builds(BatchNorm, epsilon=st.sampled_from([1e-5, 0.1])),
    "concatenate": st.just(Concatenate()),
    "conv2d": st.builds(Conv2D, FEW, FEW, FEW, st.integers(0, 2), FUNCTIONS),
    "dense": st.builds(Dense, st.integers(1, 6), FUNCTIONS),
    "dropout": st.just(Dropout(0.5)),
    "flatten": st.just(Flatten()),
    "global_avg_pool2d": st.just(GlobalAvgPool2D()),
    "layer_norm": st.builds(LayerNorm, epsilon=st.sampled_from([1e-5, 0.1])),
    "max_pool2d": st.builds(MaxPool2D, FEW, st.integers(0, 3)),
    "multiply": st.just(Multiply()),
    "reshape": st.just(Reshape(*IMAGE)),
}


def test_every_kind_of_layer_is_drawn():
    assert set(KINDS) == {kind for kind, layer in LAYERS.items() if layer.in_palette}


@st.composite
def networks(draw: st.DrawFn) -> Plan:
    """Any layer is fed by any before it that it can take; at the end all that is loose is joined.

    Half of them are chains, in which nothing is joined.
    """
    nodes = [PlanNode("data", "Data", Input(), (), (N_X,), {})]
    chain = draw(st.booleans())
    fed: set[str] = set()

    def add(layer: Layer, sources: list[PlanNode]) -> None:
        # Where a layer cannot take what it was given, there is one layer less.
        with contextlib.suppress(ShapeError):
            id = f"n{len(nodes)}"
            nodes.append(PlanNode.of(id, f"{layer.title} {len(nodes)}", layer, sources))
            fed.update(nodes[-1].inputs)

    def loose() -> list[PlanNode]:
        return [node for node in nodes if node.id not in fed]

    if draw(st.booleans()):
        add(Reshape(*IMAGE), nodes)
    for _ in range(draw(st.integers(1, 8))):
        layer = draw(st.sampled_from(list(KINDS)).flatmap(KINDS.__getitem__))
        source = nodes[-1] if chain else draw(st.sampled_from(nodes))
        if layer.max_inputs == 1:
            add(layer, [source])
        elif not chain:
            alike = [node for node in nodes if len(node.shape) == len(source.shape)]
            if isinstance(layer, Add | Multiply):
                alike = [node for node in alike if node.shape == source.shape]
            add(layer, [source, *draw(st.lists(st.sampled_from(alike), min_size=1, max_size=2))])
    for node in loose():
        if len(node.shape) > 1:
            add(Flatten(), [node])
    if len(loose()) > 1:
        add(Concatenate(), loose())
    add(Dense(3, "softmax"), loose())
    cost = PlanNode.of("cost", "Cost", Cost("cross_entropy"), [nodes[-1]])
    return Plan((*nodes, cost), "cross_entropy")


def made_up(plan: Plan, seed: int) -> tuple[Trained, np.ndarray, np.ndarray]:
    """Weights for a plan, and 9 examples with their Ŷ."""
    rng = np.random.default_rng(seed)
    info = DataInfo(
        "made up", 9, tuple(map(str, range(N_X))), ("kind",), "classes", ("a", "b", "c")
    )
    program = Program(plan, dtype="float32", seed=seed)
    weights = program.weights()
    for key, array in weights.items():
        if not key.endswith(".W"):
            array[...] = rng.uniform(0.5, 1.5, array.shape)
    program.load(weights)
    X = rng.normal(size=(9, N_X)).astype(np.float32)
    return Trained(plan, weights, info, None), X, program.predict(X)


@given(networks(), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_onnxruntime_computes_any_network(plan: Plan, seed: int):
    trained, X, expected = made_up(plan, seed)
    session = onnxruntime.InferenceSession(
        onnx_file.build_matrix(trained).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(None, {"features": X})
    np.testing.assert_allclose(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore::UserWarning")  # torch's own, at odd shapes
@given(networks(), st.integers(0, 1000))
@settings(max_examples=12, deadline=None)
def test_keras_computes_any_network(plan: Plan, seed: int):
    """Keras numbers the weights of a graph in an order of its own."""
    pytest.importorskip("torch")
    os.environ["KERAS_BACKEND"] = "torch"
    keras = pytest.importorskip("keras")
    trained, X, expected = made_up(plan, seed)
    with tempfile.TemporaryDirectory() as folder:
        keras_file.save(Path(folder) / "n.keras", trained)
        model = keras.models.load_model(Path(folder) / "n.keras")
    found = model(X, training=False).detach().cpu().numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5, rtol=1e-5)
