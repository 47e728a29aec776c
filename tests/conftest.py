"""How the suite shares the machine, and a data file such as an engineer would bring."""

from __future__ import annotations

import os
from pathlib import Path

# Tests run side by side, one process a core; threads of BLAS would only wait for one another. It
# has to be said before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hypothesis
import numpy as np
import pytest

# The cases of every run add up; a test that needs more of them says how many.
hypothesis.settings.register_profile("suite", max_examples=40, deadline=None)
hypothesis.settings.load_profile("suite")

MOST_WORKERS = 8
"""More of them would spend their time on loading Qt and torch."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker a core for whole folders; none for files or tests that are named one by one,
    where starting the workers would take longer than it saves."""
    if any(name.partition("::")[0].endswith(".py") for name in config.args):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 0 if not cores or cores == 1 else min(cores, MOST_WORKERS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: what is begun last should not keep one core busy alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture
def three_classes(tmp_path: Path) -> Path:
    """A CSV file of 150 cells in three classes, four measurements each, on scales of their own."""
    rng = np.random.RandomState(3)
    centres = np.array([[20.0, 1.0, 300.0, 0.1], [32.0, 1.6, 420.0, 0.3], [26.0, 3.0, 180.0, 0.5]])
    spread = np.array([2.0, 0.2, 30.0, 0.05])
    lines = ["area,roundness,brightness,texture,kind"]
    for kind, centre in zip(("round", "oval", "spiky"), centres, strict=True):
        for row in centre + spread * rng.randn(50, 4):
            lines.append(",".join(f"{value:.4f}" for value in row) + f",{kind}")
    folder = tmp_path / "table"
    folder.mkdir()
    path = folder / "cells.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
