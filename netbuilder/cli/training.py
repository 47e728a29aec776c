"""The command that trains: the same trainer as the window's, in a plain loop."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from netbuilder import numbers, threads
from netbuilder.cli.opening import Opened, opened
from netbuilder.cli.printing import Printed
from netbuilder.cli.projects import check_project_name
from netbuilder.cli.target import Checkpoints, Target
from netbuilder.cli.terminal import ENDING, OK, SIGNALLED, Progress, epochs, failed, notices, say
from netbuilder.document.check.defaults import epochs_for
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine import metrics
from netbuilder.errors import Message
from netbuilder.exchange.csv_files import save_log
from netbuilder.exchange.curves import Run
from netbuilder.exchange.curves import save as save_curves
from netbuilder.files import replacing
from netbuilder.runs.history import enough
from netbuilder.runs.log import BOUND, MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.training.divergence import Diverged, exploded
from netbuilder.training.stopping import stopped_early
from netbuilder.training.trainer import Trainer

_IN_SHORT = ("accuracy", "mae", "rmse", "r2")
"""What the one line about a run tells; `evaluate` has all metrics."""
_SHARES = ("accuracy", "precision", "recall")


def train(arguments: argparse.Namespace) -> int:
    """Trains and writes the project with its run, which the next time goes on from there.

    What was learnt is kept when Ctrl-C or another signal ends the training (exit code 128 and the
    signal's number). Where early stopping ends it, the best state is written. Nothing but the log
    is written when the cost has grown beyond all bounds (2).
    """
    out = arguments.out or arguments.file
    check_project_name(out)
    with Target(out) as target:
        return _train(arguments, target)


def _train(arguments: argparse.Namespace, target: Target) -> int:
    out = target.path
    project = opened(arguments.file, arguments.changed_data)
    settings = _settings(arguments, project.project.training)
    kept = dataclasses.replace(
        project.project,
        # How long this one run goes is no property of the project.
        training=dataclasses.replace(settings, epochs=project.project.training.epochs),
    )
    trainer, recorder = _trainer(arguments, project, settings)
    for path in filter(None, (out, arguments.log)):
        _rehearse(path)
    checkpoints = None
    if arguments.checkpoint is not None:
        checkpoints = Checkpoints(
            arguments.checkpoint, target, kept, project.sections, trainer, recorder
        )
    printed = Printed.asked(arguments, trainer)
    _use_threads(arguments, project, settings)
    start = time.perf_counter()
    with _gentle_end(trainer) as signals:
        why = _run(trainer, recorder, checkpoints, printed, Progress(quiet=arguments.quiet))
        seconds = time.perf_counter() - start
        if arguments.log is not None:
            if arguments.log.suffix.lower() == ".svg":
                save_curves(arguments.log, [Run("", trainer.log)])
            else:
                save_log(arguments.log, trainer.log)
        if why is not None:
            written = f"{out} was not written."
            if target.epoch is not None:
                written = f"{target.path} holds the checkpoint of epoch {target.epoch:,}."
            return failed(f"{why} {written}")
        trainer, early = _best(trainer, project)
        target.write(kept, project.sections, trainer.state(), trainer, recorder)
    # A terminal that was closed cannot be told any more, and nothing is lost by that.
    hung_up = getattr(signal, "SIGHUP", None) in signals
    with contextlib.suppress(OSError) if hung_up else contextlib.nullcontext():
        if arguments.json:
            say(_as_json(trainer, project, early, seconds, target.path))
        elif not arguments.quiet:
            result = _result(trainer, project, early)
            say(f"{result}; {seconds:.1f} s; written to {target.path}")
        notices(project.warnings)
        if signals:
            notices([f"netbuilder: interrupted; what was learnt so far is in {target.path}."])
    if target.is_beside:
        return failed(
            f"{out} was changed by another program while it was trained, and is left as it is; "
            f"what was learnt is in {target.path}."
        )
    return SIGNALLED + signals[0] if signals else OK


def _best(trainer: Trainer, project: Opened) -> tuple[Trainer, Message | None]:
    """Back where the validation cost was lowest, if early stopping ended the training; else the
    trainer as it is. And why it ended before the epochs were done, if it did."""
    best = trainer.way_back
    if best is not None:
        back = Trainer.from_state(project.plan, project.dataset, best, log=trainer.log.until(best))
        return back, stopped_early(trainer.epoch, best.epoch)
    return trainer, None if trainer.epoch == trainer.goal else trainer.stopped


def _trainer(
    arguments: argparse.Namespace, project: Opened, settings: TrainingSettings
) -> tuple[Trainer, Recorder]:
    """Where the file's run stands, or at the beginning of a new one; and what is kept of it."""
    # One who wants nothing but the result, or nothing at all, is told no more.
    say = _silent if arguments.json or arguments.quiet else print
    run, weights = project.run, project.weights
    if arguments.fresh:
        run = weights = None
    elif arguments.weights is not None:
        # Imported late: few runs begin so, and what reads files of others takes its time.
        from netbuilder.exchange.reading.weights import weights_for

        run, found = None, weights_for(arguments.weights, project.plan, project.dataset)
        weights = found.weights
        notices([f"note: {message}" for message in found.notices])
    elif run is not None:
        say(f"going on from epoch {run.state.epoch:,} in {arguments.file}")
    elif weights is not None:
        say(f"going on from the weights in {arguments.file}")
    limited = _limited(settings, arguments.epochs, project, say)
    recorder = Recorder() if run is None or run.recorder is None else run.recorder
    # A run that nobody wants all costs of need not keep them, for it may last for days.
    whole = arguments.log is not None
    if run is None:
        seed = project.project.seed
        log = MetricLog(bounded=not whole)
        trainer = Trainer(project.plan, project.dataset, limited, seed, weights, log=log)
        _record(trainer, recorder)
        return trainer, recorder
    state, stopping = run.state, run.state.stopping
    if limited is not settings or stopping.first_epoch + limited.epochs <= state.epoch:
        # The epochs count from here, and the best so far is remembered: training never stopped.
        met = "" if stopping.met == "epochs" else stopping.met
        stopping = stopping._replace(first_epoch=state.epoch, met=met)
        state = dataclasses.replace(state, stopping=stopping)
    log = run.log
    if not whole:
        log = MetricLog.from_arrays(log.to_arrays(BOUND // 2), bounded=True)
        log.marks = run.log.marks
    trainer = Trainer.from_state(project.plan, project.dataset, state, log=log)
    _record(trainer, recorder)
    trainer.settings = limited
    return trainer, recorder


def _record(trainer: Trainer, recorder: Recorder) -> None:
    """What the file will have room for; the same command is to give the same bytes."""
    trainer.record(recorder.unhurried(enough(trainer.state())), goes_on=True)


def _silent(text: str) -> None:
    pass


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


def _limited(
    settings: TrainingSettings, epochs: int | None, project: Opened, say: Callable[[str], None]
) -> TrainingSettings:
    """With an end: nobody is there to press pause."""
    endless = not (settings.epochs or settings.target_cost or settings.patience)
    if epochs is None and endless:
        epochs = epochs_for(project.project.data, project.dataset.train.m)
        say(f"no end was given, so training takes {epochs:,} epochs (see --epochs)")
    return settings if epochs is None else dataclasses.replace(settings, epochs=epochs)


def _use_threads(
    arguments: argparse.Namespace, project: Opened, settings: TrainingSettings
) -> None:
    """As many as asked for, else as the network's largest product is worth."""
    if arguments.threads is not None:
        threads.use(arguments.threads, asked=True)
        return
    m = project.dataset.train.m
    batch = min(settings.batch_size or m, m)
    threads.use(threads.worth(project.plan.largest_product * batch, threads.cores()))


def _run(
    trainer: Trainer,
    recorder: Recorder,
    checkpoints: Checkpoints | None,
    printed: Printed,
    progress: Progress,
) -> Message | None:
    """To its end; why there is nothing to be kept, if it diverged."""
    start, first_step, first_epoch = time.perf_counter(), trainer.step, trainer.epoch
    try:
        for _ in trainer.bursts():
            for line in printed.lines():
                progress.clear()
                say(line)
            if trainer.interrupt.is_set():
                break
            if checkpoints is not None:
                checkpoints.look()
            seconds = time.perf_counter() - start
            done = trainer.step - first_step, trainer.epoch - first_epoch
            progress.show(_progress(trainer, seconds, *done))
    except Diverged as diverged:
        return diverged.message
    finally:
        progress.clear()
    trainer.rest()
    grown = recorder.exploded(trainer.log, trainer.updates_per_epoch)
    # After early stopping it is the best state that counts, and not the last one.
    return None if grown is None or trainer.way_back is not None else exploded(*grown)


@contextlib.contextmanager
def _gentle_end(trainer: Trainer) -> Iterator[list[int]]:
    """The first signal ends the burst, so that all is written; a second Ctrl-C ends the program.

    Gives the numbers of the signals that came.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came  # only the main thread may handle signals
        return

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)
        trainer.interrupt.set()
        signal.signal(signal.SIGINT, before.get(signal.SIGINT, signal.SIG_IGN))

    numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    before: dict[int, Any] = {number: signal.getsignal(number) for number in numbers}
    # What was started to live on without its terminal goes on doing so.
    before = {number: was for number, was in before.items() if was != signal.SIG_IGN}
    for number in before:
        signal.signal(number, end)
    try:
        yield came
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def _progress(trainer: Trainer, seconds: float, new_updates: int, new_epochs: int) -> str:
    parts = [f"epoch {trainer.epoch:,}"]
    if trainer.goal:
        parts[0] += f"/{trainer.goal:,}"
    parts += [f"cost {trainer.cost:.6g}", f"{new_updates / seconds:,.0f} updates/s"]
    if trainer.goal and new_epochs:
        left = (trainer.goal - trainer.epoch) * seconds / new_epochs
        parts.append(f"{numbers.duration(left)} left")
    return "  ".join(parts)


def _values(trainer: Trainer, project: Opened) -> dict[str, dict[str, float]]:
    """Of the state that was reached: cost and metrics of every part that there is."""
    program, dataset = trainer.program, project.dataset
    found = {}
    for name, part in (("train", dataset.train), ("validation", dataset.validation)):
        if not part.m:
            continue
        values = {"cost": program.cost(part.X, part.Y, *trainer.penalties)}
        Y_hat, Y = dataset.in_units(program.predict(part.X)), dataset.in_units(part.Y)
        if dataset.target_scaling is not None:
            values["cost_in_units"] = metrics.regression_cost(Y_hat, Y, program.plan.loss)
        found[name] = values | metrics.evaluate(Y_hat, Y, dataset.info.task)
    return found


def _result(trainer: Trainer, project: Opened, early: Message | None) -> str:
    """Such as "10,000 epochs: cost 0.2130, accuracy 90.75 %", of the state that was reached."""
    found = []
    for part, values in _values(trainer, project).items():
        name = "" if part == "train" else f"{part} "
        found.append(f"{name}cost {values['cost']:.6g}")
        if "cost_in_units" in values:
            found[-1] += f" ({values['cost_in_units']:.6g} in the target's units)"
        for metric in _IN_SHORT:
            if metric in values:
                found.append(f"{name}{metric} {metric_text(metric, values[metric])}")
    why = "" if early is None else f" ({str(early).rstrip('.')})"
    return f"{epochs(trainer.epoch)}: {', '.join(found)}{why}"


def _as_json(
    trainer: Trainer, project: Opened, early: Message | None, seconds: float, path: Path
) -> str:
    """The same for a program; what is not finite is null."""
    parts = {
        part: {name: value if math.isfinite(value) else None for name, value in values.items()}
        for part, values in _values(trainer, project).items()
    }
    told = {"epoch": trainer.epoch, "step": trainer.step, "seconds": round(seconds, 3)}
    stopped = None if early is None else str(early)
    return json.dumps({**told, "stopped": stopped, "written": str(path), "parts": parts})


def metric_text(metric: str, value: float | None) -> str:
    """Shares of examples in per cent, everything else as a number."""
    if value is None or math.isnan(value):
        return "unknown"
    if isinstance(value, int):
        return f"{value:,}"
    return numbers.percent(value, 2) if metric in _SHARES else f"{value:.6g}"
