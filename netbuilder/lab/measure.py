"""Measures what an experiment has published, by running it as the window and `train` do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from netbuilder.data.dataset import Dataset, Part
from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.engine import metrics, textbook
from netbuilder.engine.plan import Plan
from netbuilder.lab.experiment import Experiment, Figure
from netbuilder.lab.matching import entry
from netbuilder.training.trainer import Limit, Trainer

_EPSILON = 1e-7
"""The course's ε."""


@dataclass(frozen=True)
class Found:
    """A published number, and ours."""

    figure: Figure
    value: float

    @property
    def agrees(self) -> bool:
        return self.figure.agrees(self.value)


def measured(experiment: Experiment) -> list[Found]:
    """Every figure of an experiment beside what it is here, in the order of the figures."""
    project = experiment.project()
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None, experiment.name
    weights = experiment.weights() if experiment.weights else None
    trainer = Trainer(plan, dataset, project.training, project.seed, weights)
    found: dict[Figure, float] = {}
    for figure in sorted(experiment.figures, key=lambda figure: figure.epochs):
        _train(trainer, figure.epochs)
        if figure.what == "cost":
            found[figure] = _cost(trainer, figure.at)
        else:
            found[figure] = _look(trainer, plan, dataset, figure)
    return [Found(figure, found[figure]) for figure in experiment.figures]


def _train(trainer: Trainer, epochs: int) -> None:
    """Until so many epochs are done."""
    while trainer.epoch < epochs:
        trainer.limit = Limit(None, None, epochs - trainer.epoch)
        next(trainer.bursts())


def _cost(trainer: Trainer, at: int) -> float:
    """J before update ``at`` of full batches, else the mean of the epoch of this number."""
    rows = trainer.log.rows()
    full = trainer.updates_per_epoch == 1
    place = np.searchsorted(rows["epoch"], at if full else at + 1)
    return float(rows["train_cost"][place])


def _look(trainer: Trainer, plan: Plan, dataset: Dataset, figure: Figure) -> float:
    """What is measured at the weights that the trainer has."""
    if figure.what in ("train accuracy", "test accuracy"):
        part: Part = getattr(dataset, figure.what.split()[0])
        Y_hat = trainer.program.predict(part.X)
        return 100 * float(metrics.accuracy(Y_hat, part.Y, dataset.info.task))
    if figure.what.startswith("difference"):
        factors = {"dW2": 2.0, "db1": 4.0} if figure.what != "difference" else {}
        return course_difference(plan, trainer, dataset.train, factors)
    if figure.what.startswith("d"):
        _, arrays = trainer.program.gradient(dataset.train.X, dataset.train.Y)
    else:
        arrays = trainer.weights()
    return entry(plan, arrays, figure.what)


def course_difference(
    plan: Plan, trainer: Trainer, part: Part, factors: Mapping[str, float]
) -> float:
    """The course's gradient check in the course's own words: ‖a − b‖ / (‖a‖ + ‖b‖).

    ``factors`` are mistakes, by which a gradient is multiplied. The cost takes log(1 − A) here, as
    in the notes.
    """
    X, Y = part.X.T, part.Y.T
    numbers = plan.course_layers
    activations = [str(plan.node(id).layer.activation) for id in numbers]
    parameters = {
        f"{name}{l}": trainer.program.parameter(f"{id}.{name}").copy()
        for id, l in numbers.items()  # noqa: E741
        for name in ("W", "b")
    }
    AL, caches = textbook.L_model_forward(X, parameters, activations)
    grads = textbook.L_model_backward(AL, Y, caches, activations, plan.loss)

    def cost() -> float:
        AL, _ = textbook.L_model_forward(X, parameters, activations)
        return textbook.compute_cost(AL, Y, plan.loss)

    exact, approximate = [], []
    for name, theta in parameters.items():
        exact.append(grads[f"d{name}"].ravel() * factors.get(f"d{name}", 1.0))
        for place in np.ndindex(theta.shape):
            value = theta[place]
            theta[place] = value + _EPSILON
            above = cost()
            theta[place] = value - _EPSILON
            below = cost()
            theta[place] = value
            approximate.append((above - below) / (2 * _EPSILON))
    a, b = np.concatenate(exact), np.array(approximate)
    return float(np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b)))
