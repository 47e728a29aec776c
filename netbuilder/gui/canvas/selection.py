"""What is selected on the canvas: cards, which the store knows, and wires, which only it knows."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from netbuilder.document.model.network import Edge
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.store import Store


class Selection(QObject):
    """The selected cards and wires, shown on the scene."""

    wires_changed = Signal()
    """Other wires are selected; which layers are is told by the store."""

    def __init__(self, store: Store, scene: CanvasScene) -> None:
        super().__init__()
        self._store, self._scene = store, scene
        self.edges: frozenset[Edge] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        return self._store.selection

    @property
    def card(self) -> CardItem | None:
        """The card the keyboard speaks to: the only selected one."""
        if len(self.ids) != 1:
            return None
        return self._scene.cards.get(next(iter(self.ids)))

    def only(self, ids: Iterable[str] = (), edges: Iterable[Edge] = ()) -> None:
        """Selects these cards and wires and nothing else."""
        before, self.edges = self.edges, frozenset(edges)
        self._store.select(frozenset(ids))
        self.show()
        if self.edges != before:
            self.wires_changed.emit()

    def all(self) -> None:
        network = self._store.project.network
        self.only(network.by_id, network.edges)

    def show(self) -> None:
        """Brings the scene up to date; wires that are gone are selected no more."""
        self.edges = frozenset(edge for edge in self.edges if edge in self._scene.wires)
        self._scene.show_selection(self.ids, self.edges)
