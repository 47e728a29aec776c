"""The learner: program, batches, optimiser and guard as the settings have them."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.optimizers import OPTIMIZERS, Optimizer
from netbuilder.engine.program import Plan, Program, Weights
from netbuilder.engine.schedules import rate
from netbuilder.runs import identity
from netbuilder.runs.state import Random, RunState
from netbuilder.training.batches import Batches
from netbuilder.training.class_weights import class_weights
from netbuilder.training.converted import converted
from netbuilder.training.divergence import Diverged, Guard, explain

Array = NDArray[Any]

_MEASURABLE = 200_000_000
"""Multiplications that a first look at the cost may take: some milliseconds."""


class Learner:
    """Makes one update after another. Another precision needs another learner."""

    def __init__(
        self,
        plan: Plan,
        dataset: Dataset,
        settings: TrainingSettings,
        seed: int,
        weights: Weights | None,
    ) -> None:
        self._plan = plan
        self._dataset = dataset
        self._settings = settings
        self.program = Program(
            plan,
            dtype=settings.dtype,
            seed=seed,
            weights=weights,
            class_weights=self._class_weights(settings),
        )
        self.batches = Batches(*converted(dataset.train, settings.dtype), seed)
        self.batches.order_seed = settings.order_seed
        self.program.draws.mask_seed = settings.mask_seed
        self.guard = Guard(self.program)
        self._random: Random = 0, 0, 0, 0
        self.updated = False
        """Whether there was an update yet."""
        self._make_optimizer()

    def _make_optimizer(self) -> None:
        self.optimizer: Optimizer = OPTIMIZERS[self._settings.optimizer](self.program)
        self._set_optimizer()

    def _set_optimizer(self) -> None:
        settings = self._settings
        self.optimizer.learning_rate = settings.learning_rate
        self.optimizer.beta = settings.beta
        self.optimizer.clip_norm = settings.clip_norm
        self._scheduled = settings.schedule != "constant" or settings.warmup > 0.0

    def _class_weights(self, settings: TrainingSettings) -> tuple[float, ...]:
        return class_weights(settings, self._dataset.train.Y, self._dataset.info.task)

    def follow(self, new: TrainingSettings) -> None:
        """The next update follows these settings, of the same precision."""
        old, self._settings = self._settings, new
        if new.optimizer != old.optimizer:
            self._make_optimizer()
        self._set_optimizer()
        self.batches.order_seed = new.order_seed
        self.program.draws.mask_seed = new.mask_seed
        if new.class_weights != old.class_weights:
            self.program.weigh(self._class_weights(new))

    def learning_rate(self, epoch: int) -> float:
        """In force at the next update: what the schedule makes of the setting at this time."""
        settings, batches = self._settings, self.batches
        size = min(settings.batch_size or batches.m, batches.m - batches.position)
        return rate(
            settings.schedule,
            epoch + batches.position / batches.m,
            settings.learning_rate,
            settings.decay,
            settings.period,
            settings.warmup,
            share=size / batches.m,
        )

    @property
    def penalties(self) -> tuple[float, float]:
        """λ and λ₁ as they stand in J: L2 that is decoupled is no part of it."""
        settings = self._settings
        decoupled = OPTIMIZERS[settings.optimizer].decoupled
        return 0.0 if decoupled else settings.l2, settings.l1

    def cost(self) -> float | None:
        """J of the whole training part, where finding it takes no noticeable time."""
        if self.batches.m * self._plan.parameter_count > _MEASURABLE:
            return None
        return self.program.cost(self.batches.X, self.batches.Y, *self.penalties)

    def update(self, epoch: int) -> float:
        """One update; the cost it started from. When that is not finite nothing was changed."""
        settings = self._settings
        if self._scheduled:
            self.optimizer.learning_rate = self.learning_rate(epoch)
        X, Y = self.batches.next(settings.batch_size, epoch)
        self.guard.before_update()
        cost = self.program.update(X, Y, self.optimizer, settings.l2, settings.l1)
        if math.isfinite(cost):
            self.guard.was_finite()
            self.updated = True
        return cost

    def go_back(self, step: int) -> Diverged:
        """To the last finite state, with new moments, at the start of the epoch; tells why.

        Moments and the half-done epoch belong to the way that led out of range. Where there was no
        finite state yet, nothing changes.
        """
        plan, X = self._plan, self.batches.X
        layer = plan.node(self.program.first_non_finite() or plan.nodes[-1].id)
        in_force = self.optimizer.learning_rate
        went_back = self.guard.restore()
        self._make_optimizer()
        self.batches.position = 0
        message = explain(
            layer=layer.name,
            is_data=layer is plan.nodes[0],
            step=step,
            learning_rate=self._settings.learning_rate,
            in_force=in_force,
            clipped=self._settings.clip_norm > 0.0,
            largest=float(max(X.max(), -X.min())),
            went_back=went_back,
        )
        return Diverged(layer.id, message)

    # --- states ------------------------------------------------------------------------------

    @cached_property
    def network(self) -> str:
        """The plan's fingerprint."""
        return identity.of_network(self._plan)

    @cached_property
    def data(self) -> str:
        """The examples' fingerprint."""
        return identity.of_data(self._dataset)

    @property
    def random(self) -> Random:
        """Where the generator is that the layers draw from; one object as long as nothing draws."""
        random = self.program.random
        if random != self._random:
            self._random = random
        return self._random

    def numbers(self) -> Array:
        """A read-only copy, as ``RunState.numbers`` has them."""
        moments, good = self.optimizer.state, self.guard.good
        parts = [self.program.flat_parameters, *moments]
        numbers = np.concatenate(parts if good is None else [*parts, good])
        numbers.flags.writeable = False
        return numbers

    def restore(self, state: RunState) -> None:
        """Goes on from a state whose parameters the program has already."""
        self.program.random = state.random
        self.batches.position = state.position
        self.optimizer.updates = state.updates
        for moment, values in zip(self.optimizer.state, state.moments, strict=True):
            np.copyto(moment, values)
        self.guard.go_on(state.before)
