"""Templates: the example of the first start, networks to begin from, and projects from text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netbuilder.data.files import read_other, read_table
from netbuilder.data.reading import Reading, Watch
from netbuilder.data.sources import SOURCES
from netbuilder.document.check.defaults import suited, suited_data
from netbuilder.document.model.layer_text import parse_layers
from netbuilder.document.model.layout import arrange
from netbuilder.document.model.network import COST, Edge, network_of
from netbuilder.document.model.project import FILE, DataChoice, OwnTest, Project
from netbuilder.engine.layers.activation import Activation
from netbuilder.engine.layers.add import Add
from netbuilder.engine.losses import LOSSES
from netbuilder.errors import Message, UserError
from netbuilder.registry import Registry


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


# --- networks to begin from ----------------------------------------------------------------------


@dataclass(frozen=True)
class Template:
    """A network with data and settings from which it learns something worth seeing."""

    title: Message
    summary: Message
    make: Callable[[], Project]


TEMPLATES: Registry[Template] = Registry("template")


def _of(data: str, layers: str, **given: Any) -> Callable[[], Project]:
    """Layers in a row, with the training that suits the data; ``given`` are fields of it."""
    return lambda: new_project(data_choice(data, **given), layers)


def _residual() -> Project:
    """Two blocks around which the signal has a way of its own, on the spirals."""
    choice = data_choice("spirals")
    suits = suited(choice)
    stem, *blocks, output = parse_layers("16 relu, 16 relu, 16, 16 relu, 16, 1 sigmoid")
    network = network_of((stem, output), suits.loss)
    entry = "n1"
    for inner, outer in zip(blocks[::2], blocks[1::2], strict=True):
        for layer in (inner, outer, Add(), Activation("relu")):
            (exit_,) = network.inputs(network.inputs(COST)[0])
            network, node = network.insert(layer, Edge(exit_, network.inputs(COST)[0]), (0.0, 0.0))
            if layer.max_inputs != 1:
                network = network.connect(entry, node.id)
        entry = node.id
    return Project(arrange(network), choice, suits.training)


TEMPLATES.add(
    "logistic",
    Template(
        Message("Logistic regression"),
        Message("A single unit on two clouds: it draws a straight line."),
        _of("gaussians", "1 sigmoid"),
    ),
)
TEMPLATES.add(
    "hidden",
    Template(
        Message("One hidden layer"),
        Message("The course's planar network on the flower: four tanh units bend the line."),
        first_start,
    ),
)
TEMPLATES.add(
    "deep",
    Template(
        Message("Deep network"),
        Message("Four layers of ReLU unroll the spirals."),
        _of("spirals", "16 relu, 16 relu, 16 relu, 16 relu, 1 sigmoid"),
    ),
)
TEMPLATES.add(
    "residual",
    Template(
        Message("Residual network"),
        Message("Blocks add to what they were given: gradients have a short way back."),
        _residual,
    ),
)
TEMPLATES.add(
    "autoencoder",
    Template(
        Message("Autoencoder"),
        Message("Digits squeezed through eight units, and given back."),
        _of("digits_copied", "32 relu, 8 tanh, 32 relu, 64", scale="none", target_scale="none"),
    ),
)
TEMPLATES.add(
    "convolution",
    Template(
        Message("Convolution network"),
        Message("Filters find strokes in handwritten digits."),
        _of(
            "digits",
            "reshape 1x8x8, conv 8 3x3 relu padding 1, max pool 2, conv 16 3x3 relu, flatten, "
            "10 softmax",
        ),
    ),
)
