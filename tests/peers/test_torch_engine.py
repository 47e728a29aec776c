"""PyTorch computes the same: costs and weights over many updates, in float64."""

import numpy as np
import pytest

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import Activation, Add, Concatenate, Cost, Dense, Input, Multiply
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS, THREADED_ABOVE
from netbuilder.engine.plan import Plan, PlanNode, chain
from netbuilder.engine.program import Program

pytestmark = pytest.mark.peers
torch = pytest.importorskip("torch")
# Networks this small gain nothing from threads, and on a busy machine wait for each other.
torch.set_num_threads(1)
F = torch.nn.functional

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
    "binary_cross_entropy": lambda P, Y: F.binary_cross_entropy_with_logits(P, Y, reduction="sum"),
    "cross_entropy": lambda P, Y: F.cross_entropy(P, Y, reduction="sum"),
    "mse": lambda P, Y: F.mse_loss(P, Y, reduction="sum") / 2,
    "mae": lambda P, Y: F.l1_loss(P, Y, reduction="sum"),
    "huber": lambda P, Y: F.huber_loss(P, Y, reduction="sum"),
}
OUTPUTS = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
BETA = 0.9


def sgd(parameters, rate, **settings):
    # PyTorch's momentum is a sum of gradients, the course's a mean: 1 − β times as large.
    return torch.optim.SGD(parameters, rate * (1 - BETA), momentum=BETA, **settings)


PEERS = {
    "gd": lambda parameters, rate: torch.optim.SGD(parameters, rate),
    "momentum": sgd,
    "nesterov": lambda parameters, rate: sgd(parameters, rate, nesterov=True),
    "rmsprop": lambda parameters, rate: torch.optim.RMSprop(parameters, rate, BETA, 1e-8),
    "adam": lambda parameters, rate: torch.optim.Adam(parameters, rate, (BETA, 0.999)),
    "adamw": lambda parameters, rate: torch.optim.AdamW(
        parameters, rate, (BETA, 0.999), weight_decay=0.0
    ),
}


def batch(loss, k):
    """Batches of several sizes in turn."""
    rng = np.random.default_rng(k)
    m = (16, 16, 5, 16, 9, 1, 16)[k]
    X = rng.normal(size=(m, 5))
    if loss in OUTPUTS:
        return X, np.eye(3)[rng.integers(0, 3, m)]
    return X, rng.normal(size=(m, 3))


def linear(program, id):
    """A torch layer with the program's weights."""
    weights = program.weights()
    W, b = weights[f"{id}.W"], weights[f"{id}.b"]
    module = torch.nn.Linear(W.shape[1], W.shape[0]).double()
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(W))
        module.bias.copy_(torch.from_numpy(b[:, 0]))
    return module


def same_weights(program, modules):
    weights = program.weights()
    for id, module in modules.items():
        for name, theirs in (("W", module.weight), ("b", module.bias)):
            ours = weights[f"{id}.{name}"].reshape(theirs.shape)
            np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-9)


def train_both(
    program,
    modules,
    forward,
    loss,
    optimizer="gd",
    updates=200,
    rate=0.02,
    l2=0.0,
    l1=0.0,
    clip=0.0,
):
    """Updates both from the same batches; every cost agrees, and in the end every weight.

    ``forward`` gives torch's output, before its activation where the loss takes logits.
    """
    W = [module.weight for module in modules.values()]
    b = [module.bias for module in modules.values()]
    peer = PEERS[optimizer]([{"params": W}, {"params": b}], rate)
    ours = OPTIMIZERS[optimizer](program, learning_rate=rate, beta=BETA, clip_norm=clip)
    cost_of = loss if callable(loss) else COSTS[loss]
    for k in range(updates):
        X, Y = batch(program.plan.loss, k % 7)
        m = len(X)
        peer.zero_grad()
        cost = cost_of(forward(torch.from_numpy(X)), torch.from_numpy(Y)) / m
        if optimizer == "adamw":
            peer.param_groups[0]["weight_decay"] = l2 / m
        else:
            cost = cost + l2 / (2 * m) * sum((weight**2).sum() for weight in W)
        cost = cost + l1 / m * sum(weight.abs().sum() for weight in W)
        cost.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([*W, *b], clip)
        peer.step()
        found = program.update(X, Y, ours, l2, l1)
        assert found == pytest.approx(cost.item(), rel=1e-9, abs=1e-12)
    same_weights(program, modules)


def compare(hidden="tanh", loss="cross_entropy", *, class_weights=(), cost=None, **settings):
    """Two hidden layers, 5-8-6-3."""
    layers = [Dense(8, hidden, "xavier"), Dense(6, hidden, "xavier")]
    layers.append(Dense(3, OUTPUTS.get(loss, "linear"), "xavier"))
    plan = chain(5, layers, loss)
    program = Program(plan, dtype="float64", seed=3, class_weights=class_weights)
    modules = {id: linear(program, id) for id in ("n1", "n2", "n3")}
    g = MODULES[hidden]
    network = torch.nn.Sequential(modules["n1"], g(), modules["n2"], g(), modules["n3"])
    train_both(program, modules, network, cost or loss, **settings)


def test_everything_has_its_peer():
    assert MODULES.keys() == ACTIVATIONS.keys()
    assert COSTS.keys() == LOSSES.keys()
    assert PEERS.keys() == OPTIMIZERS.keys()


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_every_activation(hidden):
    compare(hidden)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss):
    compare(loss=loss)


