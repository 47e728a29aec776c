"""The house keeps its rules: every file says what it is, is short, and lists no kinds of layers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import netbuilder.engine.layers  # noqa: F401  (registers every kind)
from netbuilder.engine.layer import LAYERS

ROOT = Path(__file__).parents[1]
OURS = sorted((ROOT / "netbuilder").rglob("*.py"))
ALL = [*OURS, *sorted((ROOT / "tests").rglob("*.py"))]
LONG, LONGEST = 400, 430
"""Lines from which a file needs a reason, and that no file may have more than."""
REASONS: dict[str, str] = {
    "netbuilder/gui/canvas/view.py": "the one place where every event of the canvas comes in",
    "netbuilder/lens/look.py": "all that a look can be asked, one question after the other",
    "netbuilder/gui/store.py": "the one place where the document in force, its forks among them, "
    "is changed",
}
"""Why a file is longer than LONG lines."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", ALL, ids=name)
def test_every_file_opens_with_a_sentence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text))
    assert said, f"{name(path)} does not say what it is"
    first = said.split("\n\n")[0]
    assert first.endswith((".", ":")), f"{name(path)} does not open with a sentence: {first!r}"


def test_long_files_have_a_reason() -> None:
    lengths = {name(path): path.read_text(encoding="utf-8").count("\n") for path in OURS}
    assert {file: lines for file, lines in lengths.items() if lines > LONGEST} == {}
    assert {file for file, lines in lengths.items() if lines > LONG} <= REASONS.keys()
    assert {file for file in REASONS if lengths.get(file, 0) <= LONG} == set(), "short again"


def kinds_asked_for(tree: ast.AST, kinds: set[str]) -> Iterator[tuple[int, str]]:
    """(line, class) wherever a layer's class is told by ``isinstance``, ``type(…)`` or ``case``."""

    def named(node: ast.AST) -> Iterator[tuple[int, str]]:
        for part in ast.walk(node):
            found = part.id if isinstance(part, ast.Name) else getattr(part, "attr", "")
            if found in kinds:
                yield part.lineno, found

    def called(node: ast.AST, *functions: str) -> bool:
        function = node.func if isinstance(node, ast.Call) else None
        return isinstance(function, ast.Name) and function.id in functions

    for node in ast.walk(tree):
        if called(node, "isinstance", "issubclass"):
            yield from named(node.args[1])
        elif isinstance(node, ast.Compare) and called(node.left, "type"):
            for other in node.comparators:
                yield from named(other)
        elif isinstance(node, ast.MatchClass):
            yield from named(node.cls)


def test_what_asks_for_a_kind_is_seen() -> None:
    source = (
        "isinstance(layer, Dense)\nisinstance(a, (Add, int))\nisinstance(a, layers.Add | Dense)\n"
        "type(layer) is Dense\nmatch layer:\n    case Dense():\n        pass\n"
        "isinstance(Dense, type)\nDense(4)\n"
    )
    found = sorted(kinds_asked_for(ast.parse(source), {"Dense", "Add"}))
    assert found == [(1, "Dense"), (2, "Add"), (3, "Add"), (3, "Dense"), (4, "Dense"), (6, "Dense")]


def test_only_the_layers_themselves_know_kinds_of_layers() -> None:
    """Everything else asks a layer for its facts, or a facet for its row."""
    kinds = {kind.__name__ for kind in LAYERS.values()}
    found = [
        f"{name(path)}:{line} {kind}"
        for path in OURS
        if not name(path).startswith("netbuilder/engine/layers/")
        for line, kind in kinds_asked_for(ast.parse(path.read_text(encoding="utf-8")), kinds)
    ]
    assert found == []
