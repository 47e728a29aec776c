"""Layers from a line of text."""

from __future__ import annotations

import pytest

from netbuilder.document.model.layer_text import parse_layers
from netbuilder.engine.layers import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    LayerNorm,
    MaxPool2D,
    Reshape,
)
from netbuilder.errors import UserError


def test_layers_from_text() -> None:
    assert parse_layers(" 16 relu ,dropout 0.5, 4 tanh,3 ") == (
        Dense(16, "relu", "he"),
        Dropout(0.5),
        Dense(4, "tanh", "xavier"),
        Dense(3, "linear", "xavier"),
    )


def test_a_network_of_images() -> None:
    assert parse_layers("reshape 1x8x8, conv 8 3x3 relu, max pool 2, flatten, 10 softmax") == (
        Reshape(1, 8, 8),
        Conv2D(8, 3, activation="relu", initializer="he"),
        MaxPool2D(2),
        Flatten(),
        Dense(10, "softmax", "xavier"),
    )


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("reshape 3×32×24", Reshape(3, 32, 24)),
        ("reshape 8x8", Reshape(1, 8, 8)),
        ("conv 4 5", Conv2D(4, 5, activation="linear", initializer="xavier")),
        (
            "conv 4 3x3 tanh stride 2 padding 1",
            Conv2D(4, 3, stride=2, padding=1, activation="tanh", initializer="xavier"),
        ),
        ("conv 4 3x3 padding 1", Conv2D(4, 3, 1, 1, "linear", "xavier")),
        ("max pool 3x3 stride 2", MaxPool2D(3, 2)),
        ("average pool 2", AvgPool2D(2)),
        ("global average pool", GlobalAvgPool2D()),
        ("batch norm", BatchNorm()),
        ("layer norm", LayerNorm()),
        ("relu", Activation("relu")),
    ],
)
def test_every_kind_has_its_words(text: str, layer: object) -> None:
    assert parse_layers(text) == (layer,)


def test_the_initializer_is_for_all_weights() -> None:
    assert [
        getattr(layer, "initializer", "") for layer in parse_layers("conv 2 3, 4", "lecun")
    ] == [
        "lecun",
        "lecun",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("4 tanh,, 1 sigmoid", "found ''"),
        ("tanh 4", "found 'tanh 4'"),
        ("4.5 tanh", "found '4.5 tanh'"),
        ("4 tanh sigmoid", "found '4 tanh sigmoid'"),
        ("dropout x", "found 'dropout x'"),
        ("² tanh", "found '² tanh'"),
        ("0 tanh", "units must be from 1 to 1,000,000; got 0"),
        ("-3 tanh", "got -3"),
        ("1000000000 tanh", "got 1,000,000,000"),
        ("4 tahn", "Did you mean tanh?"),
        ("dropout 1", "rate must be"),
        ("dropout nan", "rate must be"),
        ("conv 8", 'Expected a layer such as "conv 8 3x3 relu stride 1 padding 1", but found'),
        ("conv 8 3x5", "found 'conv 8 3x5'"),
        ("conv 8 3x3 padding same", "found 'conv 8 3x3 padding same'"),
        ("conv 8 3x3 stride 1 stride 2", "found"),
        ("conv 8 3x3 reluu", "Did you mean relu?"),
        ("conv 8 0x0", "kernel must be from 1 to 100; got 0"),
        ("max pool", 'such as "max pool 2"'),
        ("pool 2", "max pool 2, flatten, 10 softmax"),
        ("flatten 3", "found 'flatten 3'"),
        ("reshape 64", 'such as "reshape 1x8x8"'),
        ("reshape 1x8x8x8", 'such as "reshape 1x8x8"'),
        ("reshape 1xx8", 'such as "reshape 1x8x8"'),
    ],
)
def test_text_that_makes_no_layer_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_layers(text)
    assert words in str(caught.value)


def test_a_huge_number_is_refused_and_not_read_digit_by_digit() -> None:
    with pytest.raises(UserError, match="Expected layers"):
        parse_layers("9" * 5000 + " tanh")
