"""The command `lab`: the course's experiments, listed, written as projects, and verified."""

from __future__ import annotations

import argparse
import time

from netbuilder.cli.projects import check_project_name
from netbuilder.cli.terminal import OK, Progress, failed, print_table, say
from netbuilder.document.file.storage import save
from netbuilder.lab.entries import LAB
from netbuilder.lab.experiment import Experiment, chosen
from netbuilder.lab.measure import Found, measured


def lab(arguments: argparse.Namespace) -> int:
    """Does what is asked; `verify` fails (2) where a published figure is missed."""
    if arguments.do == "list":
        rows = [["name", "figures", ""]]
        rows += [[entry.name, str(len(entry.figures)), entry.title] for entry in LAB.values()]
        print_table(rows, right={1})
        return OK
    if arguments.do == "new":
        return _new(LAB[arguments.name], arguments)
    return _verify(chosen(arguments.name))


def _new(entry: Experiment, arguments: argparse.Namespace) -> int:
    check_project_name(arguments.out)
    save(arguments.out, entry.opened(), entry.weights() if entry.weights else None)
    say(f"{arguments.out}: {entry.title}. {entry.look_for}\nFrom: {entry.source}")
    return OK


def _verify(entries: tuple[Experiment, ...]) -> int:
    missed = total = 0
    progress = Progress()
    for entry in entries:
        progress.show(f"{entry.title} …")
        start = time.perf_counter()
        found = measured(entry)
        progress.clear()
        wrong = [one for one in found if not one.agrees]
        missed, total = missed + len(wrong), total + len(found)
        seconds = time.perf_counter() - start
        count = f"{len(found) - len(wrong)} of {len(found)} agree"
        say(f"{entry.name}: {count} ({seconds:.1f} s)")
        for one in found if len(entries) == 1 else wrong:
            say(f"  {_line(one)}")
        if entry.rounding_from:
            say(
                f"  from update {entry.rounding_from:,} on rounding decides the sixth digit: "
                "another order of the rows gives another one"
            )
    if missed:
        return failed(f"{missed} of {total} published figures are missed.")
    return OK


def _line(found: Found) -> str:
    figure = found.figure
    at = f" at {figure.at:,}" if figure.at else ""
    verdict = "agrees" if found.agrees else "MISSED"
    return f"{figure.what}{at}: published {figure.published}, here {found.value:.12g}, {verdict}"
