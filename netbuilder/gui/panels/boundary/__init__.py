"""The decision boundary."""

from __future__ import annotations

from netbuilder.data.dataset import DataInfo
from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP


def _title(info: DataInfo) -> str:
    """A curve or a map of numbers has no boundary."""
    if info.n_x == 1:
        return QT_TRANSLATE_NOOP("Panels", "Curve fit")
    if info.task == "regression":
        return QT_TRANSLATE_NOOP("Panels", "Map of the output")
    return QT_TRANSLATE_NOOP("Panels", "Decision boundary")


def _is_empty(info: DataInfo) -> bool:
    """An empty plane is to be drawn in."""
    return info.m == 0


PANELS.add(
    "boundary",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Decision boundary"),
        "BoundaryPanel",
        {"build": Spot("bottom", 3), "watch": Spot("right", 1)},
        title_of=_title,
        matters_most=_is_empty,
    ),
)
