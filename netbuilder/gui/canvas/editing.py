"""What can be done on the canvas whatever the input: edits, the clipboard, zooming."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QPointF, QRectF, Signal
from PySide6.QtGui import QGuiApplication, QTransform
from PySide6.QtWidgets import QGraphicsView

from netbuilder.document.check.conversions import suited
from netbuilder.document.check.problems import Problem
from netbuilder.document.model.layout import arrange
from netbuilder.document.model.network import DATA, Edge, Network
from netbuilder.engine.layer import Layer, SettingError
from netbuilder.errors import Message, UserError
from netbuilder.gui.canvas import clipboard
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.drop import Landing
from netbuilder.gui.canvas.geometry import GRID
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message, tr_text

if TYPE_CHECKING:
    from netbuilder.gui.cursor import Cursor

SMALLEST, LARGEST = 0.08, 4.0
ROOM = 30.0
"""Free space around the network after "fit"."""
BETWEEN_ROWS = 60.0
"""After "arrange": enough for a wire that goes round a card."""
_ROW = 150.0
"""The distance of two rows in document.layout."""


class EditingView(QGraphicsView):
    """A view of the scene with the commands that menus, shortcuts and gestures share."""

    wires_selected = Signal()
    """Other wires are selected; which layers are is told by the store."""

    def __init__(self, store: Store, cursor: Cursor, themes: ThemeManager) -> None:
        super().__init__()
        self.store, self.cursor_, self.themes = store, cursor, themes
        self.canvas = CanvasScene(store, cursor, themes.theme, self)
        self.selected_edges: frozenset[Edge] = frozenset()
        self.follows_fit = True
        """Whether the whole network is kept in sight, until the user zooms or pans."""
        self._pastes = 0
        self.setScene(self.canvas)

    @property
    def theme(self) -> Theme:
        return self.themes.theme

    @property
    def network(self) -> Network:
        return self.store.project.network

    # --- selection -----------------------------------------------------------------------------

    def select_only(self, ids: Iterable[str] = (), edges: Iterable[Edge] = ()) -> None:
        """Selects these cards and wires and nothing else."""
        before, self.selected_edges = self.selected_edges, frozenset(edges)
        self.store.select(frozenset(ids))
        self.show_selection()
        if self.selected_edges != before:
            self.wires_selected.emit()

    def show_selection(self) -> None:
        self.selected_edges = frozenset(e for e in self.selected_edges if e in self.network.edges)
        self.canvas.show_selection(self.store.selection, self.selected_edges)

    def select_all(self) -> None:
        self.select_only(self.network.by_id, self.network.edges)

    @property
    def current(self) -> CardItem | None:
        """The card the keyboard speaks to: the only selected one."""
        if len(self.store.selection) != 1:
            return None
        return self.canvas.cards.get(next(iter(self.store.selection)))

    # --- edits ---------------------------------------------------------------------------------

    def edit_network(self, new: Network, label: str, merge_key: str | None = None) -> bool:
        return self.store.edit(lambda project: project.with_network(new), label, merge_key)

    def add_layer(self, layer: Layer, landing: Landing) -> None:
        """Puts a layer where it was dropped, selects it, and says so when it stays loose."""
        new, node = landing.apply(self.network, suited(layer, self.store.compiled.info))
        label = self.tr("Add {kind}").format(kind=tr_text(layer.title))
        if self.edit_network(new, label):
            self.select_only({node.id})
            if landing == Landing(landing.position):
                self.store.notified.emit(
                    "info",
                    Message(
                        "{name} is loose: draw a wire from a port, or drop it on a wire.",
                        name=node.name,
                    ),
                )

    def set_setting(self, id: str, name: str, value: Any, merge_key: str | None = None) -> bool:
        """Changes one setting of a layer; False when the value was refused."""
        label = self.tr("Change {setting}").format(setting=self._setting_label(id, name))

        def change(project: Any) -> Any:
            network = project.network
            layer = dataclasses.replace(network.node(id).layer, **{name: value})
            return project.with_network(network.set_layer(id, layer))

        return self.store.edit(change, label, merge_key)

    def _setting_label(self, id: str, name: str) -> str:
        settings = self.network.node(id).layer.settings()
        return tr_text(next(s.label for s in settings if s.name == name))

    def step_setting(self, id: str, name: str, steps: int) -> None:
        """One press of − or +; presses in a row merge until the store is sealed."""
        control = self.canvas.cards[id].content.control(name)
        if control is not None and control.stepped(steps) != control.value:
            self.set_setting(id, name, control.stepped(steps), f"step {id} {name}")

    def parse_setting(self, id: str, name: str, text: str) -> Any:
        """What was typed, as a value in range; raises UserError saying what is expected."""
        setting = next(s for s in self.network.node(id).layer.settings() if s.name == name)
        whole = setting.type is int
        try:
            number = float(text.replace(",", "").replace(" ", ""))
            value = int(number) if whole else number
            if value != number:
                raise ValueError("a fraction where a whole number is needed")
        except (ValueError, OverflowError):
            wanted = (
                "{label} must be a whole number, {range}; got {value}"
                if whole
                else "{label} must be a number, {range}; got {value}"
            )
            raise SettingError(
                name, wanted, label=setting.label, range=setting.range_text, value=repr(text[:40])
            ) from None
        setting.check(value)
        return value

    def mend(self, problem: Problem) -> None:
        """Applies a problem's remedy."""
        if problem.fix is not None:
            self.store.edit(problem.fix.apply, tr_message(problem.fix.label))

    def delete_selection(self) -> None:
        """Deletes the selected layers, whose wires heal, and the selected wires."""
        ids, edges = self.store.selection, self.selected_edges
        gone = {id for id in ids if not self.network.node(id).fixed}
        # A wire of a deleted layer heals; only wires chosen for themselves are cut.
        own = [edge for edge in edges if edge.source not in gone and edge.target not in gone]
        if not gone and not own:
            if ids:
                self.store.notified.emit(
                    "info", Message("Data and Cost stay: every network has them.")
                )
            return
        new = self.network.disconnect(own).remove(gone)
        self.edit_network(new, self.tr("Delete"))
        self.select_only()

    def disconnect_card(self, card: CardItem) -> None:
        id = card.node.id
        edges = [edge for edge in self.network.edges if id in (edge.source, edge.target)]
        self.edit_network(self.network.disconnect(edges), self.tr("Disconnect"))

    def arrange(self) -> None:
        """Lays the network out anew, with rows as far apart as the tallest card needs."""
        arranged = arrange(self.network)
        tallest = max(card.geometry.rect.height() for card in self.canvas.cards.values())
        stretch = max(1.0, (tallest + BETWEEN_ROWS) / _ROW)
        y0 = arranged.node(DATA).position[1]
        places = {
            node.id: (
                node.position[0],
                round((y0 + (node.position[1] - y0) * stretch) / GRID) * GRID,
            )
            for node in arranged.nodes
        }
        self.edit_network(self.network.move(places), self.tr("Arrange"))
        self.fit()

    # --- clipboard -----------------------------------------------------------------------------

    def copy(self) -> bool:
        """Puts the selected layers on the clipboard; False when there are none."""
        mime = clipboard.to_mime(self.network, self.store.selection)
        if mime is None:
            self.store.notified.emit("info", Message("Select layers first: Data and Cost stay."))
            return False
        QGuiApplication.clipboard().setMimeData(mime)
        self._pastes = 0
        return True

    def cut(self) -> None:
        if self.copy():
            gone = self.store.selection
            self.edit_network(self.network.remove(gone), self.tr("Cut"))
            self.select_only()

    def can_paste(self) -> bool:
        mime = QGuiApplication.clipboard().mimeData()
        return mime is not None and (mime.hasFormat(clipboard.MIME) or mime.hasText())

    def paste(self) -> None:
        self._pastes += 1
        try:
            mime = QGuiApplication.clipboard().mimeData()
            nodes, edges = clipboard.from_mime(mime)
        except UserError as error:
            self.store.notified.emit("error", error.message)
            return
        step = 2 * GRID * self._pastes
        new, ids = self.network.paste(nodes, edges, (step, step))
        if self.edit_network(new, self.tr("Paste")):
            self.select_only(ids)
            self.reveal(ids)

    def duplicate(self) -> None:
        """Copies the selected layers beside themselves, without the clipboard."""
        chosen = [node for node in self.network.nodes if node.id in self.store.selection]
        new, ids = self.network.paste(chosen, self.network.edges, (2 * GRID, 2 * GRID))
        if ids and self.edit_network(new, self.tr("Duplicate")):
            self.select_only(ids)

    # --- zoom and scroll -----------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        return self.transform().m11()

    def set_zoom(self, zoom: float, anchor: QPoint | None = None) -> None:
        """Zooms so that what lies under ``anchor``, a point of the viewport, stays there."""
        zoom = min(max(zoom, SMALLEST), LARGEST)
        anchor = anchor if anchor is not None else self.viewport().rect().center()
        before = self.mapToScene(anchor)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        after = self.mapToScene(anchor)
        self.centerOn(self.visible_center() + before - after)
        self.follows_fit = False
        self.zoomed()

    def zoomed(self) -> None:
        """Called after every change of zoom."""
        self.canvas.set_zoom(self.zoom)

    def zoom_in(self) -> None:
        self.set_zoom(self.zoom * 1.2)

    def zoom_out(self) -> None:
        self.set_zoom(self.zoom / 1.2)

    def reset_zoom(self) -> None:
        self.set_zoom(1.0)

    def fit(self) -> None:
        """Brings the whole network into sight, never larger than life."""
        rect = self.canvas.content_rect().adjusted(-ROOM, -ROOM, ROOM, ROOM)
        size = self.viewport().size()
        zoom = min(size.width() / rect.width(), size.height() / rect.height(), 1.0)
        zoom = max(zoom, SMALLEST)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.centerOn(rect.center())
        self.follows_fit = True
        self.zoomed()

    def visible_center(self) -> QPointF:
        return self.visible_rect().center()

    def visible_rect(self) -> QRectF:
        """The part of the scene in sight, to a fraction of a pixel."""
        back = self.viewportTransform().inverted()[0]
        return back.mapRect(QRectF(self.viewport().rect()))

    def scroll_by(self, way: QPoint) -> None:
        """Moves the canvas by pixels."""
        for bar, delta in (
            (self.horizontalScrollBar(), way.x()),
            (self.verticalScrollBar(), way.y()),
        ):
            bar.setValue(bar.value() - delta)
        self.follows_fit = False

    def reveal(self, ids: Iterable[str]) -> None:
        """Scrolls as little as needed for these cards to be seen."""
        rect = QRectF()
        for id in ids:
            rect = rect.united(self.canvas.cards[id].scene_rect())
        if not self.visible_rect().contains(rect):
            self.ensureVisible(rect, 24, 24)
            self.follows_fit = False

    def rename_selected(self) -> None:
        """Opens the name of the selected card for editing."""
        raise NotImplementedError
