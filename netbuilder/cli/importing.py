"""The command that makes a project of a network that another program has written."""

from __future__ import annotations

import argparse
from typing import Any

from netbuilder.cli.data_options import reading_of, roles_of, told_of
from netbuilder.cli.projects import check_not_trained, check_project_name
from netbuilder.cli.terminal import OK, notices, print_table, say
from netbuilder.document.file.storage import save
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import data_choice, new_project
from netbuilder.exchange.reading.contents import Contents
from netbuilder.exchange.reading.matching import matched
from netbuilder.exchange.reading.readers import read
from netbuilder.exchange.reading.taking import adopted, without_data
from netbuilder.lens.names import summary


def import_(arguments: argparse.Namespace) -> int:
    """Writes the project, with every weight of the file, or says what stands in the way."""
    check_project_name(arguments.out)
    if not (arguments.force or arguments.preview):
        check_not_trained(arguments.out)
    contents = read(arguments.file)
    name = arguments.file.name
    if arguments.data is None:
        choice = without_data(contents, name)
        project = Project(network_of((), "mse"), choice)
    else:
        choice = _choice(arguments, contents)
        project = new_project(choice)
    found = adopted(contents, project, name)
    fits = matched(contents, found.plan)
    if arguments.preview:
        rows = [("array", "shape here", "", "layer")]
        for fit in fits.fits:
            held = "none: zeros" if fit.held is None or not fit.held.name else fit.held.name
            rows.append((held, str(fit.shape), fit.parameter, fit.node.name))
        print_table(rows)
    else:
        save(arguments.out, found.project, found.weights)
    if arguments.data is not None:
        notices((*told_of(choice.reading), *dataset_of(choice).notices))
    notices([f"note: {message}" for message in found.notices])
    say(f"{'would be ' if arguments.preview else ''}{arguments.out}: {summary(found.plan)}")
    return OK


def _choice(arguments: argparse.Namespace, contents: Contents) -> DataChoice:
    """The data; left as it is where the file does not say that it was scaled."""
    given: dict[str, Any] = {"roles": roles_of(arguments), "reading": reading_of(arguments)}
    if arguments.scale is not None:
        given["scale"] = arguments.scale
    elif not contents.tells_scaling:
        given |= {"scale": "none", "target_scale": "none"}
    return data_choice(arguments.data, **given)
