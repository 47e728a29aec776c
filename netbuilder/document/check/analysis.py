"""The analysis: what each layer of a network holds, needs and costs, before it has trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from netbuilder.document.check.compile import Compiled
from netbuilder.document.model.project import Project
from netbuilder.engine.layer import Shape
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import Plan, PlanNode


@dataclass(frozen=True)
class LayerFigures:
    """One layer; None for what is not known as long as the network cannot run."""

    id: str
    name: str
    kind: str
    """The title of its kind."""
    shape: Shape | None
    """Of one example of its output; None for Cost, which has none."""
    learnables: dict[str, Shape]
    parameters: int
    bytes: int | None
    """For an update: parameters with gradients and the optimiser's moments, values of a batch."""
    products: int | None
    """Multiplications of an update: forward, for dW, and for the dA of what comes before."""


def analysis(project: Project, compiled: Compiled) -> tuple[LayerFigures, ...]:
    """Every layer from Data to Cost, in the order of computation."""
    network, plan = project.network, compiled.plan
    planned = {} if plan is None else {node.id: node for node in plan.nodes}
    m = batch(project, compiled)
    rows = []
    for id in network.order:
        node = network.node(id)
        learnables = compiled.parameter_shapes.get(id, {})
        memory = products = None
        if plan is not None and id in planned:
            memory = _bytes(project, plan, planned[id], m)
            products = m * _products(plan, planned[id])
        rows.append(
            LayerFigures(
                id,
                node.name,
                node.layer.title,
                compiled.shapes.get(id) if node.layer.has_output else None,
                learnables,
                sum(map(math.prod, learnables.values())),
                memory,
                products,
            )
        )
    return tuple(rows)


def batch(project: Project, compiled: Compiled) -> int:
    """How many examples an update takes; 0 while there is no data."""
    m = 0 if compiled.info is None else compiled.info.m_train
    return min(project.training.batch_size or m, m)


def _bytes(project: Project, plan: Plan, node: PlanNode, m: int) -> int:
    copies = 2 + OPTIMIZERS[project.training.optimizer].moments
    numbers = copies * sum(map(math.prod, node.parameter_shapes.values()))
    numbers += sum(map(math.prod, node.statistic_shapes.values()))
    numbers += m * sum(map(math.prod, plan.buffers(node, True).values()))
    return numbers * np.dtype(project.training.dtype).itemsize


def _products(plan: Plan, node: PlanNode) -> int:
    """Of one example, in the products with W alone: what else there is counts little beside."""
    if "W" not in node.parameter_shapes:
        return 0
    once = math.prod(node.parameter_shapes["W"]) * math.prod(node.shape[1:])
    return once * (3 if any(source in plan.learning for source in node.inputs) else 2)
