"""What the inspector says of each kind of layer: its formula, its shapes, its parameters."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from netbuilder.document import templates
from netbuilder.document.model.network import Edge, Network
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import Add, AvgPool2D, Concatenate, Conv2D, MaxPool2D, Multiply
from netbuilder.gui.panels.inspector.panel import Inspector

DEEP = (
    "reshape 1x8x8, conv 4 3x3 relu, batch norm, conv 8 3x3 tanh stride 2 padding 1, "
    "max pool 2, flatten, layer norm, 10 softmax"
)


def digits(layers: str) -> Project:
    return templates.new_project(DataChoice(source="digits"), layers)


@pytest.fixture
def open_inspector(stage: Any, qtbot: Any) -> Any:
    def open_(project: Project) -> Inspector:
        at = stage(project)
        inspector = Inspector(at.centre)
        qtbot.addWidget(inspector)
        return inspector

    return open_


def facts(inspector: Inspector, id: str) -> list[str]:
    inspector._store.select([id])
    return inspector.facts.text().splitlines()


def test_a_convolution(open_inspector: Any) -> None:
    said = facts(open_inspector(digits(DEEP)), "n2")
    for fact in (
        "Z1[f, y, x] = b1[f] + Σ W1[f, c, i, j] · A_prev[c, y + i, x + j]",
        "A1 = g(Z1)",
        "height, width ⌊(8 − 3) / 1⌋ + 1 = 6",
        "W1 (4, 1, 3, 3)",
        "b1 (4, 1)",
        "A1 (4, 6, 6, 1,797)",
        "parameters 40",
    ):
        assert fact in said


def test_stride_and_padding_are_in_the_formula(open_inspector: Any) -> None:
    said = facts(open_inspector(digits(DEEP)), "n4")
    assert "Z2[f, y, x] = b2[f] + Σ W2[f, c, i, j] · A1[c, 2y − 1 + i, 2x − 1 + j]" in said
    assert "height, width ⌊(6 + 2·1 − 3) / 2⌋ + 1 = 3" in said


def test_batch_norm_tells_its_running_statistics(open_inspector: Any) -> None:
    said = facts(open_inspector(digits(DEEP)), "n3")
    for fact in (
        "Z = A1,  μ = mean(Z),  σ² = mean((Z − μ)²)",
        "Z̃1 = γ1 ∗ Z_norm + β1",
        "mean over the batch and all pixels of a channel",
        "predicting with running averages: v := 0.9 v + 0.1 · batch",
        "γ1 (4, 1)",
        "β1 (4, 1)",
        "μ, running (4, 1)",
        "σ², running (4, 1)",
        "parameters 8",
    ):
        assert fact in said


@pytest.mark.parametrize(
    ("id", "facts_"),
    [
        ("n1", ["A[c, y, x] = X[64 c + 8 y + x]", "A (1, 8, 8, 1,797)", "parameters 0"]),
        ("n5", ["A[c, y, x] = max A2[c, 2y + i, 2x + j]", "i, j 0 … 1"]),
        ("n6", ["A[1 c + 1 y + x] = A_prev[c, y, x]", "A (8, 1,797)"]),
        ("n7", ["mean over the numbers of each example", "γ2 (8, 1)"]),
        ("n8", ["Z3 = W3·A2 + b3,  A3 = g(Z3)"]),
    ],
)
def test_the_other_layers(open_inspector: Any, id: str, facts_: list[str]) -> None:
    said = facts(open_inspector(digits(DEEP)), id)
    assert [fact for fact in facts_ if fact not in said] == []


def joined(join: Layer) -> Network:
    network = digits("10 tanh, 10 tanh, 10 softmax").network
    network, node = network.insert(join, Edge("n2", "n3"), (0.0, 0.0))
    return network.connect("n1", node.id)


@pytest.mark.parametrize(
    ("join", "formula"),
    [
        (Add(), "A = A2 + A1"),
        (Multiply(), "A = A2 ∗ A1"),
        (Concatenate(), "A = [A2; A1]"),
    ],
)
def test_joins_name_what_they_join(open_inspector: Any, join: Layer, formula: str) -> None:
    project = digits("10 softmax")
    inspector = open_inspector(project.with_network(joined(join)))
    assert formula in facts(inspector, "n4")


def test_a_layer_whose_input_is_not_known_says_what_it_can(open_inspector: Any) -> None:
    project = digits(DEEP)
    cut = project.network.disconnect([Edge("n1", "n2")])
    inspector = open_inspector(project.with_network(cut))
    for id in ("n2", "n5", "n6"):
        assert "parameters 0" in facts(inspector, id)
    assert "A[c, y, x] = max A_prev[c, 2y + i, 2x + j]" in facts(inspector, "n5")


@pytest.mark.parametrize("pool", [MaxPool2D(), AvgPool2D()])
def test_the_stride_of_a_pool_is_its_size_until_it_is_set(open_inspector: Any, pool: Layer) -> None:
    project = digits("10 softmax")
    network, node = project.network.add(pool, (0.0, 0.0))
    inspector = open_inspector(project.with_network(network))
    inspector._store.select([node.id])
    field = inspector.form.fields["stride"]
    assert field.text() == "the size"
    field.setFocus()
    field.selectAll()
    field.insert("3")
    field.setModified(True)
    field._finish()
    assert inspector._store.project.network.node(node.id).layer.stride == 3


def test_a_convolutions_stride_has_no_such_word(open_inspector: Any) -> None:
    inspector = open_inspector(digits(DEEP))
    inspector._store.select(["n2"])
    assert inspector._store.project.network.node("n2").layer == Conv2D(4, 3)
    assert inspector.form.fields["stride"].text() == "1"


def test_the_way_back_and_the_update_stand_below_the_way_forth(stage: Any, qtbot: Any) -> None:
    at = stage()
    inspector = Inspector(at.centre)
    qtbot.addWidget(inspector)
    said = facts(inspector, "n2")
    start = said.index("Backward")
    assert said[0] == "Forward" and said[start + 1 :] == [
        "dZ2 = dA2 ∗ g′(Z2) = A2 − Y  (1, 400)",
        "dW2 = 1/400 dZ2·A1ᵀ  (1, 4)",
        "db2 = 1/400 Σ dZ2  (axis=1, keepdims)",
        "dA1 = W2ᵀ·dZ2  (4, 400)",
        "cache A1, W2, b2, Z2",
        "Update: Gradient descent",
        "W := W − α dW",
        "α 1.20",
    ]
    at.store.edit(
        lambda project: dataclasses.replace(
            project, training=dataclasses.replace(project.training, batch_size=64, l2=0.7)
        ),
        "batches",
    )
    said = inspector.facts.text().splitlines()
    assert "dW2 = 1/64 dZ2·A1ᵀ  (1, 4)" in said
    assert "L2 dW2 := dW2 + 0.700/64 W2" in said
    assert "dŶ = −Y/Ŷ + (1 − Y)/(1 − Ŷ)  (1, 64)" in facts(inspector, "cost")
    assert not [fact for fact in facts(inspector, "n1") if fact.startswith("dX")]
