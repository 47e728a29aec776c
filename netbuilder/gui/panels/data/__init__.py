"""The data panel."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "data",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Data"),
        "DataPanel",
        {"build": Spot("left", 2)},
        scrolls=True,
    ),
)
