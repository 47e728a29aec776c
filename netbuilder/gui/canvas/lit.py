"""What is lit on the canvas: the chosen unit with its weights, and the weight under the mouse."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from netbuilder.document.model.network import Edge
from netbuilder.gui.canvas.card import Z_WIRE
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.units import Unit, Units

FAT = 6.0
"""How near to a weight's line, in pixels, the mouse has to be: the lines themselves are thin."""


class Weight(NamedTuple):
    """One number of a W, counted from zero."""

    edge: Edge
    row: int
    column: int


class Lit:
    """Lights what is touched. Nothing of it is painted anew while training goes on."""

    def __init__(self, scene: CanvasScene, units: Units) -> None:
        self._scene, self._units = scene, units
        self._unit: Unit | None = None
        self._weight: Weight | None = None
        self.line = QGraphicsPathItem()
        self.line.setZValue(Z_WIRE + 0.5)
        self.line.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.line.hide()
        scene.addItem(self.line)
        units.chosen_changed.connect(self.show_unit)

    def show_unit(self) -> None:
        """A ring around the unit that is chosen now; its weights stand out, all others fade."""
        scene, before, unit = self._scene, self._unit, self._units.chosen
        self._unit = unit
        if before is not None and before.node in scene.cards:
            scene.cards[before.node].set_state(lit_tile=None)
        if unit is not None and unit.node in scene.cards:
            roundness = scene.neurons[unit.node].roundness
            scene.cards[unit.node].set_state(lit_tile=(unit.number, roundness))
        for weights in scene.weights.values():
            weights.light(unit)
            weights.render(None, scene.ratio)

    def weight_at(self, point: QPointF) -> Weight | None:
        """The weight whose line, or field of a heatmap, is nearest to a point of the scene."""
        scene, reach = self._scene, FAT / self._scene.zoom
        found = [
            (near[0], Weight(edge, *near[1]))
            for edge, weights in scene.weights.items()
            if weights.isVisible() and (near := weights.nearest(point, reach)) is not None
        ]
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def show_weight(self, weight: Weight | None) -> None:
        """Draws the line of a weight that the mouse is over."""
        if weight == self._weight:
            return
        self._weight = weight
        path = QPainterPath()
        if weight is not None:
            path = self._scene.weights[weight.edge].path_of(weight.row, weight.column)
            self.line.setPen(QPen(self._scene.theme.color("accent"), 2.6 / self._scene.zoom))
        self.line.setPath(path)
        self.line.setVisible(not path.isEmpty())
