"""The network as the user draws it: nodes and wires, an immutable value with pure edits."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from netbuilder.engine.layer import Layer
from netbuilder.engine.layers.cost import Cost
from netbuilder.engine.layers.input import Input
from netbuilder.errors import Message, UserError

DATA = "data"
COST = "cost"
"""The ids of the two nodes that every network has."""
MOST_NODES = 5_000
"""More than anybody draws, and as many as are still compiled in seconds."""

Point = tuple[float, float]


class EditError(UserError):
    """An edit that would leave something that is no network, such as a cycle."""


@dataclass(frozen=True)
class Node:
    """A layer on the canvas.

    ``id`` never changes; ``name`` is the user's; ``position`` is the card's centre.
    """

    id: str
    name: str
    layer: Layer
    position: Point = (0.0, 0.0)

    @property
    def fixed(self) -> bool:
        """Data and Cost cannot be deleted, copied or renamed."""
        return self.id in (DATA, COST)


@dataclass(frozen=True)
class Edge:
    """A wire from one node's output to another's input."""

    source: str
    target: str


def name_refusal(name: str) -> Message | None:
    """Why a layer cannot be called this, or None when it can."""
    if not name or name != name.strip() or "." in name or len(name) > 40 or not name.isprintable():
        return Message("A name needs 1 to 40 characters, and none of them may be a dot.")
    return None


@dataclass(frozen=True)
class Network:
    """Nodes and wires. A join's inputs are in the order of its wires."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()

    # --- reading -----------------------------------------------------------------------------

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def edge_set(self) -> frozenset[Edge]:
        """The wires, to look one up in a moment."""
        return frozenset(self.edges)

    @cached_property
    def _inputs(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge.source)
        return {id: tuple(sources) for id, sources in found.items()}

    @cached_property
    def _outputs(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.source].append(edge.target)
        return {id: tuple(targets) for id, targets in found.items()}

    def node(self, id: str) -> Node:
        return self.by_id[id]

    def inputs(self, id: str) -> tuple[str, ...]:
        """The ids of the nodes that feed this one, in the order of the wires."""
        return self._inputs[id]

    def outputs(self, id: str) -> tuple[str, ...]:
        return self._outputs[id]

    @property
    def loss(self) -> str:
        """What Cost compares the output with the targets by."""
        return Cost.of(self.node(COST).layer).loss

    def with_loss(self, loss: str) -> Network:
        return self.set_layer(COST, self.node(COST).layer.with_settings(loss=loss))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All ids from Data to Cost: every node after its inputs, ties in order of creation."""
        waiting = {node.id: len(self.inputs(node.id)) for node in self.nodes}
        rank = {node.id: rank for rank, node in enumerate(self.nodes)}
        ready = [(rank[id], id) for id, count in waiting.items() if count == 0]
        done: list[str] = []
        while ready:  # a heap, of which rising ranks are one already
            _, id = heapq.heappop(ready)
            done.append(id)
            for target in self.outputs(id):
                waiting[target] -= 1
                if waiting[target] == 0:
                    heapq.heappush(ready, (rank[target], target))
        return tuple(done)

    def reaches(self, start: str, goal: str) -> bool:
        """Whether the wires lead from one node to another."""
        seen: set[str] = set()
        stack = [start]
        while stack:
            id = stack.pop()
            if id == goal:
                return True
            if id not in seen:
                seen.add(id)
                stack.extend(self.outputs(id))
        return False

    # --- wires -------------------------------------------------------------------------------

    def refusal(self, source: str, target: str) -> Message | None:
        """Why a wire cannot be drawn, or None; it may replace the wire of a single input."""
        if source == target or self.reaches(target, source):
            return Message(
                "A network has no cycles: this wire would lead back to where it started."
            )
        from_node, to_node = self.node(source), self.node(target)
        if not from_node.layer.has_output:
            return Message("{name} has no output.", name=from_node.name)
        if to_node.layer.max_inputs == 0:
            return Message("{name} has no input.", name=to_node.name)
        if Edge(source, target) in self.edge_set:
            return Message("{a} and {b} are connected already.", a=from_node.name, b=to_node.name)
        return None

    def connect(self, source: str, target: str) -> Network:
        """With a wire more. A layer of one input gives up the wire it had. Raises EditError."""
        refusal = self.refusal(source, target)
        if refusal is not None:
            raise EditError(refusal.text, **refusal.values)
        edges = self.edges
        if self.node(target).layer.max_inputs == 1:
            edges = tuple(edge for edge in edges if edge.target != target)
        return dataclasses.replace(self, edges=(*edges, Edge(source, target)))

    def disconnect(self, edges: Iterable[Edge]) -> Network:
        gone = set(edges)
        return dataclasses.replace(
            self, edges=tuple(edge for edge in self.edges if edge not in gone)
        )

    # --- nodes -------------------------------------------------------------------------------

    def add(self, layer: Layer, position: Point) -> tuple[Network, Node]:
        """With a loose node more."""
        network, (node,) = self.add_all([(layer, position)])
        return network, node

    def add_all(self, layers: Iterable[tuple[Layer, Point]]) -> tuple[Network, tuple[Node, ...]]:
        """With loose nodes more, each called by its kind and the first number that is free."""
        last = max((int(n.id[1:]) for n in self.nodes if n.id[1:].isdigit()), default=0)
        names = {node.name for node in self.nodes}
        numbers: dict[str, int] = {}
        added: list[Node] = []
        for count, (layer, position) in enumerate(layers, last + 1):
            number = numbers.get(layer.title, 1)
            while f"{layer.title} {number}" in names:
                number += 1
            numbers[layer.title] = number + 1
            added.append(Node(f"n{count}", f"{layer.title} {number}", layer, position))
        return dataclasses.replace(self, nodes=(*self.nodes, *added)), tuple(added)

    def insert(self, layer: Layer, edge: Edge, position: Point) -> tuple[Network, Node]:
        """With a new node on a wire, which keeps its place among the target's inputs."""
        network, node = self.add(layer, position)
        return network.splice(node.id, edge), node

    def splice(self, id: str, edge: Edge) -> Network:
        """With a node that has no wires put on a wire; raises EditError when it has some."""
        if edge not in self.edges:
            raise EditError("The wire that the layer was to be put on is gone.")
        if self.inputs(id) or self.outputs(id) or self.node(id).fixed:
            raise EditError(
                "{name} has wires already; only a loose layer can be put on a wire.",
                name=self.node(id).name,
            )
        edges: list[Edge] = []
        for old in self.edges:
            if old == edge:
                edges += [Edge(edge.source, id), Edge(id, edge.target)]
            else:
                edges.append(old)
        return dataclasses.replace(self, edges=tuple(edges))

    def remove(self, ids: Iterable[str]) -> Network:
        """Without these nodes; the wires heal: what fed a removed node feeds what it fed.

        Data and Cost stay whatever is asked.
        """
        gone = {id for id in ids if id in self.by_id and not self.node(id).fixed}
        edges: dict[Edge, None] = {}
        for edge in self.edges:
            source = self._lasting(edge.source, gone)
            if edge.target in gone or source is None:
                continue
            healed = Edge(source, edge.target)
            if healed == edge or healed not in self.edge_set:
                edges[healed] = None
        return Network(tuple(node for node in self.nodes if node.id not in gone), tuple(edges))

    def _lasting(self, id: str, gone: set[str]) -> str | None:
        """The node, or what feeds it through nodes that are gone; None where nothing does."""
        while id in gone:
            sources = self.inputs(id)
            if not sources:
                return None
            id = sources[0]
        return id

    def replace_node(self, node: Node) -> Network:
        """With the node of the same id exchanged; the other nodes keep their identity."""
        if self.by_id[node.id] == node:
            return self
        return dataclasses.replace(
            self, nodes=tuple(node if old.id == node.id else old for old in self.nodes)
        )

    def set_layer(self, id: str, layer: Layer) -> Network:
        return self.replace_node(dataclasses.replace(self.node(id), layer=layer))

    def rename(self, id: str, name: str) -> Network:
        """With another name; raises EditError when it is empty, taken, or the node is fixed."""
        name = name.strip()
        refusal = name_refusal(name)
        if refusal is not None:
            raise EditError(refusal.text, **refusal.values)
        if any(node.name == name for node in self.nodes if node.id != id):
            raise EditError("There is a layer called {name} already.", name=name)
        if self.node(id).fixed:
            raise EditError("{name} keeps its name.", name=self.node(id).name)
        return self.replace_node(dataclasses.replace(self.node(id), name=name))

    def move(self, positions: Mapping[str, Point]) -> Network:
        """With nodes elsewhere; those that stay where they are keep their identity."""
        moved = {
            id: dataclasses.replace(self.node(id), position=position)
            for id, position in positions.items()
            if self.node(id).position != position
        }
        if not moved:
            return self
        return dataclasses.replace(
            self, nodes=tuple(moved.get(node.id, node) for node in self.nodes)
        )

    def paste(
        self, nodes: Iterable[Node], edges: Iterable[Edge], offset: Point = (24.0, 24.0)
    ) -> tuple[Network, tuple[str, ...]]:
        """With copies of nodes and of the wires between them; fixed nodes are left out."""
        free = [node for node in nodes if not node.fixed]
        (dx, dy), places = offset, [node.position for node in free]
        network, copies = self.add_all(
            (node.layer, (x + dx, y + dy)) for node, (x, y) in zip(free, places, strict=True)
        )
        new_ids = {node.id: copy.id for node, copy in zip(free, copies, strict=True)}
        wires = tuple(
            Edge(new_ids[edge.source], new_ids[edge.target])
            for edge in edges
            if edge.source in new_ids and edge.target in new_ids
        )
        return dataclasses.replace(network, edges=network.edges + wires), tuple(new_ids.values())


