"""The training panel."""

from __future__ import annotations

from netbuilder.gui.panels.registry import FIT, PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "training",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Training"),
        "TrainingPanel",
        {"build": Spot("right", 2, FIT)},
        scrolls=True,
    ),
)
