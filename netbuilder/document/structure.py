"""Structure: which nodes take part in training, the shapes on the wires, what does not join up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from netbuilder.data.dataset import DataInfo
from netbuilder.document.fit import fitted, with_output_layer
from netbuilder.document.network import COST, DATA, Edge, Network, Node
from netbuilder.document.problems import Finding, Fix, count_units, finding
from netbuilder.document.project import Project
from netbuilder.engine.layer import Shape, ShapeError
from netbuilder.engine.layers import Activation, Add, Concatenate, Dense, Dropout
from netbuilder.errors import Message


@dataclass
class Structure:
    """What can be said of a network by its wires and shapes alone."""

    live: frozenset[str]
    """The nodes from which the wires lead to Cost, and Cost: those that train."""
    shapes: dict[str, Shape] = field(default_factory=dict)
    parameter_shapes: dict[str, dict[str, Shape]] = field(default_factory=dict)
    statistic_shapes: dict[str, dict[str, Shape]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def examine(network: Network, info: DataInfo | None) -> Structure:
    """Walks the network from Data to Cost; without data no shape is known."""
    structure = Structure(live=_reach([COST], network.inputs))
    for id in network.order:
        _visit(network, network.node(id), info, structure)
    structure.findings += _loose_ends(network, structure.live, info)
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


def _visit(network: Network, node: Node, info: DataInfo | None, structure: Structure) -> None:
    """Notes the node's shapes, or why it has none."""
    if node.id == DATA:
        if info is not None:
            structure.shapes[DATA] = (info.n_x,)
            structure.parameter_shapes[DATA] = {}
        return
    live = node.id in structure.live
    sources = network.inputs(node.id)
    if live and len(sources) < node.layer.min_inputs:
        structure.findings.append(_unfed(network, node, info))
    if not sources or any(source not in structure.shapes for source in sources):
        return
    shapes = [structure.shapes[source] for source in sources]
    try:
        structure.shapes[node.id] = node.layer.output_shape(shapes)
        structure.parameter_shapes[node.id] = node.layer.parameter_shapes(shapes)
        structure.statistic_shapes[node.id] = node.layer.statistic_shapes(shapes)
    except ShapeError as error:
        if live:
            structure.findings.append(_misshapen(network, node, shapes, error.message))


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
        *_and_fit(
            Message("Remove {name}", name=node.name),
            lambda network: network.remove([node.id]),
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
        Fix(
            Message("Connect {name} to Cost", name=end.name),
            lambda project, end=end: _change(project, lambda n: _wire_through(n, end.id, info)),  # type: ignore[misc]
        )
        for end in ends
    ]
    fixes.append(
        Fix(
            Message("Add an output layer"),
            lambda project: _change(
                project,
                lambda network: with_output_layer(network.connect(DATA, COST), info),
            ),
        )
    )
    return fixes


def _wire_through(network: Network, end: str, info: DataInfo | None) -> Network:
    """Wires Data to what has no input behind ``end``, and ``end`` to Cost, and fits the output."""
    for id in _reach([end], network.inputs):
        node = network.node(id)
        if id != DATA and not network.inputs(id) and node.layer.min_inputs == 1:
            network = network.connect(DATA, id)
    network = network.connect(end, COST)
    return network if info is None else fitted(network, info)


def _connect_data(node: Node, info: DataInfo | None) -> list[Fix]:
    label = Message("Connect Data to {name}", name=node.name)
    connect = _and_fit(label, lambda network: network.connect(DATA, node.id), info)
    return [*connect, _remove([node])]


def _and_fit(
    label: Message, edit: Callable[[Network], Network], info: DataInfo | None
) -> list[Fix]:
    """An edit, and more of the same for where the edit alone would only show the next problem."""

    def fit(network: Network) -> Network:
        return network if info is None else fitted(network, info)

    return [
        Fix(label, lambda project: _change(project, edit)),
        Fix(label, lambda project: _change(project, lambda network: fit(edit(network)))),
        Fix(
            Message("{edit}, and remove joins of a single input", edit=label),
            lambda project: _change(project, lambda n: fit(_without_idle_joins(edit(n)))),
        ),
    ]


def _without_idle_joins(network: Network) -> Network:
    """Without the joins of one input; to heal one may leave the next with a single input."""
    while idle := [
        node.id
        for node in network.nodes
        if node.layer.min_inputs > 1 and len(network.inputs(node.id)) == 1
    ]:
        network = network.remove(idle)
    return network


