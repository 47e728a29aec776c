"""PyTorch normalises the same: parameters, running statistics and predictions of many updates."""

import numpy as np
import pytest

from netbuilder.engine.layers import BatchNorm, Dense, Flatten, LayerNorm, Reshape
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

pytestmark = pytest.mark.peers
torch = pytest.importorskip("torch")
# Networks this small gain nothing from threads, and on a busy machine wait for each other.
torch.set_num_threads(1)

IMAGE = (3, 2, 4)
PEERS = {"gd": torch.optim.SGD, "adam": torch.optim.Adam}
NORMS = {
    "batch_flat": (BatchNorm(), lambda: torch.nn.BatchNorm1d(24)),
    "batch_slow": (
        BatchNorm(momentum=0.99, epsilon=1e-3),
        lambda: torch.nn.BatchNorm1d(24, eps=1e-3, momentum=0.01),
    ),
    "batch_image": (BatchNorm(), lambda: torch.nn.BatchNorm2d(3)),
    "layer_flat": (LayerNorm(), lambda: torch.nn.LayerNorm(24)),
    "layer_image": (LayerNorm(epsilon=1e-3), lambda: torch.nn.LayerNorm(IMAGE, eps=1e-3)),
}


def close(found, expected):
    expected = expected.detach().numpy().reshape(found.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def batch(k):
    """Batches of 16, and of 5 as at the end of an epoch."""
    rng = np.random.default_rng(k)
    X = rng.normal(size=(5 if k % 4 == 3 else 16, 5))
    return X, np.sin(X[:, :3] * 2)


@pytest.mark.parametrize("optimizer", PEERS)
@pytest.mark.parametrize("name", NORMS)
def test_a_hundred_updates(name, optimizer):
    norm, module = NORMS[name]
    images = name.endswith("image")
    layers = [Dense(24, "tanh", "xavier"), *([Reshape(*IMAGE)] if images else []), norm]
    layers += [*([Flatten()] if images else []), Dense(3, "linear", "xavier")]
    id, last = f"n{layers.index(norm) + 1}", f"n{len(layers)}"
    program = Program(chain(5, layers, "mse"), dtype="float64", seed=3)
    first, norm_peer, second = torch.nn.Linear(5, 24), module(), torch.nn.Linear(24, 3)
    shaped = (
        [torch.nn.Unflatten(1, IMAGE), norm_peer, torch.nn.Flatten()] if images else [norm_peer]
    )
    network = torch.nn.Sequential(first, torch.nn.Tanh(), *shaped, second).double()
    start = program.weights()
    with torch.no_grad():
        for linear, key in ((first, "n1"), (second, last)):
            linear.weight.copy_(torch.from_numpy(start[f"{key}.W"]))
            linear.bias.copy_(torch.from_numpy(start[f"{key}.b"][:, 0]))

    peer = PEERS[optimizer](network.parameters(), lr=0.02)
    ours = OPTIMIZERS[optimizer](program, learning_rate=0.02)
    for k in range(100):
        X, Y = batch(k)
        peer.zero_grad()
        predicted = network(torch.from_numpy(X))
        cost = torch.nn.functional.mse_loss(predicted, torch.from_numpy(Y), reduction="sum")
        cost = cost / 2 / len(X)
        cost.backward()
        peer.step()
        assert program.update(X, Y, ours) == pytest.approx(cost.item(), rel=1e-9)

    weights = program.weights()
    close(weights[f"{id}.gamma"], norm_peer.weight)
    close(weights[f"{id}.beta"], norm_peer.bias)
    for linear, key in ((first, "n1"), (second, last)):
        close(weights[f"{key}.W"], linear.weight)
        close(weights[f"{key}.b"], linear.bias)
    if isinstance(norm, BatchNorm):
        close(weights[f"{id}.mean"], norm_peer.running_mean)
        close(weights[f"{id}.variance"], norm_peer.running_var)
    network.eval()
    X, _ = batch(200)
    close(program.predict(X), network(torch.from_numpy(X)))
    close(program.predict(X[:1]), network(torch.from_numpy(X[:1])))
