"""The plan: the network's layers in the order in which they run, with all shapes known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers.cost import Cost
from netbuilder.engine.layers.input import Input
from netbuilder.engine.optimizers import OPTIMIZERS, scratch_size

INFERENCE_ROWS = 1024
"""Predictions are made for so many examples at a time."""
_INFERENCE_ELEMENTS = 2**23
"""Fewer at a time where a wide network's activations would hold more numbers than this."""


@dataclass(frozen=True)
class PlanNode:
    """One layer of the plan; ``inputs`` are the ids of the nodes that feed it."""

    id: str
    name: str
    layer: Layer
    inputs: tuple[str, ...]
    shape: Shape
    parameter_shapes: dict[str, Shape]
    statistic_shapes: dict[str, Shape] = field(default_factory=dict)

    @classmethod
    def of(cls, id: str, name: str, layer: Layer, sources: Sequence[PlanNode]) -> PlanNode:
        """A node with the shapes that follow from its sources'; raises ShapeError."""
        inputs = [source.shape for source in sources]
        return cls(
            id,
            name,
            layer,
            tuple(source.id for source in sources),
            layer.output_shape(inputs),
            layer.parameter_shapes(inputs),
            layer.statistic_shapes(inputs),
        )

    @property
    def stored_shapes(self) -> dict[str, Shape]:
        """All that is kept of a training: parameters and running statistics."""
        return self.parameter_shapes | self.statistic_shapes


