"""The confusion matrix."""

from __future__ import annotations

from netbuilder.data.dataset import DataInfo
from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP


def _title(info: DataInfo) -> str:
    """Of numbers there is no confusion."""
    if info.task == "regression":
        return QT_TRANSLATE_NOOP("Panels", "Predicted and true")
    return QT_TRANSLATE_NOOP("Panels", "Confusion matrix")


def _matters_most(info: DataInfo) -> bool:
    """Of images: a map of two pixels says nothing."""
    return info.image_shape is not None


PANELS.add(
    "confusion",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Confusion matrix"),
        "ConfusionPanel",
        {"build": Spot("bottom", 3), "watch": Spot("right", 2)},
        title_of=_title,
        matters_most=_matters_most,
    ),
)
