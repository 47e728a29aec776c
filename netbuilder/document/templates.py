"""Templates: the example of the first start, and new projects from a line of text."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from netbuilder.data.files import read_other, read_table
from netbuilder.data.reading import Reading, Watch
from netbuilder.data.sources import SOURCES
from netbuilder.document.check.defaults import suited, suited_data
from netbuilder.document.model.layer_text import parse_layers
from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import FILE, DataChoice, OwnTest, Project
from netbuilder.engine.losses import LOSSES
from netbuilder.errors import UserError


def first_start() -> Project:
    """The course's planar data: the flower, 2-4(tanh)-1(sigmoid), ready to learn."""
    return new_project(DataChoice(source="flower", seed=1), seed=2)


def data_choice(name: str, **given: Any) -> DataChoice:
    """A ready data set or a file, scaled and split as suits it, but for what is given.

    ``given`` are fields of ``DataChoice``, such as ``roles=Roles(("price",))`` or ``test=0.2``, and
    ``test_data``, the name of a file with the examples of the test part.
    Who asks for a test part or a validation part gets these shares and no other. Raises UserError
    when there are no such examples.
    """
    reading = given.pop("reading", Reading())
    test_data = str(given.pop("test_data", ""))
    if test_data and (name in SOURCES or "test" in given):
        raise UserError(
            "A test file goes with a data file, and without a share for the test part; got both."
            if "test" in given
            else "A test file goes with a data file of one's own; {name} is a ready data set.",
            name=name,
        )
    if name in SOURCES:
        choice = DataChoice(source=name, **given)
    else:
        if not Path(name).suffix and not Path(name).exists():
            SOURCES[name]  # whose refusal lists the data sets
        path = str(Path(name).resolve())
        table = read_table(name, reading=reading)
        reading = table.reading or reading
        choice = DataChoice(source=FILE, path=path, reading=reading, table=table, **given)
        if test_data:
            choice = dataclasses.replace(choice, own_test=own_test(test_data, reading))
    if "test" in given:
        given = {"validation": 0.0, **given}
    return dataclasses.replace(suited_data(choice), **given)


def own_test(name: str, reading: Reading, watch: Watch = lambda share: None) -> OwnTest:
    """A test file, read as it asks for, and where it leaves something open as ``reading`` says."""
    table = read_other(name, reading, watch=watch)
    return OwnTest(str(Path(name).resolve()), table.reading or Reading(), table)


def new_project(
    data: DataChoice,
    layers: str = "",
    loss: str = "",
    initializer: str = "",
    seed: int = 1,
) -> Project:
    """A chain of layers on a choice of data, with the training that suits the data.

    Without layers: those that suit the data. Without a loss: the natural one for the data. Raises
    UserError for text that makes no network, and when the data cannot be had.
    """
    suits = suited(data)
    if layers.strip():
        found = parse_layers(layers, initializer)
    elif initializer:
        found = tuple(layer.with_settings(initializer=initializer) for layer in suits.layers)
    else:
        found = suits.layers
    network = network_of(found, LOSSES[loss].name if loss else suits.loss)
    return Project(network, data, suits.training, seed)
