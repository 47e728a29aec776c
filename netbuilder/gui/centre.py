"""The centre: what every panel is handed, so that no widget has to know another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from netbuilder.gui.cursor import Cursor
from netbuilder.gui.player import Player
from netbuilder.gui.rota import Rota
from netbuilder.gui.run_book import RunBook
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge


@dataclass(frozen=True)
class Centre:
    """The document, the training, the moment looked at, the runs, the look, what can be done."""

    store: Store
    bridge: TrainingBridge
    cursor: Cursor
    runs: RunBook
    themes: ThemeManager
    perform: Callable[[str], None]
    """Does what the action of this id does, such as "import_data"; see gui/window/actions.py."""

    @cached_property
    def rota(self) -> Rota:
        """Says to live panels when to look."""
        return Rota(self.cursor)

    @cached_property
    def player(self) -> Player:
        """Plays the run looked at as a film."""
        return Player(self.cursor)
