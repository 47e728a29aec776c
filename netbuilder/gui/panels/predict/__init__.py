"""The panel that predicts: an example of the user's own, and what the network says of it."""

from __future__ import annotations

from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP

PANELS.add(
    "predict",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Predict"),
        "PredictPanel",
        {name: Spot("right", 1, tab=1) for name in ("build", "watch", "understand")},
    ),
)
