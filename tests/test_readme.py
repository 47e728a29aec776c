"""The README's Python runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from netbuilder.engine import evaluate

README = Path(__file__).parents[1] / "README.md"


def codes() -> list[str]:
    found = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    for code in found:
        assert len(list(filter(None, code.splitlines()))) == 10
    return found


def test_the_ten_lines_of_a_training_loop(capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, Any] = {}
    exec(compile(codes()[1], "README.md", "exec"), found)
    trainer, dataset = found["trainer"], found["dataset"]
    assert trainer.epoch == 100 and capsys.readouterr().out.split()[-2] == "100"
    predicted = trainer.program.predict(dataset.test.X)
    assert evaluate(predicted, dataset.test.Y, "classes")["accuracy"] > 0.85


def test_the_ten_lines_in_python(capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = codes()
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
