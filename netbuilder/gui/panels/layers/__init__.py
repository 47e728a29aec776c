"""The palette of layers."""

from __future__ import annotations

from netbuilder.gui.panels.registry import FIT, PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "layers",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Layers"),
        "LayerPalette",
        {"build": Spot("left", 1, FIT)},
    ),
)
