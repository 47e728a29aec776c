"""The canvas for those who do not see it: what a screen reader is told of each card."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleEvent,
    QAccessibleInterface,
    QColor,
)
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import VoidPtr, isValid

from netbuilder.document.model.project import Project
from netbuilder.gui.canvas import words
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.surface import Surface
from netbuilder.gui.theme.translation import tr_message

translate = QCoreApplication.translate
Text, Role = QAccessible.Text, QAccessible.Role
Actions = QAccessibleActionInterface

# Where Any is returned it is an interface, an object or None, which Qt takes but its stubs do not.


class CanvasFace(QAccessibleWidget):
    """A canvas with one child a card, in the order of computation, and then what floats over it."""

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface.view, Role.Canvas, surface.view.accessibleName())
        self.surface = surface
        self._faces: dict[str, CardFace] = {}
        """Also of cards that are gone: an undo may bring them back, and readers may hold them."""
        surface.store.selection_changed.connect(self._tell_focus)
        surface.store.changed.connect(self._tell_changes)

    def close(self) -> None:
        """The view is gone: nobody else deletes the faces of its cards."""
        for face in self._faces.values():
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(face))
        self._faces.clear()

    def face(self, id: str) -> CardFace:
        if id not in self._faces:
            face = self._faces[id] = CardFace(self, id)
            QAccessible.registerAccessibleInterface(face)
        return self._faces[id]

    @property
    def _order(self) -> list[str]:
        """The cards that are there: in the middle of an edit a node may have none yet."""
        return [id for id in self.surface.network.order if id in self.surface.scene.cards]

    def _viewport(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self.surface.view.viewport())

    def childCount(self) -> int:
        return len(self._order) + 1

    def child(self, index: int) -> Any:
        order = self._order
        if 0 <= index < len(order):
            return self.face(order[index])
        return self._viewport() if index == len(order) else None

    def indexOfChild(self, child: QAccessibleInterface | None) -> int:
        order = self._order
        if isinstance(child, CardFace):
            return order.index(child.id) if child.id in order else -1
        is_viewport = child is not None and child.object() is self.surface.view.viewport()
        return len(order) if is_viewport else -1

    def childAt(self, x: int, y: int) -> Any:
        for id in reversed(self._order):
            if self.face(id).rect().contains(x, y):
                return self.face(id)
        return self._viewport() if self.rect().contains(x, y) else None

    def focusChild(self) -> Any:
        card = self.surface.selection.card
        if card is not None and self.surface.view.hasFocus():
            return self.face(card.node.id)
        return super().focusChild()

    def _tell_focus(self, *_: object) -> None:
        if self._is_listened_to and isinstance(face := self.focusChild(), CardFace):
            _tell(face, QAccessible.Event.Focus)

    def _tell_changes(self, old: Project, new: Project) -> None:
        if not self._is_listened_to or old.network is new.network:
            return
        before, after = old.network.by_id, new.network.by_id
        for id in after.keys() - before.keys():
            _tell(self.face(id), QAccessible.Event.ObjectCreated)
        for id in before.keys() - after.keys():
            _tell(self.face(id), QAccessible.Event.ObjectDestroyed)
        for id in before.keys() & after.keys():
            if before[id] is not after[id]:
                _tell(self.face(id), QAccessible.Event.NameChanged)

    @property
    def _is_listened_to(self) -> bool:
        return QAccessible.isActive() and isValid(self) and isValid(self.surface.view)


def _tell(face: CardFace, event: QAccessible.Event) -> None:
    QAccessible.updateAccessibility(QAccessibleEvent(face, event))


class CardFace(QAccessibleInterface):
    """A card: its name with what it does, its state, its place, and what can be done to it."""

    def __init__(self, canvas: CanvasFace, id: str) -> None:
        super().__init__()
        self.canvas, self.id = canvas, id
        self.actions = CardActions(self)

    @property
    def card(self) -> CardItem | None:
        """None when it has been deleted."""
        if not isValid(self.canvas) or not isValid(self.canvas.surface.view):
            return None
        return self.canvas.surface.scene.cards.get(self.id)

    def isValid(self) -> bool:
        return self.card is not None

    def object(self) -> Any:
        return None

    def window(self) -> Any:
        return self.canvas.window() if self.isValid() else None

    def parent(self) -> Any:
        return self.canvas if isValid(self.canvas) else None

    def child(self, index: int) -> Any:
        return None

    def childCount(self) -> int:
        return 0

    def indexOfChild(self, child: QAccessibleInterface | None) -> int:
        return -1

    def childAt(self, x: int, y: int) -> Any:
        return None

    def rect(self) -> QRect:
        """On the screen."""
        card = self.card
        if card is None:
            return QRect()
        view = self.canvas.surface.view
        rect = view.mapFromScene(card.scene_rect()).boundingRect()
        return QRect(view.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def role(self) -> QAccessible.Role:
        return Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        card = self.card
        if card is None:
            return ""
        if kind == Text.Name:
            return words.spoken(card.node, card.content)
        if kind == Text.Description:
            network = self.canvas.surface.network
            return ". ".join(words.spoken_more(network, card))
        return ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        pass

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        card = self.card
        if card is None:
            state.invalid = True
            return state
        surface = self.canvas.surface
        state.selectable = state.multiSelectable = state.focusable = state.movable = True
        state.selected = self.id in surface.selection.ids
        state.focused = surface.view.hasFocus() and surface.selection.card is card
        state.offscreen = not surface.camera.visible_rect().intersects(card.scene_rect())
        return state

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        # None would end the process: Qt expects an address, if only that of nothing.
        return self.actions if kind == QAccessible.InterfaceType.ActionInterface else VoidPtr(0)

    def foregroundColor(self) -> QColor:
        return self.canvas.surface.theme.color("text")

    def backgroundColor(self) -> QColor:
        return self.canvas.surface.theme.color("card")


class CardActions(QAccessibleActionInterface):
    """What can be done to a card: what its keys do, and each remedy of what is wrong with it."""

    def __init__(self, face: CardFace) -> None:
        super().__init__()
        self._face = face

    def _remedies(self, card: CardItem) -> dict[str, int]:
        """Their words -> which of the card's problems it is."""
        return {
            tr_message(problem.fix.label): place
            for place, problem in enumerate(card.problems)
            if problem.fix is not None
        }

    def actionNames(self) -> list[str]:
        card = self._face.card
        if card is None:
            return []
        names = [Actions.pressAction(), Actions.setFocusAction()]
        if any(not control.is_choice for control in card.content.controls):
            names += [Actions.increaseAction(), Actions.decreaseAction()]
        if card.content.controls:
            names.append(EDIT)
        if not card.node.fixed:
            names += [RENAME, DELETE]
        return names + list(self._remedies(card))

    def localizedActionName(self, name: str) -> str:
        return {
            Actions.pressAction(): translate("Canvas", "Select"),
            EDIT: translate("Canvas", "Edit"),
            RENAME: translate("Canvas", "Rename"),
            DELETE: translate("Canvas", "Delete"),
        }.get(name) or super().localizedActionName(name)

    def localizedActionDescription(self, name: str) -> str:
        return self.localizedActionName(name)

    def keyBindingsForAction(self, name: str) -> list[str]:
        keys = {
            EDIT: "Return",
            RENAME: "F2",
            DELETE: "Delete",
            Actions.increaseAction(): "+",
            Actions.decreaseAction(): "-",
        }
        return [keys[name]] if name in keys else []

    def doAction(self, name: str) -> None:
        card, surface = self._face.card, self._face.canvas.surface
        if card is None or name not in self.actionNames():
            return
        remedies = self._remedies(card)
        if name in remedies:
            surface.store.mend(card.problems[remedies[name]])
            return
        surface.selection.only({card.node.id})
        surface.camera.reveal({card.node.id})
        if name == Actions.setFocusAction():
            surface.view.setFocus()
        elif name in (Actions.increaseAction(), Actions.decreaseAction()):
            number = next(c for c in card.content.controls if not c.is_choice)
            step = 1 if name == Actions.increaseAction() else -1
            surface.edits.step_setting(card.node.id, number.setting.name, step)
            surface.store.seal()
        elif name == EDIT:
            surface.fields.activate_part(card, card.content.controls[0].setting.name)
        elif name == RENAME:
            surface.fields.rename_selected()
        elif name == DELETE:
            surface.edits.delete_selection()


EDIT, RENAME, DELETE = "edit", "rename", "delete"
"""The names of actions for which Qt has none."""
