"""The heatmaps of layers."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "heatmaps",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Layer heatmaps"),
        "HeatmapsPanel",
        {"build": Spot("bottom", 2), "watch": Spot("bottom", 2), "understand": Spot("bottom", 2)},
    ),
)
