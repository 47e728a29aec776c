"""Memory: whether a network would fit into this machine, before anything is allocated."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from netbuilder import machine
from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.problems import Finding, Fix, count_channels, count_units, finding
from netbuilder.document.check.shapes import is_image
from netbuilder.document.model.project import Project
from netbuilder.engine.layer import Layer, ShapeError
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.errors import Message
from netbuilder.numbers import byte_count


def available() -> int | None:
    """Bytes that this process may use, what it uses already included; None where nobody can say.

    What it uses already counts, because most of that is the network which the new one replaces.
    """
    free, allowed = machine.free(), machine.allowed()
    if free is None:
        return None
    return min(free, allowed or free) + machine.used()


RECORDED = 256 * 2**20
"""Bytes that the moments of a run may take, so that they can be looked back on."""
_MOMENTS = 50
"""So many of them a run has soon; a small network takes hours to fill the rest."""
_COPIES = 8
"""Copies of all parameters that training in a window holds beside the network itself: two states
to go back to on divergence, weights and gradients of two snapshots, the network of the views."""


def memory_findings(project: Project, plan: Plan, info: DataInfo) -> list[Finding]:
    """An error when training would need more memory than there is."""
    free = available()
    batch = min(project.training.batch_size or info.m_train, info.m_train)
    needed = _needed(plan, batch, project)
    if free is None or needed <= free:
        return []
    message, node = _largest_part(plan, batch, needed, free)
    return [
        finding(
            message,
            node,
            # A remedy leaves room for the rest of the machine.
            *_smaller_batch(plan, batch, project, free // 2),
            *_fewer_units(plan, batch, project, free // 2),
        )
    ]


def _largest_part(plan: Plan, batch: int, needed: int, free: int) -> tuple[Message, str]:
    """What takes the memory, and the layer most of it belongs to.

    Of convolutions it is not the parameters, but the images that every example makes on its way.
    """
    parameters = {
        node.id: sum(map(math.prod, node.parameter_shapes.values())) for node in plan.nodes
    }
    numbers = {
        node.id: sum(map(math.prod, plan.buffers(node, True).values())) for node in plan.nodes
    }
    values: dict[str, str] = {
        "needed": byte_count(needed),
        "free": byte_count(free),
        "batch": f"{batch:,}",
    }
    if batch * sum(numbers.values()) > _COPIES * sum(parameters.values()):
        largest = plan.node(max(numbers, key=numbers.__getitem__))
        message = Message(
            "Training this network would need {needed}, but this machine has {free} free. "
            "An example becomes {numbers} numbers on its way ({count} of them in {name}), and "
            "{batch} examples go through it at once. Take a smaller batch, or make layers smaller.",
            numbers=f"{sum(numbers.values()):,}",
            count=f"{numbers[largest.id]:,}",
            name=largest.name,
            **values,
        )
        return message, largest.id
    largest = plan.node(max(parameters, key=parameters.__getitem__))
    message = Message(
        "Training this network would need {needed}, but this machine has {free} free. "
        "It has {parameters} parameters ({count} of them in {name}), and {batch} examples "
        "go through it at once. Make layers smaller, or take a smaller batch.",
        parameters=f"{plan.parameter_count:,}",
        count=f"{parameters[largest.id]:,}",
        name=largest.name,
        **values,
    )
    return message, largest.id


def _needed(plan: Plan, batch: int, project: Project) -> int:
    training = project.training
    itemsize = np.dtype(training.dtype).itemsize
    copies = _COPIES * plan.parameter_count * itemsize
    moments = OPTIMIZERS[training.optimizer].moments
    state = (plan.stored_count + moments * plan.parameter_count) * itemsize
    # One that is larger than the shelf is not kept at all.
    recorded = min(RECORDED, _MOMENTS * state) if state <= RECORDED * 3 // 4 else 0
    return plan.memory(batch, training.dtype, training.optimizer) + copies + recorded


def _smaller_batch(plan: Plan, batch: int, project: Project, free: int) -> list[Fix]:
    size = _largest_that_fits(batch, lambda size: _needed(plan, size, project) <= free)
    # A batch of a few examples would fit, but it is not what anyone wants.
    if size is None or size < 16:
        return []

    def use(project: Project) -> Project:
        training = dataclasses.replace(project.training, batch_size=size)
        return dataclasses.replace(project, training=training)

    return [Fix(Message("Take batches of {size} examples", size=f"{size:,}"), use)]


def _fewer_units(plan: Plan, batch: int, project: Project, free: int) -> list[Fix]:
    """No layer wider than a power of two, the largest with which it fits; the output stays."""
    widths = [
        width
        for node in plan.nodes
        if (width := node.layer.own_width) is not None and node.id not in plan.nodes[-1].inputs
    ]
    try:
        most = _largest_that_fits(
            max(widths, default=1),
            lambda units: _needed(_capped_plan(plan, units), batch, project) <= free,
        )
    except ShapeError:
        return []
    if most is None:
        return []
    wider = [node for node in plan.nodes if _capped(plan, node, most) != node.layer]
    if len(wider) > 1:
        label = Message("Make all layers smaller: at most {units} each", units=count_units(most))
    else:
        count = count_channels if is_image(wider[0].shape) else count_units
        label = Message("Make {name} smaller: {units}", name=wider[0].name, units=count(most))

    def cap(project: Project) -> Project:
        network = project.network
        for node in plan.nodes:
            network = network.set_layer(node.id, _capped(plan, node, most))
        return project.with_network(network)

    return [Fix(label, cap)]


def _capped(plan: Plan, node: PlanNode, most: int) -> Layer:
    if (node.layer.own_width or 0) <= most or node.id in plan.nodes[-1].inputs:
        return node.layer
    return node.layer.with_width(most)


def _capped_plan(plan: Plan, most: int) -> Plan:
    """The plan with no layer wider than ``most``; raises ShapeError where a join then fails."""
    nodes = {plan.nodes[0].id: plan.nodes[0]}
    for old in plan.nodes[1:]:
        layer = _capped(plan, old, most)
        nodes[old.id] = PlanNode.of(old.id, old.name, layer, [nodes[id] for id in old.inputs])
    return Plan(tuple(nodes.values()), plan.loss)


def _largest_that_fits(size: int, fits: Callable[[int], bool]) -> int | None:
    """The largest power of two below ``size`` that fits."""
    power = 1 << max((size - 1).bit_length() - 1, 0)
    while power >= 1:
        if power < size and fits(power):
            return power
        power //= 2
    return None
