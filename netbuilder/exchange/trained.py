"""A trained network with all that must travel with its weights: what formats are made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from netbuilder.data.dataset import DataInfo, Dataset, InputColumn, Recipe, Scaling
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.program import Array, Plan, PlanNode, Weights
from netbuilder.errors import UserError
from netbuilder.exchange.lesson import Lesson

SCALING_FORMULA = "x_scaled = (x - shift) / scale"
UNSCALING_FORMULA = "prediction = output * scale + shift"


@dataclass(frozen=True, eq=False)
class Trained:
    """The plan, its weights, and what the data was like; UserError where they do not fit."""

    plan: Plan
    weights: Weights
    """By ``"<node id>.<parameter>"``, W (n_out, n_in) and b (n_out, 1)."""
    info: DataInfo
    scaling: Scaling | None
    """What was done to the features before the network saw them."""
    target_scaling: Scaling | None = None
    """What was done to the targets, and is to be undone in the network's output."""
    inputs: tuple[InputColumn, ...] = ()
    """The columns that the features are made from, with what was learned of them."""
    lesson: Lesson | None = None
    """How it was trained, where the examples are there."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        weights: Mapping[str, Any],
        of: Dataset | Recipe,
        lesson: Lesson | None = None,
    ) -> Trained:
        recipe = of.recipe if isinstance(of, Dataset) else of
        return cls(
            plan,
            dict(weights),
            recipe.info,
            recipe.scaling,
            recipe.target_scaling,
            recipe.inputs,
            lesson,
        )

    def __post_init__(self) -> None:
        for key, shape in self.plan.stored.items():
            found = self.weights.get(key)
            if found is None or found.shape != shape:
                raise UserError(
                    "The weights do not belong to this network: {parameter} should be {expected}, "
                    "but it is {found}.",
                    parameter=key,
                    expected=str(shape),
                    found="missing" if found is None else str(found.shape),
                )
            if not np.isfinite(found).all():
                raise UserError(
                    "{parameter} holds values that are not finite: training went astray. "
                    "Reset it and try a smaller learning rate before exporting.",
                    parameter=key,
                )

    @property
    def output(self) -> PlanNode:
        """The node whose A is Ŷ."""
        return self.plan.output

    def arrays(self, node: PlanNode) -> dict[str, Array]:
        """What a node has learned, by name: its parameters and running statistics."""
        return {name: self.weights[f"{node.id}.{name}"] for name in node.stored_shapes}

    def description(self) -> dict[str, Any]:
        """The ``meta`` of the formats that have room for text; all of it can be written as JSON."""
        used = (node.layer.activation for node in self.plan.nodes)
        functions = dict.fromkeys(name for name in used if name is not None)
        return {
            "format": "netbuilder",
            "version": 1,
            "layers": described_layers(self.plan),
            "activations": after_each_layer(self.plan),
            "formulas": {name: ACTIVATIONS[name].formula for name in functions},
            "loss": self.plan.loss,
            "task": self.info.task,
            "scaling": _described(self.scaling, SCALING_FORMULA),
            "target_scaling": _described(self.target_scaling, UNSCALING_FORMULA),
            "feature_names": list(self.info.feature_names),
            "target_names": list(self.info.target_names),
            "class_names": list(self.info.class_names),
            "output": self.output_meaning,
        }

    @property
    def gives_probabilities(self) -> bool:
        """Whether the output is a probability, by its activation and by what it predicts."""
        return self.info.task != "regression" and self.plan.gives_probabilities

    @property
    def output_meaning(self) -> str:
        """What the numbers of the output layer say, in one sentence's end."""
        what = "probability" if self.gives_probabilities else "score"
        if self.info.task == "binary":
            return f"one number per example: the {what} of {self.info.class_names[1]}"
        if self.info.task == "classes":
            return f"one {what} per class, in the order of class_names"
        return "one number per target, in the order of target_names"


def _described(scaling: Scaling | None, formula: str) -> dict[str, Any] | None:
    if scaling is None:
        return None
    return {
        "shift": scaling.shift.tolist(),
        "scale": scaling.scale.tolist(),
        "formula": formula,
    }


def is_chain(plan: Plan) -> bool:
    """Whether every node takes the output of the node before it, and nothing else."""
    return all(
        node.inputs == (before.id,)
        for before, node in zip(plan.nodes[:-1], plan.nodes[1:], strict=True)
    )


def parameter_names(plan: Plan) -> dict[str, str]:
    """The name outside for every ``"<node id>.<parameter>"``.

    W1, b1, W2, … in a chain; ``<layer name>.W`` in a graph with branches.
    """
    if is_chain(plan):
        return {
            f"{id}.{name}": f"{name}{number}"
            for id, number in plan.layer_numbers.items()
            for name in plan.node(id).stored_shapes
        }
    return {
        f"{node.id}.{name}": f"{node.name}.{name}"
        for node in plan.nodes
        for name in node.stored_shapes
    }


def described_layers(plan: Plan) -> list[dict[str, Any]]:
    """For each layer, in order: its name, type, inputs, settings, and the names of its arrays."""
    names = parameter_names(plan)
    found = []
    for node in plan.nodes[1:-1]:
        layer = node.layer
        entry: dict[str, Any] = {
            "name": node.name,
            "type": layer.kind,
            "inputs": [plan.node(id).name for id in node.inputs],
        }
        entry |= layer.described()
        found.append(entry | {name: names[f"{node.id}.{name}"] for name in node.stored_shapes})
    return found


def after_each_layer(plan: Plan) -> list[str]:
    """For each layer with parameters, in order, the function that follows its Z.

    In a chain, Activation layers that follow count too; should there be several functions after one
    Z, they are joined by " + " in the order in which they are applied.
    """
    chain = is_chain(plan)
    found: list[list[str]] = []
    for node in plan.nodes[1:-1]:
        function = node.layer.activation
        if node.id in plan.layer_numbers:
            found.append([])
        if function not in (None, "linear") and found and (chain or node.parameter_shapes):
            found[-1].append(function)
    return [" + ".join(functions) or "linear" for functions in found]


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
