"""How the time of a training step grows with width, depth and batch size, drawn as text."""

from __future__ import annotations

from tests.benchmarks.engine_cases import Case
from tests.benchmarks.engine_contestants import netbuilder, torch
from tests.benchmarks.engine_timing import measure
from tests.benchmarks.text_plot import log_log

FEATURES, UNITS, CLASSES, BATCH = 64, 64, 10, 64
WIDTHS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)
DEPTHS = (1, 2, 4, 8, 16, 32, 64)
BATCHES = (1, 4, 16, 64, 256, 1024, 4096)


def mlp(hidden: tuple[int, ...], m: int) -> Case:
    return Case("", (FEATURES, *hidden, CLASSES), m, "gd", ())


def growth(turns: int, turn_seconds: float) -> None:
    """Draws all three; in each the other two are held."""
    networks = {
        f"Width of two hidden layers, batch {BATCH}": (
            "units",
            {n: mlp((n, n), BATCH) for n in WIDTHS},
        ),
        f"Number of hidden layers of {UNITS} units, batch {BATCH}": (
            "layers",
            {depth: mlp((UNITS,) * depth, BATCH) for depth in DEPTHS},
        ),
        f"Batch size, two hidden layers of {UNITS} units": (
            "examples",
            {m: mlp((UNITS, UNITS), m) for m in BATCHES},
        ),
    }
    print(f"\nGrowth, with {FEATURES} features, {CLASSES} classes, relu and gradient descent")
    for title, (x_label, cases) in networks.items():
        draw(title, x_label, cases, turns, turn_seconds)


def draw(title: str, x_label: str, cases: dict[int, Case], turns: int, turn_seconds: float) -> None:
    series: dict[str, list[tuple[float, float]]] = {"netbuilder": [], "torch": []}
    for size, case in cases.items():
        runs = {"netbuilder": netbuilder(case), "torch": torch(case)}
        for name, taken in measure(runs, turns, turn_seconds).items():
            series[name].append((size, taken * 1e6))
    print(f"\n{title}\n")
    print(log_log(x_label, "microseconds a training step", series))
    print(f"\n{x_label:>12}" + "".join(f"{size:9,}" for size in cases))
    for name, points in series.items():
        print(f"{name:>12}" + "".join(f"{value:9,.0f}" for _, value in points), flush=True)
