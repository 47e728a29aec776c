"""What recording costs and how fast moments come back, for five networks; prints a table.

A look is the film's nearest frame as the window shows it at once; a seek brings the exact moment,
with gradients. The law: the longest seek after an hour is run time × size of a state / budget.

python tests/benchmarks/timeline.py [seconds a network is trained] [budget in MB]
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from netbuilder.data.dataset import DataInfo, Dataset, Part
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layers import Dense
from netbuilder.engine.plan import Plan, chain
from netbuilder.runs.film import glimpse
from netbuilder.runs.recorder import BUDGET, Recorder
from netbuilder.training.replay import Replay
from netbuilder.training.trainer import Limit, Trainer

HOUR = 3600.0
SEARCHES = 100


def network(*units: int) -> Plan:
    """Dense layers with tanh, the last one a softmax, or a sigmoid of one unit."""
    n_x, *hidden, n_y = units
    binary = n_y == 1
    layers = [Dense(n, "tanh", "xavier") for n in hidden]
    layers.append(Dense(n_y, "sigmoid" if binary else "softmax", "xavier"))
    return chain(n_x, layers, "binary_cross_entropy" if binary else "cross_entropy")


def examples(n_x: int, n_y: int, m: int) -> Dataset:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(m, n_x))
    label = rng.integers(max(2, n_y), size=m)
    Y = label[:, None].astype(float) if n_y == 1 else np.eye(n_y)[label]
    info = DataInfo(
        "numbers",
        m,
        tuple(f"x{k}" for k in range(n_x)),
        ("y",),
        "binary" if n_y == 1 else "classes",
        tuple(map(str, range(max(2, n_y)))),
    )
    nothing = Part(np.empty((0, n_x)), np.empty((0, n_y)))
    return Dataset(info, Part(X, Y), nothing, nothing, None)


CASES: list[tuple[str, Plan, int, TrainingSettings]] = [
    ("2-4-1", network(2, 4, 1), 400, TrainingSettings(learning_rate=0.01)),
    (
        "2-8-8-1 Adam",
        network(2, 8, 8, 1),
        400,
        TrainingSettings(learning_rate=0.001, optimizer="adam", batch_size=10),
    ),
    (
        "64-128-64-10 Adam",
        network(64, 128, 64, 10),
        1500,
        TrainingSettings(learning_rate=0.001, optimizer="adam", batch_size=64),
    ),
    (
        "784-256-128-10 Adam",
        network(784, 256, 128, 10),
        5000,
        TrainingSettings(learning_rate=0.001, optimizer="adam", batch_size=128),
    ),
    (
        "1024-2048-2048-10 Adam",
        network(1024, 2048, 2048, 10),
        2560,
        TrainingSettings(learning_rate=0.0001, optimizer="adam", batch_size=256),
    ),
]


def microseconds(look: Callable[[], object], seconds: float = 0.3) -> float:
    """The median time of a call."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 5:
        start = time.perf_counter()
        look()
        times.append(time.perf_counter() - start)
    return 1e6 * float(np.median(times))


class Clocked(Recorder):
    """A recorder that knows how much time it has taken."""

    seconds = 0.0

    def record(self, *arguments: object) -> None:  # type: ignore[override]
        start = time.perf_counter()
        super().record(*arguments)  # type: ignore[arg-type]
        self.seconds += time.perf_counter() - start


def percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, share)) if values else float("nan")


def measured(name: str, plan: Plan, m: int, chosen: TrainingSettings, seconds: float) -> str:
    dataset = examples(plan.nodes[0].shape[0], plan.nodes[-2].shape[0], m)
    trainer = Trainer(plan, dataset, chosen, seed=1)
    budget = int(float(sys.argv[2]) * 2**20) if len(sys.argv) > 2 else BUDGET
    recorder = Clocked(budget)
    trainer.record(recorder)
    trainer.limit = Limit(seconds=0.025)
    bursts = trainer.bursts()
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        next(bursts)
    elapsed = time.perf_counter() - begin
    per_update = elapsed / trainer.step
    capture = microseconds(trainer.state)
    state = trainer.state()
    steps = [random.Random(k).randint(0, trainer.step) for k in range(SEARCHES)]
    glimpses, searches = [], []
    live = trainer.snapshot(1, "paused")
    replay = Replay(recorder)  # one for all, as in the window
    for step in steps:
        start = time.perf_counter()
        glimpse(step, live)
        glimpses.append(1e3 * (time.perf_counter() - start))
        if sum(searches) > 20_000:
            continue
        start = time.perf_counter()
        replay.snapshot(step, live)
        searches.append(1e3 * (time.perf_counter() - start))
    # The law: run time × size of a state / budget, of which a halving leaves up to twice as much.
    law = HOUR * state.nbytes / (0.75 * budget)
    return (
        f"{name:24s} {trainer.step:9,d} {1e6 * per_update:9.0f} {capture:9.1f} "
        f"{100 * recorder.seconds / elapsed:6.2f} % "
        f"{len(recorder.keyframes):9,d} {len(recorder.frames):8,d} {recorder.nbytes / 2**20:7.1f} "
        f"{percentile(glimpses, 50):8.2f} {percentile(glimpses, 95):8.2f} "
        f"{percentile(searches, 50):8.1f} {percentile(searches, 95):8.1f} {1e3 * law:10.0f}"
    )


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    print(
        f"{'network':24s} {'updates':>9s} {'µs each':>9s} {'state µs':>9s} {'share':>8s} "
        f"{'keyframes':>9s} {'frames':>7s} {'MB':>7s} {'look p50':>8s} {'p95 ms':>8s} "
        f"{'seek p50':>8s} {'p95 ms':>8s} {'law, 1 h':>10s}"
    )
    for name, plan, m, chosen in CASES:
        print(measured(name, plan, m, chosen, seconds), flush=True)


if __name__ == "__main__":
    main()
