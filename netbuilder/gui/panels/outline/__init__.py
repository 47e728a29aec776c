"""The outline panel."""

from __future__ import annotations

from netbuilder.gui.panels.registry import FIT, PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "outline",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Outline"),
        "Outline",
        {"build": Spot("left", 1, FIT, tab=1)},
    ),
)