COLUMN = 200.0
"""The usual distance between the centres of two neighbouring cards."""


def append(network: Network, layer: Layer, position: Point | None = None) -> tuple[Network, Node]:
    """With a new node before the output layer, or before Cost where there is no output layer yet.

    Without a position the new node takes the place of what follows it, which moves to the right.
    """
    feeding = network.inputs(COST)
    if not feeding:
        x, y = network.node(COST).position
        network, node = network.add(layer, position or (x - COLUMN, y))
        if network.node(node.id).layer.max_inputs == 1 and not network.outputs(DATA):
            network = network.connect(DATA, node.id)
        return network.connect(node.id, COST), node
    last = feeding[0]
    sources = network.inputs(last)
    edge = Edge(sources[0], last) if sources else Edge(last, COST)
    if position is None:
        target = network.node(edge.target).position
        network = network.move(
            {
                node.id: (node.position[0] + COLUMN, node.position[1])
                for node in network.nodes
                if node.position[0] >= target[0]
            }
        )
        position = target
    return network.insert(layer, edge, position)


def network_of(layers: Iterable[Layer], loss: str) -> Network:
    """Data → layers → Cost, laid out in a row with the middle at the origin."""
    layers = tuple(layers)
    left = -(len(layers) + 1) / 2 * COLUMN
    network = Network(
        (
            Node(DATA, Input.title, Input(), (left, 0.0)),
            Node(COST, Cost.title, Cost(loss), (left + (len(layers) + 1) * COLUMN, 0.0)),
        ),
        (Edge(DATA, COST),),
    )
    places = ((left + number * COLUMN, 0.0) for number in range(1, len(layers) + 1))
    network, added = network.add_all(zip(layers, places, strict=True))
    ids = (DATA, *(node.id for node in added), COST)
    return dataclasses.replace(network, edges=tuple(map(Edge, ids, ids[1:])))


@dataclass(frozen=True)
class NetworkDiff:
    """What changed between two networks; unchanged nodes are recognised by identity."""

    added: tuple[Node, ...]
    removed: tuple[Node, ...]
    changed: tuple[tuple[Node, Node], ...]
    added_edges: tuple[Edge, ...]
    removed_edges: tuple[Edge, ...]


def diff(old: Network, new: Network) -> NetworkDiff:
    """What leads from one network to another; the arguments swapped give the way back."""
    before, after = old.edge_set, new.edge_set
    return NetworkDiff(
        added=tuple(node for node in new.nodes if node.id not in old.by_id),
        removed=tuple(node for node in old.nodes if node.id not in new.by_id),
        changed=tuple(
            (old.by_id[node.id], node)
            for node in new.nodes
            if node.id in old.by_id and old.by_id[node.id] is not node
        ),
        added_edges=tuple(edge for edge in new.edges if edge not in before),
        removed_edges=tuple(edge for edge in old.edges if edge not in after),
    )
