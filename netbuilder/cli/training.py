"""The command that trains: the same trainer as the window's, in a plain loop."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import math
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from netbuilder import numbers
from netbuilder.cli.opening import Opened, opened
from netbuilder.cli.parser import DEFAULT_EPOCHS
from netbuilder.cli.projects import check_project_name
from netbuilder.cli.terminal import INTERRUPTED, OK, Progress, failed, notices
from netbuilder.document.file.storage import save
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine import metrics
from netbuilder.exchange.csv_files import save_log
from netbuilder.exchange.npz import disagreements, load_weights
from netbuilder.files import replacing
from netbuilder.training.divergence import Diverged
from netbuilder.training.trainer import Trainer

_IN_SHORT = ("accuracy", "mae", "rmse", "r2")
"""What the one line about a run tells; `evaluate` has all metrics."""
_SHARES = ("accuracy", "precision", "recall")


def train(arguments: argparse.Namespace) -> int:
    """Trains and writes the project with its weights.

    What was learnt is kept when Ctrl-C ends the training (exit code 130), and when the cost is no
    longer finite (exit code 2): then it is the last finite state.
    """
    out = arguments.out or arguments.file
    check_project_name(out)
    project = opened(arguments.file)
    settings = _settings(arguments, project.project.training)
    weights = project.weights
    if arguments.weights is not None:
        weights = load_weights(arguments.weights, project.plan)
        for message in disagreements(arguments.weights, project.plan, project.dataset):
            print(f"note: {message}")
    elif weights is not None:
        print(f"going on from the weights in {arguments.file}")
    kept = dataclasses.replace(
        project.project,
        # How long this one run goes is no property of the project.
        training=dataclasses.replace(settings, epochs=project.project.training.epochs),
    )
    trainer = Trainer(
        project.plan, project.dataset, _limited(settings, arguments.epochs), kept.seed, weights
    )
    for path in filter(None, (out, arguments.log)):
        _rehearse(path)
    start = time.perf_counter()
    reason: object = None
    with _gentle_interrupt(trainer) as interrupted:
        try:
            _run(trainer, interrupted)
        except Diverged as error:
            reason = error
    seconds = time.perf_counter() - start
    save(out, kept, trainer.weights())
    if arguments.log is not None:
        save_log(arguments.log, trainer.log)
    print(f"{_result(trainer, project)}; {seconds:.1f} s; written to {out}")
    if reason is not None:
        return failed(reason)
    notices(project.warnings)
    if interrupted.is_set():
        notices([f"netbuilder: interrupted; what was learnt so far is in {out}."])
        return INTERRUPTED
    return OK


class _Rehearsal(Exception):
    """Ends a write that was only tried."""


def _rehearse(path: Path) -> None:
    """Raises UserError now, not after hours of training, when a file cannot be written."""
    with contextlib.suppress(_Rehearsal), replacing(path):
        raise _Rehearsal


def _settings(arguments: argparse.Namespace, old: TrainingSettings) -> TrainingSettings:
    """The project's with those given, but for the epochs; raises UserError for impossible ones."""
    given = {setting.name: getattr(arguments, setting.name, None) for setting in old.settings()}
    del given["epochs"]
    return dataclasses.replace(
        old, **{name: value for name, value in given.items() if value is not None}
    )


def _limited(settings: TrainingSettings, epochs: int | None) -> TrainingSettings:
    """With an end: nobody is there to press pause."""
    endless = not (settings.epochs or settings.target_cost or settings.patience)
    if epochs is None and endless:
        epochs = DEFAULT_EPOCHS
        print(f"no end was given, so training takes {epochs:,} epochs (see --epochs)")
    return settings if epochs is None else dataclasses.replace(settings, epochs=epochs)


def _run(trainer: Trainer, interrupted: threading.Event) -> None:
    progress = Progress()
    start = time.perf_counter()
    try:
        for _ in trainer.bursts():
            if interrupted.is_set():
                break
            progress.show(_progress(trainer, time.perf_counter() - start))
    finally:
        progress.clear()


@contextlib.contextmanager
def _gentle_interrupt(trainer: Trainer) -> Iterator[threading.Event]:
    """The first Ctrl-C ends the burst, so that all is written; the second ends the program."""
    interrupted = trainer.interrupt
    if threading.current_thread() is not threading.main_thread():
        yield interrupted  # only the main thread may handle signals
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, before)

    before: Any = signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _progress(trainer: Trainer, seconds: float) -> str:
    per_second = trainer.step / seconds
    parts = [f"epoch {trainer.epoch:,}"]
    if trainer.goal:
        parts[0] += f"/{trainer.goal:,}"
    parts += [f"cost {trainer.cost:.6g}", f"{per_second:,.0f} updates/s"]
    if trainer.goal and trainer.epoch:
        left = (trainer.goal - trainer.epoch) * seconds / trainer.epoch
        parts.append(f"{numbers.duration(left)} left")
    return "  ".join(parts)


def _result(trainer: Trainer, project: Opened) -> str:
    """Such as "10,000 epochs: cost 0.2130, accuracy 90.75 %", of the state that was reached."""
    program, dataset, task = trainer.program, project.dataset, project.dataset.info.task
    found = []
    for name, part in (("", dataset.train), ("validation ", dataset.validation)):
        if not part.m:
            continue
        found.append(f"{name}cost {program.cost(part.X, part.Y, *trainer.penalties):.6g}")
        values = metrics.evaluate(program.predict(part.X), part.Y, task)
        for metric in _IN_SHORT:
            if metric in values:
                found.append(f"{name}{metric} {metric_text(metric, values[metric])}")
    count = f"{trainer.epoch:,} epoch{'' if trainer.epoch == 1 else 's'}"
    early = trainer.stopped is not None and trainer.epoch != trainer.goal
    why = f" ({str(trainer.stopped).rstrip('.')})" if early else ""
    return f"{count}: {', '.join(found)}{why}"


def metric_text(metric: str, value: float | None) -> str:
    """Shares of examples in per cent, everything else as a number."""
    if value is None or math.isnan(value):
        return "unknown"
    if isinstance(value, int):
        return f"{value:,}"
    return numbers.percent(value, 2) if metric in _SHARES else f"{value:.6g}"
