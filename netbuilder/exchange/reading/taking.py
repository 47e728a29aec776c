"""A file's network put into a project, with all its weights, on data of ours or without any."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from netbuilder.data.dataset import DataInfo, InputColumn, Recipe, Scaling
from netbuilder.document.check.compile import compile_project
from netbuilder.document.check.fit import natural_output
from netbuilder.document.model.datasets import bare, recipe_of
from netbuilder.document.model.network import COST, Network
from netbuilder.document.model.project import FILE, DataChoice, Kept, Project
from netbuilder.engine.layer import Layer
from netbuilder.engine.losses import losses_for
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError
from netbuilder.exchange.npz import same_scaling
from netbuilder.exchange.reading.contents import Contents, FoundLayer
from netbuilder.exchange.reading.described import GUESSED, drawn, guessed
from netbuilder.exchange.reading.matching import all_of

_MOST_FEATURES = 1_000_000


@dataclass(frozen=True, eq=False)
class Adopted:
    """A network from a file on data of ours."""

    project: Project
    plan: Plan
    weights: Weights
    notices: tuple[Message, ...]


def adopted(contents: Contents, project: Project, file: str) -> Adopted:
    """The project with the file's network and weights in place of its own.

    Where the file says that features or targets were scaled in another way than here, the first
    and the last layer make up for it. Raises UserError where the network does not go with the data.
    """
    recipe = recipe_of(project.data)
    info, notices = recipe.info, contents.notices
    layers = contents.layers
    if not layers:
        layers, notices = guessed(contents), (*notices, GUESSED)
    n_x = _features(contents, layers)
    if n_x not in (None, info.n_x):
        raise UserError(
            "The network of {file} takes {n} features, but {data} has {found}.",
            file=file,
            n=f"{n_x:,}",
            data=info.name,
            found=f"{info.n_x:,}",
        )
    loss = contents.loss if contents.loss in losses_for(info.task) else ""
    network = drawn(layers, loss or natural_output(info).loss)
    if not loss:
        network, told = _fitted(network, info)
        notices += told
    found = dataclasses.replace(project, network=network)
    compiled = compile_project(found, info)
    if compiled.plan is None:
        problem = compiled.problems[0]
        raise UserError(
            "The network of {file} does not go with {data}: {reason}",
            file=file,
            data=info.name,
            reason=problem.message,
        )
    weights = all_of(contents, compiled.plan, file)
    notices += _made_up_for(contents, compiled.plan, recipe, weights)
    if not contents.tells_scaling and recipe.scaling is not None:
        notices += (
            Message(
                "{file} does not say how its features were scaled; here they are, as the Data "
                "panel has it.",
                file=file,
            ),
        )
    return Adopted(found, compiled.plan, weights, notices)


def _fitted(network: Network, info: DataInfo) -> tuple[Network, tuple[Message, ...]]:
    """Scores, as torch's networks give them, become probabilities, which predict the same class."""
    output = network.node(network.inputs(COST)[0])
    goal = natural_output(info)
    if info.task == "regression" or output.layer.activation != "linear":
        return network, ()
    layer: Layer = output.layer.with_settings(activation=goal.activation)
    return network.set_layer(output.id, layer), (
        Message(
            "Its output is scores; {activation} makes probabilities of them, as they are learned "
            "from here.",
            activation=goal.activation,
        ),
    )


def _made_up_for(
    contents: Contents, plan: Plan, recipe: Recipe, weights: Weights
) -> tuple[Message, ...]:
    """Changes the weights so that the scaling here gives what the file's gave; or says so."""
    notices: tuple[Message, ...] = ()
    if contents.tells_scaling and not same_scaling(contents.scaling, recipe.scaling):
        theirs = contents.scaling or Scaling(np.zeros(1), np.ones(1))
        ours = recipe.scaling or Scaling(np.zeros(1), np.ones(1))
        first = [node for node in plan.nodes if plan.nodes[0].id in node.inputs]
        W_shape = first[0].stored_shapes.get("W", ()) if len(first) == 1 else ()
        if len(W_shape) == 2 and theirs.shift.size in (1, W_shape[1]):
            # x = ours.scale·x_here + ours.shift, and x_there = (x − theirs.shift) / theirs.scale
            id = first[0].id
            W, b = weights[f"{id}.W"], weights[f"{id}.b"]
            moved = np.broadcast_to((ours.shift - theirs.shift) / theirs.scale, W.shape[1:])
            weights[f"{id}.b"] = b + W @ moved[:, None]
            weights[f"{id}.W"] = W * (ours.scale / theirs.scale)
            notices += (
                Message(
                    "Its features were scaled in another way than here: the first layer makes up "
                    "for that."
                ),
            )
        else:
            notices += (
                Message(
                    "Its features were scaled in another way than here: train it on, or set "
                    "the scaling that it was trained with."
                ),
            )
    if contents.tells_scaling and not same_scaling(contents.target_scaling, recipe.target_scaling):
        notices += _targets(contents, plan, recipe, weights)
    return notices


