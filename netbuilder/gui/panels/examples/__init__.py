"""The examples: the worst mistakes, one cell of the confusion matrix, or all."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "examples",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Examples"),
        "ExamplesPanel",
        {name: Spot("bottom", 2, tab=3) for name in ("build", "watch", "understand")},
    ),
)
