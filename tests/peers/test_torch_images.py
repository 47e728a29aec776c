"""PyTorch computes the same with images: costs and weights over 50 updates, in float64."""

import numpy as np
import pytest

from netbuilder.engine.layers import (
    AvgPool2D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    Reshape,
)
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

pytestmark = pytest.mark.peers
torch = pytest.importorskip("torch")
# Networks this small gain nothing from threads, and on a busy machine wait for each other.
torch.set_num_threads(1)

IMAGE, CLASSES, UPDATES = (2, 11, 9), 3, 50
ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "gelu": torch.nn.GELU}

NETWORKS = {
    "valid": [Conv2D(4, 3), MaxPool2D(2), Conv2D(3, 2, activation="tanh")],
    "same": [Conv2D(4, 3, padding=1), MaxPool2D(2), Conv2D(3, 5, padding=2, activation="tanh")],
    "strides": [Conv2D(4, 3, 2, 1), Conv2D(5, 2, 3, 2, "tanh"), Conv2D(3, 1, 2)],
    "wide padding": [Conv2D(3, 2, 1, 4, "tanh"), AvgPool2D(3), Conv2D(4, 4, 3, 3)],
    "overlapping windows": [MaxPool2D(3, 2), Conv2D(4, 2, activation="tanh"), AvgPool2D(2, 1)],
    "windows with gaps": [Conv2D(4, 2, activation="tanh"), MaxPool2D(2, 3), AvgPool2D(1, 2)],
    "means": [Conv2D(4, 3, 1, 1), AvgPool2D(2), Conv2D(6, 3, activation="tanh"), GlobalAvgPool2D()],
    "the largest of the mean": [AvgPool2D(2, 1), Conv2D(4, 3), MaxPool2D(4, 1), GlobalAvgPool2D()],
}


def peer_of(layer, channels):
    """The PyTorch modules of a layer, the one with the parameters first."""
    if isinstance(layer, Conv2D):
        arguments = channels, layer.filters, layer.kernel, layer.stride, layer.padding
        return [torch.nn.Conv2d(*arguments).double(), ACTIVATIONS[layer.activation]()]
    if isinstance(layer, MaxPool2D):
        return [torch.nn.MaxPool2d(layer.size, layer.stride or None)]
    if isinstance(layer, AvgPool2D):
        return [torch.nn.AvgPool2d(layer.size, layer.stride or None)]
    return [torch.nn.AdaptiveAvgPool2d(1)]


def both(layers, seed):
    """A program of ours and the PyTorch network with its weights, with the modules by step id."""
    layers = [*layers, *([] if isinstance(layers[-1], GlobalAvgPool2D) else [Flatten()])]
    plan = chain(
        int(np.prod(IMAGE)),
        [Reshape(*IMAGE), *layers, Dense(CLASSES, "softmax", "xavier")],
        "cross_entropy",
    )
    program = Program(plan, dtype="float64", seed=seed)
    modules, learning = [], {}
    for node in plan.nodes[2:-2]:
        if not isinstance(node.layer, Flatten):
            peers = peer_of(node.layer, plan.node(node.inputs[0]).shape[0])
            modules += peers
            if node.parameter_shapes:
                learning[node.id] = peers[0]
    output = plan.nodes[-2]
    linear = torch.nn.Linear(output.parameter_shapes["W"][1], CLASSES).double()
    learning[output.id] = linear
    with torch.no_grad():
        for id, module in learning.items():
            module.weight.copy_(torch.from_numpy(program.parameter(f"{id}.W")))
            module.bias.copy_(torch.from_numpy(program.parameter(f"{id}.b")[:, 0]))
    return program, torch.nn.Sequential(*modules, torch.nn.Flatten(), linear), learning


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_stride_and_padding(name, optimizer):
    program, network, learning = both(NETWORKS[name], seed=5)
    ours = OPTIMIZERS[optimizer](program, learning_rate=0.05)
    peer = {"gd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    peer = peer(network.parameters(), lr=0.05)
    rng = np.random.default_rng(1)
    costs = []
    for update in range(UPDATES):
        m = 1 + update % 5
        X = rng.normal(size=(m, np.prod(IMAGE)))
        Y = np.eye(CLASSES)[rng.integers(0, CLASSES, m)]
        peer.zero_grad()
        Z = network(torch.from_numpy(X.reshape(m, *IMAGE)))
        cost = torch.nn.functional.cross_entropy(Z, torch.from_numpy(Y))
        cost.backward()
        peer.step()
        costs.append(program.update(X, Y, ours))
        assert costs[-1] == pytest.approx(cost.item(), rel=1e-9, abs=1e-12)
    assert len(set(costs)) == UPDATES
    weights = program.weights()
    for id, module in learning.items():
        close = {"rtol": 1e-9, "atol": 1e-9}
        np.testing.assert_allclose(weights[f"{id}.W"], module.weight.detach().numpy(), **close)
        np.testing.assert_allclose(weights[f"{id}.b"][:, 0], module.bias.detach().numpy(), **close)


def test_the_gradient_of_equal_pixels_goes_to_the_same_one():
    """Behind a ReLU many pixels are zero, and after rounding to halves most are tied."""
    program, network, learning = both([Conv2D(3, 2), MaxPool2D(2), MaxPool2D(2, 1)], seed=2)
    rng = np.random.default_rng(3)
    X = rng.integers(-1, 2, (6, np.prod(IMAGE))).astype(float)
    Y = np.eye(CLASSES)[rng.integers(0, CLASSES, 6)]
    W = np.sign(program.parameter("n2.W")) / 2
    program.load({"n2.W": W})
    with torch.no_grad():
        learning["n2"].weight.copy_(torch.from_numpy(W))
    Z = network(torch.from_numpy(X.reshape(6, *IMAGE)))
    torch.nn.functional.cross_entropy(Z, torch.from_numpy(Y)).backward()
    _, gradients = program.gradient(X, Y)
    for id, module in learning.items():
        np.testing.assert_allclose(
            gradients[f"{id}.W"], module.weight.grad.numpy(), rtol=1e-9, atol=1e-12
        )
        np.testing.assert_allclose(
            gradients[f"{id}.b"][:, 0], module.bias.grad.numpy(), rtol=1e-9, atol=1e-12
        )
