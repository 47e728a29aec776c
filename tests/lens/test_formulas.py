"""Formulas: every kind has some, with its settings and shapes in them, and words to translate."""

from __future__ import annotations

import pytest

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layer import LAYERS, Layer
from netbuilder.engine.layers import BatchNorm, Concatenate, Conv2D, Dense, Dropout, Flatten
from netbuilder.errors import Message
from netbuilder.lens.formulas import FORMULAS, Place, formulas


def said(layer: Layer, *shapes: tuple[int, ...], number: str = "2") -> list[tuple[str, str]]:
    inputs = ["A1", "X"][: max(1, len(shapes))]
    return [
        (str(name), str(value)) for name, value in formulas(Place(layer, inputs, shapes, number))
    ]


def test_no_kind_is_without_formulas_or_a_reason() -> None:
    assert FORMULAS.missing == ()
    assert formulas(Place(LAYERS["input"](), ["X"], [(2,)], "")) == []


@pytest.mark.parametrize("kind", list(FORMULAS))
def test_every_kind_writes_its_formula(kind: str) -> None:
    shapes = [(1, 8, 8)] * (2 if LAYERS[kind].max_inputs != 1 else 1)
    rows = said(LAYERS[kind](), *shapes)
    assert rows and all(value for _, value in rows)


def test_a_dense_layer() -> None:
    rows = said(Dense(3, "tanh", "he"), (4,))
    assert rows[0] == ("", "Z2 = W2·A1 + b2,  A2 = g(Z2)")
    assert ("W starts as", INITIALIZERS["he"].formula) in rows
    assert ("g(Z)", ACTIVATIONS["tanh"].formula) in rows


def test_a_convolution_has_its_stride_and_padding_in_it() -> None:
    rows = said(Conv2D(4, 3, 2, 1), (8, 6, 6))
    assert rows[0][1].endswith("· A1[c, 2y − 1 + i, 2x − 1 + j]")
    assert ("height, width", "⌊(6 + 2·1 − 3) / 2⌋ + 1 = 3") in rows
    assert [name for name, _ in said(Conv2D(4, 3), (8, 6, 7)) if "height" in name] == ["height"]
    assert not [name for name, _ in said(Conv2D(4, 3)) if "height" in name]


def test_what_is_not_known_of_the_inputs_is_left_out() -> None:
    assert said(Flatten()) == []
    assert said(Flatten(), (2, 3, 5)) == [("", "A[15 c + 5 y + x] = A1[c, y, x]")]
    assert said(Concatenate(), (2,)) == []
    assert said(Concatenate(), (2,), (3,)) == [("", "A = [A1; X]")]


def test_words_are_messages_with_their_values_apart() -> None:
    rows = formulas(Place(Dropout(0.25), ["A1"], [(4,)], ""))
    assert ("D", Message("1 with probability {keep}, else 0", keep="0.75")) in rows
    assert (Message("predicting"), "A = A1") in rows
    running = [value for name, value in formulas(Place(BatchNorm(), ["A1"], [(4,)], "1"))][-1]
    assert isinstance(running, Message) and running.values == {"stays": "0.9", "comes": "0.1"}
