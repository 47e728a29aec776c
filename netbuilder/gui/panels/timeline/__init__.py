"""The timeline."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "timeline",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Timeline"),
        "TimelinePanel",
        {
            "build": Spot("under", 1),
            "watch": Spot("under", 1),
            "understand": Spot("under", 1),
            "inside": Spot("under", 1),
        },
    ),
)
