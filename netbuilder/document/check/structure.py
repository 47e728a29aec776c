"""Structure: which nodes take part in training, the shapes on the wires, what does not join up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.conversions import with_data
from netbuilder.document.check.fit import fitted, with_output_layer
from netbuilder.document.check.images import image_remedies
from netbuilder.document.check.joins import join_remedies
from netbuilder.document.check.placing import wire_for
from netbuilder.document.check.problems import Finding, Fix, finding
from netbuilder.document.check.remedies import change, change_and_fit, remove
from netbuilder.document.check.shapes import Shapes, shapes_of
from netbuilder.document.model.network import COST, DATA, Edge, Network, Node
from netbuilder.document.model.room import take_out
from netbuilder.errors import Message


@dataclass
class Structure:
    """What can be said of a network by its wires and shapes alone."""

    live: frozenset[str]
    """The nodes from which the wires lead to Cost, and Cost: those that train."""
    shapes: Shapes
    findings: list[Finding] = field(default_factory=list)


def examine(network: Network, info: DataInfo | None) -> Structure:
    """Walks the network from Data to Cost; without data no shape is known."""
    live = _reach([COST], network.inputs)
    shapes = shapes_of(network, None if info is None else info.n_x)
    structure = Structure(live, shapes)
    for id in network.order:
        node = network.node(id)
        if id not in live or id == DATA:
            continue
        if len(network.inputs(id)) < node.layer.min_inputs:
            structure.findings.append(_unfed(network, node, info))
        elif id in shapes.refused and info is not None:
            structure.findings.append(_misshapen(network, node, shapes, info))
    structure.findings += _loose_ends(network, structure, info)
    return structure


def _reach(start: Iterable[str], step: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """All nodes that a walk gets to, those it starts from included."""
    seen: set[str] = set()
    stack = list(start)
    while stack:
        id = stack.pop()
        if id not in seen:
            seen.add(id)
            stack.extend(step(id))
    return frozenset(seen)


# --- nodes that lack an input --------------------------------------------------------------------


def _unfed(network: Network, node: Node, info: DataInfo | None) -> Finding:
    if node.id == COST:
        return finding(
            Message(
                "Nothing reaches Cost, so there is no output Ŷ to compare with the targets. "
                "Draw a wire to it from the output layer."
            ),
            COST,
            *_ways_to_cost(network, info),
        )
    sources = network.inputs(node.id)
    if node.layer.min_inputs == 1:
        return finding(
            Message(
                "{name} has no input, so it has nothing to compute with. "
                "Draw a wire to it from Data or from another layer.",
                name=node.name,
            ),
            node.id,
            *_connect_data(node, info),
        )
    if not sources:
        return finding(
            Message(
                "{name} joins at least {least} inputs, but none is connected. "
                "Draw wires to it, or remove it.",
                name=node.name,
                least=node.layer.min_inputs,
            ),
            node.id,
            *_bypass(node, info),
        )
    return finding(
        Message(
            "{name} joins at least {least} inputs, but only {source} is connected. "
            "Draw another wire to it, or remove it.",
            name=node.name,
            least=node.layer.min_inputs,
            source=network.node(sources[0]).name,
        ),
        node.id,
        *change_and_fit(
            Message("Remove {name}", name=node.name),
            lambda network: take_out(network, [node.id]),
            info,
        ),
    )


def _ways_to_cost(network: Network, info: DataInfo | None) -> list[Fix]:
    """Connects what is there, the last layer first; else makes an output layer."""
    ends = [
        node
        for node in map(network.node, reversed(network.order))
        if not node.fixed and node.layer.has_output and not network.outputs(node.id)
    ]
    fixes = [
        change(
            Message("Connect {name} to Cost", name=end.name),
            lambda network, end=end: _wire_through(network, end.id, info),  # type: ignore[misc]
        )
        for end in ends[:_ONE_BY_ONE]
    ]
    fixes.append(
        change(
            Message("Add an output layer"),
            lambda network: with_output_layer(network.connect(DATA, COST), info),
        )
    )
    return fixes


def _wire_through(network: Network, end: str, info: DataInfo | None) -> Network:
    """Wires Data to what has no input behind ``end``, and ``end`` to Cost, and fits the output."""
    for id in _reach([end], network.inputs):
        node = network.node(id)
        if id != DATA and not network.inputs(id) and node.layer.min_inputs == 1:
            network = with_data(network, id, info)
    network = network.connect(end, COST)
    return network if info is None else fitted(network, info)


def _connect_data(node: Node, info: DataInfo | None) -> list[Fix]:
    label = Message("Connect Data to {name}", name=node.name)
    return [
        *change_and_fit(label, lambda network: with_data(network, node.id, info), info),
        *_bypass(node, info),
        remove(node),
    ]


def _bypass(node: Node, info: DataInfo | None) -> list[Fix]:
    """Data straight to what an unfed layer feeds."""
    label = Message("Put a wire from Data in place of {name}", name=node.name)

    def bypass(network: Network) -> Network:
        wires: list[Edge] = []
        for edge in network.edges:
            wire = Edge(DATA, edge.target) if edge.source == node.id else edge
            if wire not in wires:
                wires.append(wire)
        return take_out(dataclasses.replace(network, edges=tuple(wires)), [node.id])

    return change_and_fit(label, bypass, info)


# --- shapes that do not join up ------------------------------------------------------------------


def _misshapen(network: Network, node: Node, shapes: Shapes, info: DataInfo) -> Finding:
    sources = network.inputs(node.id)
    first = shapes.outputs[sources[0]]
    odd = next((source for source in sources if shapes.outputs[source] != first), sources[0])
    remedies = image_remedies if len(sources) == 1 else join_remedies
    return finding(
        shapes.refused[node.id].message,
        node.id,
        *remedies(network, node, shapes, info),
        edge=Edge(odd, node.id),
    )


# --- loose ends ----------------------------------------------------------------------------------


_ONE_BY_ONE = 4
"""So many loose ends have remedies of their own; each one that is tried costs a compilation."""


def _loose_ends(network: Network, structure: Structure, info: DataInfo | None) -> list[Finding]:
    """A warning on every card that takes no part in training."""
    loose = [node for node in network.nodes if node.id not in structure.live and not node.fixed]
    connect = [] if network.inputs(COST) else _ways_to_cost(network, info)
    found: list[Finding] = []
    remove_all = _remove_all(loose)
    for number, node in enumerate(loose):
        if not network.inputs(node.id) and not network.outputs(node.id):
            message = Message(
                "{name} is loose: no wire leads to it or from it, so it takes no part in training.",
                name=node.name,
            )
            remedies = [*connect, remove_all]
            if number < _ONE_BY_ONE:
                put_in = connect or [_put_in(network, node, structure.shapes)]
                remedies = [*put_in, remove(node)]
        else:
            message = Message(
                "{name} leads nowhere: its output does not reach Cost, "
                "so it takes no part in training.",
                name=node.name,
            )
            remedies = [*connect, remove_all]
        found.append(finding(message, node.id, *remedies, severity="warning"))
    return found


def _remove_all(loose: list[Node]) -> Fix:
    if len(loose) == 1:
        return remove(loose[0])
    ids = [node.id for node in loose]
    return change(
        Message("Remove the {count} layers that take no part", count=len(loose)),
        lambda network: take_out(network, ids),
    )


def _put_in(network: Network, node: Node, shapes: Shapes) -> Fix:
    """Takes a loose layer into the network, where it fits or before the output layer."""
    last = network.inputs(COST)[0]
    before = next(iter(network.inputs(last)), None)
    edge = wire_for(network, node.layer, shapes)
    if edge is None:
        edge = Edge(last, COST) if before is None else Edge(before, last)
    label = Message("Put {name} before the output layer", name=node.name)
    if edge.target not in (last, COST):
        other = network.node(edge.target).name
        label = Message("Put {name} before {other}", name=node.name, other=other)
    return change(label, lambda network: network.splice(node.id, edge))
