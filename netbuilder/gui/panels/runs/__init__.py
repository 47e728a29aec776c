"""The runs."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "runs",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Runs"),
        "RunsPanel",
        {"watch": Spot("bottom", 2)},
    ),
)
