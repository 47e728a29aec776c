"""The project: network, choice of data, training settings and seed, as one value."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import ClassVar

from netbuilder.data.dataset import Recipe
from netbuilder.data.reading import Reading
from netbuilder.data.stamp import Stamp
from netbuilder.data.table import Roles, Table
from netbuilder.document.model.network import Network
from netbuilder.engine.increments import By, Doubling, Ladder
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.engine.settings import HasSettings, setting

FILE = "file"
"""The source of data that was read from a file of the user's."""


@dataclass(frozen=True, eq=False)
class Kept:
    """What was learned of data, which stays when the data itself cannot be had."""

    recipe: Recipe
    choice: DataChoice
    """What it was learned from, without table; of no other choice does it say anything."""
    stamp: Stamp | None = None
    """Of the file that the data was read from."""
    test_stamp: Stamp | None = None
    """Of the test file, likewise."""


@dataclass(frozen=True)
class OwnTest:
    """A file of its own for the test part."""

    path: str
    reading: Reading = field(default_factory=Reading)
    """How it was read, and is to be read again."""
    table: Table | None = field(default=None, repr=False)
    """What was read."""


@dataclass(frozen=True)
class DataChoice(HasSettings):
    """Which examples, and how they are made ready."""

    source: str = "flower"
    """A name of netbuilder.data.sources.SOURCES, or FILE."""
    path: str = ""
    """For FILE: where it was read from."""
    reading: Reading = field(default_factory=Reading)
    """For FILE: how a text file was read, and is to be read again."""
    roles: Roles = field(default_factory=Roles)
    """What its columns are for."""
    table: Table | None = field(default=None, repr=False)
    """For FILE: what was read; else, what was drawn by hand in place of the source's points."""
    own_test: OwnTest | None = None
    """For FILE: the examples of the test part, where they have a file of their own."""
    kept: Kept | None = field(default=None, repr=False, compare=False)
    """What a project file says was learned of the data."""

    examples: int = setting(
        400,
        "examples",
        "How many points a toy set has.",
        minimum=4,
        maximum=100_000,
        increments=By(50),
    )
    noise: float = setting(
        1.0,
        "noise",
        "How far points stray; 1 is the usual amount.",
        minimum=0.0,
        maximum=10.0,
        increments=By(0.1),
    )
    seed: int = setting(
        1,
        "data seed",
        "The same seed gives the same points and the same split.",
        minimum=0,
        maximum=2**32 - 1,
    )
    scale: str = setting(
        "none",
        "scaling",
        "Brings all features to one size, learned from the training part.",
        choices={"none": "None", "standard": "Standard", "minmax": "0 to 1"},
    )
    target_scale: str = setting(
        "none",
        "target scaling",
        "Brings numbers to be predicted to a size that is easily learned; predictions, and all "
        "that is told of them, are in the target's own units. Of no effect on classes.",
        choices={"none": "None", "standard": "Standard", "minmax": "0 to 1"},
    )
    validation: float = setting(
        0.0,
        "validation",
        "The share of examples kept aside to watch for overfitting.",
        minimum=0.0,
        maximum=0.9,
    )
    test: float = setting(
        0.0,
        "test",
        "The share of examples kept aside for the final verdict.",
        minimum=0.0,
        maximum=0.9,
    )


