"""The command that writes a page about a network, its data and its run."""

from __future__ import annotations

import argparse

from netbuilder.cli.opening import opened
from netbuilder.cli.terminal import OK, say
from netbuilder.data.dataset import Dataset
from netbuilder.report.page import check, write
from netbuilder.report.subject import Subject


def report(arguments: argparse.Namespace) -> int:
    """Writes the page; data that is not there is told on it."""
    check(arguments.out)
    project = opened(arguments.file)
    found = project.found
    subject = Subject(
        name=arguments.file.stem,
        project=project.project,
        plan=project.plan,
        recipe=project.recipe,
        weights=project.trained().weights,
        dataset=found if isinstance(found, Dataset) else None,
        why_none=None if isinstance(found, Dataset) else found.message,
        log=None if project.run is None else project.run.log,
        epoch=0 if project.run is None else project.run.state.epoch,
        trained=project.weights is not None,
    )
    write(arguments.out, subject)
    project.tell()
    say(f"{arguments.out}: a page about {arguments.file}, to open in a browser")
    return OK
