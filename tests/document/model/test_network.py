"""The network's edits, one by one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from netbuilder.document.model.network import (
    COLUMN,
    COST,
    DATA,
    Edge,
    EditError,
    Network,
    append,
    diff,
    name_refusal,
    network_of,
)
from netbuilder.engine.layers import Activation, Add, Concatenate, Cost, Dense, Dropout, Input


@pytest.fixture
def network() -> Network:
    """Data → n1 → n2 → Cost."""
    return network_of([Dense(4, "tanh"), Dense(1, "sigmoid")], "binary_cross_entropy")


def wires(network: Network) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in network.edges}


def test_a_chain_runs_from_data_to_cost_in_one_row(network: Network) -> None:
    assert network.order == (DATA, "n1", "n2", COST)
    assert wires(network) == {(DATA, "n1"), ("n1", "n2"), ("n2", COST)}
    places = [network.node(id).position for id in network.order]
    assert {y for _, y in places} == {0.0}
    assert [b[0] - a[0] for a, b in pairwise(places)] == [COLUMN] * 3
    assert sum(x for x, _ in places) == 0
    assert isinstance(network.node(DATA).layer, Input)
    assert network.node(COST).layer == Cost("binary_cross_entropy")


def test_an_empty_chain_is_data_and_cost() -> None:
    assert wires(network_of([], "mse")) == {(DATA, COST)}


def test_reading(network: Network) -> None:
    assert network.inputs("n2") == ("n1",) and network.outputs("n2") == (COST,)
    assert network.inputs(DATA) == () and network.outputs(COST) == ()
    assert network.reaches(DATA, COST) and not network.reaches("n2", "n1")
    assert network.node(DATA).fixed and not network.node("n1").fixed


def test_a_wire_to_a_layer_of_one_input_replaces_the_one_it_had(network: Network) -> None:
    assert wires(network.connect(DATA, "n2")) == {(DATA, "n1"), (DATA, "n2"), ("n2", COST)}


def test_a_join_takes_wires_in_order(network: Network) -> None:
    network, join = network.insert(Concatenate(), Edge("n1", "n2"), (0, 0))
    network = network.connect(DATA, join.id)
    assert network.inputs(join.id) == ("n1", DATA)


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("n2", "n1", "no cycles"),
        ("n1", "n1", "no cycles"),
        (COST, "n1", "no cycles"),
        ("n1", DATA, "no cycles"),
        ("n1", "n2", "Dense 1 and Dense 2 are connected already"),
    ],
)
def test_wires_that_cannot_be(network: Network, source: str, target: str, reason: str) -> None:
    refusal = network.refusal(source, target)
    assert refusal is not None and reason in str(refusal)
    with pytest.raises(EditError, match=reason):
        network.connect(source, target)


def test_loose_layers_show_the_other_refusals(network: Network) -> None:
    network, loose = network.add(Dense(), (0, 0))
    assert str(network.refusal(COST, loose.id)) == "Cost has no output."
    assert str(network.refusal(loose.id, DATA)) == "Data has no input."
    assert network.refusal(loose.id, "n1") is None


def test_a_cycle_through_branches_is_refused(network: Network) -> None:
    network, join = network.insert(Add(), Edge(DATA, "n1"), (0, 0))
    assert "no cycles" in str(network.refusal("n2", join.id))


def test_ids_are_never_given_twice_and_names_fill_gaps(network: Network) -> None:
    network, third = network.add(Dense(), (1, 2))
    assert (third.id, third.name, third.position) == ("n3", "Dense 3", (1, 2))
    network, fourth = network.remove(["n1"]).add(Dense(), (0, 0))
    assert (fourth.id, fourth.name) == ("n4", "Dense 1")
    assert network.add(Dropout(), (0, 0))[1].name == "Dropout 1"


def test_insertion_keeps_the_place_among_a_joins_inputs(network: Network) -> None:
    network, join = network.insert(Concatenate(), Edge("n1", "n2"), (0, 0))
    network = network.connect(DATA, join.id)
    network, node = network.insert(Dropout(), Edge("n1", join.id), (0, 0))
    assert network.inputs(join.id) == (node.id, DATA)


def test_only_a_loose_layer_goes_on_a_wire_that_is_there(network: Network) -> None:
    with pytest.raises(EditError, match="Dense 1 has wires already"):
        network.splice("n1", Edge("n2", COST))
    network, loose = network.add(Dense(), (0, 0))
    with pytest.raises(EditError, match="is gone"):
        network.splice(loose.id, Edge(DATA, COST))
    assert network.splice(loose.id, Edge("n2", COST)).inputs(COST) == (loose.id,)


def test_deleting_heals_the_wire(network: Network) -> None:
    assert wires(network.remove(["n1"])) == {(DATA, "n2"), ("n2", COST)}
    assert wires(network.remove(["n1", "n2"])) == {(DATA, COST)}
    assert wires(network.remove(["n2", "n1"])) == {(DATA, COST)}


def test_deleting_heals_every_branch_and_makes_no_wire_twice(network: Network) -> None:
    network, join = network.insert(Add(), Edge("n2", COST), (0, 0))
    network = network.connect("n1", join.id)
    assert wires(network.remove(["n2"])) == {(DATA, "n1"), ("n1", join.id), (join.id, COST)}
    assert wires(network.remove(["n1"])) == {
        (DATA, "n2"),
        (DATA, join.id),
        ("n2", join.id),
        (join.id, COST),
    }


def test_data_and_cost_stay_whatever_is_asked(network: Network) -> None:
    assert network.remove([DATA, COST, "no such"]) == network


def test_a_setting_changes_one_node_and_no_other(network: Network) -> None:
    new = network.set_layer("n1", Dense(5, "tanh"))
    assert new.node("n1").layer.units == 5 and new.node("n1").name == "Dense 1"
    assert all(new.node(id) is network.node(id) for id in (DATA, "n2", COST))
    assert network.set_layer("n1", Dense(4, "tanh")) is network


def test_renaming(network: Network) -> None:
    assert network.rename("n1", "  hidden ").node("n1").name == "hidden"
    assert network.rename("n1", "Dense 1") is network
    with pytest.raises(EditError, match="called Dense 2 already"):
        network.rename("n1", "Dense 2")
    with pytest.raises(EditError, match="called Data already"):
        network.rename("n1", "Data")
    with pytest.raises(EditError, match="Data keeps its name"):
        network.rename(DATA, "mine")


@pytest.mark.parametrize("name", ["", " ", "a.b", "a" * 41, "a\nb", "\ud800"])
def test_names_that_cannot_be(network: Network, name: str) -> None:
    assert name_refusal(name.strip() or name) is not None
    with pytest.raises(EditError, match="1 to 40 characters"):
        network.rename("n1", name)


@pytest.mark.parametrize("name", ["h", "隐藏层 1", "a" * 40])
def test_names_that_can_be(name: str) -> None:
    assert name_refusal(name) is None


def test_moving(network: Network) -> None:
    new = network.move({"n1": (3.0, 4.0), DATA: network.node(DATA).position})
    assert new.node("n1").position == (3.0, 4.0)
    assert new.node(DATA) is network.node(DATA)


def test_pasting_copies_layers_and_the_wires_between_them(network: Network) -> None:
    new, ids = network.paste(network.nodes, network.edges)
    assert ids == ("n3", "n4")
    assert wires(new) - wires(network) == {("n3", "n4")}
    assert new.node("n3").layer == network.node("n1").layer
    x, y = network.node("n1").position
    assert new.node("n3").position == (x + 24, y + 24)
    assert new.node("n3").name == "Dense 3"


# --- append --------------------------------------------------------------------------------------


def test_append_puts_a_layer_before_the_output_and_makes_room(network: Network) -> None:
    new, node = append(network, Dense(8))
    assert new.order == (DATA, "n1", node.id, "n2", COST)
    assert node.position == (100.0, 0.0)
    assert [new.node(id).position[0] for id in new.order] == [-300, -100, 100, 300, 500]


def test_append_without_an_output_layer() -> None:
    new, node = append(network_of([], "mse"), Dense(1))
    assert new.order == (DATA, node.id, COST)


def test_append_to_loose_ends_connects_both() -> None:
    bare = network_of([], "mse").disconnect([Edge(DATA, COST)])
    new, node = append(bare, Dense(1))
    assert wires(new) == {(DATA, node.id), (node.id, COST)}


def test_append_leaves_data_alone_where_it_is_in_use() -> None:
    network = network_of([Dense(2)], "mse").disconnect([Edge("n1", COST)])
    new, node = append(network, Dense(1))
    assert wires(new) == {(DATA, "n1"), (node.id, COST)}


def test_append_to_a_given_place(network: Network) -> None:
    new, node = append(network, Activation(), (7.0, 8.0))
    assert node.position == (7.0, 8.0)
    assert new.node(COST) is network.node(COST)


# --- diff ----------------------------------------------------------------------------------------


def test_the_difference_names_what_changed(network: Network) -> None:
    new, added = network.insert(Dropout(), Edge("n1", "n2"), (0, 0))
    new = new.set_layer("n1", Dense(9))
    changes = diff(network, new)
    assert changes.added == (added,) and changes.removed == ()
    assert changes.changed == ((network.node("n1"), new.node("n1")),)
    assert set(changes.added_edges) == {Edge("n1", added.id), Edge(added.id, "n2")}
    assert changes.removed_edges == (Edge("n1", "n2"),)


def test_nothing_differs_from_itself(network: Network) -> None:
    changes = diff(network, network)
    assert not any((changes.added, changes.removed, changes.changed))
    assert not any((changes.added_edges, changes.removed_edges))
