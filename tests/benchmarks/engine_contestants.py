"""The contestants: a training step by netbuilder, PyTorch and scikit-learn, and its products alone.

Each is a ``Run``: called with a number, it takes so many steps. Everybody has what suits it best:
PyTorch contiguous NCHW float32, its default threads and classes as numbers; scikit-learn its own
loop, for each of its ``partial_fit`` checks the data anew; netbuilder a batch that cannot change.
Every step computes the cost, as netbuilder gives it back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import Conv2D, Dense, Flatten, MaxPool2D, Reshape
from netbuilder.engine.optimizers import OPTIMIZERS, Optimizer
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program
from tests.benchmarks.engine_cases import KERNEL, LEARNING_RATE, POOL, Array, Case

Run = Callable[[int], object]


def repeated(step: Callable[[], object]) -> Run:
    def run(steps: int) -> None:
        for _ in range(steps):
            step()

    return run


# --- netbuilder ----------------------------------------------------------------------------------


def layers_of(case: Case) -> list[Layer]:
    layers: list[Layer] = []
    if case.image:
        channels, height, width = case.image
        layers.append(Reshape(channels=channels, height=height, width=width))
        for layer in case.convolutions:
            layers += [Conv2D(layer.filters, KERNEL, padding=layer.padding), MaxPool2D(POOL)]
        layers.append(Flatten())
    layers += [Dense(units, case.hidden) for units in case.widths[1:-1]]
    return [*layers, Dense(case.widths[-1], "softmax" if case.classes else "sigmoid")]


def program_of(case: Case, optimizer: str = "") -> tuple[Program, Optimizer]:
    """The program and its optimiser, the case's own unless another is named."""
    loss = "cross_entropy" if case.classes else "binary_cross_entropy"
    program = Program(chain(case.widths[0], layers_of(case), loss))
    return program, OPTIMIZERS[optimizer or case.optimizer](program, learning_rate=LEARNING_RATE)


def constant(batch: tuple[Array, Array]) -> tuple[Array, Array]:
    """The batch as arrays that nobody can change: given again, they need not be read again."""
    for array in batch:
        array.flags.writeable = False
    return batch


def netbuilder(case: Case) -> Run:
    X, Y = constant(case.batch())
    program, optimizer = program_of(case)
    assert program.plan.parameter_count == case.parameters
    return repeated(lambda: program.update(X, Y, optimizer))


# --- the others ----------------------------------------------------------------------------------


def torch(case: Case, fused: bool = False) -> Run:
    import torch as t

    X, Y = (t.from_numpy(array) for array in case.batch())
    loss: t.nn.Module = t.nn.BCEWithLogitsLoss()
    if case.classes:
        loss, Y = t.nn.CrossEntropyLoss(), Y.argmax(dim=1)
    modules: list[t.nn.Module] = []
    features = case.widths[0]
    if case.image:
        X = X.reshape(-1, *case.image)
        channels = case.image[0]
        for layer in case.convolutions:
            modules += [t.nn.Conv2d(channels, layer.filters, KERNEL, padding=layer.padding)]
            modules += [t.nn.ReLU(), t.nn.MaxPool2d(POOL)]
            channels = layer.filters
        modules.append(t.nn.Flatten())
        features = case.stages[len(case.convolutions)].n_prev
    for units in case.widths[1:]:
        modules += [t.nn.Linear(features, units)]
        modules += [t.nn.Tanh() if case.hidden == "tanh" else t.nn.ReLU()]
        features = units
    network = t.nn.Sequential(*modules[:-1])
    assert sum(parameter.numel() for parameter in network.parameters()) == case.parameters
    kind = t.optim.Adam if case.optimizer == "adam" else t.optim.SGD
    optimizer = kind(network.parameters(), lr=LEARNING_RATE, fused=fused or None)

    def step() -> float:
        optimizer.zero_grad()
        cost = loss(network(X), Y)
        cost.backward()
        optimizer.step()
        return float(cost.item())

    return repeated(step)


def sklearn(case: Case) -> Run:
    """``fit`` checks the data once for all its steps, so turns must not be too short."""
    from sklearn.neural_network import MLPClassifier

    X, Y = case.batch()
    target = Y.argmax(axis=1) if case.classes else Y[:, 0]
    network = MLPClassifier(
        case.widths[1:-1],
        activation=case.hidden,
        solver="adam" if case.optimizer == "adam" else "sgd",
        momentum=0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=case.m,
        shuffle=False,
        learning_rate_init=LEARNING_RATE,
        warm_start=True,
        tol=0.0,
        n_iter_no_change=10**9,
    )
    return lambda steps: network.set_params(max_iter=steps).fit(X, target)


def products(case: Case, rows: bool) -> Run:
    """The matrix products of forward and backward alone, in place; none for the data's dX.

    With ``rows`` the examples are rows, else columns: BLAS is now faster with the one, now with the
    other.
    """
    rng = np.random.default_rng(1)
    forward, backward = [], []
    for index, stage in enumerate(case.stages):
        columns = stage.places * case.m
        W = rng.standard_normal((stage.n, stage.n_prev), dtype=np.float32)
        A_prev = rng.standard_normal((stage.n_prev, columns), dtype=np.float32)
        dZ = rng.standard_normal((stage.n, columns), dtype=np.float32)
        if rows:
            A_prev, dZ = np.ascontiguousarray(A_prev.T), np.ascontiguousarray(dZ.T)
            forward.append(partial(np.dot, A_prev, W.T, out=np.empty_like(dZ)))
            dW = partial(np.dot, dZ.T, A_prev, out=np.empty_like(W))
            dA_prev = partial(np.dot, dZ, W, out=np.empty_like(A_prev))
        else:
            forward.append(partial(np.dot, W, A_prev, out=np.empty_like(dZ)))
            dW = partial(np.dot, dZ, A_prev.T, out=np.empty_like(W))
            dA_prev = partial(np.dot, W.T, dZ, out=np.empty_like(A_prev))
        backward.append([dW, dA_prev] if index else [dW])
    calls = [*forward, *(call for pair in reversed(backward) for call in pair)]

    def step() -> None:
        for call in calls:
            call()

    return repeated(step)
