"""The words for names: how a choice of a setting is called where the user reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
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
