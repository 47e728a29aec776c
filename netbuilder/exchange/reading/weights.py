"""A file's weights for a network that is there, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from netbuilder.data.dataset import Dataset, Recipe
from netbuilder.engine.layer import Layer
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Weights
from netbuilder.errors import Message
from netbuilder.exchange.npz import disagreements, load_weights, same_scaling
from netbuilder.exchange.reading.contents import Contents
from netbuilder.exchange.reading.matching import all_of
from netbuilder.exchange.reading.readers import read


@dataclass(frozen=True, eq=False)
class FoundWeights:
    """What a network can begin with."""

    weights: Weights
    notices: tuple[Message, ...]
    """What is otherwise here than where they were trained."""


def weights_for(path: Path, plan: Plan, dataset: Dataset) -> FoundWeights:
    """Raises UserError where a layer is missing, too many, or of another shape."""
    if path.suffix.lower() == ".npz":
        weights = load_weights(path, plan)
        return FoundWeights(weights, tuple(disagreements(path, plan, dataset)))
    contents = read(path)
    return FoundWeights(
        all_of(contents, plan, path.name), otherwise(contents, plan, dataset.recipe, path.name)
    )


def otherwise(contents: Contents, plan: Plan, recipe: Recipe, file: str) -> tuple[Message, ...]:
    """What the file says of its network and data that is otherwise here."""
    found: tuple[Message, ...] = ()
    functions = _functions(layer.layer for layer in contents.layers)
    for theirs, ours, what in (
        (functions, _functions(node.layer for node in plan.nodes), Message("the activations")),
        (contents.feature_names, recipe.info.feature_names, Message("the features")),
        (contents.class_names, recipe.info.class_names, Message("the classes")),
    ):
        if theirs and theirs != ours:
            found += (
                Message(
                    "{file} was trained with {what} {found}, but here they are {expected}.",
                    file=file,
                    what=what,
                    found=", ".join(theirs[:8]),
                    expected=", ".join(ours[:8]) or Message("none"),
                ),
            )
    if contents.tells_scaling and not same_scaling(contents.scaling, recipe.scaling):
        found += (
            Message(
                "{file} was trained on features that were scaled in another way than here.",
                file=file,
            ),
        )
    if contents.tells_scaling and not same_scaling(contents.target_scaling, recipe.target_scaling):
        found += (
            Message(
                "{file} was trained on targets that were scaled in another way than here.",
                file=file,
            ),
        )
    return found


def _functions(layers: Iterable[Layer]) -> tuple[str, ...]:
    used = (layer.activation for layer in layers)
    return tuple(name for name in used if name is not None and name != "linear")
