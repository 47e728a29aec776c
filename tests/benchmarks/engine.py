"""The engine's benchmark: run `python -m tests.benchmarks.engine` from the top of the checkout.

Speed beside PyTorch, scikit-learn and the matrix products alone; memory; compile time; how the cost
grows. At the end every target by name, and whether it is reached. `--section profile` shows where
the time of a step goes, call by call. Needs the extra "bench"; nothing else should be running.
"""

from __future__ import annotations

import argparse
import os
import platform
import warnings

import numpy as np

from tests.benchmarks.engine_cases import CASES, Verdict
from tests.benchmarks.engine_compile import compile_time
from tests.benchmarks.engine_growth import growth
from tests.benchmarks.engine_memory import memory
from tests.benchmarks.engine_profile import profile
from tests.benchmarks.engine_speed import speed

SECTIONS = ("speed", "memory", "compile", "growth", "profile")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--section",
        choices=SECTIONS,
        nargs="+",
        default=SECTIONS[:-1],
        help="what to measure; all but the profile if not given",
    )
    parser.add_argument("--only", default="", help="networks whose title contains this")
    parser.add_argument("--turns", type=int, default=15, help="how often each contestant runs")
    parser.add_argument("--seconds", type=float, default=0.2, help="how long a turn is")
    options = parser.parse_args()
    cases = [case for case in CASES if options.only in case.title]
    if not cases:
        parser.error(f"no network's title contains {options.only!r}")
    warnings.simplefilter("ignore")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores")
    verdicts: list[Verdict] = []
    if "speed" in options.section:
        verdicts += speed(cases, options.turns, options.seconds)
    if "memory" in options.section:
        verdicts += memory(cases)
    if "compile" in options.section:
        verdicts += compile_time()
    if "growth" in options.section:
        growth(options.turns, options.seconds)
    if "profile" in options.section:
        for case in cases:
            profile(case)
    if verdicts:
        print("\nTargets")
        print("\n".join(map(str, verdicts)))


if __name__ == "__main__":
    main()
