"""Automatic layout."""

from __future__ import annotations

from netbuilder.document.model.layout import ROW, arrange
from netbuilder.document.model.network import COLUMN, COST, DATA, Edge, Network, network_of
from netbuilder.engine.layers import Add, Concatenate, Dense, Dropout

AT = (0.0, 0.0)


def crossings(network: Network) -> int:
    """Pairs of wires that cross, by their end points; each wire a straight line."""
    lines = [
        (network.node(edge.source).position, network.node(edge.target).position)
        for edge in network.edges
    ]

    def side(a: tuple, b: tuple, p: tuple) -> float:
        return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])

    return sum(
        side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        for k, (a, b) in enumerate(lines)
        for c, d in lines[k + 1 :]
    )


def test_a_chain_stays_as_it_is() -> None:
    network = network_of([Dense(), Dropout(), Dense()], "mse")
    placed = arrange(network)
    assert all(a is b for a, b in zip(placed.nodes, network.nodes, strict=True))


def test_a_scattered_chain_comes_back_into_one_row() -> None:
    network = network_of([Dense(), Dropout(), Dense()], "mse")
    scattered = network.move({node.id: (k, -90.0 * k) for k, node in enumerate(network.nodes)})
    assert arrange(scattered) == network


def test_branches_stand_one_below_the_other() -> None:
    network, join = network_of([Dense()], "mse").insert(Concatenate(), Edge("n1", COST), AT)
    for _ in range(2):
        network, branch = network.add(Dense(), AT)
        network = network.connect(DATA, branch.id).connect(branch.id, join.id)
    placed = arrange(network)
    branches = [placed.node(id).position for id in network.inputs(join.id)]
    assert len({x for x, _ in branches}) == 1
    heights = sorted(y for _, y in branches)
    assert heights == [-ROW, 0.0, ROW]
    assert placed.node(join.id).position[0] - branches[0][0] == COLUMN
    assert placed.node(DATA).position[1] == placed.node(COST).position[1] == 0.0


def test_a_long_wire_passes_beside_the_cards_it_skips() -> None:
    network, join = network_of([Dense(), Dense()], "mse").insert(Add(), Edge("n2", COST), AT)
    placed = arrange(network.connect(DATA, join.id))
    assert {placed.node(id).position[1] for id in ("n1", "n2")} == {-ROW / 2}
    assert placed.node(join.id).position[1] == 0.0


def test_twisted_branches_are_untwisted() -> None:
    """Two towers of three, joined at the end, whose cards were made in the worst order."""
    network = network_of([Dense()], "mse")
    network, join = network.insert(Concatenate(), Edge("n1", COST), AT)
    ends = ["n1"]
    for _ in range(2):
        network, node = network.add(Dense(), AT)
        network = network.connect(DATA, node.id)
        ends.append(node.id)
    for _ in range(2):
        for k in (2, 0, 1):
            network, node = network.add(Dense(), AT)
            network = network.connect(ends[k], node.id)
            ends[k] = node.id
    network = network.disconnect([Edge("n1", join.id)])
    for end in (ends[1], ends[2], ends[0]):
        network = network.connect(end, join.id)
    assert crossings(arrange(network)) == 0


def test_loose_layers_go_below() -> None:
    network, _ = network_of([Dense()], "mse").add(Dense(), AT)
    network, tail = network.add(Dropout(), AT)
    network, end = network.add(Dense(), AT)
    placed = arrange(network.connect(tail.id, end.id))
    assert placed.node(tail.id).position[1] == ROW
    assert placed.node(end.id).position[1] == ROW
    assert placed.node("n2").position[1] == 2 * ROW


def test_a_layer_without_an_input_stands_right_before_what_it_feeds() -> None:
    network, join = network_of([Dense(), Dense()], "mse").insert(Add(), Edge("n2", COST), AT)
    network, loose = network.add(Dense(), AT)
    placed = arrange(network.connect(loose.id, join.id))
    assert placed.node(loose.id).position[0] == placed.node("n2").position[0]


def test_data_and_cost_without_a_wire_between_them() -> None:
    placed = arrange(network_of([], "mse").disconnect([Edge(DATA, COST)]))
    assert placed.node(COST).position[0] - placed.node(DATA).position[0] == COLUMN


def test_a_thousand_layers_are_arranged() -> None:
    network = network_of([Dense() for _ in range(300)], "mse")
    network, join = network.insert(Concatenate(), Edge("n300", COST), AT)
    for k in range(1, 300, 3):
        network = network.connect(f"n{k}", join.id)
    placed = arrange(network)
    assert len({node.position for node in placed.nodes}) == len(network.nodes)
