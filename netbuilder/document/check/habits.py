"""Habits: networks that can train, but that a good teacher would have a word about."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.fit import BOUNDS, activation_of, suited_initializer
from netbuilder.document.check.problems import Finding, Fix, count_units, finding
from netbuilder.document.check.remedies import remove
from netbuilder.document.check.structure import Structure
from netbuilder.document.check.widths import width_of
from netbuilder.document.model.network import COST, DATA, Network, Node, append
from netbuilder.document.model.project import Project
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    LayerNorm,
    Reshape,
)
from netbuilder.errors import Message

_LINEAR = (AvgPool2D, BatchNorm, Dropout, Flatten, GlobalAvgPool2D, Reshape)
"""Layers that add nothing to what two linear layers can do when one of these is between them."""
_ENDINGS = (Activation, LayerNorm, *_LINEAR)
"""Layers that may follow the last one with weights in what is still an output."""
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
                found += _idle_flatten(network, network.node(id), structure)
        if info is not None and output_fits:
            found += _output(network, output, info)
        found += _no_hidden_layer(network, output, info, structure)
    for id in network.order:
        if id in structure.live:
            found += _norm(project, network.node(id), structure.shapes.outputs.get(id, ()))
    found += _early_stopping(project)
    return found


# --- hidden layers -------------------------------------------------------------------------------


def _hidden(network: Network, node: Node) -> Iterator[Finding]:
    layer = node.layer
    # An output written as Dense and then Activation, Dropout or the like is no hidden layer.
    if _ends_the_network(network, node.id):
        return
    if activation_of(layer) == "softmax":
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
    if not isinstance(layer, (Dense, Conv2D)):
        return
    if layer.initializer == "zeros" and (width_of(layer) or 0) > 1:
        text = (
            "All weights of {name} start at zero, so that its units all begin as the same one. "
            "Random weights break the symmetry."
            if isinstance(layer, Dense)
            else "All weights of {name} start at zero, so that its filters all begin as the same "
            "one. Random weights break the symmetry."
        )
        yield finding(
            Message(text, name=node.name),
            node.id,
            _initialize(node, suited_initializer(layer.activation)),
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
            _activate(node, "tanh" if isinstance(layer, Dense) else "relu"),
            severity="hint",
        )


def _ends_the_network(network: Network, id: str) -> bool:
    """Whether nothing with weights comes after, as in Dense → Activation → Cost."""
    return all(node.id == COST for node in _after(network, id, _ENDINGS))


def _feeds_only_linear(network: Network, id: str) -> bool:
    """Whether all that follows is Dense or Conv2D, with nothing between that could bend it."""
    return all(isinstance(node.layer, (Dense, Conv2D)) for node in _after(network, id, _LINEAR))


def _idle_flatten(network: Network, node: Node, structure: Structure) -> Iterator[Finding]:
    found = structure.shapes.inputs(network, node.id)
    if isinstance(node.layer, Flatten) and found is not None and len(found[0]) == 1:
        yield finding(
            Message(
                "{name} has nothing to do: its input is a column of numbers already.",
                name=node.name,
            ),
            node.id,
            remove(node),
            severity="hint",
        )


def _after(network: Network, id: str, through: tuple[type[Layer], ...]) -> list[Node]:
    """What comes next after a node, seen through layers of some types."""
    found: list[Node] = []
    stack = [id]
    while stack:
        for target in network.outputs(stack.pop()):
            node = network.node(target)
            if isinstance(node.layer, through):
                stack.append(target)
            else:
                found.append(node)
    return found


def _activate(node: Node, activation: str) -> Fix:
    def activate(project: Project) -> Project:
        layer = project.network.node(node.id).layer
        if not isinstance(layer, (Dense, Conv2D, Activation)):
            return project
        layer = dataclasses.replace(layer, activation=activation)
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
        if not isinstance(layer, (Dense, Conv2D)):
            return project
        layer = dataclasses.replace(layer, initializer=initializer)
        return project.with_network(project.network.set_layer(node.id, layer))

    return Fix(Message("Start {name} with random weights", name=node.name), initialize)


# --- norms ---------------------------------------------------------------------------------------


def _norm(project: Project, node: Node, shape: Shape) -> Iterator[Finding]:
    """A single number has no spread: a norm makes β of it, whatever it was."""
    if isinstance(node.layer, BatchNorm) and len(shape) == 1 and project.training.batch_size == 1:
        yield finding(
            Message(
                "{name} needs batches of more than one example: a single one is its own mean, "
                "so that nothing of it gets through.",
                name=node.name,
            ),
            node.id,
            Fix(Message("Take batches of {size} examples", size=_BATCH), _larger_batch),
            severity="warning",
        )
    if isinstance(node.layer, LayerNorm) and shape and math.prod(shape) == 1:
        yield finding(
            Message(
                "{name} has a single unit, which is its own mean, so that nothing of it gets "
                "through.",
                name=node.name,
            ),
            node.id,
            remove(node),
            severity="warning",
        )


def _larger_batch(project: Project) -> Project:
    training = dataclasses.replace(project.training, batch_size=_BATCH)
    return dataclasses.replace(project, training=training)


# --- the output ----------------------------------------------------------------------------------


def _output(network: Network, output: Node, info: DataInfo) -> Iterator[Finding]:
    texts: dict[type[Layer], str] = {
        Dropout: "{name} stands right before Cost and silences parts of the output itself. "
        "Dropout belongs between layers.",
        BatchNorm: "{name} stands right before Cost and scales the output itself by the batch it "
        "happens to be in. BatchNorm belongs between layers.",
        LayerNorm: "{name} stands right before Cost and brings every prediction to the same mean "
        "and variance. LayerNorm belongs between layers.",
    }
    if type(output.layer) in texts:
        yield finding(
            Message(texts[type(output.layer)], name=output.name),
            output.id,
            remove(output),
            severity="warning",
        )
    activation = activation_of(output.layer)
    if activation == "softmax" and info.n_y == 1:
        yield finding(
            Message(
                "Softmax of a single unit is 1 whatever the input: {name} cannot learn anything.",
                name=output.name,
            ),
            output.id,
            _activate(output, "linear" if info.task == "regression" else "sigmoid"),
            severity="warning",
        )
    elif info.task == "regression" and activation in BOUNDS:
        yield finding(
            Message(
                "{name} has {activation}, whose output stays {bounds}: "
                "no number outside can be predicted.",
                name=output.name,
                activation=Message(ACTIVATIONS[activation].title),
                bounds=BOUNDS[activation],
            ),
            output.id,
            _activate(output, "linear"),
            severity="hint",
        )


def _no_hidden_layer(
    network: Network, output: Node, info: DataInfo | None, structure: Structure
) -> Iterator[Finding]:
    with_weights = [id for id in structure.live if width_of(network.node(id).layer) is not None]
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
