"""The camera: which part of the scene the canvas shows, and how large."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Signal
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QGraphicsView

from netbuilder.gui.canvas.scene import CanvasScene

SMALLEST, LARGEST = 0.08, 4.0
ROOM = 30.0
"""Free space around the network after "fit"."""


class Camera(QObject):
    """Zooms and scrolls the view of a scene."""

    zoomed = Signal()
    """Another zoom, though it may be the same number."""

    def __init__(self, view: QGraphicsView, scene: CanvasScene) -> None:
        super().__init__(view)
        self._view, self._scene = view, scene
        self._most = 1.0
        self.follows_fit = True
        """Whether the whole network is kept in sight, until the user zooms or pans."""

    @property
    def zoom(self) -> float:
        return self._view.transform().m11()

    def set_zoom(self, zoom: float, anchor: QPoint | None = None) -> None:
        """Zooms so that what lies under ``anchor``, a point of the viewport, stays there."""
        view = self._view
        zoom = min(max(zoom, SMALLEST), LARGEST)
        anchor = anchor if anchor is not None else view.viewport().rect().center()
        before = view.mapToScene(anchor)
        view.setTransform(QTransform.fromScale(zoom, zoom))
        after = view.mapToScene(anchor)
        view.centerOn(self.visible_center() + before - after)
        self.follows_fit = False
        self._scene.set_zoom(self.zoom)
        self.zoomed.emit()

    def zoom_in(self) -> None:
        self.set_zoom(self.zoom * 1.2)

    def zoom_out(self) -> None:
        self.set_zoom(self.zoom / 1.2)

    def reset_zoom(self) -> None:
        self.set_zoom(1.0)

    def fit(self, most: float | None = None) -> None:
        """Brings the whole network into sight; ``most`` is the largest zoom from now on.

        At first that is 1: never larger than life.
        """
        self._most = self._most if most is None else most
        rect = self._scene.content_rect().adjusted(-ROOM, -ROOM, ROOM, ROOM)
        size = self._view.viewport().size()
        zoom = min(size.width() / rect.width(), size.height() / rect.height(), self._most)
        zoom = max(zoom, SMALLEST)
        self._view.setTransform(QTransform.fromScale(zoom, zoom))
        self._view.centerOn(rect.center())
        self.follows_fit = True
        self._scene.set_zoom(self.zoom, at_once=True)
        self.zoomed.emit()

    def visible_center(self) -> QPointF:
        return self.visible_rect().center()

    def visible_rect(self) -> QRectF:
        """The part of the scene in sight, to a fraction of a pixel."""
        back = self._view.viewportTransform().inverted()[0]
        return back.mapRect(QRectF(self._view.viewport().rect()))

    def scroll_by(self, way: QPoint) -> None:
        """Moves the canvas by pixels."""
        for bar, delta in (
            (self._view.horizontalScrollBar(), way.x()),
            (self._view.verticalScrollBar(), way.y()),
        ):
            bar.setValue(bar.value() - delta)
        self.follows_fit = False

    def reveal(self, ids: Iterable[str]) -> None:
        """Scrolls as little as needed for these cards to be seen."""
        rect = QRectF()
        for id in ids:
            rect = rect.united(self._scene.cards[id].scene_rect())
        if not self.visible_rect().contains(rect):
            self._view.ensureVisible(rect, 24, 24)
            self.follows_fit = False
