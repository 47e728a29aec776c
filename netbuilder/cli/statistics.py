"""The table of statistics that `show --statistics` prints: how healthy each layer is."""

from __future__ import annotations

import contextlib

from netbuilder import numbers
from netbuilder.cli.terminal import print_table
from netbuilder.data.dataset import Dataset, evenly
from netbuilder.document.model.project import Project
from netbuilder.engine.program import Plan, Weights
from netbuilder.engine.statistics import network_statistics
from netbuilder.training.divergence import Diverged
from netbuilder.training.trainer import Limit, Trainer

EXAMPLES = 1000
"""The activations of so many examples, evenly spread, stand for all."""


def print_statistics(plan: Plan, dataset: Dataset, project: Project, weights: Weights) -> None:
    """One row for each layer with an output, at these weights.

    dW and ΔW are those of the update that training would make next, whose result is given up.
    """
    X = dataset.train.X
    X = X[evenly(len(X), EXAMPLES)]
    trainer = Trainer(plan, dataset, project.training, project.seed, weights)
    now, before = network_statistics(trainer.program, X), trainer.weights()
    trainer.limit = Limit(seconds=None, updates=1)
    with contextlib.suppress(Diverged):
        next(iter(trainer.bursts()))
    following = network_statistics(trainer.program, X, trainer.gradients(), before)
    rows = [["l", "layer", "A mean", "A std", "dead", "saturated", "‖W‖", "‖dW‖", "‖ΔW‖/‖W‖"]]
    for id, found in now.items():
        node = plan.node(id)
        # W stands for the layer, γ for one that only scales.
        first = next(iter(found.parameters), None)
        after = following[id].parameters.get(first or "")
        rows.append(
            [
                str(plan.course_layers.get(id, "")),
                node.name,
                _number(found.mean),
                _number(found.deviation),
                _share(found.dead),
                _share(found.saturated),
                _number(found.parameters[first].norm) if first else "",
                _number(after.gradient_norm) if after else "",
                _number(after.update_ratio) if after else "",
            ]
        )
    print_table(rows, right={0, *range(2, len(rows[0]))})


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _share(value: float | None) -> str:
    return "" if value is None else numbers.percent(value)
