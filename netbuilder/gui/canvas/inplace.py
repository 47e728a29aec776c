"""Editing on the card itself: numbers and names in a field, choices in a menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtWidgets import QMenu

from netbuilder.gui.canvas import menus
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.editing import EditingView
from netbuilder.gui.canvas.geometry import stepper_parts
from netbuilder.gui.canvas.overlays import InlineEditor


class InPlaceView(EditingView):
    """Opens at most one field and at most one menu at a time."""

    editor: InlineEditor | None = None
    menu: QMenu | None = None

    def activate_part(self, card: CardItem, part: str) -> None:
        """A click, or Enter, on a control: its menu or its field."""
        control = card.content.control(part)
        if control is None:
            return
        if not control.is_choice:
            self.edit_number(card, part)
            return
        row = card.geometry.row(part).translated(card.pos())
        place = self.mapFromScene(row.bottomLeft())
        menu = menus.choice_menu(self, card, control)
        menu.setMinimumWidth(round(row.width() * self.zoom))
        self.open_menu(menu, self.viewport().mapToGlobal(place))

    def edit_number(self, card: CardItem, name: str) -> None:
        """Opens the field of a number on its card."""
        id = card.node.id

        def place() -> QRectF | None:
            here = self.canvas.cards.get(id)
            control = here.content.control(name) if here else None
            if here is None or control is None:
                return None
            row = here.geometry.row(name)
            minus, _, plus = stepper_parts(row, control.wide)
            return minus.united(plus).translated(here.pos())

        def accept(text: str) -> None:
            self.set_setting(id, name, self.parse_setting(id, name, text))

        control = card.content.control(name)
        assert control is not None
        self._open_editor(place, str(control.value), accept, center=True, pixels=12)

    def edit_name(self, card: CardItem) -> None:
        """Opens the name of a card; Data and Cost keep theirs."""
        id = card.node.id
        if card.node.fixed:
            return

        def place() -> QRectF | None:
            here = self.canvas.cards.get(id)
            if here is None:
                return None
            return here.geometry.name.adjusted(-4, -2, 4, 2).translated(here.pos())

        def accept(text: str) -> None:
            # Tried first, so that a refusal is told beside the field and not elsewhere.
            new = self.network.rename(id, text)
            self.edit_network(new, self.tr("Rename"))

        self._open_editor(place, card.node.name, accept, center=False, pixels=13)

    def _open_editor(
        self,
        place: Callable[[], QRectF | None],
        text: str,
        accept: Callable[[str], None],
        *,
        center: bool,
        pixels: float,
    ) -> None:
        if self.canvas.blocks:
            self.set_zoom(1.0)
        self.close_editor()
        self.editor = InlineEditor(
            self, place, text, self.theme, accept, center=center, pixels=pixels
        )
        self.editor.closed.connect(self._forget_editor)

    def close_editor(self) -> None:
        if self.editor is not None:
            self.editor.close_editor()

    def _forget_editor(self) -> None:
        self.editor = None

    def rename_selected(self) -> None:
        if self.current is not None:
            self.edit_name(self.current)

    def open_menu(self, menu: QMenu, where: QPoint) -> None:
        """Pops up a menu that goes away with its last use."""
        self.menu = menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.aboutToHide.connect(self._forget_menu)
        menu.popup(where)

    def _forget_menu(self) -> None:
        self.menu = None
