"""The words for names: how a choice of a setting is called where the user reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from netbuilder.document.check.compile import Compiled
from netbuilder.document.check.widths import widths
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layer import Shape
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.gui.theme.translation import tr_text

_TABLES: dict[str, Mapping[str, Any]] = {
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "initializer": INITIALIZERS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}
"""Settings whose choices are things with titles."""

_TITLES = {
    "scale": {"none": "None", "standard": "Standard", "minmax": "0 to 1"},
    "dtype": {"float32": "32 bit", "float64": "64 bit"},
    "class_weights": {"none": "None", "balanced": "Balanced"},
}


def choice_title(setting: str, name: str) -> str:
    """A choice as the user reads it, for example "Leaky ReLU" for "leaky_relu"."""
    title: str = getattr(_TABLES.get(setting, {}).get(name), "title", name)
    return tr_text(_TITLES.get(setting, {}).get(name, title))


_SYMBOLS = {"gamma": "γ", "beta": "β", "mean": "μ", "variance": "σ²"}


def symbol(parameter: str) -> str:
    """A parameter or a statistic as formulas write it: W, b, γ, …"""
    return _SYMBOLS.get(parameter, parameter)


_MOST_WIDTHS = 12
"""A deep network's widths are told from both ends, so that no line grows without end."""


def shape_text(shape: Shape, m: int | str | None = None) -> str:
    """(4, 2) of a parameter; (4, 400) or (8, 6, 6, m) of activations, whose examples come last."""
    lengths = [f"{length:,}" for length in shape]
    if m is not None:
        lengths.append(m if isinstance(m, str) else f"{m:,}")
    return f"({', '.join(lengths)})"


def summary(compiled: Compiled) -> str:
    """The network in a few words: "2-4-1, 17 parameters"."""
    plan = compiled.plan
    if plan is None:
        return QCoreApplication.translate("Summary", "not complete yet")
    parameters = QCoreApplication.translate("Summary", "{count} parameters").format(
        count=f"{plan.parameter_count:,}"
    )
    pairs = zip(plan.steps[:-1], plan.steps[1:], strict=True)
    if any(step.inputs != (before.id,) for before, step in pairs):
        layers = QCoreApplication.translate("Summary", "{count} layers").format(
            count=len(plan.layer_numbers)
        )
        return f"{layers}, {parameters}"
    shown = widths(plan)
    if len(shown) > _MOST_WIDTHS:
        shown[4:-3] = ["…"]
    return f"{'-'.join(shown)}, {parameters}"
