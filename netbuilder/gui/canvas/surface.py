"""The surface: all that gestures, keys and menus work on, put together once for each canvas."""

from __future__ import annotations

from PySide6.QtWidgets import QGraphicsView

from netbuilder.document.model.network import Network
from netbuilder.gui.canvas.camera import Camera
from netbuilder.gui.canvas.editing import Editor
from netbuilder.gui.canvas.example_bar import ExampleBar
from netbuilder.gui.canvas.inplace import InPlace
from netbuilder.gui.canvas.legend import Legend
from netbuilder.gui.canvas.lit import Lit
from netbuilder.gui.canvas.overlays import Bubble, Hint
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.canvas.selection import Selection
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.manager import ThemeManager


class Surface:
    """A view with its scene, its selection, its commands, and what floats over it."""

    def __init__(
        self, view: QGraphicsView, store: Store, cursor: Cursor, themes: ThemeManager
    ) -> None:
        self.view, self.store, self.cursor = view, store, cursor
        self.units, self.examples = cursor.units, cursor.examples
        self._themes = themes
        self.scene = CanvasScene(store, cursor, themes.theme, view)
        view.setScene(self.scene)
        self.selection = Selection(store, self.scene)
        self.camera = Camera(view, self.scene)
        self.edits = Editor(store, self.scene, self.selection, self.camera)
        self.fields = InPlace(view, self.scene, self.selection, self.camera, self.edits, themes)
        self.lit = Lit(self.scene, cursor.units)
        self.hint = Hint(view.viewport())
        self.legend = Legend(view.viewport(), self.scene, themes.theme)
        self.example = ExampleBar(view.viewport(), self.scene, cursor.examples, themes)
        self.bubble = Bubble(view, self.scene, store.mend)
        self.bubble.avoid(self.example)

    @property
    def theme(self) -> Theme:
        return self._themes.theme

    @property
    def network(self) -> Network:
        return self.store.project.network