@dataclass(frozen=True)
class TrainingSettings(HasSettings):
    """How the network learns."""

    optimizer: str = setting(
        "gd", "optimiser", "How gradients change the weights.", choices=OPTIMIZERS
    )
    beta: float = setting(
        0.9,
        "β",
        "How much of the running mean of the gradients is kept; for RMSprop, of their squares.",
        minimum=0.0,
        below=1.0,
    )
    batch_size: int = setting(
        0,
        "batch size",
        "Examples per update; 0 takes all of them (full batch).",
        minimum=0,
        maximum=10_000_000,
        increments=Doubling(),
    )
    order_seed: int = setting(
        0,
        "order seed",
        "Mini-batches of epoch e are dealt out in the order of NumPy's RandomState(this + e), as "
        "in the course from 11; 0 draws the order from the seed of the weights.",
        minimum=0,
        maximum=2**32 - 1,
    )
    mask_seed: int = setting(
        0,
        "mask seed",
        "Dropout's masks are drawn from NumPy's RandomState(this), begun anew at every update and "
        "layer after layer, as in the course with 1; 0 draws them from the seed of the weights.",
        minimum=0,
        maximum=2**32 - 1,
    )
    learning_rate: float = setting(
        0.1,
        "learning rate",
        "α in W := W − α dW: the size of a step.",
        above=0.0,
        maximum=1e6,
        increments=Ladder(),
    )
    schedule: str = setting(
        "constant",
        "schedule",
        "How the learning rate falls while the epochs t go by.",
        choices=SCHEDULES,
    )
    decay: float = setting(
        0.5,
        "decay γ",
        "How much is left after T epochs, or how fast it falls.",
        above=0.0,
        maximum=1.0,
    )
    period: int = setting(
        100,
        "period T",
        "The epochs that the schedule counts in; a cosine is at 0 after so many.",
        minimum=1,
        maximum=1_000_000_000,
        increments=Ladder(),
    )
    warmup: float = setting(
        0.0,
        "warm-up",
        "Over so many epochs the learning rate first rises in a straight line; 0 for none.",
        minimum=0.0,
        maximum=1e9,
        increments=Ladder(1),
    )
    l2: float = setting(
        0.0,
        "L2 λ",
        "Adds λ/(2m) Σ W² to the cost J, which keeps weights small. AdamW leaves J as it is and "
        "takes α λ/m W off W by itself.",
        minimum=0.0,
        maximum=1e6,
        increments=Ladder(0.001),
    )
    l1: float = setting(
        0.0,
        "L1 λ₁",
        "Adds λ₁/m Σ |W| to the cost J, which brings weights to zero.",
        minimum=0.0,
        maximum=1e6,
        increments=Ladder(0.001),
    )
    clip_norm: float = setting(
        0.0,
        "clip norm",
        "A gradient of all parameters that is longer is shortened to this length; 0 never.",
        minimum=0.0,
        maximum=1e6,
        increments=Ladder(0.1),
    )
    class_weights: str = setting(
        "none",
        "class weights",
        "Balanced: an example counts m/(k·count), so that a rare class weighs as much as a "
        "frequent one. Of no effect on regression.",
        choices={"none": "None", "balanced": "Balanced"},
    )
    dtype: str = setting(
        "float32",
        "precision",
        "The numbers the engine computes with.",
        choices={"float32": "32 bit", "float64": "64 bit"},
    )
    epochs: int = setting(
        0,
        "stop after epochs",
        "Training pauses after so many epochs; 0 goes on for ever.",
        minimum=0,
        maximum=1_000_000_000,
        increments=Ladder(100),
    )
    target_cost: float = setting(
        0.0,
        "stop at cost",
        "Training pauses when the cost falls to this; 0 never.",
        minimum=0.0,
        increments=Ladder(0.01),
    )
    patience: int = setting(
        0,
        "early stopping",
        "Pauses after so many epochs without a better validation cost; 0 never.",
        minimum=0,
        maximum=1_000_000_000,
        increments=Ladder(10),
    )
    evaluate_every: int = setting(
        10,
        "evaluate every",
        "Epochs between two looks at accuracy and at the validation part.",
        minimum=1,
        maximum=1_000_000,
        increments=Ladder(),
    )


@dataclass(frozen=True)
class Project(HasSettings):
    """All that a project file holds, but for the trained weights."""

    schema: ClassVar[int] = 4

    network: Network
    data: DataChoice = DataChoice()
    training: TrainingSettings = TrainingSettings()
    seed: int = setting(
        1, "seed", "The same seed gives the same initial weights.", minimum=0, maximum=2**32 - 1
    )
    experiment: str = ""
    """The course's experiment that it was opened as, by its name in the lab; "" for none. Whether
    it still is that one is found by looking (netbuilder.lab.matching)."""

    def with_network(self, network: Network) -> Project:
        return self if network is self.network else dataclasses.replace(self, network=network)
