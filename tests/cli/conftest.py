"""Commands run in this process: fast, and every exception that is no sentence fails the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from netbuilder import cli


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch) -> Run:
    """``run("show", "f.netb")`` in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> Ran:
        capsys.readouterr()
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return command


@pytest.fixture
def ok(run: Run) -> Run:
    """As ``run``, for what must work."""

    def command(*arguments: object) -> Ran:
        ran = run(*arguments)
        assert ran.code == 0, ran.err
        return ran

    return command


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """The one line on stderr of a command that must fail."""

    def command(*arguments: object) -> str:
        ran = run(*arguments)
        assert ran.code == 2
        assert ran.err.startswith("netbuilder: ")
        assert ran.err.count("\n") == 1 and ran.err.endswith("\n")
        return ran.err

    return command


FRUIT = """weight,colour,kind
{rows}
"""


@pytest.fixture
def fruit(tmp_path: Path) -> Path:
    """A CSV with a column of words among the features, far-off numbers, and three classes."""
    rows = [
        f"{1000 + 10 * k + 3 * (i % 7)},{colour},{kind}"
        for i in range(20)
        for k, (colour, kind) in enumerate(
            [("red", "apple"), ("green", "pear"), ("green", "lime, Persian")]
        )
        for kind in [f'"{kind}"']
    ]
    path = tmp_path / "fruit.csv"
    path.write_text(FRUIT.format(rows="\n".join(rows)))
    return path


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """A CSV of numbers with a number to predict."""
    rows = "\n".join(f"{k},{k % 5},{3.5 * k - 2 * (k % 5) + 0.25}" for k in range(40))
    path = tmp_path / "houses.csv"
    path.write_text(f"area,rooms,price\n{rows}\n")
    return path
