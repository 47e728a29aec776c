"""The commands that use a trained network: evaluate, predict, export, check."""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from netbuilder.cli.opening import opened, other_examples
from netbuilder.cli.terminal import OK, failed, notices, print_table, say
from netbuilder.cli.training import metric_text
from netbuilder.data.dataset import Part, Recipe
from netbuilder.data.matching import features_for
from netbuilder.data.prepare import examples_for
from netbuilder.engine import gradient_check, metrics
from netbuilder.engine.faults import FAULTS
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Program
from netbuilder.errors import Message, UserError
from netbuilder.exchange import formats
from netbuilder.exchange.csv_files import save_predictions
from netbuilder.exchange.self_check import script_for, verify
from netbuilder.lab.checking import checked

_MOST_SHOWN = 20
"""A confusion matrix of more classes is left to --json."""


def evaluate(arguments: argparse.Namespace) -> int:
    """Prints cost and metrics of every part, or of other examples, and a confusion matrix."""
    project = opened(arguments.file)
    trained = project.trained()
    info = project.recipe.info
    told: tuple[Message, ...] = ()
    if arguments.data is None:
        dataset = project.dataset
        parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
        parts = {name: part for name, part in parts.items() if part.m}
    else:
        table = other_examples(arguments, project.project, True)
        examples, told = examples_for(table, project.recipe)
        parts = {"data": examples}
    program = project.program(trained)
    found = {name: _verdict(program, part, project.recipe) for name, part in parts.items()}
    project.tell()
    notices(told)
    if arguments.json:
        say(json.dumps({"task": info.task, "class_names": info.class_names, "parts": found}))
        return OK
    names = [name for name in next(iter(found.values())) if name != "confusion_matrix"]
    rows = [["", *names]]
    for part, values in found.items():
        rows.append([part, *(metric_text(name, values[name]) for name in names)])
    print_table(rows, right=range(1, len(rows[0])))
    # The examples that the network has seen least of tell most.
    part, values = list(found.items())[-1]
    if 0 < len(info.class_names) <= _MOST_SHOWN:
        say(f"\nconfusion matrix ({part}): rows are the true classes, columns the predicted ones")
        matrix = values["confusion_matrix"]
        print_table(
            [
                ["", *info.class_names],
                *(
                    [name, *map(str, row)]
                    for name, row in zip(info.class_names, matrix, strict=True)
                ),
            ],
            right=range(1, len(info.class_names) + 1),
        )
    return OK


def _verdict(program: Program, part: Part, recipe: Recipe) -> dict[str, Any]:
    """Metrics by name; the cost is without the L2 term, which says nothing of the examples.

    Where the targets were scaled for training, the cost is told in their own units too, and
    everything else is in these.
    """
    task = recipe.info.task
    Y_hat, Y = recipe.in_units(program.predict(part.X)), recipe.in_units(part.Y)
    found: dict[str, Any] = {"examples": part.m, "cost": program.cost(part.X, part.Y)}
    if recipe.target_scaling is not None:
        found["cost_in_units"] = metrics.regression_cost(Y_hat, Y, program.plan.loss)
    found |= metrics.evaluate(Y_hat, Y, task)
    if task != "regression":
        found["confusion_matrix"] = metrics.confusion_matrix(Y_hat, Y, task).tolist()
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in found.items()
    }


def predict(arguments: argparse.Namespace) -> int:
    """Writes one row for every example of the data file: its columns, and what is predicted."""
    piped = str(arguments.out) == "-"
    if not piped and arguments.out.suffix.lower() != ".csv":
        raise UserError(
            "{path} is no name for predictions: expected one that ends in .csv.",
            path=str(arguments.out),
        )
    project = opened(arguments.file)
    trained = project.trained()
    table = other_examples(arguments, project.project, False)
    X, told = features_for(table, project.recipe.inputs)
    if trained.scaling is not None:
        X = trained.scaling.apply(X)
    Y_hat = project.recipe.in_units(project.program(trained).predict(X))
    kept = table if table.image_shape is None else None
    if piped:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "predictions.csv")
            save_predictions(path, trained, Y_hat, kept)
            with path.open(encoding="utf-8", newline="") as file:
                shutil.copyfileobj(file, sys.stdout)
    else:
        save_predictions(arguments.out, trained, Y_hat, kept)
    project.tell()
    notices(told)
    if not piped:
        say(f"{arguments.out}: {len(X):,} predictions")
    return OK


def export(arguments: argparse.Namespace) -> int:
    """Writes the network in the format that the suffix asks for."""
    variant = "matrix" if arguments.matrix else arguments.framework or ""
    formats.format_of(arguments.out, variant)  # before anything is computed
    project = opened(arguments.file)
    trained = project.trained()
    script = ""
    if arguments.script:
        script = script_for(arguments.out, trained, formats.format_of(arguments.out, variant))
    written = formats.export(arguments.out, trained, variant)
    verdict = verify(arguments.out, trained, written) if arguments.verify else None
    project.tell()
    if script:
        say(script.removesuffix("\n"))
    else:
        say(f"{arguments.out}: {written.title}, {written.summary}")
    if verdict is not None:
        notices([verdict])
    return OK


def check(arguments: argparse.Namespace) -> int:
    """Prints a verdict for every parameter; fails when a gradient is wrong."""
    project = opened(arguments.file)
    plan, epsilon = project.plan, arguments.epsilon
    planted = [_planted(plan, text) for text in arguments.plant]
    checks = checked(project.project, plan, project.dataset, project.weights, planted, epsilon)
    for id, fault in planted:
        say(f"planted in {plan.node(id).name}: {FAULTS[fault].title}")
    table = [["l", "layer", "type", "gradient", "shape", "relative difference", "verdict"]]
    for found in checks:
        node, relative = plan.node(found.id), found.relative_difference
        frozen = ", frozen" if found.parameter in node.layer.frozen_parameters else ""
        table.append(
            [
                str(plan.course_layers[found.id]),
                found.name,
                node.layer.title,
                f"d{found.parameter}",
                str(node.parameter_shapes[found.parameter]),
                "unknown" if math.isnan(relative) else f"{relative:.2e}",
                found.verdict + frozen,
            ]
        )
    print_table(table, right={0, 5})
    overall = gradient_check.overall_difference(checks)
    if not math.isnan(overall):
        say(f"overall difference {overall:.6g}, with ε = {arguments.epsilon:g}")
    wrong, unknown = (
        ", ".join(f"d{found.parameter} of {found.name}" for found in checks if found.verdict == v)
        for v in ("wrong", "unknown")
    )
    if wrong:
        return failed(f"The gradient is wrong: {wrong}.")
    notices(project.warnings)
    if unknown:
        notices([f"J has a kink at these weights, so {unknown} cannot be told: train a little."])
    if planted:
        notices(["The planted mistake was not caught at these weights."])
    return OK


def _planted(plan: Plan, text: str) -> tuple[str, str]:
    """The node's id and the fault of "LAYER:FAULT"; raises UserError."""
    layer, colon, fault = text.rpartition(":")
    if not colon:
        raise UserError(
            "--plant needs a layer and a mistake, such as 1:double; got {text!r}.", text=text
        )
    for id, number in plan.course_layers.items():
        if layer in (str(number), plan.node(id).name):
            return id, FAULTS[fault].name
    raise UserError(
        "There is no layer {layer!r} with weights; expected a number from 1 to {most}, or a name.",
        layer=layer,
        most=max(plan.course_numbers.values()),
    )
