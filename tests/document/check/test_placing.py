"""Where a layer goes that is double-clicked in the palette."""

from __future__ import annotations

import dataclasses

import pytest

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.compile import compile_project
from netbuilder.document.check.placing import place
from netbuilder.document.model.network import COST, DATA, Edge, Network, network_of
from netbuilder.document.model.project import Project
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import (
    Add,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    Reshape,
)

DIGITS = DataInfo(
    *("digits", 1797, tuple(f"pixel {k}" for k in range(64)), ("digit",), "classes"),
    class_names=tuple("0123456789"),
    image_shape=(8, 8),
)
OUTPUT = Dense(10, "softmax")


def kinds(network: Network) -> list[str]:
    return [network.node(id).layer.kind for id in network.order if id not in (DATA, COST)]


def test_a_convolution_network_is_built_by_double_clicks_alone() -> None:
    network = network_of([Dense(16, "tanh"), OUTPUT], "cross_entropy")
    for layer in (Reshape(1, 3, 3), Conv2D(), MaxPool2D(), Flatten()):
        network, _ = place(network, layer, DIGITS)
    assert kinds(network) == ["reshape", "conv2d", "max_pool2d", "flatten", "dense", "dense"]
    assert compile_project(Project(network), DIGITS).problems == ()
    assert network.node("n3").layer == Reshape(1, 8, 8), "as the data has it"
    xs = [network.node(id).position[0] for id in network.order]
    assert xs == sorted(xs) and len(set(xs)) == len(xs)


@pytest.mark.parametrize(
    ("start", "layer", "behind"),
    [
        ([Dense(4), OUTPUT], Dense(3), "n1"),
        ([Dense(4), OUTPUT], BatchNorm(), "n1"),
        ([Dense(4), OUTPUT], Add(), "n1"),
        ([Reshape(1, 8, 8), Conv2D(), Flatten(), OUTPUT], Conv2D(), "n2"),
        ([Reshape(1, 8, 8), Conv2D(), Flatten(), OUTPUT], Dense(5), "n3"),
        ([Reshape(1, 8, 8), Conv2D(), Flatten(), OUTPUT], GlobalAvgPool2D(), "n2"),
        # No place would do: it goes before the output and says what is the matter.
        ([Dense(4), OUTPUT], Conv2D(), "n1"),
        ([Reshape(1, 8, 8), Conv2D(), OUTPUT], Dense(5), "n2"),
    ],
)
def test_a_layer_goes_as_near_to_the_output_as_it_fits(
    start: list[Layer], layer: Layer, behind: str
) -> None:
    network, node = place(network_of(start, "cross_entropy"), layer, DIGITS)
    assert network.inputs(node.id) == (behind,)


def test_without_data_it_goes_before_the_output() -> None:
    network, node = place(network_of([Dense(4), Dense(1)], "mse"), Conv2D(), None)
    assert network.inputs(node.id) == ("n1",) and network.outputs(node.id) == ("n2",)


def test_a_loose_convolution_is_put_where_it_fits() -> None:
    network = network_of([Reshape(1, 8, 8), Flatten(), OUTPUT], "cross_entropy")
    network, node = network.add(Conv2D(), (0.0, 300.0))
    (warning,) = [
        p for p in compile_project(Project(network), DIGITS).problems if p.node == node.id
    ]
    assert str(warning.fix.label) == "Put Conv2D 1 before Flatten 1"
    after = warning.fix.apply(Project(network)).network
    assert Edge("n1", node.id) in after.edges and Edge(node.id, "n2") in after.edges


def test_other_data_makes_other_images() -> None:
    info = dataclasses.replace(DIGITS, image_shape=(4, 16))
    network, node = place(network_of([OUTPUT], "cross_entropy"), Reshape(), info)
    assert network.node(node.id).layer == Reshape(1, 4, 16)
