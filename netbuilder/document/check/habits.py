"""Habits: networks that can train, but that a good teacher would have a word about."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.problems import Finding, Fix, count_units, finding
from netbuilder.document.check.remedies import remove
from netbuilder.document.check.structure import Structure
from netbuilder.document.model.network import COST, DATA, Network, Node, append
from netbuilder.document.model.project import Project
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers.dense import Dense
from netbuilder.errors import Message

_BATCH = 32
"""The batch size that a remedy sets."""


def habits(
    project: Project, info: DataInfo | None, structure: Structure, output_fits: bool
) -> list[Finding]:
    """Warnings and hints; none of them keeps the network from training.

    An output that does not fit the data is an error already, and gets no word more here.
    """
    network = project.network
    found: list[Finding] = []
    feeding = network.inputs(COST)
    if feeding and feeding[0] != DATA:
        output = network.node(feeding[0])
        for id in network.order:
            if id in structure.live and id not in (DATA, COST, output.id):
                found += _hidden(network, network.node(id))
                found += _idle(network, network.node(id), structure)
        if info is not None and output_fits:
            found += _output(network, output, info)
        found += _no_hidden_layer(network, output, info, structure)
    for id in network.order:
        if id in structure.live:
            found += _blocking(project, network.node(id), structure)
    found += _early_stopping(project)
    return found


# --- hidden layers -------------------------------------------------------------------------------


def _hidden(network: Network, node: Node) -> list[Finding]:
    found = list(_if_hidden(network, node))
    # An output written as Dense and then Activation, Dropout or the like is no hidden layer. That
    # takes a walk to the end of the network, and so it is asked last.
    return [] if found and _ends_the_network(network, node.id) else found


def _if_hidden(network: Network, node: Node) -> Iterator[Finding]:
    layer = node.layer
    if layer.activation is not None and not ACTIVATIONS[layer.activation].elementwise:
        yield finding(
            Message(
                "{name} is a hidden layer with Softmax: its units share one sum of 1, so that "
                "little gets through. Softmax belongs to the output.",
                name=node.name,
            ),
            node.id,
            _activate(node, "relu"),
            severity="warning",
        )
    if layer.own_width is None:
        return
    if layer.initializer == "zeros" and layer.own_width > 1:
        text = (
            "All weights of {name} start at zero, so that its units all begin as the same one. "
            "Random weights break the symmetry."
            if not layer.takes_images
            else "All weights of {name} start at zero, so that its filters all begin as the same "
            "one. Random weights break the symmetry."
        )
        yield finding(
            Message(text, name=node.name),
            node.id,
            _initialize(node, ACTIVATIONS[layer.activation or "linear"].initializer),
            severity="warning",
        )
    if layer.activation == "linear" and _feeds_only_linear(network, node.id):
        yield finding(
            Message(
                "{name} is linear, and so is what follows it before its activation: the two "
                "together can do no more than one layer.",
                name=node.name,
            ),
            node.id,
            _activate(node, "relu" if layer.takes_images else "tanh"),
            severity="hint",
        )


def _ends_the_network(network: Network, id: str) -> bool:
    """Whether nothing with weights comes after, as in Dense → Activation → Cost."""
    return all(node.id == COST for node in _after(network, id, _may_follow))


def _may_follow(layer: Layer) -> bool:
    """Whether a layer may come after the last one with weights in what is still an output."""
    return layer.has_output and layer.max_inputs == 1 and layer.own_width is None


def _feeds_only_linear(network: Network, id: str) -> bool:
    """Whether all that follows has weights, with nothing between that could bend it."""
    following = _after(network, id, lambda layer: layer.linear)
    return all(node.layer.own_width is not None for node in following)


def _idle(network: Network, node: Node, structure: Structure) -> Iterator[Finding]:
    found = structure.shapes.inputs(network, node.id)
    message = None if found is None else node.layer.idle(found)
    if message is not None:
        yield finding(Message(message.text, name=node.name), node.id, remove(node), severity="hint")


def _after(network: Network, id: str, through: Callable[[Layer], bool]) -> list[Node]:
    """What comes next after a node, seen through some layers."""
    found: list[Node] = []
    stack = [id]
    while stack:
        for target in network.outputs(stack.pop()):
            node = network.node(target)
            if through(node.layer):
                stack.append(target)
            else:
                found.append(node)
    return found


def _activate(node: Node, activation: str) -> Fix:
    def activate(project: Project) -> Project:
        layer = project.network.node(node.id).layer
        if layer.activation is None:
            return project
        layer = layer.with_settings(activation=activation)
        return project.with_network(project.network.set_layer(node.id, layer))

    return Fix(
        Message(
            "Give {name} {activation}",
            name=node.name,
            activation=Message(ACTIVATIONS[activation].title),
        ),
        activate,
    )


def _initialize(node: Node, initializer: str) -> Fix:
    def initialize(project: Project) -> Project:
        layer = project.network.node(node.id).layer
        if layer.initializer is None:
            return project
        layer = layer.with_settings(initializer=initializer)
        return project.with_network(project.network.set_layer(node.id, layer))

    return Fix(Message("Start {name} with random weights", name=node.name), initialize)


# --- layers that let nothing through -------------------------------------------------------------


def _blocking(project: Project, node: Node, structure: Structure) -> Iterator[Finding]:
    found = structure.shapes.inputs(project.network, node.id)
    message = None if found is None else node.layer.blocks(found, project.training.batch_size)
    if message is not None:
        yield finding(
            Message(message.text, name=node.name),
            node.id,
            Fix(Message("Take batches of {size} examples", size=_BATCH), _larger_batch),
            remove(node),
            severity="warning",
        )


def _larger_batch(project: Project) -> Project:
    training = dataclasses.replace(project.training, batch_size=_BATCH)
    return dataclasses.replace(project, training=training)


# --- the output ----------------------------------------------------------------------------------


def _output(network: Network, output: Node, info: DataInfo) -> Iterator[Finding]:
    said = output.layer.before_cost
    if said is not None:
        yield finding(
            Message(said.text, name=output.name), output.id, remove(output), severity="warning"
        )
    if output.layer.activation is None:
        return
    g = ACTIVATIONS[output.layer.activation]
    if not g.elementwise and info.n_y == 1:
        yield finding(
            Message(
                "Softmax of a single unit is 1 whatever the input: {name} cannot learn anything.",
                name=output.name,
            ),
            output.id,
            _activate(output, "linear" if info.task == "regression" else "sigmoid"),
            severity="warning",
        )
    elif info.task == "regression" and g.stays is not None:
        yield finding(
            Message(
                "{name} has {activation}, whose output stays {bounds}: "
                "no number outside can be predicted.",
                name=output.name,
                activation=Message(g.title),
                bounds=g.stays,
            ),
            output.id,
            _activate(output, "linear"),
            severity="hint",
        )


def _no_hidden_layer(
    network: Network, output: Node, info: DataInfo | None, structure: Structure
) -> Iterator[Finding]:
    with_weights = [id for id in structure.live if network.node(id).layer.own_width is not None]
    if with_weights != [output.id] or DATA not in structure.live:
        return
    if info is None or info.task == "binary":
        text = (
            "There is no hidden layer: this is logistic regression, which can only draw a straight "
            "line between the classes. A hidden layer lets it bend."
        )
    elif info.task == "classes":
        text = (
            "There is no hidden layer: this is softmax regression, which can only draw straight "
            "lines between the classes. A hidden layer lets them bend."
        )
    else:
        text = (
            "There is no hidden layer: this is linear regression, whose prediction is a plane. "
            "A hidden layer lets it bend."
        )

    def deepen(project: Project) -> Project:
        network, _ = append(project.network, Dense(4, "tanh", "xavier"))
        return project.with_network(network)

    yield finding(
        Message(text),
        output.id,
        Fix(Message("Add a hidden layer of {units} with Tanh", units=count_units(4)), deepen),
        severity="hint",
    )


# --- training settings ---------------------------------------------------------------------------


def _early_stopping(project: Project) -> Iterator[Finding]:
    if not project.training.patience or project.data.validation:
        return

    def set_aside(project: Project) -> Project:
        return dataclasses.replace(project, data=dataclasses.replace(project.data, validation=0.2))

    def forget(project: Project) -> Project:
        return dataclasses.replace(
            project, training=dataclasses.replace(project.training, patience=0)
        )

    # Beside a large test part there may be no room for a validation part.
    if project.data.test <= 0.5:
        fix = Fix(Message("Keep 20 % of the examples for validation"), set_aside)
    else:
        fix = Fix(Message("Switch early stopping off"), forget)
    yield finding(
        Message(
            "Early stopping watches the validation cost, but no examples are kept for validation."
        ),
        None,
        fix,
        severity="warning",
    )
