"""The microscope: one update, step by step, forwards and backwards, with every number's origin."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np

from netbuilder.engine.arithmetic import combined
from netbuilder.engine.buffers import cut
from netbuilder.engine.explained.cost import ExplainedCost
from netbuilder.engine.explained.optimizers import RULES, Learned, clipped, penalties, shrunk
from netbuilder.engine.explaining import EXPLAINED, Explained, Names
from netbuilder.engine.layer import ShapeError
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import Optimizer
from netbuilder.engine.parameters import PARAMETERS
from netbuilder.engine.plan import PlanNode
from netbuilder.engine.program import Array, Program
from netbuilder.engine.stops import Name, Quantity, Stop, equation
from netbuilder.errors import Message

_LATEX = {"γ": r"\gamma", "β": r"\beta", "μ": r"\mu", "σ²": r"\sigma^2"}


def trace(
    program: Program,
    X: Array,
    Y: Array,
    optimizer: Optimizer,
    l2: float = 0.0,
    l1: float = 0.0,
) -> tuple[Stop, ...]:
    """The next update of a program from this batch, stop by stop; nothing is changed by it.

    X (m, n_x) and Y (m, n_y) are rows of examples, as ``Program.update`` takes them; all that is
    shown has examples as columns, and is computed in float64 from the program's parameters, the
    state of its generator and the optimiser's moments. Raises ShapeError where X or Y do not fit.
    """
    with np.errstate(all="ignore"):
        return tuple(_Trace(program, X, Y, optimizer, l2, l1).stops())


class _Trace:
    def __init__(
        self, program: Program, X: Array, Y: Array, optimizer: Optimizer, l2: float, l1: float
    ) -> None:
        plan = self.plan = program.plan
        output = plan.node(plan.nodes[-1].inputs[0])
        for name, rows, shape in (("X", X, plan.nodes[0].shape), ("Y", Y, output.shape)):
            if rows.shape != (len(X), *shape):
                raise ShapeError(
                    "{name} must have the shape {expected}, got {found}.",
                    name=name,
                    expected=str((len(X), *shape)),
                    found=str(rows.shape),
                )
        self.optimizer, self.l2, self.l1, self.m = optimizer, l2, l1, len(X)
        self.numbers = plan.course_numbers
        self.names = Names()
        learned = Message("learned, as it stands before this update")
        stored = {key: np.array(values, np.float64) for key, values in program.weights().items()}
        self.weights = stored
        data = self.names.new("A", 0)
        self.outputs = {
            plan.nodes[0].id: Quantity(data, _columns(X), given=Message("the data: A[0] is X"))
        }
        self.Y = Quantity(self.names.new("Y", None), _columns(Y), given=Message("the targets"))
        self.parameters = {
            node.id: {
                name: Quantity(
                    self._parameter(node, name), stored[f"{node.id}.{name}"], None, learned
                )
                for name in node.stored_shapes
            }
            for node in plan.nodes
        }
        self.class_weights = program.class_weights
        self.draws = copy.deepcopy(program.draws)
        self.draws.begin()
        self.dtype = program.dtype
        self.layers: dict[str, Explained] = {}
        self.gradients: dict[str, list[Quantity]] = {node.id: [] for node in plan.nodes}

    def _parameter(self, node: PlanNode, name: str) -> Name:
        if name in node.statistic_shapes:
            symbol = PARAMETERS[name].symbol
            return self.names.new(
                f"{symbol}_run", self.numbers[node.id], rf"{{{_LATEX[symbol]}}}_{{\mathrm{{run}}}}"
            )
        symbol = PARAMETERS[name].symbol if name in PARAMETERS else name
        return self.names.new(symbol, self.numbers[node.id], _LATEX.get(symbol, ""))

    # --- the three passes --------------------------------------------------------------------

    def stops(self) -> Iterator[Stop]:
        *layers, end = self.plan.nodes[1:]
        for node in layers:
            layer = self.layers[node.id] = self._layer(node, [self.outputs[i] for i in node.inputs])
            yield from layer.forward()
            self.outputs[node.id] = layer.A
        cost = self._layer(end, [self.outputs[end.inputs[0]], self.Y, *self._example_weights()])
        assert isinstance(cost, ExplainedCost)
        yield from cost.forward()
        yield from self._penalised(cost)
        if end.inputs[0] not in self.plan.learning:
            return
        yield from cost.backward()
        self.gradients[end.inputs[0]].append(cost.d_inputs[0])  # type: ignore[arg-type]
        for node in reversed(layers):
            if node.id in self.plan.learning:
                yield from self._back(node, cost)
        yield from self._update()

    def _layer(self, node: PlanNode, inputs: list[Quantity]) -> Explained:
        followers = [self.numbers[id] for id, _ in self.plan.consumers[node.id]]
        last = self.plan.nodes[-1].id
        inner = last not in [id for id, _ in self.plan.consumers[node.id]] and all(
            number == self.numbers[node.id] for number in followers
        )
        return EXPLAINED[node.layer.kind](
            node,
            self.numbers[node.id],
            self.names,
            inputs,
            self.parameters[node.id],
            self.draws,
            self.dtype,
            inner,
        )

    def _example_weights(self) -> list[Quantity]:
        """How much each example counts, (1, m), where the classes do not count alike."""
        weights, Y = self.class_weights, self.Y.values
        if weights is None:
            return []
        of_class = np.array(weights, np.float64)
        if len(Y) == 1:
            values = of_class[0] + Y * (of_class[1] - of_class[0])
        else:
            values = of_class.reshape(1, -1) @ Y
        given = Message("how much an example of its class counts")
        return [Quantity(self.names.new("w", None), values, given=given)]

    def _penalised(self, cost: ExplainedCost) -> Iterator[Stop]:
        """J with λ/(2m) Σ W² and λ₁/m Σ |W|."""
        parts: list[Quantity] = []
        signs: list[Quantity | str] = []
        weights = [
            all_["W"]
            for id, all_ in self.parameters.items()
            if "W" in all_ and f"{id}.W" not in self.plan.frozen
        ]
        for factor, latex, text, size in (
            (0.0 if self.optimizer.decoupled else self.l2 / 2, r"\sum W^2", "L2", np.square),
            (self.l1, r"\sum |W|", "L1", np.abs),
        ):
            if factor:
                total = sum(float(size(W.values).sum()) for W in weights)
                name = self.names.new(text, None, rf"\frac{{{factor:.3g}}}{{{self.m}}}{latex}")
                value = np.array([[factor / self.m * total]])
                parts.append(
                    Quantity(name, value, given=Message("the penalty: a sum over all weights"))
                )
                signs += ["+", parts[-1]]
        if parts:
            name = self.names.new("J", None)
            J, cost.J = cost.J, combined(name, [(1, (part,)) for part in (cost.J, *parts)])
            yield cost.stop("cost", equation(cost.J, J, *signs))

    def _back(self, node: PlanNode, cost: ExplainedCost) -> Iterator[Stop]:
        layer, plan = self.layers[node.id], self.plan
        given = self.gradients[node.id]
        layer.dA = given[0]
        if len(given) > 1:
            layer.dA = combined(layer.A.name.d, [(1, (part,)) for part in given])
            signs = [sign for part in given for sign in ("+", part)][1:]
            yield layer.stop(
                "backward",
                equation(layer.dA, *signs),
                Message("It feeds {count} layers: what comes back is added up.", count=len(given)),
            )
        for index, id in enumerate(node.inputs):
            if id in plan.learning:
                name = self.layers[id].A.name.d
                fed = len(plan.consumers[id])
                layer.wanted[index] = (
                    name if fed == 1 else self.names.new(name.text, name.layer, name.latex)
                )
        if node.id == plan.nodes[-1].inputs[0] and LOSSES[plan.loss].logits_activation is not None:
            Z = getattr(layer, "Z", layer.inputs[0])
            layer.given_dZ = cost.joined(layer, Z)
        yield from layer.backward()
        for id, found in zip(node.inputs, layer.d_inputs, strict=True):
            if found is not None:
                self.gradients[id].append(found)

    def _update(self) -> Iterator[Stop]:
        optimizer, plan = self.optimizer, self.plan
        moments = [cut(vector, plan, plan.parameters) for vector in optimizer.state]
        all_ = [
            Learned(
                node.id,
                self.parameters[node.id][name],
                self.layers[node.id].gradients[name],
                [np.array(kept[f"{node.id}.{name}"], np.float64) for kept in moments],
                name == "W",
            )
            for node in plan.nodes
            for name in node.parameter_shapes
            if f"{node.id}.{name}" not in self.plan.frozen
        ]
        for of in all_:
            yield from penalties(of, self.l2, self.l1, self.m, optimizer.decoupled)
        if optimizer.clip_norm > 0:
            yield from clipped(all_, optimizer.clip_norm, plan.nodes[-1].id)
        for of in all_:
            yield from shrunk(of, optimizer, self.l2, self.m)
            yield from RULES[optimizer.name](of, optimizer, optimizer.updates + 1)
        for layer in self.layers.values():
            yield from layer.remember()


def _columns(rows: Array) -> Array:
    """Examples last."""
    return np.ascontiguousarray(np.moveaxis(np.array(rows, np.float64), 0, -1))