@dataclass(frozen=True)
class Plan:
    """Steps in topological order: the first is the Input, the last the Cost."""

    nodes: tuple[PlanNode, ...]
    loss: str

    @cached_property
    def _by_id(self) -> dict[str, PlanNode]:
        return {node.id: node for node in self.nodes}

    def node(self, id: str) -> PlanNode:
        """The node of this id; raises KeyError."""
        return self._by_id[id]

    @property
    def output(self) -> PlanNode:
        """The node whose A is Ŷ."""
        return self.node(self.nodes[-1].inputs[0])

    @property
    def gives_probabilities(self) -> bool:
        """Whether the activation of the output makes probabilities; of numbers it has no say."""
        activation = self.output.layer.activation
        return activation is not None and ACTIVATIONS[activation].probabilities

    @cached_property
    def parameters(self) -> dict[str, Shape]:
        """The shapes of all that is learned, ``{"n1.W": (4, 2), "n1.b": (4, 1), …}``."""
        return {
            f"{node.id}.{name}": shape
            for node in self.nodes
            for name, shape in node.parameter_shapes.items()
        }

    @cached_property
    def stored(self) -> dict[str, Shape]:
        """The shapes of all that is kept of a training: parameters and running statistics."""
        return {
            f"{node.id}.{name}": shape
            for node in self.nodes
            for name, shape in node.stored_shapes.items()
        }

    @cached_property
    def parameter_count(self) -> int:
        return sum(math.prod(shape) for shape in self.parameters.values())

    @cached_property
    def stored_count(self) -> int:
        return sum(math.prod(shape) for shape in self.stored.values())

    @cached_property
    def layer_numbers(self) -> dict[str, int]:
        """l = 1, 2, … for the nodes that have parameters, in order."""
        with_parameters = (node.id for node in self.nodes if node.parameter_shapes)
        return {id: number for number, id in enumerate(with_parameters, start=1)}

    @cached_property
    def course_numbers(self) -> dict[str, int]:
        """The course's l of every node: 0 for the data, one more for each layer with weights W.

        What has none, as an activation, a norm or a pool, belongs to the layer before it.
        """
        found: dict[str, int] = {}
        number = 0
        for node in self.nodes:
            number += "W" in node.parameter_shapes
            before = max((found[id] for id in node.inputs), default=0)
            found[node.id] = number if "W" in node.parameter_shapes else before
        return found

    @cached_property
    def course_layers(self) -> dict[str, int]:
        """The course's l of the nodes that have parameters: in W[l], γ[l], dW[l]."""
        return {id: self.course_numbers[id] for id in self.layer_numbers}

    @cached_property
    def numbered_names(self) -> dict[str, str]:
        """{"W1": "n1.W", …}: the course's names of what is stored, by the layer's number."""
        return {
            f"{name}{number}": f"{id}.{name}"
            for id, number in self.layer_numbers.items()
            for name in self.node(id).stored_shapes
        }

    @cached_property
    def layout(self) -> dict[str, slice]:
        """Where each parameter lies in the flat vector, layer by layer; statistics come last.

        Within a layer b comes before W, so that both together are the matrix [b W].
        """
        keys = [
            f"{node.id}.{name}"
            for node in self.nodes
            for name in sorted(node.parameter_shapes, key=lambda name: name != "b")
        ]
        keys += [key for key in self.stored if key not in self.parameters]
        places: dict[str, slice] = {}
        start = 0
        for key in keys:
            end = start + math.prod(self.stored[key])
            places[key] = slice(start, end)
            start = end
        return places

    @cached_property
    def node_layout(self) -> dict[str, slice]:
        """Where all parameters of a node lie together."""
        found = {}
        for node in self.nodes:
            places = [self.layout[f"{node.id}.{name}"] for name in node.parameter_shapes]
            start = min((place.start for place in places), default=0)
            found[node.id] = slice(start, max((place.stop for place in places), default=0))
        return found

    @cached_property
    def weight_slices(self) -> tuple[slice, ...]:
        """Where the entries of every W that learns lie: L1 and L2 concern nothing else."""
        frozen = self.frozen
        return tuple(
            self.layout[key] for key in self.parameters if key.endswith(".W") and key not in frozen
        )

    @cached_property
    def frozen(self) -> frozenset[str]:
        """The parameters that no update changes, such as "n1.b"."""
        return frozenset(
            f"{node.id}.{name}"
            for node in self.nodes
            for name in node.layer.frozen_parameters
            if name in node.parameter_shapes
        )

    @cached_property
    def frozen_slices(self) -> tuple[slice, ...]:
        """Where they lie."""
        return tuple(self.layout[key] for key in self.parameters if key in self.frozen)

    def input_shapes(self, node: PlanNode) -> tuple[Shape, ...]:
        return tuple(self.node(id).shape for id in node.inputs)

    @cached_property
    def consumers(self) -> dict[str, list[tuple[str, int]]]:
        """For every node: which nodes it feeds, and as which of their inputs, in order."""
        found: dict[str, list[tuple[str, int]]] = {node.id: [] for node in self.nodes}
        for node in self.nodes:
            for index, id in enumerate(node.inputs):
                found[id].append((node.id, index))
        return found

    @cached_property
    def learning(self) -> frozenset[str]:
        """The nodes that have parameters or follow one that has: only they need a gradient."""
        found: set[str] = set()
        for node in self.nodes:
            if node.parameter_shapes or not found.isdisjoint(node.inputs):
                found.add(node.id)
        return frozenset(found)

    def buffers(self, node: PlanNode, backward: bool) -> dict[str, Shape]:
        """Names and shapes (of one example) of all arrays that a node's cache owns."""
        own = {} if node is self.nodes[0] else node.layer.buffers(self.input_shapes(node))
        if node.layer.has_output:
            own = {"A": node.shape, **own}
            if node.id in self.learning:
                own["dA"] = node.shape
                # Where a node feeds several, one of them writes dA, the others have a sum each.
                for extra in range(1, len(self.consumers[node.id])):
                    own[f"dA{extra}"] = node.shape
        backward = backward and node.id in self.learning
        return {name: s for name, s in own.items() if backward or not name.startswith("d")}

    def elements_per_example(self, backward: bool) -> int:
        """How many numbers the buffers hold for each example, the ones above each A included."""
        return self._elements[backward]

    @cached_property
    def _elements(self) -> tuple[int, int]:
        """To predict, and to train."""
        forward = both = 0
        for node in self.nodes:
            for name, shape in self.buffers(node, True).items():
                size = math.prod(shape) + (name == "A")
                both += size
                forward += 0 if name.startswith("d") else size
        return forward, both

    @cached_property
    def largest_product(self) -> int:
        """Multiplications that the largest product of a dense layer takes for one example.

        Those of convolutions are made in small parts, whatever the image.
        """
        shapes = (node.parameter_shapes.get("W", ()) for node in self.nodes)
        return max((math.prod(shape) for shape in shapes if len(shape) == 2), default=0)

    @cached_property
    def inference_rows(self) -> int:
        """How many examples are predicted at a time."""
        return max(1, min(INFERENCE_ROWS, _INFERENCE_ELEMENTS // self.elements_per_example(False)))

    def memory(self, batch: int, dtype: str, optimizer: str) -> int:
        """Bytes needed to train with ``batch`` examples an update, and to predict.

        Counts parameters, gradients, the optimiser's moments and work space, and the buffers,
        without allocating any.
        """
        moments = OPTIMIZERS[optimizer].moments
        numbers = (
            self.parameter_count * (1 + moments)
            + self.stored_count
            + scratch_size(self.parameter_count)
            + batch * self.elements_per_example(True)
            + self.inference_rows * self.elements_per_example(False)
        )
        return numbers * np.dtype(dtype).itemsize


def chain(n_x: int, layers: Iterable[Layer], loss: str) -> Plan:
    """The plan of layers in a row, called data, n1, n2, …, cost; for work without a document.

    Raises ShapeError where a layer cannot take what the one before gives.
    """
    nodes = [PlanNode("data", "Data", Input(), (), (n_x,), {})]
    for number, layer in enumerate((*layers, Cost(loss)), start=1):
        before = nodes[-1]
        id = f"n{number}" if layer.has_output else "cost"
        nodes.append(PlanNode.of(id, f"{layer.title} {number}", layer, [before]))
    return Plan(tuple(nodes), loss)
