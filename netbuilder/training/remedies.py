"""Remedies: what helps a run that diverged, tried where that is cheap, before it is offered."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from netbuilder.data.dataset import Dataset
from netbuilder.document.check.problems import Fix
from netbuilder.document.model.project import Project, TrainingSettings
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer
from netbuilder.engine.plan import Plan
from netbuilder.errors import Message
from netbuilder.runs.snapshot import Remedy
from netbuilder.runs.state import RunState
from netbuilder.training.divergence import Diverged
from netbuilder.training.trainer import Limit, Trainer

_CLIP = 1.0
_SECONDS = 0.1
"""For one trial: what takes longer is offered untried."""
_LARGEST = 1_000_000
"""Parameters of a network beyond which nothing is tried: to make another one takes too long."""
_AGAIN = 2
"""A remedy is tried for so many times the updates that led to the divergence, and some more."""
_MORE = 200
_GROWN = 2.0
"""A trial in which the cost grows to so many times what it was has failed."""


@dataclass(frozen=True, eq=False)
class Illness:
    """A run that diverged, and the good moment from which it is to go on."""

    plan: Plan
    dataset: Dataset
    settings: TrainingSettings
    seed: int
    good: RunState
    diverged_at: int
    """The update at which the cost was no longer finite."""


def remedies(
    of: Illness,
    interrupt: threading.Event,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[tuple[Remedy, ...], Message | None]:
    """What is left to offer after the trials, and the sentence that names it.

    What failed in its trial is not offered; what could not be tried, for lack of time or memory, or
    as ``interrupt`` was set, is.
    """
    found: list[tuple[Remedy, Message, bool]] = []

    def offer(held: bool | None, edit: Fix, words: Message, begins: bool = False) -> bool:
        if held is not False:
            found.append((Remedy(edit, begins), words, held is True))
        return held is not False

    trial = _Trial(of, interrupt, clock)
    now = of.settings
    for rate in _rates(now.learning_rate):
        changed = dataclasses.replace(now, learning_rate=rate)
        words = Message(
            "lower the learning rate from {learning_rate:g} to {lower:g}",
            learning_rate=now.learning_rate,
            lower=rate,
        )
        fix = Fix(Message("Learning rate {lower:g}", lower=rate), _training(learning_rate=rate))
        if offer(trial.on(changed), fix, words):
            break
    if not now.clip_norm:
        changed = dataclasses.replace(now, clip_norm=_CLIP)
        words = Message("clip the gradient to a norm of {norm:g}", norm=_CLIP)
        fix = Fix(Message("Clip the gradient to {norm:g}", norm=_CLIP), _training(clip_norm=_CLIP))
        offer(trial.on(changed), fix, words)
    suited = {
        node.id: layer
        for node in of.plan.nodes
        if (layer := _suited(node.layer)) is not None and layer != node.layer
    }
    if suited:
        fix = Fix(Message("Begin anew, suitably initialised"), _initialised(suited))
        words = Message("begin anew with initial weights that suit the activations")
        offer(trial.anew(suited), fix, words, begins=True)
    return tuple(remedy for remedy, _, _ in found), _advice(found)


def _rates(rate: float) -> Iterator[float]:
    """Lower ones, the largest first: the first that holds is offered."""
    for lower in (rate / 3, rate / 10, min(rate / 100, 0.1)):
        rounded = float(f"{lower:.2g}")
        if rounded > 0.0:
            yield rounded


def _advice(found: list[tuple[Remedy, Message, bool]]) -> Message | None:
    if not found:
        return None
    words = [words for _, words, _ in found]
    if len(words) == 1:
        listed = words[0]
    elif len(words) == 2:
        listed = Message("{first}, or {last}", first=words[0], last=words[1])
    else:
        listed = Message(
            "{first}, {second}, or {last}", first=words[0], second=words[1], last=words[2]
        )
    if all(held for _, _, held in found):
        return Message("Tried, and it helps: {remedies}.", remedies=listed)
    return Message("What may help: {remedies}.", remedies=listed)


def _training(**changes: float) -> Callable[[Project], Project]:
    def change(project: Project) -> Project:
        training = dataclasses.replace(project.training, **changes)  # type: ignore[arg-type]
        return dataclasses.replace(project, training=training)

    return change


def _initialised(layers: dict[str, Layer]) -> Callable[[Project], Project]:
    def change(project: Project) -> Project:
        network = project.network
        for id, layer in layers.items():
            assert layer.initializer is not None
            mine = network.node(id).layer.with_settings(initializer=layer.initializer)
            network = network.set_layer(id, mine)
        return project.with_network(network)

    return change


def _suited(layer: Layer) -> Layer | None:
    """With initial weights that keep the signal's size; None where there are none to choose."""
    if layer.initializer is None:
        return None
    suited = ACTIVATIONS[layer.activation or "linear"].initializer
    return layer.with_settings(initializer=suited)


class _Trial:
    """Trains copies for a moment. Gives True where the cost held, False where it did not.

    None where nobody can say.
    """

    def __init__(self, of: Illness, interrupt: threading.Event, clock: Callable[[], float]) -> None:
        self._of, self._interrupt, self._clock = of, interrupt, clock

    def on(self, settings: TrainingSettings) -> bool | None:
        """Going on from the good moment with these settings."""
        of = self._of

        def make() -> Trainer:
            trainer = Trainer.from_state(of.plan, of.dataset, of.good, interrupt=self._interrupt)
            trainer.settings = _plain(settings)
            return trainer

        return self._try(make, of.diverged_at - of.good.step)

    def anew(self, layers: dict[str, Layer]) -> bool | None:
        """Beginning anew with these layers' initial weights."""
        of = self._of
        nodes = tuple(
            dataclasses.replace(node, layer=layers.get(node.id, node.layer))
            for node in of.plan.nodes
        )
        plan = dataclasses.replace(of.plan, nodes=nodes)

        def make() -> Trainer:
            return Trainer(
                plan, of.dataset, _plain(of.settings), of.seed, interrupt=self._interrupt
            )

        return self._try(make, of.diverged_at)

    def _try(self, make: Callable[[], Trainer], count: int) -> bool | None:
        if self._of.plan.parameter_count > _LARGEST:
            return None
        ends = self._clock() + _SECONDS
        try:
            trainer = make()
            last = trainer.step + _AGAIN * count + _MORE
            bursts = trainer.bursts()
            while trainer.step < last and not self._interrupt.is_set() and self._clock() < ends:
                updates = last - trainer.step
                trainer.limit = Limit(seconds=ends - self._clock(), updates=updates)
                next(bursts)
        except Diverged:
            return False
        except MemoryError:
            return None
        costs = trainer.log.updates()["cost"]
        window = max(1, min(len(costs) // 2, trainer.updates_per_epoch))
        with np.errstate(all="ignore"):
            grown = len(costs) and costs[-window:].mean() > _GROWN * costs[:window].mean()
        if grown:
            return False
        return True if trainer.step >= last else None


def _plain(settings: TrainingSettings) -> TrainingSettings:
    """Without what would end a trial early, or take time in it, and change no weight."""
    return dataclasses.replace(
        settings, epochs=0, target_cost=0.0, patience=0, evaluate_every=1_000_000
    )
