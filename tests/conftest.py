"""A data file such as an engineer would bring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


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
