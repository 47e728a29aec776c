"""Painting that fails half-way: told as any other mistake, and no open painter ends the process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

COMMON = """
import gc
import sys
from types import SimpleNamespace as Fake
import numpy as np
from PySide6.QtWidgets import QApplication

application = QApplication([])
from netbuilder.gui.theme.manager import ThemeManager

themes = ThemeManager("light")
themes.apply()
theme = themes.theme
told = []
# What the program does with such a mistake: it keeps it, and the frames it came through.
sys.excepthook = lambda *error: told.append(error)


def fail(*_, **__):
    raise RuntimeError("half-way")


def attempt(paint, *given):
    # A mistake below a call of ours comes back from it; one in Qt's own turn goes to the hook.
    try:
        paint(*given)
    except RuntimeError:
        told.append(sys.exc_info())


def show(widget):
    widget.resize(200, 120)
    widget.show()
    attempt(application.processEvents)
    attempt(widget.grab)
    attempt(widget.repaint)
"""

CASES = {
    "heatmap": """
from netbuilder.gui.panels.heatmaps.heatmap import Heatmap
from netbuilder.lens.picture import Picture
widget = Heatmap(theme)
widget.show_picture(Picture(np.eye(3)))
widget._paint_bar = fail
show(widget)
""",
    "strip of layers": """
from netbuilder.gui.panels.heatmaps.layer_strip import LayerStrip, Thumb
widget = LayerStrip(theme)
widget.show_thumbs((Thumb("n1", "1", "", np.eye(3)),), "n1")
widget.thumb_rect = fail
show(widget)
""",
    "confusion matrix": """
from netbuilder.gui.panels.confusion.table import ConfusionTable
widget = ConfusionTable(theme)
widget.show_counts(np.eye(2, dtype=int), ("a", "b"))
widget._paint_rates = fail
show(widget)
""",
    "play button": """
from netbuilder.gui.window.toolbar import PlayButton
widget = PlayButton(themes)
themes.icon = fail
show(widget)
""",
    "chip": """
from netbuilder.gui.widgets import controls
controls.tinted = fail
show(controls.Chip("W", theme, "play"))
""",
    "button of the user's own data": """
from netbuilder.document.model.project import FILE
from netbuilder.gui.panels.data.panel import DataButton
widget = DataButton(FILE, "Own file", themes)
themes.icon = fail
show(widget)
""",
    "picture of a data set": """
from netbuilder.gui.panels.data import panel, thumbnails
thumbnails.prepare = fail
widget = panel.DataButton("flower", "Flower", themes)
widget.table = thumbnails.table_of("flower")
show(widget)
""",
    "weights as lines": """
from netbuilder.document.templates import first_start
from netbuilder.gui.canvas import wires
from netbuilder.gui.store import Store
wires._bend = fail
starts = [wires.QPointF(0, 0)]
tiles = Fake(centers=starts, size=10.0)
card = Fake(pos=lambda: wires.QPointF(0, 0), geometry=Fake(tiles=tiles), content=Fake(units=1))
wire = Fake(source=card, target=card, lines=True, heat=False, theme=theme)
item = wires.WeightsItem(wire)
attempt(item.render, np.ones((1, 1)), 1.0)
""",
}


@pytest.mark.parametrize("what", CASES)
def test_painting_that_fails_half_way_does_not_end_the_process(what: str) -> None:
    code = f"{COMMON}\n{CASES[what]}\ngc.collect()\nprint(told[0][1])"
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("half-way")
    # Qt's own words for a painter that was left open.
    assert "active painter" not in done.stderr and "being painted" not in done.stderr
