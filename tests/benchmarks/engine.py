"""The engine's speed beside PyTorch and scikit-learn: run `python -m tests.benchmarks.engine`.

The five networks of the product's table, float32, full training steps (forward, backward, update).
All contestants take turns in the same process, and the table shows medians over the turns, so that
whatever else the machine does falls on all alike.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from sys import path as module_path

import numpy as np

module_path.insert(0, str(Path(__file__).parents[2]))

from netbuilder.engine.layers import Dense
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

Step = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """One network: its widths from input to output, the examples of an update, the optimiser."""

    title: str
    widths: tuple[int, ...]
    hidden: str
    m: int
    optimizer: str
    target: float
    """How many times as fast as PyTorch the engine is to be."""

    @property
    def classes(self) -> bool:
        return self.widths[-1] > 1

    def batch(self) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(1)
        X = rng.standard_normal((self.m, self.widths[0]), dtype=np.float32)
        if self.classes:
            Y = np.eye(self.widths[-1])[rng.integers(0, self.widths[-1], self.m)]
        else:
            Y = rng.integers(0, 2, (self.m, 1))
        return X, np.ascontiguousarray(Y, np.float32)


CASES = (
    Case("2-4-1, m=400 full batch, GD", (2, 4, 1), "tanh", 400, "gd", 8.0),
    Case("2-8-8-1, mini-batch 10, GD", (2, 8, 8, 1), "relu", 10, "gd", 8.0),
    Case("12288-20-7-5-1, m=209, GD", (12288, 20, 7, 5, 1), "relu", 209, "gd", 0.9),
    Case("784-256-128-10, batch 128, Adam", (784, 256, 128, 10), "relu", 128, "adam", 0.9),
    Case("1024-2048-2048-10, batch 256, Adam", (1024, 2048, 2048, 10), "relu", 256, "adam", 0.9),
)
LEARNING_RATE = 1e-3


def ours(case: Case) -> Step:
    X, Y = case.batch()
    layers = [Dense(n, case.hidden) for n in case.widths[1:-1]]
    output = Dense(case.widths[-1], "softmax" if case.classes else "sigmoid")
    loss = "cross_entropy" if case.classes else "binary_cross_entropy"
    program = Program(chain(case.widths[0], [*layers, output], loss))
    optimizer = OPTIMIZERS[case.optimizer](program, learning_rate=LEARNING_RATE)
    return lambda: program.update(X, Y, optimizer)


def torch(case: Case, fused: bool = False) -> Step:
    import torch as t

    X, Y = (t.from_numpy(array) for array in case.batch())
    modules: list[t.nn.Module] = []
    for n_in, n_out in zip(case.widths, case.widths[1:], strict=False):
        modules += [t.nn.Linear(n_in, n_out), t.nn.Tanh() if case.hidden == "tanh" else t.nn.ReLU()]
    network = t.nn.Sequential(*modules[:-1])
    loss = t.nn.CrossEntropyLoss() if case.classes else t.nn.BCEWithLogitsLoss()
    optimizer: t.optim.Optimizer
    if case.optimizer == "adam":
        optimizer = t.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=fused or None)
    else:
        optimizer = t.optim.SGD(network.parameters(), lr=LEARNING_RATE)

    def step() -> float:
        optimizer.zero_grad()
        cost = loss(network(X), Y)
        cost.backward()
        optimizer.step()
        return float(cost.item())

    return step


def sklearn(case: Case) -> Step:
    from sklearn.neural_network import MLPClassifier

    X, Y = case.batch()
    target = Y.argmax(axis=1) if case.classes else Y[:, 0]
    classes = np.arange(max(2, case.widths[-1]))
    network = MLPClassifier(
        case.widths[1:-1],
        activation=case.hidden,
        solver="adam" if case.optimizer == "adam" else "sgd",
        momentum=0.0,
        alpha=0.0,
        batch_size=case.m,
        shuffle=False,
        learning_rate_init=LEARNING_RATE,
    )
    return lambda: network.partial_fit(X, target, classes=classes)


def contestants(case: Case) -> dict[str, Step]:
    found = {"netbuilder": ours(case), "torch": torch(case), "scikit-learn": sklearn(case)}
    if case.optimizer == "adam":
        found["torch fused"] = torch(case, fused=True)
    return found


def seconds(step: Step, calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        step()
    return (time.perf_counter() - start) / calls


def measure(case: Case, turns: int, turn_seconds: float) -> dict[str, float]:
    """The median seconds a step of every contestant, in turns."""
    steps = contestants(case)
    calls = {}
    for name, step in steps.items():
        seconds(step, 3)
        calls[name] = max(2, int(turn_seconds / seconds(step, 3)))
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(turns):
        for name, step in steps.items():
            taken[name].append(seconds(step, calls[name]))
    return {name: median(values) for name, values in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=15, help="how often each contestant runs")
    parser.add_argument("--seconds", type=float, default=0.2, help="how long a turn is")
    parser.add_argument("--only", default="", help="networks whose title contains this")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    columns = ("netbuilder", "torch", "torch fused", "scikit-learn")
    print("microseconds a step, and how many times as fast as the others netbuilder is\n")
    print(f"{'network':36}" + "".join(f"{name:>20}" for name in columns) + f"{'target':>12}")
    for case in CASES:
        if options.only not in case.title:
            continue
        taken = measure(case, options.turns, options.seconds)
        cells = []
        for name in columns:
            if name not in taken:
                cells.append(f"{'':20}")
            elif name == "netbuilder":
                cells.append(f"{taken[name] * 1e6:20,.1f}")
            else:
                ratio = f"({taken[name] / taken['netbuilder']:.2f}x)"
                cells.append(f"{taken[name] * 1e6:10,.0f} {ratio:>9}")
        reached = taken["torch"] / taken["netbuilder"] >= case.target
        print(
            f"{case.title:36}"
            + "".join(cells)
            + f"{case.target:6.1f} {'ok' if reached else 'MISSED'}"
        )


if __name__ == "__main__":
    main()
