"""Quantities and their views: a picture of each layer, and a true sentence about each cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netbuilder import numbers
from netbuilder.document import templates
from netbuilder.document.model.project import DataChoice
from netbuilder.engine.program import Program
from netbuilder.errors import Message
from netbuilder.lens.layer_views import View
from netbuilder.lens.picture import Cell
from netbuilder.lens.quantities import IMAGES, QUANTITIES

LAYERS = "reshape 1x8x8, conv 2 3x3 tanh, conv 3 2x2, batch norm, relu, flatten, 10 softmax"


@pytest.fixture
def digits(subject: Any) -> Any:
    """data → n1 reshape → n2 conv (6×6) → n3 conv (5×5) → n4 norm → n5 relu → n6 flatten → n7."""
    return subject(templates.new_project(DataChoice(source="digits"), LAYERS))


def view(look: Any, id: str, quantity: str) -> View:
    found = QUANTITIES[quantity].view(look, look.plan.node(id))
    assert isinstance(found, View)
    return found


def test_weights_say_where_they_come_from_and_where_they_go(flower: Any) -> None:
    W = np.array([[0.0, 0.9], [-0.9, 0.3], [0.45, -0.25], [0.1, 0.0]])
    look = flower.look(flower.moment(**{"n1.W": W}))
    seen = view(look, "n1", "W")
    assert seen.name == "W[1]" and seen.shape == (4, 2)
    assert str(seen.sentence(Cell(2, 1))) == "W[1][3, 2] = −0.250, from feature x2 to unit 3"
    assert str(seen.sentence(Cell(1, -1))) == "b[1][2] = 0, the bias of unit 2"
    assert seen.picture.column_names == ("x1", "x2") and seen.picture.beside_name == "b"
    behind = view(look, "n2", "W")
    assert str(behind.sentence(Cell(0, 1))).endswith("from unit 2 of layer 1 to unit 1")
    assert behind.picture.column_title == Message("from unit")


def test_activations_belong_to_an_example_and_its_class(flower: Any) -> None:
    look = flower.look()
    seen = view(look, "n1", "A")
    row, A = int(look.sample[3]), look.activations()["n1"]
    assert str(seen.sentence(Cell(1, 3))) == (
        f"A[1][2, 4] = {numbers.number(A[1, 3])}, unit 2 for training example {row + 1}, "
        f"class {look.dataset.info.class_names[int(look.dataset.train.Y[row, 0])]}"
    )
    assert len(seen.picture.band) == len(look.sample)


def test_of_what_comes_before_all_that_learns_there_is_no_dA(digits: Any) -> None:
    look = digits.look()
    assert "nothing before it learns" in str(QUANTITIES["dA"].view(look, look.plan.node("n1")))


def test_units_of_the_output_are_called_by_their_classes(scaled: Any) -> None:
    look = scaled.look()
    names = look.dataset.info.class_names
    for quantity in ("W", "A"):
        assert view(look, "n2", quantity).picture.row_names == names
        assert view(look, "n1", quantity).picture.row_names == ()
    assert view(look, "n2", "W").picture.row_title == Message("class")
    sentence = str(view(look, "n2", "W").sentence(Cell(1, 0)))
    assert sentence.endswith(f"from unit 1 of layer 1 to class {names[1]}")
    assert f"class {names[2]} for training example" in str(
        view(look, "n2", "A").sentence(Cell(2, 0))
    )


def test_a_sentence_is_a_message_in_a_message(flower: Any) -> None:
    sentence = view(flower.look(), "n1", "W").sentence(Cell(0, 0))
    assert sentence.text == "{place} = {value}, from {source} to {unit}"
    assert sentence.values["unit"] == Message("unit {unit}", unit=1)
    assert sentence.values["source"] == Message("feature {name}", name="x1")


def test_without_a_gradient_or_weights_the_reason_is_told(flower: Any) -> None:
    look = flower.look()
    data, n1 = look.plan.nodes[:2]
    assert "first update" in str(QUANTITIES["dW"].view(look, n1))
    for quantity in ("W", "dW"):
        told = QUANTITIES[quantity].view(look, data)
        assert told == Message("{name} has no weights: nothing in it is learned.", name=data.name)


def test_filters_images_and_norms(digits: Any) -> None:
    look = digits.look()
    assert str(view(look, "n3", "W").sentence(Cell(1 * 3 + 2, 1))).endswith(
        "filter 3, channel 2, pixel (1, 2)"
    )
    images = view(look, "n3", "A")
    assert images.shape == (3, 5, 5, IMAGES) and images.picture.values.shape == (30, 25)
    assert "channel 2, pixel (2, 3) for training" in str(images.sentence(Cell(13, 7)))
    norm = view(look, "n4", "W")
    assert str(norm.sentence(Cell(0, 0))) == "γ[2][1] = 1.00, the scale of channel 1"
    assert str(norm.sentence(Cell(1, -1))) == "β[2][2] = 0, the shift of channel 2"
    behind = str(view(look, "n7", "W").sentence(Cell(4, 1 * 25 + 2 * 5 + 3)))
    assert behind.endswith("from pixel (3, 4) of channel 2 of Activation 1 to class 4")


@pytest.mark.parametrize(("quantity", "kinds"), [("W", 4), ("A", 8), ("dW", 4)])
def test_what_is_seen_small_is_a_matrix(digits: Any, quantity: str, kinds: int) -> None:
    look = digits.look()
    row = QUANTITIES[quantity]
    found = {node.id: row.numbers(look, node) for node in look.plan.nodes}
    some = {id: pair for id, pair in found.items() if pair is not None}
    assert len(some) == kinds
    for id, (name, values) in some.items():
        assert row.matrix(values).ndim == 2 and row.matrix(values).size == values.size
        assert name == {"W": "γ", "A": "A", "dW": "dγ"}[quantity] if id == "n4" else quantity
    conv = some["n3"][1]
    assert row.matrix(conv).shape == ((3 * 25, conv.shape[-1]) if quantity == "A" else (3, 8))


def test_what_goes_into_an_activation_and_how_the_cost_changes_with_it(flower: Any) -> None:
    look = flower.look()
    train, rows = look.dataset.train, look.sample
    found = Program(look.plan, dtype="float32", weights=look.weights).inspect(
        train.X[rows], train.Y[rows]
    )
    for quantity in ("Z", "dZ", "dA"):
        seen = view(look, "n1", quantity)
        assert seen.name == f"{quantity}[1]"
        np.testing.assert_allclose(seen.values, getattr(found["n1"], quantity).T, rtol=1e-5)
    A, dZ = view(look, "n2", "A").values, view(look, "n2", "dZ").values
    np.testing.assert_allclose(dZ, A - train.Y[rows].T, atol=1e-6)
    dA = view(look, "n2", "dA").values
    np.testing.assert_allclose(dA * A * (1 - A), dZ, atol=1e-5)
    assert "no activation" in str(QUANTITIES["Z"].view(look, look.plan.nodes[0]))
