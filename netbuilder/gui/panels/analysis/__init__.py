"""The analysis: a table of all layers, and what a tutor would say of them."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "analysis",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Analysis"),
        "AnalysisPanel",
        {"understand": Spot("bottom", 2, tab=1)},
    ),
)
