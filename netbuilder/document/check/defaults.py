"""Defaults: what suits a data set as long as nobody has chosen; one place for all who need it.

The window, the commands and Python ask here. The figures behind the numbers are held by
``tests/peers/test_defaults.py``, data set by data set, beside scikit-learn.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from netbuilder.data.dataset import DataInfo
from netbuilder.data.sources import SOURCES
from netbuilder.document.check.fit import natural_output
from netbuilder.document.model.datasets import prepared, table_of
from netbuilder.document.model.project import FILE, DataChoice, TrainingSettings
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.optimizers import OPTIMIZERS

COURSE_INITIALIZER = "normal"
_COURSE_RATE = 1.2
_COURSE_EPOCHS = 10_000
_BATCH = 32
_L2 = 0.1
_SPLIT_FROM = 50
"""From so many examples on, some are kept aside to watch for overfitting."""
_FEW_UPDATES, _UPDATES = 1500, 4000
"""How many updates learn a table, where more would learn its noise, and how many bend a plane."""
_FEWEST, _MOST = 20, 100
"""Epochs that a table is learned for, at least and at most."""


@dataclass(frozen=True)
class Suited:
    """A network and settings that suit a data set."""

    layers: tuple[Layer, ...]
    loss: str
    training: TrainingSettings


def of_course(choice: DataChoice) -> bool:
    """Whether the data is the course's, whose numbers are to come out as they are printed."""
    return choice.source != FILE and SOURCES[choice.source].course


def is_drawn(choice: DataChoice) -> bool:
    """Whether its points are drawn, by a seed or by hand, as toys are and the notes' own sets."""
    return choice.source != FILE and SOURCES[choice.source].kind != "bundled"


def suited_data(choice: DataChoice) -> DataChoice:
    """The same examples, scaled and split as suits them; raises UserError where there are none."""
    # The notes' own points stay as they are printed; and a scaling that each stroke changes would
    # move all that was learned.
    if of_course(choice) or (is_drawn(choice) and SOURCES[choice.source].kind != "toy"):
        return dataclasses.replace(
            choice, scale="none", target_scale="none", validation=0.0, test=0.0
        )
    kept = 0.0 if is_drawn(choice) else share_to_watch(table_of(choice).m)
    return dataclasses.replace(
        choice, scale="standard", target_scale="standard", validation=kept, test=0.0
    )


def share_to_watch(m: int) -> float:
    """Of so many examples of one's own: what is kept aside for validation."""
    return 0.2 if m >= _SPLIT_FROM else 0.0


def suited(choice: DataChoice) -> Suited:
    """Raises UserError when the data cannot be had."""
    dataset = prepared(choice)
    info = dataset.info
    output = natural_output(info)
    hidden = [(4, "tanh")] if of_course(choice) else [(n, "relu") for n in _widths(info)]
    return Suited(
        tuple(
            Dense(units, activation, initializer_for(choice, activation))
            for units, activation in (*hidden, (output.units, output.activation))
        ),
        output.loss,
        _training(choice, info, dataset.train.m),
    )


def initializer_for(choice: DataChoice, activation: str) -> str:
    return COURSE_INITIALIZER if of_course(choice) else ACTIVATIONS[activation].initializer


def epochs_for(choice: DataChoice, m: int) -> int:
    """For how long to train on m examples where there is nobody to press pause."""
    if of_course(choice):
        return _COURSE_EPOCHS
    updates = -(-m // _BATCH)
    if is_drawn(choice):
        return max(_FEWEST, _UPDATES // updates)
    return min(max(_FEWEST, _FEW_UPDATES // updates), _MOST)


def _widths(info: DataInfo) -> tuple[int, ...]:
    """Units of the hidden layers: a curve or a plane is bent in more places than a table is."""
    if info.n_x <= 2:
        return 16, 16
    return (64,) if info.image_shape is not None else (32,)


def _training(choice: DataChoice, info: DataInfo, m: int) -> TrainingSettings:
    if of_course(choice):
        return TrainingSettings(learning_rate=_COURSE_RATE, dtype="float64")
    return TrainingSettings(
        optimizer="adam",
        learning_rate=OPTIMIZERS["adam"].usual_rate,
        batch_size=_BATCH,
        # A few columns of many meanings are soon learned by heart; points and pixels less so.
        l2=_L2 if info.n_x > 2 and info.image_shape is None else 0.0,
        # Who plays with a toy set wants to watch; what is learned of a table gets worse again.
        epochs=0 if is_drawn(choice) else epochs_for(choice, m),
    )
