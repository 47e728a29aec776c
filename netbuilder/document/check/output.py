"""The output: what does not fit between its width, its activation, the loss and the data."""

from __future__ import annotations

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.fit import (
    Output,
    natural_output,
    refitted,
    width_source,
    with_output_layer,
)
from netbuilder.document.check.problems import Finding, Fix, count_units, finding
from netbuilder.document.check.shapes import is_image
from netbuilder.document.check.structure import Structure
from netbuilder.document.check.widths import width_text
from netbuilder.document.model.network import COST, DATA, Edge, Network, Node
from netbuilder.document.model.project import Project
from netbuilder.document.model.room import swap, take_out
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Shape
from netbuilder.engine.losses import LOSSES, losses_for
from netbuilder.errors import Message


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
    loss = network.loss
    if loss not in losses_for(info.task):
        found.append(finding(_loss_message(loss, info), COST, *remedies, edge=wire))
    else:
        expected = LOSSES[loss].logits_activation
        if expected is not None and output.layer.activation != expected:
            message = _activation_message(output, loss, expected)
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


def _reason(info: DataInfo) -> Message:
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
    return Message(
        LOSSES[loss].unfit.text,
        loss=Message(LOSSES[loss].title),
        reason=_reason(info),
        natural=Message(LOSSES[losses_for(info.task)[0]].title),
    )


def _activation_message(output: Node, loss: str, expected: str) -> Message:
    found = output.layer.activation
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


def _remedies(network: Network, output: Node, shape: Shape | None, info: DataInfo) -> list[Fix]:
    """The same objects for every problem of the output, so that one click ends them all."""

    def add(project: Project) -> Project:
        return project.with_network(with_output_layer(project.network, info))

    goal = natural_output(info, network.loss)
    fixes = []
    idle = output.layer.activation is None and output.layer.max_inputs == 1
    if idle and _is_output(network, network.inputs(output.id), goal):
        fixes.append(
            Fix(
                Message("Remove {name}", name=output.name),
                lambda project: project.with_network(take_out(project.network, [output.id])),
            )
        )
    if output.layer.activation is not None and _stands_behind_output(network, output, goal):
        sources = network.inputs(output.id)
        fixes.append(
            Fix(
                Message(
                    "Put {name} before the output layer {output}",
                    name=output.name,
                    output=network.node(sources[0]).name,
                ),
                lambda project: project.with_network(swap(project.network, output.id)),
            )
        )
    changed = refitted(network, info)
    if changed is not None and changed != network:

        def refit(project: Project) -> Project:
            new = refitted(project.network, info)
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
                reason=_reason(info),
            ),
            add,
        )
    )
    return fixes


def _is_output(network: Network, sources: tuple[str, ...], goal: Output) -> bool:
    """Whether what stands behind a last Dropout or the like would do as the output layer."""
    layers = [network.node(source).layer for source in sources]
    return any(
        not layer.takes_images
        and (layer.own_width, layer.activation) == (goal.units, goal.activation)
        for layer in layers
    )


def _stands_behind_output(network: Network, node: Node, goal: Output) -> bool:
    """Whether a layer was put behind what was the output layer until then."""
    sources = network.inputs(node.id)
    return (
        len(sources) == 1
        and network.outputs(sources[0]) == (node.id,)
        and len(network.inputs(sources[0])) == 1
        and _is_output(network, sources, goal)
    )


def _refit_label(old: Network, new: Network, info: DataInfo) -> Message:
    """Says what changes, and nothing else."""
    output = old.inputs(COST)[0]
    before, after = old.node(output).layer.activation, new.node(output).layer.activation
    wide = width_source(old, output)
    units = wide is not None and old.node(wide).layer.own_width != new.node(wide).layer.own_width
    activation = before != after
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
    return Message(
        text,
        units=count_units(info.n_y),
        activation=Message(ACTIVATIONS[after or "linear"].title),
        loss=Message(LOSSES[new.loss].title),
        reason=_reason(info),
    )
