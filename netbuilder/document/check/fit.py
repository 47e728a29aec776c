"""Fitting the output: its width, activation and loss against what the data asks for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.conversions import with_flattens
from netbuilder.document.check.problems import Finding, Fix, count_units, finding
from netbuilder.document.check.shapes import is_image
from netbuilder.document.check.widths import KEEPERS, of_width, width_of, width_text
from netbuilder.document.model.network import COLUMN, COST, DATA, Edge, Network, Node
from netbuilder.document.model.project import Project
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers import (
    Activation,
    BatchNorm,
    Conv2D,
    Cost,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    LayerNorm,
)
from netbuilder.engine.losses import LOSSES
from netbuilder.errors import Message

if TYPE_CHECKING:
    from netbuilder.document.check.structure import Structure


@dataclass(frozen=True)
class Output:
    """What an output layer may be: its width, its activation and the loss behind it."""

    units: int
    activation: str
    loss: str


def natural_output(info: DataInfo, loss: str | None = None) -> Output:
    """The output that fits the data, with the given loss where it fits, else the natural one."""
    if loss not in info.losses:
        loss = info.losses[0]
    activation = LOSSES[loss].logits_activation
    if activation is None:
        activation = {"binary": "sigmoid", "classes": "softmax", "regression": "linear"}[info.task]
    return Output(info.n_y, activation, loss)


def suited_initializer(activation: str) -> str:
    """The initial weights that keep the signal's size through a layer of this activation."""
    return "he" if activation in ("relu", "leaky_relu", "elu", "gelu", "silu") else "xavier"


# --- problems ------------------------------------------------------------------------------------


def output_findings(network: Network, info: DataInfo, structure: Structure) -> list[Finding]:
    """What does not fit between the output, the loss and the data; one remedy fits it all."""
    if not network.inputs(COST):
        return []
    output = network.node(network.inputs(COST)[0])
    shape = structure.shapes.outputs.get(output.id)
    remedies = _remedies(network, output, shape, info)
    wire = Edge(output.id, COST)
    if output.id == DATA:
        return [
            finding(
                Message(
                    "Data goes straight into Cost: there is no layer that could learn. "
                    "Put an output layer between them."
                ),
                COST,
                *remedies,
                edge=wire,
            )
        ]
    found: list[Finding] = []
    if shape is not None and shape != (info.n_y,):
        message = _width_message(output, shape, info)
        found.append(finding(message, output.id, *remedies, edge=wire))
    cost = network.node(COST).layer
    assert isinstance(cost, Cost)
    if cost.loss not in info.losses:
        found.append(finding(_loss_message(cost.loss, info), COST, *remedies, edge=wire))
    else:
        expected = LOSSES[cost.loss].logits_activation
        if expected is not None and activation_of(output.layer) != expected:
            message = _activation_message(output, cost.loss, expected)
            found.append(finding(message, output.id, *remedies, edge=wire))
    learning = structure.shapes.parameters
    if not found and shape is not None and not any(learning.get(id) for id in structure.live):
        found.append(
            finding(
                Message(
                    "No layer between Data and Cost has weights, so there is nothing to learn."
                ),
                COST,
                *remedies,
            )
        )
    return found


def activation_of(layer: Layer) -> str | None:
    """The function that a layer ends with; None for one that has none of its own."""
    return layer.activation if isinstance(layer, (Dense, Conv2D, Activation)) else None


def reason(info: DataInfo) -> Message:
    """What the data asks for, in a few words."""
    if info.task == "binary":
        return Message("the data has two classes")
    if info.task == "classes":
        return Message("the data has {count} classes", count=len(info.class_names))
    if info.n_y == 1:
        return Message("the target {target} is a number", target=info.target_names[0])
    return Message("the data has {count} target columns", count=info.n_y)


