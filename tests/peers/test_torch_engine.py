"""PyTorch computes the same: costs and weights over many updates, in float64."""

import numpy as np
import pytest

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import Dense
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

pytestmark = pytest.mark.peers
torch = pytest.importorskip("torch")
# Networks this small gain nothing from threads, and on a busy machine wait for each other.
torch.set_num_threads(1)

MODULES = {
    "linear": torch.nn.Identity,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "elu": torch.nn.ELU,
    "gelu": lambda: torch.nn.GELU(approximate="tanh"),
    "softplus": torch.nn.Softplus,
    "silu": torch.nn.SiLU,
    "softmax": lambda: torch.nn.Softmax(dim=1),
}
COSTS = {
    "binary_cross_entropy": lambda P, Y: torch.nn.functional.binary_cross_entropy_with_logits(
        P, Y, reduction="sum"
    ),
    "cross_entropy": lambda P, Y: torch.nn.functional.cross_entropy(P, Y, reduction="sum"),
    "mse": lambda P, Y: torch.nn.functional.mse_loss(P, Y, reduction="sum") / 2,
    "mae": lambda P, Y: torch.nn.functional.l1_loss(P, Y, reduction="sum"),
    "huber": lambda P, Y: torch.nn.functional.huber_loss(P, Y, reduction="sum"),
}
OUTPUTS = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}


class Momentum(torch.optim.Optimizer):
    """The course's v := βv + (1 − β) dW, which PyTorch does not have."""

    def __init__(self, parameters, lr):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                v = self.state[parameter].setdefault("v", torch.zeros_like(parameter))
                v.mul_(0.9).add_(parameter.grad, alpha=0.1)
                parameter.sub_(group["lr"] * v)


PEERS = {"gd": torch.optim.SGD, "momentum": Momentum, "adam": torch.optim.Adam}


def batch(loss, k):
    rng = np.random.default_rng(k)
    X = rng.normal(size=(16, 5))
    if loss in OUTPUTS:
        return X, np.eye(3)[rng.integers(0, 3, 16)]
    return X, rng.normal(size=(16, 3))


def compare(hidden, loss, optimizer, updates, l2=0.0, rate=0.02):
    layers = [Dense(8, hidden, "xavier"), Dense(6, hidden, "xavier")]
    layers.append(Dense(3, OUTPUTS.get(loss, "linear"), "xavier"))
    program = Program(chain(5, layers, loss), dtype="float64", seed=3)
    linear = [torch.nn.Linear(*sizes).double() for sizes in ((5, 8), (8, 6), (6, 3))]
    start = program.weights()
    with torch.no_grad():
        for number, module in enumerate(linear, start=1):
            module.weight.copy_(torch.from_numpy(start[f"n{number}.W"]))
            module.bias.copy_(torch.from_numpy(start[f"n{number}.b"][:, 0]))
    g = MODULES[hidden]
    network = torch.nn.Sequential(linear[0], g(), linear[1], g(), linear[2])
    peer = PEERS[optimizer](network.parameters(), lr=rate)
    ours = OPTIMIZERS[optimizer](program, learning_rate=rate)
    for k in range(updates):
        X, Y = batch(loss, k % 7)
        peer.zero_grad()
        cost = COSTS[loss](network(torch.from_numpy(X)), torch.from_numpy(Y)) / len(X)
        if l2:
            squares = sum((module.weight**2).sum() for module in linear)
            cost = cost + l2 / (2 * len(X)) * squares
        cost.backward()
        peer.step()
        assert program.update(X, Y, ours, l2) == pytest.approx(cost.item(), rel=1e-9, abs=1e-12)
    weights = program.weights()
    for number, module in enumerate(linear, start=1):
        np.testing.assert_allclose(
            weights[f"n{number}.W"], module.weight.detach().numpy(), rtol=1e-9, atol=1e-9
        )
        np.testing.assert_allclose(
            weights[f"n{number}.b"][:, 0], module.bias.detach().numpy(), rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_every_activation(hidden):
    compare(hidden, "cross_entropy", "gd", 200)


@pytest.mark.parametrize("loss", COSTS)
def test_every_loss(loss):
    compare("tanh", loss, "gd", 200)


@pytest.mark.parametrize("optimizer", PEERS)
@pytest.mark.parametrize("l2", [0.0, 0.5])
def test_every_optimizer_with_and_without_l2(optimizer, l2):
    compare("tanh", "cross_entropy", optimizer, 500, l2)


def test_two_threads_share_a_large_update():
    layers = [Dense(500, "relu", "he"), Dense(10, "softmax", "he")]
    program = Program(chain(500, layers, "cross_entropy"), dtype="float64")
    start = program.weights()
    parameters = [torch.from_numpy(array).requires_grad_() for array in start.values()]
    W1, b1, W2, b2 = parameters
    peer = torch.optim.Adam(parameters, lr=1e-3)
    ours = OPTIMIZERS["adam"](program, learning_rate=1e-3)
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(32, 500)), np.eye(10)[rng.integers(0, 10, 32)]
    for _ in range(10):
        peer.zero_grad()
        Z = torch.relu(torch.from_numpy(X) @ W1.T + b1.T) @ W2.T + b2.T
        cost = torch.nn.functional.cross_entropy(Z, torch.from_numpy(Y))
        cost.backward()
        peer.step()
        assert program.update(X, Y, ours) == pytest.approx(cost.item(), rel=1e-9)
