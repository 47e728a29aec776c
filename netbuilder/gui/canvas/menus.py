"""The context menus of the canvas: of a card, of a wire, and of the empty ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from netbuilder.document.model.network import Edge
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.content import Control
from netbuilder.gui.canvas.drop import Landing
from netbuilder.gui.canvas.geometry import snap
from netbuilder.gui.canvas.kinds import kinds_by_group
from netbuilder.gui.canvas.room import place_on
from netbuilder.gui.theme.translation import tr_message, tr_text
from netbuilder.gui.widgets.labels import choice_title

if TYPE_CHECKING:
    from netbuilder.gui.canvas.editing import EditingView
    from netbuilder.gui.canvas.view import CanvasView

translate = QCoreApplication.translate


def choice_menu(view: EditingView, card: CardItem, control: Control) -> QMenu:
    """The drop-down of a setting on a card; the value in force has the mark."""
    menu = QMenu(view)
    _add_choices(menu, view, card.node.id, control)
    return menu


def _add_choices(menu: QMenu, view: EditingView, id: str, control: Control) -> None:
    group = QActionGroup(menu)
    name = control.setting.name
    for choice in control.setting.choices:
        action = menu.addAction(choice_title(name, choice))
        action.setCheckable(True)
        action.setChecked(choice == control.value)
        action.setData(choice)
        group.addAction(action)
        action.triggered.connect(lambda _=False, chosen=choice: view.set_setting(id, name, chosen))
        if choice == control.value:
            menu.setActiveAction(action)


def card_menu(view: CanvasView, card: CardItem) -> QMenu:
    """For the card under the pointer, which is selected by then."""
    menu = QMenu(view)
    fixed = card.node.fixed
    for problem in view.store.compiled.problems_of(card.node.id):
        if problem.fix is not None:
            action = menu.addAction(tr_message(problem.fix.label))
            action.triggered.connect(lambda _=False, chosen=problem: view.mend(chosen))
    if menu.actions():
        menu.addSeparator()
    for control in card.content.controls:
        if control.is_choice:
            sub = menu.addMenu(_title(tr_text(control.setting.label)))
            _add_choices(sub, view, card.node.id, control)
        else:
            words = translate("Canvas", "Edit {setting}").format(
                setting=tr_text(control.setting.label)
            )
            _add(menu, words, lambda name=control.setting.name: view.edit_number(card, name))
    if not fixed:
        _add(menu, translate("Canvas", "Rename"), view.rename_selected)
        menu.addSeparator()
        _add(menu, translate("Canvas", "Cut"), view.cut)
        _add(menu, translate("Canvas", "Copy"), view.copy)
        _add(menu, translate("Canvas", "Duplicate"), view.duplicate)
        _add(menu, translate("Canvas", "Delete"), view.delete_selection)
        menu.addSeparator()
    network = view.store.project.network
    wired = network.inputs(card.node.id) or network.outputs(card.node.id)
    action = _add(menu, translate("Canvas", "Disconnect"), lambda: view.disconnect_card(card))
    action.setEnabled(bool(wired))
    return menu


def wire_menu(view: CanvasView, edge: Edge) -> QMenu:
    menu = QMenu(view)
    insert = menu.addMenu(translate("Canvas", "Insert"))
    _add_layers(
        insert, view, lambda: Landing(place_on(view.store.project.network, edge), edge=edge)
    )
    _add(menu, translate("Canvas", "Delete wire"), view.delete_selection)
    return menu


def ground_menu(view: CanvasView, pos: QPointF) -> QMenu:
    menu = QMenu(view)
    spot = snap(pos)
    add = menu.addMenu(translate("Canvas", "Add layer"))
    _add_layers(add, view, lambda: Landing((spot.x(), spot.y())))
    _add(menu, translate("Canvas", "Paste"), view.paste).setEnabled(view.can_paste())
    menu.addSeparator()
    _add(menu, translate("Canvas", "Select all"), view.select_all)
    _add(menu, translate("Canvas", "Arrange"), view.arrange)
    _add(menu, translate("Canvas", "Zoom to fit"), view.fit)
    return menu


def _add_layers(menu: QMenu, view: CanvasView, landing: object) -> None:
    for group in kinds_by_group().values():
        for kind in group:
            action = _add(
                menu,
                tr_text(kind.title),
                lambda kind=kind: view.add_layer(kind(), landing()),  # type: ignore[operator]
            )
            action.setToolTip(tr_text(kind.summary))
        menu.addSeparator()
    menu.setToolTipsVisible(True)


def _add(menu: QMenu, words: str, perform: object) -> QAction:
    action = menu.addAction(words)
    action.triggered.connect(lambda _=False: perform())  # type: ignore[operator]
    return action


def _title(words: str) -> str:
    return words[:1].upper() + words[1:]