def _bypass(node: Node, info: DataInfo | None) -> list[Fix]:
    """Data straight to what an unfed join feeds."""
    label = Message("Put a wire from Data in place of {name}", name=node.name)

    def bypass(network: Network) -> Network:
        wires: list[Edge] = []
        for edge in network.edges:
            wire = Edge(DATA, edge.target) if edge.source == node.id else edge
            if wire not in wires:
                wires.append(wire)
        return dataclasses.replace(network, edges=tuple(wires)).remove([node.id])

    return _and_fit(label, bypass, info)


# --- shapes that do not join up ------------------------------------------------------------------


def _misshapen(network: Network, node: Node, shapes: list[Shape], message: Message) -> Finding:
    sources = network.inputs(node.id)
    odd = next((s for s, shape in zip(sources, shapes, strict=True) if shape != shapes[0]), None)
    remedies: list[Fix] = []
    if isinstance(node.layer, Add):
        widths = [shape[0] for shape in dict.fromkeys(shapes)]
        remedies = [_same_width(node, units) for units in widths]
        remedies += [_bring_to(node, dict(zip(sources, shapes, strict=True)), u) for u in widths]
        remedies.append(_concatenate(node))
    return finding(message, node.id, *remedies, edge=None if odd is None else Edge(odd, node.id))


def _same_width(node: Node, units: int) -> Fix:
    """Sets the dense layers behind a join to one width; no help where there is none."""

    def widen(network: Network) -> Network:
        for source in network.inputs(node.id):
            while isinstance(network.node(source).layer, (Activation, Dropout)):
                source = network.inputs(source)[0]
            layer = network.node(source).layer
            if isinstance(layer, Dense):
                network = network.set_layer(source, dataclasses.replace(layer, units=units))
        return network

    return Fix(
        Message("Give all inputs of {name} {units}", name=node.name, units=count_units(units)),
        lambda project: _change(project, widen),
    )


def _bring_to(node: Node, shapes: Mapping[str, Shape], units: int) -> Fix:
    """A linear layer on every wire that is too narrow or too wide, which is what a residual has."""

    def bring(network: Network) -> Network:
        for edge in network.edges:
            if edge.target == node.id and shapes[edge.source] != (units,):
                ends = network.node(edge.source).position, network.node(node.id).position
                middle = ((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2)
                network, _ = network.insert(Dense(units, "linear", "xavier"), edge, middle)
        return network

    return Fix(
        Message(
            "Bring the inputs of {name} to {units} with a linear layer",
            name=node.name,
            units=count_units(units),
        ),
        lambda project: _change(project, bring),
    )


def _concatenate(node: Node) -> Fix:
    return Fix(
        Message("Put the inputs side by side: make {name} a Concatenate", name=node.name),
        lambda project: _change(project, lambda n: n.set_layer(node.id, Concatenate())),
    )


# --- loose ends ----------------------------------------------------------------------------------


def _loose_ends(network: Network, live: frozenset[str], info: DataInfo | None) -> list[Finding]:
    """A warning on every card that takes no part in training."""
    loose = [node for node in network.nodes if node.id not in live and not node.fixed]
    connect = [] if network.inputs(COST) else _ways_to_cost(network, info)
    found: list[Finding] = []
    remove_all = _remove(loose)
    for node in loose:
        if not network.inputs(node.id) and not network.outputs(node.id):
            found.append(
                finding(
                    Message(
                        "{name} is loose: no wire leads to it or from it, "
                        "so it takes no part in training.",
                        name=node.name,
                    ),
                    node.id,
                    *(connect or [_put_in(node)]),
                    _remove([node]),
                    severity="warning",
                )
            )
        else:
            found.append(
                finding(
                    Message(
                        "{name} leads nowhere: its output does not reach Cost, "
                        "so it takes no part in training.",
                        name=node.name,
                    ),
                    node.id,
                    *connect,
                    remove_all,
                    severity="warning",
                )
            )
    return found


def _put_in(node: Node) -> Fix:
    """Takes a loose layer into the network, before the output layer."""

    def put_in(network: Network) -> Network:
        last = network.inputs(COST)[0]
        sources = network.inputs(last)
        edge = Edge(sources[0], last) if sources else Edge(last, COST)
        return network.splice(node.id, edge)

    return Fix(
        Message("Put {name} before the output layer", name=node.name),
        lambda project: _change(project, put_in),
    )


def _remove(nodes: list[Node]) -> Fix:
    label = (
        Message("Remove {name}", name=nodes[0].name)
        if len(nodes) == 1
        else Message("Remove the {count} layers that take no part", count=len(nodes))
    )
    ids = [node.id for node in nodes]
    return Fix(label, lambda project: _change(project, lambda network: network.remove(ids)))


def _change(project: Project, edit: Callable[[Network], Network]) -> Project:
    return project.with_network(edit(project.network))
