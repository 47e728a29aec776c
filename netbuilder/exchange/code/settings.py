"""How a network learns, as constants of code for PyTorch and Keras, and what they leave out."""

from __future__ import annotations

from collections.abc import Collection

from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine import schedules
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.exchange.code.slices import sliced
from netbuilder.exchange.code.text import assigned, comment
from netbuilder.exchange.trained import Trained

_EPOCHS = 100
"""Where nothing says how many."""


def settings_of(trained: Trained) -> TrainingSettings:
    """Those of the network's training, or the usual ones."""
    return TrainingSettings() if trained.lesson is None else trained.lesson.settings


def factor_of(settings: TrainingSettings) -> str:
    """The function of the schedule; nothing where the learning rate stays."""
    name = settings.schedule
    return "" if name == "constant" else SCHEDULES[name].factor.__name__


def factor_parts(settings: TrainingSettings) -> list[str]:
    name = factor_of(settings)
    return sliced(schedules, [name]) if name else []


def constants(trained: Trained, used: str, known: Collection[str]) -> str:
    """The settings that the code uses, one a line; ``known`` are those beyond the usual."""
    settings, lesson = settings_of(trained), trained.lesson
    run = max(lesson.costs, default=0) if lesson is not None else 0
    values = {
        "SEED": 0 if lesson is None else lesson.seed,
        "EPOCHS": settings.epochs or run or _EPOCHS,
        "BATCH_SIZE": settings.batch_size,
        "LEARNING_RATE": settings.learning_rate,
        "BETA": settings.beta,
        "LAMBDA": settings.l2,
        "CLIP_NORM": settings.clip_norm,
        "DECAY": settings.decay,
        "PERIOD": settings.period,
    }
    lines = [comment("How it learns; a batch size of 0 takes all examples at once.")]
    lines += [assigned(name, value) for name, value in values.items() if name in used]
    out = left_out(trained, known)
    if out:
        lines.append(comment(f"The run in netbuilder had more: {', '.join(out)}."))
    return "\n".join(lines)


def left_out(trained: Trained, known: Collection[str]) -> list[str]:
    """What the training had that the code does not have."""
    settings = settings_of(trained)
    had = {
        "L2": settings.l2 > 0,
        "L1": settings.l1 > 0,
        "clipped gradients": settings.clip_norm > 0,
        "class weights": settings.class_weights != "none" and trained.info.task != "regression",
        "a warm-up": settings.warmup > 0,
    }
    return [name for name, there in had.items() if there and name not in known]
