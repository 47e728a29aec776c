"""Fitting: choosing data makes network, scaling and training fit it, in one edit of the project."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.defaults import (
    COURSE_INITIALIZER,
    Suited,
    initializer_for,
    of_course,
    suited,
    suited_data,
)
from netbuilder.document.check.fit import fitted
from netbuilder.document.check.problems import count_units
from netbuilder.document.model.datasets import prepared
from netbuilder.document.model.network import COST, Network, network_of
from netbuilder.document.model.project import DataChoice, Project, TrainingSettings
from netbuilder.engine.layers.cost import Cost
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.errors import Message, UserError

_OF_PREPARATION = ("scale", "target_scale", "validation", "test")


@dataclass(frozen=True)
class Fitted:
    """A project on other data, and what was fitted to it; None where all fitted already.

    What is to be known of the data is said before it.
    """

    project: Project
    said: Message | None


def other_data(old: DataChoice, new: DataChoice) -> DataChoice:
    """The new examples, made ready as suits them; what was set by hand of the old ones stays."""
    new = suited_data(new)
    try:
        usual = suited_data(old)
    except UserError:
        return new
    by_hand = {
        name: getattr(old, name)
        for name in _OF_PREPARATION
        if getattr(old, name) != getattr(usual, name)
    }
    return dataclasses.replace(new, **by_hand)


def fit_to(project: Project, choice: DataChoice) -> Fitted:
    """The project with these examples, and everything fitted to them.

    What the user has changed of what suited the old data stays, but for the learning rate, which
    means nothing to other data. Raises UserError when the examples cannot be had.
    """
    dataset, goal = prepared(choice), suited(choice)
    info = dataset.info
    try:
        before: Suited | None = suited(project.data)
    except UserError:
        before = None
    network = _network(project, choice, info, before, goal)
    training = _training(project.training, before, goal)
    new = dataclasses.replace(project, data=choice, network=network, training=training)
    said = _said(project, new, info)
    for notice in reversed(dataset.notices) if said is not None else ():
        said = Message("{notice} {said}", notice=notice, said=said)
    return Fitted(new, said)


def _network(
    project: Project, choice: DataChoice, info: DataInfo, before: Suited | None, goal: Suited
) -> Network:
    network = project.network
    if before is not None and _is_chain_of(network, before):
        if _is_chain_of(network, goal):
            return network
        return network_of(goal.layers, goal.loss)
    if of_course(project.data) and not of_course(choice):
        # The course's small weights suit its own network and hardly another.
        for node in network.nodes:
            layer = node.layer
            if layer.initializer == COURSE_INITIALIZER:
                suits = initializer_for(choice, layer.activation or "linear")
                network = network.set_layer(node.id, layer.with_settings(initializer=suits))
    return fitted(network, info)


def _is_chain_of(network: Network, suited: Suited) -> bool:
    layers = [network.node(id).layer for id in network.order[1:]]
    chain = len(network.edges) == len(network.nodes) - 1 and network.order[-1] == COST
    return chain and layers == [*suited.layers, Cost(suited.loss)]


def _training(now: TrainingSettings, before: Suited | None, goal: Suited) -> TrainingSettings:
    new = goal.training
    if before is not None:
        by_hand = {
            setting.name: getattr(now, setting.name)
            for setting in now.settings()
            if getattr(now, setting.name) != getattr(before.training, setting.name)
        }
        by_hand.pop("learning_rate", None)
        new = dataclasses.replace(new, **by_hand)
    if new.optimizer != goal.training.optimizer:
        rate = OPTIMIZERS[new.optimizer].usual_rate
        new = dataclasses.replace(new, learning_rate=rate)
    return new


# --- in words ------------------------------------------------------------------------------------


def _said(old: Project, new: Project, info: DataInfo) -> Message | None:
    parts = []
    if new.network != old.network and new.network.inputs(COST):
        parts.append(_of_network(new.network))
    if (new.data.scale, new.data.target_scale) != (old.data.scale, old.data.target_scale):
        parts.append(_of_scaling(new.data, info))
    if new.training != old.training:
        parts.append(_of_training(new.training))
    if not parts:
        return None
    text = "Fitted to {data}: {a}."
    if len(parts) > 1:
        text = (
            "Fitted to {data}: {a}; {b}." if len(parts) == 2 else "Fitted to {data}: {a}; {b}; {c}."
        )
    return Message(text, data=info.name, **dict(zip("abc", parts, strict=False)))


def _of_network(network: Network) -> Message:
    output = network.node(network.inputs(COST)[0])
    return Message(
        "an output of {units}, the loss {loss}",
        units=count_units(output.layer.own_width or 1),
        loss=Message(LOSSES[network.loss].title),
    )


def _of_scaling(data: DataChoice, info: DataInfo) -> Message:
    of_target = info.task == "regression" and data.target_scale != "none"
    if data.scale == "none":
        return Message("only the target scaled") if of_target else Message("nothing scaled")
    return Message("features and target scaled") if of_target else Message("features scaled")


def _of_training(training: TrainingSettings) -> Message:
    title = Message(OPTIMIZERS[training.optimizer].title)
    rate = f"{training.learning_rate:g}"
    if not training.batch_size:
        return Message(
            "{optimizer} with learning rate {rate}, all examples at once",
            optimizer=title,
            rate=rate,
        )
    return Message(
        "{optimizer} with learning rate {rate}, batches of {size}",
        optimizer=title,
        rate=rate,
        size=training.batch_size,
    )
