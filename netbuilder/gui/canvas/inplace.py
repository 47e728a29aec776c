"""Editing on the card itself: numbers and names in a field, choices in a menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QGraphicsView, QMenu

from netbuilder.gui.canvas.camera import Camera
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.content import Control
from netbuilder.gui.canvas.editing import Editor
from netbuilder.gui.canvas.geometry import stepper_parts
from netbuilder.gui.canvas.lit import Weight
from netbuilder.gui.canvas.overlays import InlineEditor
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.canvas.selection import Selection
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.typed import type_number, value_of
from netbuilder.gui.units import Unit
from netbuilder.gui.widgets.labels import choice_title, name_of


class InPlace(QObject):
    """Opens at most one field and at most one menu at a time."""

    def __init__(
        self,
        view: QGraphicsView,
        scene: CanvasScene,
        selection: Selection,
        camera: Camera,
        edits: Editor,
        themes: ThemeManager,
    ) -> None:
        super().__init__(view)
        self._view, self._scene, self._selection = view, scene, selection
        self._camera, self._edits, self._themes = camera, edits, themes
        self.editor: InlineEditor | None = None
        self.menu: QMenu | None = None

    def activate_part(self, card: CardItem, part: str) -> None:
        """A click, or Enter, on a control: its menu or its field."""
        control = card.content.control(part)
        if control is None:
            return
        if not control.is_choice:
            self.edit_number(card, part)
            return
        row = card.geometry.row(part).translated(card.pos())
        place = self._view.mapFromScene(row.bottomLeft())
        menu = QMenu(self._view)
        add_choices(menu, self._edits, card.node.id, control)
        menu.setMinimumWidth(round(row.width() * self._camera.zoom))
        self.open_menu(menu, self._view.viewport().mapToGlobal(place))

    def edit_number(self, card: CardItem, name: str) -> None:
        """Opens the field of a number on its card."""
        id = card.node.id

        def place() -> QRectF | None:
            here = self._scene.cards.get(id)
            control = here.content.control(name) if here else None
            if here is None or control is None:
                return None
            row = here.geometry.row(name)
            minus, _, plus = stepper_parts(row, control.wide)
            return minus.united(plus).translated(here.pos())

        def accept(text: str) -> None:
            self._edits.type_setting(id, name, text)

        control = card.content.control(name)
        assert control is not None
        self._open_editor(place, str(control.value), accept, center=True, pixels=12)

    def edit_name(self, card: CardItem) -> None:
        """Opens the name of a card; Data and Cost keep theirs."""
        id = card.node.id
        if card.node.fixed:
            return

        def place() -> QRectF | None:
            here = self._scene.cards.get(id)
            if here is None:
                return None
            return here.geometry.name.adjusted(-4, -2, 4, 2).translated(here.pos())

        def accept(text: str) -> None:
            # Tried first, so that a refusal is told beside the field and not elsewhere.
            new = self._edits.network.rename(id, text)
            label = self.tr("rename {old} to {new}").format(
                old=name_of(self._edits.network, id), new=name_of(new, id)
            )
            self._edits.edit_network(new, label)

        self._open_editor(place, card.node.name, accept, center=False, pixels=13)

    def edit_bias(self, unit: Unit) -> bool:
        """Opens the bias of a unit over its tile; False where it has none."""

        def place() -> QRectF | None:
            here = self._scene.cards.get(unit.node)
            centers = here.geometry.tiles.centers if here else ()
            if here is None or unit.number >= len(centers):
                return None
            return _field_at(here.pos() + centers[unit.number])

        return self._edit_parameter(f"{unit.node}.b", (unit.number, 0), place)

    def edit_weight(self, weight: Weight, pos: QPointF) -> bool:
        """Opens a weight where its line was hit; False where its number is not known."""
        edge = weight.edge

        def place() -> QRectF | None:
            return _field_at(pos) if edge in self._scene.wires else None

        return self._edit_parameter(f"{edge.target}.W", (weight.row, weight.column), place)

    def _edit_parameter(
        self, key: str, at: tuple[int, ...], place: Callable[[], QRectF | None]
    ) -> bool:
        store, cursor = self._scene.store, self._scene.cursor_
        value = value_of(cursor, key, at)
        if value is None:
            return False

        def accept(text: str) -> None:
            type_number(store, cursor, key, at, text)

        self._open_editor(place, f"{value:.6g}", accept, center=True, pixels=12)
        return True

    def _open_editor(
        self,
        place: Callable[[], QRectF | None],
        text: str,
        accept: Callable[[str], None],
        *,
        center: bool,
        pixels: float,
    ) -> None:
        if self._scene.blocks:
            self._camera.reset_zoom()
        self.close_editor()
        self.editor = InlineEditor(
            self._view, place, text, self._themes.theme, accept, center=center, pixels=pixels
        )
        self.editor.closed.connect(self._forget_editor)

    def close_editor(self) -> None:
        if self.editor is not None:
            self.editor.close_field()

    def _forget_editor(self) -> None:
        self.editor = None

    def rename_selected(self) -> None:
        """Opens the name of the selected card for editing."""
        if self._selection.card is not None:
            self.edit_name(self._selection.card)

    def open_menu(self, menu: QMenu, where: QPoint) -> None:
        """Pops up a menu that goes away with its last use."""
        self.menu = menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.aboutToHide.connect(self._forget_menu)
        menu.popup(where)

    def _forget_menu(self) -> None:
        self.menu = None


def _field_at(center: QPointF) -> QRectF:
    """The place of a field for a number, in the scene."""
    place = QRectF(0, 0, 76, 22)
    place.moveCenter(center)
    return place


def add_choices(menu: QMenu, edits: Editor, id: str, control: Control) -> None:
    """The choices of a setting of one card; the value in force has the mark."""
    group = QActionGroup(menu)
    name = control.setting.name
    for choice in control.setting.choices:
        action = menu.addAction(choice_title(control.setting, choice))
        action.setCheckable(True)
        action.setChecked(choice == control.value)
        action.setData(choice)
        group.addAction(action)
        action.triggered.connect(lambda _=False, chosen=choice: edits.set_setting(id, name, chosen))
        if choice == control.value:
            menu.setActiveAction(action)