def _targets(
    contents: Contents, plan: Plan, recipe: Recipe, weights: Weights
) -> tuple[Message, ...]:
    """y = theirs.scale·output + theirs.shift, of which ours is (y − ours.shift) / ours.scale."""
    theirs = contents.target_scaling or Scaling(np.zeros(1), np.ones(1))
    ours = recipe.target_scaling or Scaling(np.zeros(1), np.ones(1))
    node = plan.output
    linear = node.layer.activation == "linear" and len(node.stored_shapes.get("W", ())) == 2
    if recipe.info.task != "regression":
        return ()
    if not linear or theirs.shift.size not in (1, node.shape[0]):
        return (Message("Its targets were scaled in another way than here: train it on."),)
    W, b = weights[f"{node.id}.W"], weights[f"{node.id}.b"]
    times = np.broadcast_to(theirs.scale / ours.scale, node.shape)[:, None]
    moved = np.broadcast_to((theirs.shift - ours.shift) / ours.scale, node.shape)[:, None]
    weights[f"{node.id}.W"], weights[f"{node.id}.b"] = W * times, b * times + moved
    return (
        Message(
            "Its targets were scaled in another way than here: the last layer makes up for that."
        ),
    )


def without_data(contents: Contents, file: str) -> DataChoice:
    """A choice of data that says what the file tells of its own, whose examples are not there.

    Whoever has it can predict rows of numbers. Raises UserError where the file does not even say
    how many features there are.
    """
    layers = contents.layers or guessed(contents)
    n_x = len(contents.feature_names) or _features(contents, layers)
    if n_x is None:
        raise UserError(
            "It does not say how many features an example has: give the data that it is for."
        )
    if n_x > _MOST_FEATURES:
        raise UserError(
            "It takes {n} features, expected at most {most}.",
            n=f"{n_x:,}",
            most=f"{_MOST_FEATURES:,}",
        )
    features = contents.feature_names or tuple(f"x{k + 1}" for k in range(n_x))
    last = layers[-1].layer
    widths = [layer.layer.own_width for layer in layers if layer.layer.own_width]
    n_y = int(widths[-1]) if widths else 1
    task = contents.task or {"softmax": "classes", "sigmoid": "binary"}.get(
        str(last.activation), "regression"
    )
    if task == "binary" and n_y != 1:
        task = "regression"
    count = {"binary": 2, "classes": n_y}.get(task, 0)
    names = contents.class_names
    classes = names if len(names) == count else tuple(str(k) for k in range(count))
    targets = contents.target_names
    if not targets or (task == "regression" and len(targets) != n_y):
        targets = tuple(f"y{k + 1}" for k in range(n_y)) if task == "regression" else ("class",)
    scaling = contents.scaling
    if scaling is not None and scaling.shift.size == 1:
        scaling = Scaling(*(np.full(n_x, value[0]) for value in (scaling.shift, scaling.scale)))
    units = contents.target_scaling if task == "regression" else None
    for found, width in ((scaling, n_x), (units, len(targets))):
        if found is not None and found.shift.size != width:
            raise UserError(
                "It scales {found} columns, but there are {width}.",
                found=found.shift.size,
                width=width,
            )
    fills = np.zeros(n_x) if scaling is None else scaling.shift
    recipe = Recipe(
        DataInfo(file, 1, features, targets, task, classes),
        tuple(
            InputColumn(name, fill=float(fill)) for name, fill in zip(features, fills, strict=True)
        ),
        scaling,
        units,
    )
    choice = DataChoice(FILE)
    return dataclasses.replace(choice, kept=Kept(recipe, bare(choice)))


def _features(contents: Contents, layers: tuple[FoundLayer, ...]) -> int | None:
    """How many numbers go in, by the first layer where that tells."""
    first = layers[0].layer.described()
    if {"channels", "height", "width"} <= set(first):  # it makes an image of a row
        return int(first["channels"] * first["height"] * first["width"])
    chain = all(layer.inputs is None or len(layer.inputs) == 1 for layer in layers)
    W = contents.groups[0].arrays.get("W") if contents.groups and chain else None
    return None if W is None or W.values.ndim != 2 else int(W.values.shape[1])
