"""Tells Qt which of our widgets speak to screen readers in words of their own."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface

from netbuilder.gui.canvas.accessible import CanvasFace
from netbuilder.gui.canvas.view import CanvasView

_faces: dict[CanvasView, CanvasFace] = {}
"""Qt keeps no reference to what Python made: without one it would speak to what is gone."""


def install() -> None:
    """Once for the program; asked only when something listens."""
    QAccessible.installFactory(_face)


def _face(_kind: str, widget: QObject | None) -> QAccessibleInterface | None:
    if not isinstance(widget, CanvasView):
        return None
    face = _faces[widget] = CanvasFace(widget.surface)
    widget.destroyed.connect(lambda: _faces.pop(widget).close())
    return face
