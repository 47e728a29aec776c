"""Networks for images: what does not fit between columns and images, and the remedies."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check import memory
from netbuilder.document.check.compile import Compiled, compile_project
from netbuilder.document.check.conversions import image_of, suited
from netbuilder.document.model.network import COST, DATA, Edge, Network, network_of
from netbuilder.document.model.project import Project, TrainingSettings
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import (
    Activation,
    Add,
    AvgPool2D,
    BatchNorm,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    LayerNorm,
    MaxPool2D,
    Multiply,
    Reshape,
)

PIXELS = tuple(f"pixel {k}" for k in range(64))
TEN = tuple("0123456789")
DIGITS = DataInfo("digits", 1797, PIXELS, ("digit",), "classes", TEN, (8, 8))
TABLE = dataclasses.replace(DIGITS, feature_names=PIXELS[:30], image_shape=None)
AT = (0.0, 0.0)

RESHAPE, CONV, POOL, FLATTEN = Reshape(1, 8, 8), Conv2D(8, 3), MaxPool2D(2), Flatten()
OUTPUT = Dense(10, "softmax", "xavier")


def network(*layers: Layer) -> Network:
    return network_of(layers, "cross_entropy")


def compiled(network: Network, info: DataInfo = DIGITS, **training: object) -> Compiled:
    return compile_project(Project(network, training=TrainingSettings(**training)), info)


def told(result: Compiled) -> list[tuple[str, str]]:
    """(message, remedy) of every problem."""
    return [(str(p.message), str(p.fix.label) if p.fix else "") for p in result.problems]


def mended(network: Network, info: DataInfo = DIGITS) -> Network:
    """After a click on the first remedy, which must leave nothing to be said."""
    fix = compiled(network, info).problems[0].fix
    assert fix is not None
    after = fix.apply(Project(network)).network
    assert told(compiled(after, info)) == []
    return after


def layers(network: Network) -> list[Layer]:
    """Those of a chain, in order."""
    return [network.node(id).layer for id in network.order if id not in (DATA, COST)]


CONVOLUTION = (RESHAPE, CONV, POOL, FLATTEN, OUTPUT)


def test_a_network_for_the_digits_has_a_plan_and_no_problems() -> None:
    result = compiled(network(*CONVOLUTION))
    assert result.plan is not None and told(result) == []
    assert [node.shape for node in result.plan.nodes] == [
        (64,),
        (1, 8, 8),
        (8, 6, 6),
        (8, 3, 3),
        (72,),
        (10,),
        (),
    ]
    assert result.parameter_shapes["n2"] == {"W": (8, 1, 3, 3), "b": (8, 1)}


# --- columns where images are needed -------------------------------------------------------------


def test_a_convolution_on_the_data_gets_a_reshape_in_one_click() -> None:
    bare = network(CONV, FLATTEN, OUTPUT)
    ((message, remedy),) = told(compiled(bare))
    assert message.startswith("Conv2D takes images, shape (channels, height, width), but")
    assert remedy == "Put a Reshape to 1×8×8 before Conv2D 1"
    assert compiled(bare).problems[0].edge == Edge(DATA, "n1")
    after = mended(bare)
    assert layers(after) == [RESHAPE, CONV, FLATTEN, OUTPUT]
    xs = [after.node(id).position[0] for id in after.order]
    assert all(right - left == 200 for left, right in pairwise(xs))


def test_where_a_dense_layer_follows_it_gets_its_flatten_in_the_same_click() -> None:
    bare = network(CONV, OUTPUT)
    ((_, remedy),) = told(compiled(bare))
    assert remedy == "Put a Reshape to 1×8×8 before Conv2D 1, and a Flatten before Dense 1"
    assert layers(mended(bare)) == [RESHAPE, CONV, FLATTEN, OUTPUT]


def test_a_convolution_behind_dense_goes_to_the_images_there_are() -> None:
    late = network(RESHAPE, FLATTEN, Dense(16, "tanh"), CONV, OUTPUT)
    ((_, remedy),) = told(compiled(late))
    assert remedy == "Put Conv2D 1 after Reshape 1"
    after = mended(late)
    assert layers(after) == [RESHAPE, CONV, FLATTEN, Dense(16, "tanh"), OUTPUT]
    assert after.node("n4") == dataclasses.replace(
        late.node("n4"), position=after.node("n4").position
    )
    assert len({node.position for node in after.nodes}) == len(after.nodes)


def test_a_convolution_behind_dense_goes_to_the_data() -> None:
    late = network(Dense(5, "tanh"), CONV, OUTPUT)
    ((_, remedy),) = told(compiled(late))
    assert remedy == (
        "Put Conv2D 1 right after Data, behind a Reshape to 1×8×8, and a Flatten before Dense 1"
    )
    assert layers(mended(late)) == [RESHAPE, CONV, FLATTEN, Dense(5, "tanh"), OUTPUT]


def test_data_without_images_says_what_to_do_and_can_do_without() -> None:
    made_for_digits = network(*CONVOLUTION)
    ((message, remedy),) = told(compiled(made_for_digits, TABLE))
    assert "has 64 numbers, but the input of Reshape has 30" in message
    assert "Set channels, height and width so that their product is 30" in message
    assert remedy == "Remove Reshape 1, Conv2D 1, MaxPool2D 1, Flatten 1"
    fix = compiled(made_for_digits, TABLE).problems[0].fix
    assert layers(fix.apply(Project(made_for_digits)).network) == [OUTPUT]


@pytest.mark.parametrize(
    ("n", "image"),
    [(64, (1, 8, 8)), (784, (1, 28, 28)), (3072, (3, 32, 32)), (30, None), (4, None)],
)
def test_square_images_are_guessed(n: int, image: tuple[int, ...] | None) -> None:
    info = dataclasses.replace(TABLE, feature_names=tuple(map(str, range(n))))
    assert image_of(n, info) == image
    assert suited(Reshape(1, 2, 3), info) == (Reshape(*image) if image else Reshape(1, 2, 3))


def test_the_datas_own_shape_is_known() -> None:
    wide = dataclasses.replace(DIGITS, image_shape=(4, 16))
    assert image_of(64, wide) == (1, 4, 16)
    wrong = network(Reshape(3, 8, 8), *CONVOLUTION[1:])
    ((_, remedy),) = told(compiled(wrong, wide))
    assert remedy == "Make Reshape 1 1×4×16"


def test_a_reshape_behind_dense_goes_to_the_data() -> None:
    late = network(Dense(5, "tanh"), RESHAPE, OUTPUT)
    ((_, remedy),) = told(compiled(late))
    assert remedy == "Put Reshape 1 right after Data, and a Flatten before Dense 1"


def test_an_unfed_convolution_is_wired_to_data_through_a_reshape() -> None:
    cut = network(*CONVOLUTION[1:]).disconnect([Edge(DATA, "n1")])
    ((_, remedy),) = told(compiled(cut))
    assert remedy == "Connect Data to Conv2D 1"
    assert layers(mended(cut)) == list(CONVOLUTION)


# --- images where columns are needed -------------------------------------------------------------


def test_dense_gets_a_flatten_before_it() -> None:
    without = network(RESHAPE, CONV, POOL, OUTPUT)
    ((message, remedy),) = told(compiled(without))
    assert "Dense takes one number per unit, shape (n,), but its input has shape (8, 3, 3)" in (
        message
    )
    assert remedy == "Put a Flatten before Dense 1"
    assert layers(mended(without)) == list(CONVOLUTION)


def test_an_image_at_cost_gets_a_flatten_and_an_output_layer() -> None:
    without = network(RESHAPE, CONV, POOL)
    width, loss = told(compiled(without))
    assert width[0] == (
        "The output MaxPool2D 1 has images of 8×3×3, but the data has 10 classes: "
        "one unit is needed for each of them."
    )
    assert (
        width[1]
        == loss[1]
        == ("Add a Flatten and an output layer of 10 units with Softmax: the data has 10 classes")
    )
    assert layers(mended(without)) == list(CONVOLUTION)


def test_the_filters_are_the_output_where_the_channels_are_averaged() -> None:
    averaged = network(
        RESHAPE, CONV, Conv2D(4, 3, activation="linear"), GlobalAvgPool2D(), Activation("softmax")
    )
    ((_, remedy),) = told(compiled(averaged))
    assert remedy == "Make the output 10 units: the data has 10 classes"
    assert layers(mended(averaged))[2].filters == 10


def test_the_filters_are_seen_through_a_pool_too() -> None:
    pooled = network(RESHAPE, Conv2D(4, 3), MaxPool2D(2), GlobalAvgPool2D(), Activation("softmax"))
    ((_, remedy),) = told(compiled(pooled))
    assert remedy == "Make the output 10 units: the data has 10 classes"
    assert layers(mended(pooled))[1].own_width == 10


def test_a_reshape_behind_an_output_that_fits_is_removed() -> None:
    shaped = network(Dense(10, "softmax"), Reshape(1, 2, 5))
    assert {remedy for _, remedy in told(compiled(shaped))} == {"Remove Reshape 1"}


def test_the_output_is_seen_through_batch_norm() -> None:
    normed = network(Dense(8), Dense(3, "linear"), BatchNorm(), Activation("softmax"))
    ((_, remedy),) = told(compiled(normed))
    assert remedy == "Make the output 10 units: the data has 10 classes"
    assert layers(mended(normed))[1].units == 10


# --- images too small ----------------------------------------------------------------------------


def test_a_kernel_larger_than_the_image() -> None:
    small = network(RESHAPE, MaxPool2D(4), CONV, FLATTEN, OUTPUT)
    ((message, remedy),) = told(compiled(small))
    assert "The kernel of Conv2D, 3×3, is larger than its input of 2×2" in message
    assert remedy == "Give Conv2D 1 a padding of 1"
    mended(small)
    even = network(RESHAPE, Conv2D(8, 10, padding=100), FLATTEN, OUTPUT)
    assert compiled(even).ok


def test_a_window_larger_than_the_image() -> None:
    small = network(RESHAPE, CONV, AvgPool2D(9), FLATTEN, OUTPUT)
    ((_, remedy),) = told(compiled(small))
    assert remedy == "Make the windows of AvgPool2D 1 6×6"
    mended(small)
    single = network(RESHAPE, CONV, MaxPool2D(6), POOL, FLATTEN, OUTPUT)
    ((_, remedy),) = told(compiled(single))
    assert remedy == "Remove MaxPool2D 2"


# --- joins ---------------------------------------------------------------------------------------


def residual(branch: Conv2D, join: Layer) -> Network:
    """A convolution of 8 filters, then a branch around ``branch`` that comes together in a join."""
    graph = network(
        RESHAPE, Conv2D(8, 3, padding=1), branch, GlobalAvgPool2D(), Dense(10, "softmax")
    )
    graph, node = graph.insert(join, Edge("n3", "n4"), AT)
    return graph.connect("n2", node.id)


@pytest.mark.parametrize("join", [Add(), Multiply()])
def test_a_branch_that_made_its_image_smaller_gets_a_padding(join: Layer) -> None:
    graph = residual(CONV, join)
    ((message, remedy),) = told(compiled(graph))
    assert "(8, 6, 6), (8, 8, 8)" in message
    assert remedy == "Give Conv2D 2 a padding that keeps the image's size"
    after = mended(graph)
    assert after.node("n2") == graph.node("n2"), "what both branches share stays"
    assert after.node("n3").layer == Conv2D(8, 3, padding=1)


def test_a_branch_of_other_channels_gets_as_many_filters() -> None:
    graph = residual(Conv2D(4, 3, padding=1), Add())
    ((_, remedy),) = told(compiled(graph))
    assert remedy == "Give all inputs of Add 1 8 channels"
    assert mended(graph).node("n3").layer.filters == 8


def test_channels_that_cannot_be_set_are_brought_by_a_convolution_of_one_pixel() -> None:
    graph = network(RESHAPE, Conv2D(8, 3, padding=1), GlobalAvgPool2D(), Dense(10, "softmax"))
    graph, join = graph.insert(Add(), Edge("n2", "n3"), AT)
    graph = graph.connect("n1", join.id)
    graph, both = graph.insert(Concatenate(), Edge("n2", join.id), AT)
    graph = graph.connect("n1", both.id)
    ((message, remedy),) = told(compiled(graph))
    assert "(9, 8, 8), (1, 8, 8)" in message
    assert remedy == "Bring the inputs of Add 1 to 9 channels with a convolution of 1×1"
    mended(graph)


def test_a_residual_around_the_first_convolution_needs_both() -> None:
    graph = network(RESHAPE, CONV, GlobalAvgPool2D(), Dense(10, "softmax"))
    graph, join = graph.insert(Add(), Edge("n2", "n3"), AT)
    graph = graph.connect("n1", join.id)
    ((_, remedy),) = told(compiled(graph))
    assert remedy == (
        "Give Conv2D 1 a padding that keeps the image's size. "
        "Bring the inputs of Add 1 to 8 channels with a convolution of 1×1"
    )
    mended(graph)


def test_images_and_columns_meet_behind_a_flatten() -> None:
    graph = network(RESHAPE, CONV, Dense(10, "softmax"))
    graph, join = graph.insert(Concatenate(), Edge("n2", "n3"), AT)
    graph = graph.connect(DATA, join.id)
    ((_, remedy),) = told(compiled(graph))
    assert remedy == "Put a Flatten where an image reaches Concatenate 1"
    mended(graph)


# --- a teacher's word ----------------------------------------------------------------------------


def test_a_linear_layer_before_a_norm_and_an_activation_is_none() -> None:
    written_apart = network(
        *(RESHAPE, Conv2D(8, 3, activation="linear"), BatchNorm(), Activation("relu")),
        *(FLATTEN, Dense(16, "linear"), BatchNorm(), Activation("tanh"), OUTPUT),
    )
    assert told(compiled(written_apart)) == []


@pytest.mark.parametrize(
    "between", [(BatchNorm(),), (AvgPool2D(2),), (GlobalAvgPool2D(),), (Dropout(), AvgPool2D(2))]
)
def test_two_linear_layers_with_nothing_that_bends_between(between: tuple[Layer, ...]) -> None:
    flatten = () if isinstance(between[0], GlobalAvgPool2D) else (FLATTEN,)
    linear = network(RESHAPE, Conv2D(8, 3, activation="linear"), *between, *flatten, OUTPUT)
    ((message, remedy),) = told(compiled(linear))
    assert message.startswith("Conv2D 1 is linear, and so is what follows it")
    assert remedy == "Give Conv2D 1 ReLU"
    mended(linear)


@pytest.mark.parametrize("between", [MaxPool2D(2), LayerNorm()])
def test_what_bends_is_enough(between: Layer) -> None:
    bent = network(RESHAPE, Conv2D(8, 3, activation="linear"), between, FLATTEN, OUTPUT)
    assert told(compiled(bent)) == []


def test_filters_of_zeros_are_all_the_same() -> None:
    zeros = network(RESHAPE, Conv2D(8, 3, initializer="zeros"), *CONVOLUTION[2:])
    ((message, _),) = told(compiled(zeros))
    assert "its filters all begin as the same one" in message
    mended(zeros)


@pytest.mark.parametrize("norm", [BatchNorm(), LayerNorm()])
def test_a_norm_right_before_cost(norm: Layer) -> None:
    last = network(Dense(8, "tanh"), OUTPUT, norm)
    ((message, remedy),) = told(compiled(last))
    assert "has no activation" in message and remedy == f"Remove {norm.title} 1"
    mended(last)
    squared = network_of([Dense(8, "tanh"), OUTPUT, norm], "mse")
    ((message, remedy),) = told(compiled(squared))
    assert f"{norm.title} belongs between layers" in message and remedy == f"Remove {norm.title} 1"
    mended(squared)


def test_batches_of_one_leave_batch_norm_nothing() -> None:
    normed = network(Dense(8, "linear"), BatchNorm(), Activation("relu"), OUTPUT)
    assert told(compiled(normed)) == []
    result = compiled(normed, batch_size=1)
    ((message, _),) = told(result)
    assert "a single one is its own mean" in message
    project = result.problems[0].fix.apply(Project(normed, training=TrainingSettings(batch_size=1)))
    assert project.training.batch_size == 32
    images = network(RESHAPE, Conv2D(8, 3, activation="linear"), BatchNorm(), *CONVOLUTION[2:])
    assert told(compiled(images, batch_size=1)) == [], "an image has many pixels"


def test_a_layer_norm_of_one_unit() -> None:
    normed = network(Dense(1, "tanh"), LayerNorm(), OUTPUT)
    ((message, remedy),) = told(compiled(normed))
    assert "a single unit, which is its own mean" in message and remedy == "Remove LayerNorm 1"


def test_a_flatten_of_a_column_has_nothing_to_do() -> None:
    idle = network(Dense(8, "tanh"), FLATTEN, OUTPUT)
    ((message, remedy),) = told(compiled(idle))
    assert "Flatten 1 has nothing to do" in message and remedy == "Remove Flatten 1"
    mended(idle)


# --- memory --------------------------------------------------------------------------------------


def test_images_that_would_not_fit_name_the_layer_that_makes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available", lambda: 2 * 10**9)
    large = dataclasses.replace(
        DIGITS, m=60_000, feature_names=tuple(map(str, range(64 * 64))), image_shape=(64, 64)
    )
    wide = network(Reshape(1, 64, 64), Conv2D(32, 3), MaxPool2D(4), GlobalAvgPool2D(), OUTPUT)
    ((message, remedy),) = told(compiled(wide, large))
    assert "numbers on its way" in message and "60,000 examples go through it at once" in message
    assert "of them in Conv2D 1" in message
    assert remedy.startswith("Take batches of")
    assert compile_project(compiled(wide, large).problems[0].fix.apply(Project(wide)), large).ok
    single = compiled(wide, dataclasses.replace(large, m=2), batch_size=1)
    assert single.ok
    monkeypatch.setattr(memory, "available", lambda: 10**8)
    huge = wide.set_layer("n2", Conv2D(4096, 3))
    ((_, remedy),) = told(compiled(huge, large, batch_size=8))
    assert remedy == "Make Conv2D 1 smaller: 32 channels"
