"""How long a training step takes: forward, backward, update, beside all contestants."""

from __future__ import annotations

from tests.benchmarks.engine_cases import Case, Verdict
from tests.benchmarks.engine_contestants import Run, netbuilder, products, sklearn, torch
from tests.benchmarks.engine_timing import measure

OTHERS = ("torch", "torch fused", "scikit-learn", "products alone")


def contestants(case: Case) -> dict[str, Run]:
    found = {
        "netbuilder": netbuilder(case),
        "torch": torch(case),
        "torch fused": torch(case, fused=True),
        "rows": products(case, rows=True),
        "columns": products(case, rows=False),
    }
    if not case.image:
        found["scikit-learn"] = sklearn(case)
    return found


def speed(cases: list[Case], turns: int, turn_seconds: float) -> list[Verdict]:
    print("\nMicroseconds a training step, float32, and how many times as fast netbuilder is")
    print(f"{'':36}{'netbuilder':>12}" + "".join(f"{name:>20}" for name in OTHERS))
    verdicts = []
    for case in cases:
        taken = measure(contestants(case), turns, turn_seconds)
        taken["products alone"] = min(taken.pop("rows"), taken.pop("columns"))
        times = {name: value / taken["netbuilder"] for name, value in taken.items()}
        cells = f"{case.title:36}{taken['netbuilder'] * 1e6:12,.1f}"
        for name in OTHERS:
            if name in taken:
                cells += f"{taken[name] * 1e6:11,.1f} {f'({times[name]:.2f}×)':>8}"
            else:
                cells += f"{'':20}"
        print(cells, flush=True)
        verdicts += [
            Verdict(
                case.title,
                str(target),
                f"{times[target.against]:.2f}×",
                times[target.against] >= target.times,
            )
            for target in case.targets
        ]
    return verdicts
