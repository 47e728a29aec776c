"""Slices of our own files: functions with all that they need of their file, word for word."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Collection, Iterable, Mapping
from types import ModuleType


def sliced(
    module: ModuleType,
    wanted: Iterable[str],
    kept: Mapping[str, Collection[str]] | None = None,
    given: Collection[str] = (),
) -> list[str]:
    """The text of the wanted names of a file and of what they use there, in the file's order.

    ``kept`` says of a table, a dict of the file, which keys are needed; ``given`` are names that
    the reader of the slices defines. Imports are left to the reader too.
    """
    source = inspect.getsource(module)
    lines, kept = source.split("\n"), kept or {}
    statements = ast.parse(source).body
    pieces: dict[str, tuple[str, set[str]]] = {}
    for statement, after in zip(statements, [*statements[1:], None], strict=True):
        name = _name(statement)
        if name is not None:
            pieces[name] = _piece(lines, statement, after, kept.get(name))
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in pieces and name not in found and name not in given:
            found.add(name)
            waiting += pieces[name][1]
    return [text for name, (text, _) in pieces.items() if name in found]


def _name(statement: ast.stmt) -> str | None:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return statement.name
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if isinstance(statement, ast.AnnAssign):
        target = statement.target
    return target.id if isinstance(target, ast.Name) else None


def _piece(
    lines: list[str], statement: ast.stmt, after: ast.stmt | None, keys: Collection[str] | None
) -> tuple[str, set[str]]:
    """The text of a statement, with the sentence below it, and the names that it uses."""
    text = _between(lines, statement.lineno, statement.end_lineno)
    used = _names(statement)
    value = getattr(statement, "value", None)
    if keys is not None and isinstance(value, ast.Dict):
        entries = [
            (key, item)
            for key, item in zip(value.keys, value.values, strict=True)
            if isinstance(key, ast.Constant) and key.value in keys
        ]
        rows = [_between(lines, key.lineno, item.end_lineno) for key, item in entries]
        text = "\n".join([lines[statement.lineno - 1], *rows, "}"])
        used = set().union(*(_names(item) for _, item in entries))
        used |= _names(getattr(statement, "annotation", None))
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
        text += "\n" + _between(lines, after.lineno, after.end_lineno)
    return text, used


def _names(node: ast.AST | None) -> set[str]:
    if node is None:
        return set()
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _between(lines: list[str], first: int, last: int | None) -> str:
    return "\n".join(lines[first - 1 : last])
