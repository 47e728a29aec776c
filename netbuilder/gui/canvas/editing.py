"""What can be done to the network on the canvas, whatever the input: edits and the clipboard."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, QPointF
from PySide6.QtGui import QGuiApplication

from netbuilder.document.check.conversions import suited
from netbuilder.document.model.layout import arrange
from netbuilder.document.model.network import DATA, Network
from netbuilder.engine.layer import Layer
from netbuilder.errors import Message, UserError
from netbuilder.gui.canvas import clipboard
from netbuilder.gui.canvas.camera import Camera
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.content import describe
from netbuilder.gui.canvas.geometry import GRID
from netbuilder.gui.canvas.room import Landing, clear_of
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.canvas.selection import Selection
from netbuilder.gui.store import Store
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.widgets.labels import name_of, what
from netbuilder.gui.widgets.parsing import parse_setting

BETWEEN_ROWS = 60.0
"""After "arrange": enough for a wire that goes round a card."""
_ROW = 150.0
"""The distance of two rows in document.layout."""


class Editor(QObject):
    """The commands that menus, shortcuts and gestures share; each is one step of the history."""

    def __init__(
        self, store: Store, scene: CanvasScene, selection: Selection, camera: Camera
    ) -> None:
        super().__init__()
        self._store, self._scene = store, scene
        self._selection, self._camera = selection, camera
        self._pastes = 0

    @property
    def network(self) -> Network:
        return self._store.project.network

    def edit_network(self, new: Network, label: str, merge_key: str | None = None) -> bool:
        return self._store.edit(lambda project: project.with_network(new), label, merge_key)

    def add_layer(self, layer: Layer, landing: Landing) -> None:
        """Puts a layer where it was dropped, selects it, and says so when it stays loose."""
        new, node = landing.apply(self.network, suited(layer, self._store.compiled.info))
        label = self.tr("add {kind}").format(kind=tr_text(layer.title))
        if self.edit_network(new, label):
            self._selection.only({node.id})
            if landing == Landing(landing.position):
                self._store.notified.emit(
                    "info",
                    Message(
                        "{name} is loose: draw a wire from a port, or drop it on a wire.",
                        name=node.name,
                    ),
                )

    def set_setting(self, id: str, name: str, value: Any, merge_key: str | None = None) -> bool:
        """Changes one setting of a layer; False when the value was refused."""
        label = self.tr("{setting} of {layer}").format(
            setting=self._setting_label(id, name), layer=name_of(self.network, id)
        )

        def change(project: Any) -> Any:
            network = project.network
            layer = dataclasses.replace(network.node(id).layer, **{name: value})
            return project.with_network(network.set_layer(id, layer))

        return self._store.edit(change, label, merge_key)

    def _setting_label(self, id: str, name: str) -> str:
        settings = self.network.node(id).layer.settings()
        return tr_text(next(s.label for s in settings if s.name == name))

    def step_setting(self, id: str, name: str, steps: int) -> None:
        """One press of − or +; presses in a row merge until the store is sealed."""
        control = self._scene.cards[id].content.control(name)
        if control is not None and control.further(steps) != control.value:
            self.set_setting(id, name, control.further(steps), f"step {id} {name}")

    def type_setting(self, id: str, name: str, text: str) -> None:
        """Puts what was typed in force; raises UserError saying what is expected."""
        setting = next(s for s in self.network.node(id).layer.settings() if s.name == name)
        self.set_setting(id, name, parse_setting(setting, text))

    def move_selection(self, x: int, y: int) -> None:
        """Moves the selected cards by steps of the grid; moves in a row are one step."""
        nodes = [self.network.node(id) for id in self._selection.ids]
        places = {
            node.id: (node.position[0] + x * GRID, node.position[1] + y * GRID) for node in nodes
        }
        label = self.tr("move {what}").format(what=what(self.network, list(places)))
        if places and self.edit_network(self.network.move(places), label, "move by key"):
            self._camera.reveal(places)

    def delete_selection(self) -> None:
        """Deletes the selected layers, whose wires heal, and the selected wires."""
        ids, edges = self._selection.ids, self._selection.edges
        gone = {id for id in ids if not self.network.node(id).fixed}
        # A wire of a deleted layer heals; only wires chosen for themselves are cut.
        own = [edge for edge in edges if edge.source not in gone and edge.target not in gone]
        if not gone and not own:
            if ids:
                self._store.notified.emit(
                    "info", Message("Data and Cost stay: every network has them.")
                )
            return
        new = self.network.disconnect(own).remove(gone)
        self.edit_network(new, self.tr("delete {what}").format(what=what(self.network, gone, own)))
        self._selection.only()

    def _free(self, ids: Iterable[str]) -> list[str]:
        """Of these nodes, those that are no fixture."""
        return [id for id in ids if not self.network.node(id).fixed]

    def disconnect_card(self, card: CardItem) -> None:
        id = card.node.id
        edges = [edge for edge in self.network.edges if id in (edge.source, edge.target)]
        label = self.tr("disconnect {what}").format(what=what(self.network, [id]))
        self.edit_network(self.network.disconnect(edges), label)

    def arrange(self) -> None:
        """Lays the network out anew, with rows as far apart as the tallest card needs."""
        arranged = arrange(self.network)
        tallest = max(card.geometry.rect.height() for card in self._scene.cards.values())
        stretch = max(1.0, (tallest + BETWEEN_ROWS) / _ROW)
        y0 = arranged.node(DATA).position[1]
        places = {
            node.id: (
                node.position[0],
                round((y0 + (node.position[1] - y0) * stretch) / GRID) * GRID,
            )
            for node in arranged.nodes
        }
        self.edit_network(self.network.move(places), self.tr("arrange the network"))
        self._camera.fit()

    # --- clipboard -----------------------------------------------------------------------------

    def copy(self) -> bool:
        """Puts the selected layers on the clipboard; False when there are none."""
        mime = clipboard.to_mime(self.network, self._selection.ids)
        if mime is None:
            self._store.notified.emit("info", Message("Select layers first: Data and Cost stay."))
            return False
        QGuiApplication.clipboard().setMimeData(mime)
        self._pastes = 0
        return True

    def cut(self) -> None:
        if self.copy():
            gone = self._selection.ids
            label = self.tr("cut {what}").format(what=what(self.network, self._free(gone)))
            self.edit_network(self.network.remove(gone), label)
            self._selection.only()

    def can_paste(self) -> bool:
        mime = QGuiApplication.clipboard().mimeData()
        return mime is not None and (mime.hasFormat(clipboard.MIME) or mime.hasText())

    def paste(self) -> None:
        self._pastes += 1
        try:
            mime = QGuiApplication.clipboard().mimeData()
            nodes, edges = clipboard.from_mime(mime)
        except UserError as error:
            self._store.notified.emit("error", error.message)
            return
        step = 2 * GRID * self._pastes
        new, ids = self.network.paste(nodes, edges, (step, step))
        new = self._beside_others(new, ids)
        if self.edit_network(new, self.tr("paste {what}").format(what=what(new, ids))):
            self._selection.only(ids)
            self._camera.reveal(ids)

    def _beside_others(self, network: Network, ids: Iterable[str]) -> Network:
        """With new cards moved together to where they hide none of those that are there."""
        compiled = self._store.compiled
        rects = {}
        for node in map(network.node, ids):
            place = QPointF(*node.position)
            rects[node.id] = describe(node, compiled).geometry().rect.translated(place)
        others = [card.scene_rect() for card in self._scene.cards.values()]
        way = clear_of(others, list(rects.values()))
        return network.move(
            {
                node.id: (node.position[0] + way.x(), node.position[1] + way.y())
                for node in map(network.node, rects)
            }
        )

    def duplicate(self) -> None:
        """Copies the selected layers beside themselves, without the clipboard."""
        chosen = [node for node in self.network.nodes if node.id in self._selection.ids]
        new, ids = self.network.paste(chosen, self.network.edges, (2 * GRID, 2 * GRID))
        new = self._beside_others(new, ids)
        label = self.tr("duplicate {what}").format(
            what=what(self.network, self._free(self._selection.ids))
        )
        if ids and self.edit_network(new, label):
            self._selection.only(ids)
