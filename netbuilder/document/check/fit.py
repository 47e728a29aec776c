"""Fitting the output: the edits that give a network the width, activation and loss of its data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.conversions import with_flattens
from netbuilder.document.model.network import COLUMN, COST, Edge, Network
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.losses import LOSSES, losses_for


@dataclass(frozen=True)
class Output:
    """What an output layer may be: its width, its activation and the loss behind it."""

    units: int
    activation: str
    loss: str


def natural_output(info: DataInfo, loss: str | None = None) -> Output:
    """The output that fits the data, with the given loss where it fits, else the natural one."""
    fitting = losses_for(info.task)
    if loss not in fitting:
        loss = fitting[0]
    activation = LOSSES[loss].logits_activation or LOSSES[fitting[0]].logits_activation
    return Output(info.n_y, activation or "linear", loss)


def fitted(network: Network, info: DataInfo) -> Network:
    """With an output that fits the data: the output layer changed if it can be, else one added."""
    if not network.inputs(COST):
        return network
    changed = refitted(network, info)
    if changed is not None:
        return changed
    return with_output_layer(network, info)


def width_source(
    network: Network, id: str, *, image: bool = False, alone: bool = True
) -> str | None:
    """The layer whose width says how many units a node's output has, or channels of an ``image``.

    None where there is none, or where it feeds other layers on the way but has to be ``alone``.
    """
    flattened = False
    while network.node(id).layer.keeps_width:
        flattened |= network.node(id).layer.flattens
        sources = network.inputs(id)
        if not sources or (alone and network.outputs(sources[0]) != (id,)):
            return None
        id = sources[0]
    layer = network.node(id).layer
    return (
        id if layer.own_width is not None and layer.takes_images == (image or flattened) else None
    )


def refitted(network: Network, info: DataInfo) -> Network | None:
    """With the output layer itself changed; None where the output is no layer of that kind."""
    output = network.node(network.inputs(COST)[0])
    found = output.layer.activation
    wide = width_source(network, output.id)
    if found is None or wide is None:
        return None
    goal = natural_output(info, network.loss)
    if _may_stay(found, goal, info):
        goal = dataclasses.replace(goal, activation=found)
    network = network.with_loss(goal.loss)
    network = network.set_layer(wide, network.node(wide).layer.with_width(goal.units))
    layer = network.node(output.id).layer
    return network.set_layer(output.id, layer.with_settings(activation=goal.activation))


def _may_stay(activation: str, goal: Output, info: DataInfo) -> bool:
    """Whether the user's own choice of activation does for the data and the loss."""
    g = ACTIVATIONS[activation]
    if LOSSES[goal.loss].logits_activation is not None:
        return False
    if info.task == "regression":
        return g.stays is None
    # Softmax shares a sum of 1: of a single unit it is 1 whatever the input.
    return activation == "linear" or (g.probabilities and (g.elementwise or goal.units > 1))


def with_output_layer(network: Network, info: DataInfo | None) -> Network:
    """With one more dense layer, right before Cost; without data it has one sigmoid unit.

    Where an image would reach it, a Flatten comes before it.
    """
    if info is None:
        goal = Output(1, "sigmoid", "binary_cross_entropy")
    else:
        goal = natural_output(info, network.loss)
    layer = Dense(goal.units, goal.activation, ACTIVATIONS[goal.activation].initializer)
    x, y = network.node(COST).position
    wire = Edge(network.inputs(COST)[0], COST)
    network, _ = network.insert(layer, wire, (x, y))
    network = network.with_loss(goal.loss).move({COST: (x + COLUMN, y)})
    return network if info is None else with_flattens(network, info)[0]