def _width_message(output: Node, shape: Shape, info: DataInfo) -> Message:
    found = count_units(shape[0])
    if is_image(shape):
        found = Message("images of {image}", image=width_text(shape))
    values = {"name": output.name, "found": found}
    if info.task == "binary":
        return Message(
            "The output {name} has {found}, but the data has two classes, {first} and {second}: "
            "one unit is needed, for the probability of {second}.",
            first=info.class_names[0],
            second=info.class_names[1],
            **values,
        )
    if info.task == "classes":
        return Message(
            "The output {name} has {found}, but the data has {count} classes: "
            "one unit is needed for each of them.",
            count=len(info.class_names),
            **values,
        )
    if info.n_y == 1:
        return Message(
            "The output {name} has {found}, but there is one number to predict, {target}: "
            "one unit is needed.",
            target=info.target_names[0],
            **values,
        )
    return Message(
        "The output {name} has {found}, but there are {count} numbers to predict: "
        "one unit is needed for each of them.",
        count=info.n_y,
        **values,
    )


def _loss_message(loss: str, info: DataInfo) -> Message:
    kind = LOSSES[loss].logits_activation
    values = {
        "loss": Message(LOSSES[loss].title),
        "reason": reason(info),
        "natural": Message(LOSSES[info.losses[0]].title),
    }
    if kind == "sigmoid":
        return Message(
            "{loss} is for targets of 0 and 1, that is for two classes, but {reason}. "
            "{natural} fits.",
            **values,
        )
    if kind == "softmax":
        return Message(
            "{loss} is for three classes or more, with one output unit for each, but {reason}. "
            "{natural} fits.",
            **values,
        )
    return Message("{loss} does not fit, for {reason}. {natural} fits.", **values)


def _activation_message(output: Node, loss: str, expected: str) -> Message:
    found = activation_of(output.layer)
    values = {
        "name": output.name,
        "loss": Message(LOSSES[loss].title),
        "expected": Message(ACTIVATIONS[expected].title),
    }
    if found is None:
        return Message(
            "{loss} needs probabilities, from a last layer with {expected}, "
            "but {name} has no activation.",
            **values,
        )
    return Message(
        "{loss} needs probabilities, from an output with {expected}, but {name} has {found}.",
        found=Message(ACTIVATIONS[found].title),
        **values,
    )


# --- remedies ------------------------------------------------------------------------------------


def fitted(network: Network, info: DataInfo) -> Network:
    """With an output that fits the data: the output layer changed if it can be, else one added."""
    if not network.inputs(COST):
        return network
    output = network.inputs(COST)[0]
    changed = _refitted(network, info)
    if changed is not None and (_width(network, output) is not None):
        return changed
    return with_output_layer(network, info)


def _width(network: Network, id: str) -> str | None:
    """The layer that alone decides how wide a node's output is: a Dense, or a Conv2D whose
    channels are averaged."""
    averaged = False
    while isinstance(network.node(id).layer, (*KEEPERS, GlobalAvgPool2D)):
        averaged |= isinstance(network.node(id).layer, GlobalAvgPool2D)
        sources = network.inputs(id)
        if not sources or network.outputs(sources[0]) != (id,):
            return None
        id = sources[0]
    return id if isinstance(network.node(id).layer, Conv2D if averaged else Dense) else None


def _refitted(network: Network, info: DataInfo) -> Network | None:
    """With the output layer itself changed; None where the output is no layer of that kind."""
    output = network.node(network.inputs(COST)[0])
    found = activation_of(output.layer)
    wide = _width(network, output.id)
    if found is None or wide is None:
        return None
    cost = network.node(COST).layer
    assert isinstance(cost, Cost)
    goal = natural_output(info, cost.loss)
    if _may_stay(found, goal, info):
        goal = dataclasses.replace(goal, activation=found)
    network = _with_loss(network, goal.loss)
    network = network.set_layer(wide, of_width(network.node(wide).layer, goal.units))
    layer = network.node(output.id).layer
    assert isinstance(layer, (Dense, Activation))
    return network.set_layer(output.id, dataclasses.replace(layer, activation=goal.activation))


def _may_stay(activation: str, goal: Output, info: DataInfo) -> bool:
    """Whether the user's own choice of activation does for the data and the loss."""
    if LOSSES[goal.loss].logits_activation is not None:
        return False
    if info.task == "regression":
        return activation not in BOUNDS
    return activation in ("sigmoid", "linear") or (activation == "softmax" and goal.units > 1)


BOUNDS = {
    "sigmoid": Message("between 0 and 1"),
    "tanh": Message("between −1 and 1"),
    "softmax": Message("between 0 and 1"),
    "relu": Message("at 0 or above"),
    "softplus": Message("above 0"),
}
"""What an output can reach, where it cannot reach every number."""


