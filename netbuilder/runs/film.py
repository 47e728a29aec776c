"""The film: any moment of a run at once, as its nearest frame shows it, and the pace of playing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.schedules import rate
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Snapshot

_BENT = 4.0
"""How much the film lingers at the start, where most happens: its pace grows e⁴-fold."""


def glimpse(step: int, of: Snapshot) -> Snapshot | None:
    """A moment of the run that ``of`` is of, near enough to be looked at, in no time.

    Its weights are those of the film's nearest frame, in float16; cost and epoch come from the
    log. It has no gradients. None where the run has no film there.
    """
    recorder = of.recorder
    frame = None if recorder is None else recorder.frame(step)
    if recorder is None or frame is None:
        return None
    settings = _settings(recorder, step)
    m = frame.stretch.dataset.train.m
    size = 0 if settings is None else settings.batch_size
    full = size == 0 or size >= m
    epoch, cost = _row(of.log, step, full)
    return replace(
        of,
        plan=frame.stretch.plan,
        epoch=epoch,
        step=step,
        cost=cost,
        weights=frame.weights(),
        gradients={},
        before={},
        updates_per_second=0.0,
        state="paused",
        message=None,
        goal=0,
        updates_per_epoch=1 if full else -(-m // size),
        learning_rate=math.nan if settings is None else _rate(settings, epoch),
        exact=False,
    )


def _settings(recorder: Recorder, step: int) -> TrainingSettings | None:
    """In force at the update that comes next at a step."""
    passage = recorder.passage(step)
    if passage is None:
        return None
    return passage.changes[-1].new if passage.changes else passage.start.state.settings


def _row(log: MetricLog, step: int, full: bool) -> tuple[int, float]:
    """Epochs done and last known cost after so many updates; an epoch's row is told at its end.

    A full batch's row is told with the step that its update starts from.
    """
    rows = log.rows()
    end = int(np.searchsorted(rows["step"], step, "left" if full else "right"))
    if end == 0:
        return 0, math.nan
    epoch = int(rows["epoch"][end - 1]) + (1 if full else 0)
    return epoch, float(rows["train_cost"][end - 1])


def _rate(settings: TrainingSettings, epoch: int) -> float:
    return rate(
        settings.schedule,
        epoch,
        settings.learning_rate,
        settings.decay,
        settings.period,
        settings.warmup,
    )


def paced(share: float, first: int, last: int) -> int:
    """The step that a film from ``first`` to ``last`` shows after a share of its time, 0 to 1."""
    bend = min(_BENT, math.log1p(max(0, last - first)))
    done = math.expm1(bend * share) / math.expm1(bend) if bend else share
    return first + round(done * (last - first))


def share_of(step: int, first: int, last: int) -> float:
    """The share of its time after which a film from ``first`` to ``last`` shows a step."""
    bend = min(_BENT, math.log1p(max(0, last - first)))
    if not bend:
        return 1.0
    return math.log1p((step - first) / (last - first) * math.expm1(bend)) / bend
