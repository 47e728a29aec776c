"""Schedules: how the learning rate falls as the epochs go by, and how it warms up before."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from netbuilder.registry import Registry


@dataclass(frozen=True)
class Schedule:
    """One way for the learning rate to go, and how it is called."""

    name: str
    title: str
    formula: str
    """α_t in epoch t, from α, the decay γ and the period T, as far as it uses them."""
    factor: Callable[[float, float, float], float]
    """α_t/α, a function of t, γ and T."""
    uses: tuple[str, ...] = ()
    """Those of "decay" and "period" that matter to it."""


def constant(t: float, decay: float, period: float) -> float:
    """1"""
    return 1.0


def step(t: float, decay: float, period: float) -> float:
    """γ^⌊t/T⌋: T epochs at one height, then down by γ."""
    return float(decay ** math.floor(t / period))


def exponential(t: float, decay: float, period: float) -> float:
    """γ^(t/T): by γ in T epochs as well, but smoothly."""
    return float(decay ** (t / period))


def inverse_time(t: float, decay: float, period: float) -> float:
    """1 / (1 + γ t/T): falls fast at first, then ever more slowly, and never to nothing."""
    return 1.0 / (1.0 + decay * t / period)


def cosine(t: float, decay: float, period: float) -> float:
    """½ (1 + cos(π min(t/T, 1))): half a wave from 1 down to 0, which it reaches at T.

    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017), equation
    5, without the restarts.
    """
    return 0.5 * (1.0 + math.cos(math.pi * min(t / period, 1.0)))


def inverse_steps(t: float, decay: float, period: float) -> float:
    """1 / (1 + γ ⌊max(t − 1, 0)/T⌋): 1/t in stairs, as the course has it.

    Its loop computes the rate at the end of an epoch, from the number of that epoch; so the rate is
    always that of the epoch before, and with T = 1 it changes with every epoch.
    """
    return 1.0 / (1.0 + decay * (max(t - 1.0, 0.0) // period))


SCHEDULES: Registry[Schedule] = Registry("schedule")
for _schedule in (
    Schedule("constant", "Constant", "α", constant),
    Schedule("step", "Step", "α γ^⌊t/T⌋", step, ("decay", "period")),
    Schedule("exponential", "Exponential", "α γ^(t/T)", exponential, ("decay", "period")),
    Schedule("inverse_time", "1/t", "α / (1 + γ t/T)", inverse_time, ("decay", "period")),
    Schedule("cosine", "Cosine", "α ½ (1 + cos(π min(t/T, 1)))", cosine, ("period",)),
    Schedule(
        "inverse_steps",
        "1/t in stairs",
        "α / (1 + γ ⌊max(t − 1, 0)/T⌋)",
        inverse_steps,
        ("decay", "period"),
    ),
):
    SCHEDULES.add(_schedule.name, _schedule)


def rate(
    schedule: str,
    t: float,
    learning_rate: float,
    decay: float,
    period: float,
    warmup: float,
    share: float = 0.0,
) -> float:
    """The learning rate in force at ``t``, in epochs and fractions of one.

    Over the first ``warmup`` epochs, 0 for none, what the schedule says is raised from nothing in
    a straight line. ``share`` is the part of an epoch that the coming update takes; the warm-up
    counts it, so that the first update is small but moves: of w full batches 1/w, 2/w, …, 1.

    Raises UserError for a schedule that there is not.
    """
    alpha = learning_rate * SCHEDULES[schedule].factor(t, decay, period)
    if t + share < warmup:
        alpha *= (t + share) / warmup
    return alpha
