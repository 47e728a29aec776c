"""The way back in formulas: every kind has some, with shapes, and the update with its numbers."""

from __future__ import annotations

import dataclasses

from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layer import LAYERS, Layer
from netbuilder.engine.layers import BatchNorm, Dense, Dropout, MaxPool2D
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.lens.backward import BACKWARD, COST_SLOPES, Way, backward, update
from netbuilder.lens.formulas import Place


def said(
    layer: Layer, shape: tuple[int, ...], joined: str = "", learning: bool = True
) -> list[str]:
    place = Place(layer, ["A1", "X"], [shape, shape], "2")
    way = Way(400, layer.output_shape([shape, shape]), (learning, False), joined)
    return [str(value) for _, value in backward(place, way)]


def test_no_kind_is_without_formulas_or_a_reason() -> None:
    assert BACKWARD.missing == COST_SLOPES.missing == ()
    assert backward(Place(LAYERS["input"](), ["X"], [(2,)], ""), Way(3, (2,), ())) == []


def test_a_dense_layer_with_its_shapes() -> None:
    assert said(Dense(1, "tanh"), (4,)) == [
        "dZ2 = dA2 ∗ g′(Z2)  (1, 400)",
        "dW2 = 1/400 dZ2·A1ᵀ  (1, 4)",
        "db2 = 1/400 Σ dZ2  (axis=1, keepdims)",
        "dA1 = W2ᵀ·dZ2  (4, 400)",
    ]


def test_the_output_has_its_dZ_in_one_formula_and_nothing_goes_back_to_the_data() -> None:
    found = said(Dense(1, "sigmoid"), (4,), joined="A2 − Y", learning=False)
    assert found[0] == "dZ2 = dA2 ∗ g′(Z2) = A2 − Y  (1, 400)"
    assert len(found) == 3


def test_layers_without_weights() -> None:
    assert said(Dropout(0.2), (4,)) == ["dA1 = dA ∗ D / 0.8  (4, 400)"]
    assert said(MaxPool2D(), (1, 4, 4))[0].endswith("(1, 4, 4, 400)")
    assert said(BatchNorm(), (4,))[:2] == ["dγ2 = 1/400 Σ dZ̃2 ∗ Z_norm", "dβ2 = 1/400 Σ dZ̃2"]


def test_the_update_with_its_penalties_its_rule_and_the_schedule() -> None:
    plain = TrainingSettings(optimizer="gd", learning_rate=1.2)
    rows = {str(name): str(value) for name, value in update(plain, ["W1", "b1"], 400)}
    assert rows == {"": "W := W − α dW", "α": "1.20"}
    full = dataclasses.replace(
        plain, optimizer="adam", l2=0.7, l1=0.1, clip_norm=5.0, schedule="step"
    )
    rows = {str(name): str(value) for name, value in update(full, ["W1", "b1"], 400)}
    assert rows["L2"] == "dW1 := dW1 + 0.700/400 W1"
    assert rows["L1"] == "dW1 := dW1 + 0.100/400 sign(W1)"
    assert rows["clipping"] == "g := g · 5.00/‖g‖"
    assert rows[""] == OPTIMIZERS["adam"].formula and rows["β"] == "0.900"
    assert rows["α in epoch t"] == "α γ^⌊t/T⌋"
    decoupled = update(dataclasses.replace(full, optimizer="adamw"), ["W1"], 400)
    assert "L2" not in [str(name) for name, _ in decoupled]
    assert update(full, [], 400) == []
