"""What the Edit menu offers to undo: one form for all edits, whichever hand made them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder import document, gui
from netbuilder.document.model.network import Edge
from netbuilder.gui.widgets.labels import what

LABELS = {
    "add class {name}",
    "add {kind}",
    "arrange the network",
    "connect {source} to {target}",
    "cut {what}",
    "data from {name}",
    "data set {name}",
    "delete {what}",
    "disconnect {what}",
    "draw points",
    "duplicate {what}",
    "erase all points",
    "erase points",
    "experiment of the network",
    "experiment {title}",
    "learning rate of the training",
    "move a point",
    "move {what}",
    "new seed of the network",
    "paste {what}",
    "pin {run}",
    "rename {old} to {new}",
    "seed of the network",
    "target {name}",
    "test data from {name}",
    "test data of the file itself",
    "unpin {run}",
    "{setting} of the data",
    "{setting} of the training",
    "{setting} of {layer}",
}
"""Every label in the window; a remedy's comes from below, and begins as its button does."""

EDITS = {"edit": 1, "choose": 1, "commit": 1, "edit_network": 1, "mark_runs": 1, "_put": 1}
"""Calls that put a document in force, and the place of the label among their arguments."""


def sources(package) -> list[ast.Module]:
    (folder,) = package.__path__
    return [ast.parse(path.read_text(encoding="utf-8")) for path in Path(folder).rglob("*.py")]


def said(node: ast.AST) -> set[str]:
    """The words in an expression that are for the user's eyes."""
    found = set()
    for call in ast.walk(node):
        name = getattr(getattr(call, "func", None), "attr", getattr(call, "func", None))
        name = name.id if isinstance(name, ast.Name) else name
        if isinstance(call, ast.Call) and name in ("tr", "translate"):
            found.add(call.args[-1].value)
    return found


def labels() -> tuple[set[str], list[str]]:
    """The labels given to edits, and the edits whose label was not found."""
    found: set[str] = set()
    unknown: list[str] = []
    for module in sources(gui):
        for function in ast.walk(module):
            if not isinstance(function, ast.FunctionDef):
                continue
            named = {
                target.id: statement.value
                for statement in ast.walk(function)
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name)
            }
            given = {argument.arg for argument in function.args.args}
            for call in ast.walk(function):
                if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                    continue
                place = EDITS.get(call.func.attr)
                if place is None or len(call.args) <= place:
                    continue
                label = call.args[place]
                if isinstance(label, ast.Name) and label.id in given:
                    continue  # handed on: it is looked at where it comes from
                words = said(named[label.id] if isinstance(label, ast.Name) else label)
                found |= words
                if not words:
                    unknown.append(f"{function.name}: {ast.unparse(call)}")
    return found, unknown


def test_every_label_is_in_the_table_and_has_its_form():
    found, unknown = labels()
    assert found == LABELS
    # The remedies' words come from below.
    assert [where.partition(":")[0] for where in unknown] == ["mend"]
    for label in LABELS:
        assert label[0] in "{" or label[0].islower(), label
        assert label[-1] not in ".…!", label
        assert len(label.split()) >= 2, f"{label}: what is it about?"


def test_the_words_of_remedies_can_follow_undo():
    """They begin with a verb that is written small after Undo, never with a name."""
    words = [
        call.args[0].args[0].value
        for module in sources(document)
        for call in ast.walk(module)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Fix"
        and isinstance(call.args[0], ast.Call)
        and isinstance(call.args[0].args[0], ast.Constant)
    ]
    assert len(words) > 5
    assert all(text[0].isupper() and text[-1] != "." and len(text.split()) > 1 for text in words)


def rename(field, name: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_an_edit_is_called_the_same_on_the_card_and_in_the_inspector(standing_window):
    window = standing_window
    store, canvas = window.store, window.canvas
    inspector = window.workspaces.panels["inspector"]
    store.select(["n1"])
    rename(inspector.name, "Hidden")
    assert store.undo_label == "rename Dense 1 to Hidden"
    assert window.actions_["undo"].text() == "&Undo rename Dense 1 to Hidden"
    window.actions_["rename"].trigger()
    rename(canvas.fields.editor, "Early")
    assert store.undo_label == "rename Hidden to Early"
    inspector.form.fields["units"].setFocus()
    QTest.keyClick(inspector.form.fields["units"], Qt.Key.Key_Up)
    assert store.undo_label == "units of Early"
    store.seal()
    canvas.edits.step_setting("n1", "units", -1)
    assert store.undo_label == "units of Early"


@pytest.mark.parametrize(
    "do, label",
    [
        ("cut", "cut Dense 1"),
        ("duplicate", "duplicate Dense 1"),
        ("delete", "delete Dense 1"),
        ("arrange", "arrange the network"),
        ("new_seed", "new seed of the network"),
    ],
)
def test_what_was_done_to_what(standing_window, do, label):
    window = standing_window
    network = window.store.project.network
    moved = network.move({"n1": (900.0, 700.0)})
    window.store.commit(window.store.project.with_network(moved), "move Dense 1")
    window.store.select(["n1"])
    window.actions_[do].trigger()
    assert window.store.undo_label == label


def test_several_things_are_counted(store):
    network = store.project.network
    assert what(network, ["n1", "n2"]) == "2 layers"
    wire = Edge("n1", "n2")
    assert what(network, [], [wire]) == "the wire from Dense 1 to Dense 2"
    assert what(network, ["n1"], [wire, wire]) == "Dense 1 and 2 wires"
