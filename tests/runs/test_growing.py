"""Growing: the function of a trained network before and after an edit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.layer_text import parse_layers
from netbuilder.document.model.network import Edge, Network, network_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.model.room import insert
from netbuilder.engine.layers import Add, Concatenate, Dense
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Program, Weights
from netbuilder.runs.growing import grown

DATA = DataChoice(examples=40)
X = dataset_of(DATA).train.X
SEED = 3
Edit = Callable[[Network], Network]


def plan_of(network: Network) -> Plan:
    plan = compile_project(Project(network, DATA), dataset_of(DATA).info).plan
    assert plan is not None
    return plan


def trained(plan: Plan) -> Weights:
    """Weights that no seed gives, biases and statistics among them."""
    rng = np.random.RandomState(5)
    weights = Program(plan, seed=SEED).weights()
    return {
        key: (W + np.abs(rng.normal(0, 0.3, W.shape))).astype("float32")
        for key, W in weights.items()
    }


def after(words: str, edit: Edit, task: str = "binary_cross_entropy") -> tuple[float, Weights]:
    """How far the output moves at most, and the weights that are kept."""
    network = network_of(parse_layers(words), task)
    old, new = plan_of(network), plan_of(edit(network))
    had = trained(old)
    kept = grown(had, old, new, SEED)
    one, other = Program(old, weights=had), Program(new, seed=SEED, weights=kept)
    return float(np.abs(one.predict(X) - other.predict(X)).max()), kept


def units(id: str, n: int) -> Edit:
    return lambda network: network.set_layer(id, network.node(id).layer.with_width(n))


def between(source: str, target: str, layer: Dense) -> Edit:
    return lambda network: insert(network, layer, Edge(source, target))[0]


@pytest.mark.parametrize(
    ("words", "edit"),
    [
        ("4 tanh, 1 sigmoid", units("n1", 5)),
        ("4 relu, 3 tanh, 1 sigmoid", units("n1", 40)),
        ("4 tanh, batch norm, dropout 0.5, 3 tanh, 1 sigmoid", units("n1", 6)),
        ("4 tanh, relu, 1 sigmoid", units("n1", 6)),
        (
            "8 tanh, reshape 2x2x2, conv 2 2x2 tanh, flatten, 3 tanh, 1 sigmoid",
            units("n3", 5),
        ),
        ("16 tanh, reshape 1x4x4, conv 2 2x2 relu, max pool 2, flatten, 1 sigmoid", units("n3", 3)),
    ],
)
def test_more_units_change_nothing(words: str, edit: Edit) -> None:
    moved, _ = after(words, edit)
    assert moved < 1e-6


def test_new_units_can_learn_and_are_no_twins() -> None:
    _, kept = after("4 tanh, 1 sigmoid", units("n1", 6))
    new = kept["n1.W"][4:]
    assert np.abs(new).min() > 0 and not np.allclose(new[0], new[1])
    assert not kept["n2.W"][:, 4:].any()


def test_fewer_units_leave_the_others_as_they_are() -> None:
    network = network_of(parse_layers("4 tanh, 1 sigmoid"), "binary_cross_entropy")
    had = trained(plan_of(network))
    _, kept = after("4 tanh, 1 sigmoid", units("n1", 3))
    for key, part in (("n1.W", np.s_[:3]), ("n1.b", np.s_[:3]), ("n2.W", np.s_[:, :3])):
        assert np.array_equal(kept[key], had[key][part])


@pytest.mark.parametrize(
    ("words", "layer", "most"),
    [
        ("4 relu, 1 sigmoid", Dense(4, "relu"), 1e-6),
        ("4 relu, 1 sigmoid", Dense(6, "relu"), 1e-6),
        ("4 relu, 1 sigmoid", Dense(4, "linear"), 1e-6),
        ("4 tanh, 1 sigmoid", Dense(4, "relu"), 1e-6),
        ("4 tanh, 1 sigmoid", Dense(5, "tanh"), 0.03),
        ("4 sigmoid, 1 sigmoid", Dense(4, "sigmoid"), 0.03),
    ],
)
def test_a_layer_on_a_wire_begins_near_the_identity(words: str, layer: Dense, most: float) -> None:
    moved, kept = after(words, between("n1", "n2", layer))
    assert moved < most
    assert "n3.W" in kept


@pytest.mark.parametrize("layer", [Dense(3, "relu"), Dense(4, "softmax")])
def test_what_cannot_be_the_identity_is_left_to_the_seed(layer: Dense) -> None:
    _, kept = after("4 relu, 1 sigmoid", between("n1", "n2", layer))
    assert "n3.W" not in kept
    assert "n1.W" in kept


def test_inputs_that_are_joined_keep_their_places() -> None:
    def joined(network: Network) -> Network:
        network, node = network.add(Dense(3, "tanh"), (0.0, 200.0))
        network = network.connect("data", node.id)
        network, join = insert(network, Concatenate(), Edge("n1", "n2"))
        return network.connect(node.id, join.id)

    network = joined(network_of(parse_layers("4 tanh, 1 sigmoid"), "binary_cross_entropy"))
    old, new = plan_of(network), plan_of(units("n1", 6)(network))
    had = trained(old)
    kept = grown(had, old, new, SEED)
    moved = Program(old, weights=had).predict(X) - Program(new, weights=kept, seed=SEED).predict(X)
    assert np.abs(moved).max() < 1e-6
    assert kept["n2.W"].shape == (1, 9)


def test_a_join_of_a_new_branch_is_no_reason_to_forget() -> None:
    def residual(network: Network) -> Network:
        network, join = insert(network, Add(), Edge("n2", "n3"))
        return network.connect("n1", join.id)

    network = network_of(parse_layers("4 tanh, 4 tanh, 1 sigmoid"), "binary_cross_entropy")
    old = plan_of(network)
    had = trained(old)
    kept = grown(had, old, plan_of(residual(network)), SEED)
    assert all(kept[key] is had[key] for key in had)


def test_an_edit_that_touches_no_shape_keeps_the_very_arrays() -> None:
    network = network_of(parse_layers("4 tanh, 1 sigmoid"), "binary_cross_entropy")
    old = plan_of(network)
    had = trained(old)
    new = network.set_layer("n1", network.node("n1").layer.with_settings(activation="relu"))
    kept = grown(had, old, plan_of(new), SEED)
    assert all(kept[key] is had[key] for key in had)
