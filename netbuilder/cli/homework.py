"""The command `compare`: a learner's arrays beside the right ones, and what went wrong first."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from netbuilder.cli.opening import opened
from netbuilder.cli.terminal import OK, failed, notices, print_table, say
from netbuilder.errors import Message, UserError
from netbuilder.exchange.npz import load_weights
from netbuilder.lab.handed_in import judged, save_template
from netbuilder.lab.homework import INHERITED, Case, case_of


def compare(arguments: argparse.Namespace) -> int:
    """Prints a verdict for every array; fails (2), saying why, where one is wrong."""
    project = opened(arguments.file)
    weights = project.weights
    if arguments.weights is not None:
        weights = load_weights(arguments.weights, project.plan)
    case = case_of(project.project, project.plan, project.dataset, weights)
    if arguments.template:
        return _template(arguments.mine, case)
    result = judged(arguments.mine, case)
    found = result.comparison
    if found.unknown:
        words = "not compared, for the exercise has no such arrays: {names}"
        notices([Message(words, names=", ".join(found.unknown))])
    if not found.rows:
        raise UserError(
            "{path} has no array that could be compared; expected names such as W1, Z1, dW1.",
            path=str(arguments.mine),
        )
    first = found.first_wrong
    table = [["array", "shape", "largest difference", "verdict"]]
    for row in found.rows:
        verdict = row.verdict
        if row is first:
            verdict = "WRONG: the first"
        elif verdict == INHERITED:
            verdict = "inherited: right from what came before"
        difference = "" if math.isnan(row.difference) else f"{row.difference:.2e}"
        table.append([row.name, str(row.mine.shape), difference, verdict])
    print_table(table, right={2})
    if first is None:
        say("all of it is right")
        return OK
    if first.mine.shape != first.expected.shape:
        say(f"{first.name} has the shape {first.mine.shape}, expected {first.expected.shape}")
    reason = result.reason or "It is no mistake that is known here."
    return failed(f"The first wrong array is {first.name}. {reason}")


def _template(path: Path, case: Case) -> int:
    values = save_template(path, case)
    say(f"{path}: {', '.join(f'{name} {array.shape}' for name, array in values.items())}")
    return OK