def with_output_layer(network: Network, info: DataInfo | None) -> Network:
    """With one more dense layer, right before Cost; without data it has one sigmoid unit.

    Where an image would reach it, a Flatten comes before it.
    """
    cost = network.node(COST)
    assert isinstance(cost.layer, Cost)
    if info is None:
        goal = Output(1, "sigmoid", "binary_cross_entropy")
    else:
        goal = natural_output(info, cost.layer.loss)
    layer = Dense(goal.units, goal.activation, suited_initializer(goal.activation))
    x, y = cost.position
    wire = Edge(network.inputs(COST)[0], COST)
    network, _ = network.insert(layer, wire, (x, y))
    network = _with_loss(network, goal.loss).move({COST: (x + COLUMN, y)})
    return network if info is None else with_flattens(network, info)[0]


def _with_loss(network: Network, loss: str) -> Network:
    cost = network.node(COST).layer
    assert isinstance(cost, Cost)
    return network.set_layer(COST, dataclasses.replace(cost, loss=loss))


def _remedies(network: Network, output: Node, shape: Shape | None, info: DataInfo) -> list[Fix]:
    """The same objects for every problem of the output, so that one click ends them all."""

    def add(project: Project) -> Project:
        return project.with_network(with_output_layer(project.network, info))

    cost = network.node(COST).layer
    assert isinstance(cost, Cost)
    goal = natural_output(info, cost.loss)
    fixes = []
    idle = isinstance(output.layer, (Dropout, BatchNorm, LayerNorm, Flatten))
    if idle and _is_output(network, network.inputs(output.id), goal):
        fixes.append(
            Fix(
                Message("Remove {name}", name=output.name),
                lambda project: project.with_network(project.network.remove([output.id])),
            )
        )
    changed = _refitted(network, info)
    if changed is not None and changed != network:

        def refit(project: Project) -> Project:
            new = _refitted(project.network, info)
            return project if new is None else project.with_network(new)

        fixes.append(Fix(_refit_label(network, changed, info), refit))
    text = (
        "Add a Flatten and an output layer of {units} with {activation}: {reason}"
        if shape is not None and is_image(shape)
        else "Add an output layer of {units} with {activation}: {reason}"
    )
    fixes.append(
        Fix(
            Message(
                text,
                units=count_units(goal.units),
                activation=Message(ACTIVATIONS[goal.activation].title),
                reason=reason(info),
            ),
            add,
        )
    )
    return fixes


def _is_output(network: Network, sources: tuple[str, ...], goal: Output) -> bool:
    """Whether what stands behind a last Dropout or the like would do as the output layer."""
    layers = [network.node(source).layer for source in sources]
    return any(
        isinstance(layer, Dense)
        and (layer.units, layer.activation) == (goal.units, goal.activation)
        for layer in layers
    )


def _refit_label(old: Network, new: Network, info: DataInfo) -> Message:
    """Says what changes, and nothing else."""
    output = old.inputs(COST)[0]
    wide = _width(old, output)
    units = wide is not None and (width_of(old.node(wide).layer) != width_of(new.node(wide).layer))
    activation = activation_of(old.node(output).layer) != activation_of(new.node(output).layer)
    loss = old.node(COST).layer != new.node(COST).layer
    text = {
        (True, False, False): "Make the output {units}: {reason}",
        (True, True, False): "Make the output {units} with {activation}: {reason}",
        (True, False, True): "Make the output {units}, with the loss {loss}: {reason}",
        (True, True, True): (
            "Make the output {units} with {activation} and the loss {loss}: {reason}"
        ),
        (False, True, False): "Make the output {activation}: {reason}",
        (False, True, True): "Make the output {activation}, with the loss {loss}: {reason}",
        (False, False, True): "Use the loss {loss}: {reason}",
    }[units, activation, loss]
    cost = new.node(COST).layer
    assert isinstance(cost, Cost)
    return Message(
        text,
        units=count_units(info.n_y),
        activation=Message(ACTIVATIONS[activation_of(new.node(output).layer) or "linear"].title),
        loss=Message(LOSSES[cost.loss].title),
        reason=reason(info),
    )
