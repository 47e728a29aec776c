"""The README's Python runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parents[1] / "README.md"


def test_the_ten_lines_in_python(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    found: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), found)
    cost, metrics, shapes = capsys.readouterr().out.splitlines()
    first, last = map(float, re.findall(r"[\d.]+", cost))
    assert first == pytest.approx(found["costs"][0], abs=1e-3) and last < first / 20
    accuracy = re.search(r"'accuracy': ([\d.]+)", metrics)
    assert accuracy is not None and float(accuracy[1]) > 0.9
    assert shapes == "(5, 32) (5, 32) (5, 32) (32, 64)"
    # What the lines below it promise.
    program, data = found["program"], found["train"]
    weights = program.weights()
    assert list(weights) == ["n1.W", "n1.b", "n3.W", "n3.b"]
    assert program.load(weights) == weights.keys()
    program.update(data.X, data.Y, found["adam"], l2=0.1, l1=0.1)
    program.gradient(data.X, data.Y)
    assert program.costs(data.X, data.Y).mean() == pytest.approx(program.cost(data.X, data.Y))
