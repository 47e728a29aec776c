"""The context menus of the canvas: of a card, of a wire, and of the empty ground."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from netbuilder.document.model.network import Edge
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.geometry import snap
from netbuilder.gui.canvas.help import open_help
from netbuilder.gui.canvas.inplace import add_choices
from netbuilder.gui.canvas.kinds import kinds_by_group
from netbuilder.gui.canvas.room import Landing, place_on
from netbuilder.gui.canvas.surface import Surface
from netbuilder.gui.theme.translation import tr_message, tr_text

translate = QCoreApplication.translate


def card_menu(surface: Surface, card: CardItem) -> QMenu:
    """For the card under the pointer, which is selected by then."""
    menu = QMenu(surface.view)
    edits, fields, store = surface.edits, surface.fields, surface.store
    fixed = card.node.fixed
    for problem in store.compiled.problems_of(card.node.id):
        if problem.fix is not None:
            action = menu.addAction(tr_message(problem.fix.label))
            action.triggered.connect(lambda _=False, chosen=problem: store.mend(chosen))
    if menu.actions():
        menu.addSeparator()
    for control in card.content.controls:
        if control.is_choice:
            sub = menu.addMenu(_title(tr_text(control.setting.label)))
            add_choices(sub, edits, card.node.id, control)
        else:
            words = translate("Canvas", "Edit {setting}").format(
                setting=tr_text(control.setting.label)
            )
            _add(menu, words, lambda name=control.setting.name: fields.edit_number(card, name))
    if not fixed:
        _add(menu, translate("Canvas", "Rename"), fields.rename_selected)
        menu.addSeparator()
        _add(menu, translate("Canvas", "Cut"), edits.cut)
        _add(menu, translate("Canvas", "Copy"), edits.copy)
        _add(menu, translate("Canvas", "Duplicate"), edits.duplicate)
        _add(menu, translate("Canvas", "Delete"), edits.delete_selection)
        menu.addSeparator()
    _add(menu, translate("Canvas", "What this layer does"), lambda: open_help(surface, card))
    network = surface.network
    wired = network.inputs(card.node.id) or network.outputs(card.node.id)
    action = _add(menu, translate("Canvas", "Disconnect"), lambda: edits.disconnect_card(card))
    action.setEnabled(bool(wired))
    return menu


def wire_menu(surface: Surface, edge: Edge) -> QMenu:
    menu = QMenu(surface.view)
    insert = menu.addMenu(translate("Canvas", "Insert"))
    _add_layers(insert, surface, lambda: Landing(place_on(surface.network, edge), edge=edge))
    _add(menu, translate("Canvas", "Delete wire"), surface.edits.delete_selection)
    return menu


def ground_menu(surface: Surface, pos: QPointF) -> QMenu:
    menu = QMenu(surface.view)
    spot = snap(pos)
    add = menu.addMenu(translate("Canvas", "Add layer"))
    _add_layers(add, surface, lambda: Landing((spot.x(), spot.y())))
    paste = _add(menu, translate("Canvas", "Paste"), surface.edits.paste)
    paste.setEnabled(surface.edits.can_paste())
    menu.addSeparator()
    _add(menu, translate("Canvas", "Select all"), surface.selection.all)
    _add(menu, translate("Canvas", "Arrange"), surface.edits.arrange)
    _add(menu, translate("Canvas", "Zoom to fit"), surface.camera.fit)
    menu.addSeparator()
    menu.addActions(surface.view.actions())
    return menu


def _add_layers(menu: QMenu, surface: Surface, landing: object) -> None:
    for group in kinds_by_group().values():
        for kind in group:
            action = _add(
                menu,
                tr_text(kind.title),
                lambda kind=kind: surface.edits.add_layer(kind(), landing()),  # type: ignore[operator]
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
