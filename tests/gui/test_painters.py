"""Painting that fails half-way: told as any other mistake, and no open painter ends the process."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """
import gc
import sys
from unittest.mock import patch

import numpy as np
from PySide6.QtWidgets import QApplication

from netbuilder.document.model.project import FILE
from netbuilder.document.templates import first_start
from netbuilder.gui.canvas import weights
from netbuilder.gui.canvas.view import CanvasView
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.panels.confusion.table import ConfusionTable
from netbuilder.gui.panels.data import thumbnails
from netbuilder.gui.panels.data.panel import DataButton
from netbuilder.gui.panels.heatmaps.heatmap import Heatmap
from netbuilder.gui.panels.heatmaps.layer_strip import LayerStrip, Thumb
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.widgets import controls
from netbuilder.gui.window.toolbar import PlayButton
from netbuilder.lens.picture import Picture

application = QApplication([])
themes = ThemeManager("light")
themes.apply()
theme = themes.theme
told = []
# As the program does: the mistake is kept for a while, and with it the frames it came through.
sys.excepthook = lambda *error: told.append(error)


def half_way(what, owner, name, paint):
    print(what, flush=True)
    before = len(told)
    with patch.object(owner, name, side_effect=RuntimeError("half-way")):
        # A mistake below a call of ours comes back from it; one in Qt's own turn goes to the hook.
        try:
            paint()
        except RuntimeError:
            told.append(sys.exc_info())
    assert len(told) > before and "half-way" in str(told[-1][1])


def seen(widget):
    def paint():
        widget.resize(200, 120)
        widget.show()
        application.processEvents()
        widget.grab()

    return paint


heatmap = Heatmap(theme)
heatmap.show_picture(Picture(np.eye(3)))
half_way("heatmap", heatmap, "_paint_bar", seen(heatmap))

strip = LayerStrip(theme)
strip.show_thumbs((Thumb("n1", "1", "", np.eye(3)),), "n1")
half_way("strip of layers", strip, "thumb_rect", seen(strip))

table = ConfusionTable(theme)
table.show_counts(np.eye(2, dtype=int), ("a", "b"))
half_way("confusion matrix", table, "_paint_rates", seen(table))

half_way("play button", themes, "icon", seen(PlayButton(themes)))
half_way("chip", controls, "tinted", seen(controls.Chip("W", theme, "play")))
half_way("own data", themes, "icon", seen(DataButton(FILE, "Own file", themes)))

flower = DataButton("flower", "Flower", themes)
flower.table = thumbnails.table_of("flower")
half_way("picture of a data set", thumbnails, "prepare", seen(flower))

store = Store(first_start())
bridge = TrainingBridge(store)
view = CanvasView(store, Cursor(store, bridge), themes)
seen(view)()
(wire, *_) = [item for item in view.canvas.weights.values() if item.wire.lines]
half_way("weights as lines", weights, "_pen", lambda: wire.render(np.ones((4, 2)), 1.0))
bridge.close()

gc.collect()
print("the end")
"""


def test_painting_that_fails_half_way_does_not_end_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", CODE],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    told = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, told
    assert done.stdout.splitlines()[-1] == "the end", told
    # Qt's own words for a painter that was left open.
    assert "active painter" not in done.stderr and "being painted" not in done.stderr, told
