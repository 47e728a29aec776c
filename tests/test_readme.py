"""The README's Python runs as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from netbuilder import cli, load
from netbuilder.engine import evaluate
from netbuilder.exchange.json_rows import answered

README = Path(__file__).parents[1] / "README.md"


def codes() -> list[str]:
    """The engine, a model, the training loop, onnxruntime."""
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def ran(code: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), found)
    return found


def lines(code: str) -> int:
    return len(list(filter(None, code.splitlines())))


def test_the_ten_lines_of_a_training_loop(capsys: pytest.CaptureFixture[str]) -> None:
    code = codes()[2]
    assert lines(code) == 10
    found = ran(code)
    trainer, dataset = found["trainer"], found["dataset"]
    assert trainer.epoch == 100 and capsys.readouterr().out.split()[-2] == "100"
    predicted = trainer.program.predict(dataset.test.X)
    assert evaluate(predicted, dataset.test.Y, "classes")["accuracy"] > 0.85


def test_the_ten_lines_in_python(capsys: pytest.CaptureFixture[str]) -> None:
    code = codes()[0]
    assert lines(code) == 10
    found = ran(code)
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


def command(*words: str) -> None:
    assert cli.main(list(words)) == 0


@pytest.fixture
def houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder in which the README's houses are, as a trained network and as ONNX."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{area},{city},{2000 * area}" for area in range(30, 200, 4) for city in CITIES]
    Path("houses.csv").write_text("area,city,price\n" + "\n".join(rows) + "\n", encoding="utf-8")
    command("new", "houses.netb", "--data", "houses.csv")
    command("train", "houses.netb", "--quiet")
    command("export", "houses.netb", "houses.onnx")


CITIES = ("Bonn", "Köln")


def test_a_model_and_its_onnx_file_say_the_same(
    houses: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.warns(UserWarning) as told:
        found = ran(codes()[1])
    assert len(told) == 2  # a gap, and a word that was never learned
    score, _cost = map(float, capsys.readouterr().out.split()[-2:])
    assert score > 0.9
    (price,) = found["prices"]
    assert price == pytest.approx(202_000, rel=0.1)
    assert ran(codes()[3])["price"].item() == pytest.approx(price, rel=1e-5)


def test_the_service_takes_the_line_that_is_shown(houses: None) -> None:
    readme = README.read_text(encoding="utf-8")
    line = next(line for line in readme.splitlines() if line.startswith("curl -d"))
    rows = shlex.split(line)[2].encode()
    found = answered(load("houses.netb"), rows)
    assert len(found["answers"]) == 2 and list(found["answers"][0]) == ["price"]
    assert found["notices"][0].startswith("1 of 2 examples have no value for 'area', ")
