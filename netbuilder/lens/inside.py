"""Inside: the update that comes next at a moment of a run, as the microscope shows it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.microscope import trace
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Weights
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.engine.stops import Stop
from netbuilder.errors import Message, UserError
from netbuilder.lens.later import GivenUp
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.state import RunState
from netbuilder.training.learner import Learner
from netbuilder.training.replay import Replay

_NUMBERS = 8_000_000
"""How many numbers an update may have here, in float64: some 64 MB."""
_COPIES = 10
"""Of each parameter: W, dW, v, s, their corrections, the new ones, and what leads there."""


@dataclass(frozen=True, eq=False)
class Inside:
    """One update, stop by stop, and what it is an update of."""

    stops: tuple[Stop, ...]
    plan: Plan
    dataset: Dataset
    step: int
    """Updates done before it."""
    shown: int
    """Examples that are shown."""
    of: int
    """Examples that the update has."""
    notes: tuple[Message, ...]
    """What is not quite as in the update itself, and what the schedule makes of α."""


def inside(
    plan: Plan,
    dataset: Dataset,
    settings: TrainingSettings,
    seed: int,
    weights: Weights,
    moment: Snapshot | None,
    interrupt: threading.Event,
) -> Inside:
    """The next update at a moment. To be called on a thread of its own: it may train to get there.

    Where the run keeps its way, batch, dropout, v and s are those of the update itself; else
    ``settings``, ``seed`` and ``weights`` stand in. Raises UserError for a network that is too
    large, and GivenUp once ``interrupt`` is set.
    """
    state = _state(moment, interrupt)
    if interrupt.is_set():
        raise GivenUp
    if state is not None:
        assert moment is not None and moment.recorder is not None
        passage = moment.recorder.passage(moment.step)
        if passage is not None:
            plan, dataset = passage.start.stretch.plan, passage.start.stretch.dataset
        settings, seed, weights = state.settings, state.seed, state.weights(plan)
    parameters = _COPIES * plan.parameter_count
    if parameters > _NUMBERS:
        raise UserError(
            "The microscope shows networks of up to {most} parameters; this one has {found}.",
            most=f"{_NUMBERS // _COPIES:,}",
            found=f"{plan.parameter_count:,}",
        )
    learner = Learner(plan, dataset, settings, seed, weights)
    epoch = moment.epoch if moment is not None else 0
    if state is not None:
        learner.restore(state)
        epoch = state.epoch
    rate = learner.optimizer.learning_rate = learner.learning_rate(epoch)
    X, Y = learner.batches.next(settings.batch_size, epoch)
    shown = max(1, min(len(X), (_NUMBERS - parameters) // plan.elements_per_example(True)))
    stops = trace(
        learner.program, X[:shown], Y[:shown], learner.optimizer, settings.l2, settings.l1
    )
    step = moment.step if moment is not None else 0
    notes = list(_of_schedule(settings, rate, epoch))
    if shown < len(X):
        notes.append(
            Message(
                "{shown} of the {m} examples are shown, as if the batch had no more.",
                shown=f"{shown:,}",
                m=f"{len(X):,}",
            )
        )
    if state is None and step and OPTIMIZERS[settings.optimizer].moments:
        notes.append(
            Message("v and s of this moment are not kept: they are shown as at the first update.")
        )
    return Inside(stops, plan, dataset, step, shown, len(X), tuple(notes))


def _state(moment: Snapshot | None, interrupt: threading.Event) -> RunState | None:
    if moment is None or moment.recorder is None:
        return None
    return Replay(moment.recorder, interrupt).state(moment.step)


def _of_schedule(settings: TrainingSettings, rate: float, epoch: int) -> list[Message]:
    """How α came about, where it is not the setting itself."""
    if settings.schedule == "constant" and not settings.warmup:
        return []
    return [
        Message(
            "α = {rate} in epoch {epoch}: {formula} of α = {alpha}",
            rate=f"{rate:.4g}",
            epoch=f"{epoch:,}",
            formula=SCHEDULES[settings.schedule].formula,
            alpha=f"{settings.learning_rate:.4g}",
        )
    ]
