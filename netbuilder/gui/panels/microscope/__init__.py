"""The microscope: one update from the inside, step by step."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "microscope",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Microscope"),
        "MicroscopePanel",
        {"inside": Spot("bottom", 1)},
    ),
)
