"""The cost curve."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "cost_curve",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Cost curve"),
        "CostCurvePanel",
        {"build": Spot("bottom", 1), "watch": Spot("bottom", 1, 1.4)},
    ),
)
