"""The context of actions: the parts of the program that they work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from netbuilder.gui.canvas.view import CanvasView
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.player import Player
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.documents import Documents
from netbuilder.gui.window.pictures import Pictures
from netbuilder.gui.window.workspaces import Workspaces


class Window(Protocol):
    """What actions ask of the window itself."""

    def close(self) -> bool: ...

    def isFullScreen(self) -> bool: ...

    def toggle_full_screen(self) -> None: ...

    def export_film(self) -> None: ...

    def export_curves(self) -> None: ...

    def show_templates(self) -> None: ...

    def show_code(self) -> None: ...

    def show_lab(self) -> None: ...

    def check_gradients(self) -> None: ...

    def check_homework(self) -> None: ...

    def show_shortcuts(self) -> None: ...

    def show_about(self) -> None: ...


@dataclass(frozen=True)
class Context:
    """What actions work on."""

    store: Store
    bridge: TrainingBridge
    cursor: Cursor
    player: Player
    themes: ThemeManager
    canvas: CanvasView
    documents: Documents
    workspaces: Workspaces
    pictures: Pictures
    window: Window
