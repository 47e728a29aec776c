"""The inspector."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "inspector",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Inspector"),
        "Inspector",
        {"build": Spot("right", 1), "understand": Spot("right", 1), "inside": Spot("right", 1)},
        scrolls=True,
    ),
)