@pytest.mark.parametrize("loss", [name for name in LOSSES if name not in OUTPUTS])
@pytest.mark.parametrize("output", ACTIVATIONS)
def test_every_activation_at_the_output(output, loss):
    layers = [Dense(8, "tanh", "xavier"), Dense(3, output, "xavier")]
    program = Program(chain(5, layers, loss), dtype="float64", seed=3)
    modules = {id: linear(program, id) for id in ("n1", "n2")}
    network = torch.nn.Sequential(modules["n1"], torch.nn.Tanh(), modules["n2"], MODULES[output]())
    train_both(program, modules, network, loss, updates=100)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    "penalties",
    [{}, {"l2": 0.5}, {"l1": 0.05}, {"clip": 0.3}, {"l2": 0.5, "l1": 0.05, "clip": 0.3}],
    ids=lambda penalties: "+".join(penalties) or "plain",
)
def test_every_optimizer_with_every_penalty_and_clipping(optimizer, penalties):
    # Adam with a clipped L1 is not stable: after 300 updates rounding has grown ten thousandfold.
    compare(optimizer=optimizer, updates=300, **penalties)


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_class_weights_of_classes(optimizer):
    """J = 1/m Σ w loss, as torch has it when it does not divide by the sum of the weights."""
    weights = (0.5, 1.0, 4.0)

    def cost(P, Y):
        return F.cross_entropy(P, Y.argmax(1), torch.tensor(weights).double(), reduction="sum")

    compare(optimizer=optimizer, class_weights=weights, cost=cost, l2=0.3)


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_class_weights_of_two_classes(optimizer):
    layers = [Dense(8, "tanh", "xavier"), Dense(1, "sigmoid", "xavier")]
    plan = chain(5, layers, "binary_cross_entropy")
    program = Program(plan, dtype="float64", seed=3, class_weights=(0.5, 4.0))
    modules = {id: linear(program, id) for id in ("n1", "n2")}
    network = torch.nn.Sequential(modules["n1"], torch.nn.Tanh(), modules["n2"])
    peer = PEERS[optimizer](network.parameters(), 0.02)
    ours = OPTIMIZERS[optimizer](program, learning_rate=0.02)
    for k in range(200):
        X, Y = batch("mse", k % 7)
        Y = (Y[:, :1] > 0).astype(float)
        weight = torch.from_numpy(np.where(Y == 1, 4.0, 0.5))
        peer.zero_grad()
        logits = network(torch.from_numpy(X))
        cost = F.binary_cross_entropy_with_logits(
            logits, torch.from_numpy(Y), weight, reduction="sum"
        ) / len(X)
        cost.backward()
        peer.step()
        assert program.update(X, Y, ours) == pytest.approx(cost.item(), rel=1e-9)
    same_weights(program, modules)


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_branches_and_joins(optimizer):
    """A residual, a gate, outputs that feed several layers, an activation as a layer of its own."""
    layers = {
        "n1": (Dense(6, "linear", "xavier"), ("data",)),
        "n2": (Activation("silu"), ("n1",)),
        "n3": (Dense(6, "tanh", "xavier"), ("n2",)),
        "n4": (Add(), ("n1", "n3", "n2")),
        "n5": (Multiply(), ("n4", "n3", "n1")),
        "n6": (Concatenate(), ("n5", "data", "n2")),
        "n7": (Dense(3, "softmax", "xavier"), ("n6",)),
        "cost": (Cost("cross_entropy"), ("n7",)),
    }
    nodes = {"data": PlanNode("data", "Data", Input(), (), (5,), {})}
    for id, (layer, inputs) in layers.items():
        nodes[id] = PlanNode.of(id, id, layer, [nodes[source] for source in inputs])
    program = Program(Plan(tuple(nodes.values()), "cross_entropy"), dtype="float64")
    modules = {id: linear(program, id) for id in ("n1", "n3", "n7")}

    def forward(X):
        A1 = modules["n1"](X)
        A2 = F.silu(A1)
        A3 = torch.tanh(modules["n3"](A2))
        return modules["n7"](torch.cat([(A1 + A3 + A2) * A3 * A1, X, A2], dim=1))

    train_both(program, modules, forward, "cross_entropy", optimizer, l2=0.2)


def test_two_threads_share_a_large_update():
    layers = [Dense(1000, "relu", "he"), Dense(10, "softmax", "he")]
    program = Program(chain(1000, layers, "cross_entropy"), dtype="float64")
    assert program.plan.parameter_count > THREADED_ABOVE
    modules = {id: linear(program, id) for id in ("n1", "n2")}
    network = torch.nn.Sequential(modules["n1"], torch.nn.ReLU(), modules["n2"])
    peer = torch.optim.Adam(network.parameters(), lr=1e-3)
    ours = OPTIMIZERS["adam"](program, learning_rate=1e-3)
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(32, 1000)), np.eye(10)[rng.integers(0, 10, 32)]
    for _ in range(10):
        peer.zero_grad()
        cost = F.cross_entropy(network(torch.from_numpy(X)), torch.from_numpy(Y))
        cost.backward()
        peer.step()
        assert program.update(X, Y, ours) == pytest.approx(cost.item(), rel=1e-9)
    same_weights(program, modules)
