"""Room on the canvas: what goes out of the way, and what comes closer again."""

from collections.abc import Iterable

import pytest

from netbuilder.document.model.network import COLUMN, COST, DATA, Edge, Network, network_of
from netbuilder.document.model.room import insert_behind, swap, take_out
from netbuilder.engine.layers import Add, Dense, Dropout


def row(*widths: int) -> Network:
    return network_of([Dense(n) for n in widths], "mse")


def xs(network: Network) -> list[float]:
    return sorted(node.position[0] for node in network.nodes)


def test_layers_taken_out_leave_no_gap() -> None:
    network = take_out(row(1, 2, 3, 4, 5), ["n2", "n3", "n5", DATA])
    assert [node.id for node in map(network.node, network.order)] == [DATA, "n1", "n4", COST]
    assert [b - a for a, b in zip(xs(network), xs(network)[1:], strict=False)] == [COLUMN] * 3


def test_a_loose_layer_taken_out_moves_nothing() -> None:
    network, loose = row(1, 2).add(Dense(3), (0.0, 400.0))
    assert take_out(network, [loose.id]) == row(1, 2)


def test_a_layer_changes_places_with_the_one_before_it() -> None:
    network = swap(row(1, 2, 3), "n3")
    assert network.inputs("n3") == ("n1",)
    assert network.inputs("n2") == ("n3",) and network.outputs("n2") == (COST,)
    assert network.node("n3").position == row(1, 2, 3).node("n2").position


def test_a_layer_behind_another_feeds_all_that_it_fed() -> None:
    network = network_of([Dense(4), Add(), Dense(1)], "mse").connect(DATA, "n2")
    network, node = insert_behind(network, Dropout(), DATA)
    assert network.outputs(DATA) == (node.id,) and network.inputs(node.id) == (DATA,)
    assert set(network.outputs(node.id)) == {"n1", "n2"}
    assert Edge(node.id, "n2") in network.edges
    assert len(set(xs(network))) == len(network.nodes)


def test_taking_out_a_thousand_costs_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each had been taken out of the whole network by itself: one of many copies stood still."""
    network, nodes = row(1, 2).add_all((Dense(), (0.0, 50.0 * k)) for k in range(1000))
    made = 0
    remove = Network.remove

    def counted(network: Network, ids: Iterable[str]) -> Network:
        nonlocal made
        made += 1
        return remove(network, ids)

    monkeypatch.setattr(Network, "remove", counted)
    assert take_out(network, [node.id for node in nodes]) == row(1, 2)
    assert made == 1
