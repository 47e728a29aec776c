"""The README's Python runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parents[1] / "README.md"


def test_the_ten_lines_in_python(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(list(filter(None, code.splitlines()))) == 10
    found: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), found)
    cost, printed = capsys.readouterr().out.split(maxsplit=1)
    assert float(cost) == found["costs"][-1] < found["costs"][0] / 10
    accuracy = re.search(r"'accuracy': ([\d.]+)", printed)
    assert accuracy is not None and float(accuracy[1]) > 0.95
    # What the lines below it promise.
    program, X, Y = found["program"], found["X"], found["Y"]
    values = program.inspect(X, Y)["n1"]
    for array in (values.Z, values.A, values.dZ, values.dA):
        assert array.shape == (400, 8)
    assert {name: array.shape for name, array in values.gradients.items()} == {
        "W": (8, 2),
        "b": (8, 1),
    }
    weights = program.weights()
    assert list(weights) == ["n1.W", "n1.b", "n2.W", "n2.b"]
    assert program.load(weights) == weights.keys()
    program.update(X, Y, found["adam"], l2=0.1, l1=0.1)
    program.gradient(X, Y)
    assert program.costs(X, Y).mean() == pytest.approx(program.cost(X, Y))
