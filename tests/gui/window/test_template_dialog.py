"""Beginning from a template: by the menu, and from an empty canvas."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.document.templates import TEMPLATES
from netbuilder.gui.theme.colours import LIGHT
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.gui.window.template_dialog import TemplateDialog

LEFT = Qt.MouseButton.LeftButton


def opened(window: MainWindow, qtbot) -> TemplateDialog:
    """With its pictures, of which some read their data first."""
    (dialog,) = window.findChildren(TemplateDialog)
    qtbot.waitUntil(lambda: all(card.project is not None for card in dialog.cards.values()))
    return dialog


def test_a_card_shows_its_network_and_begins_it(standing_window: MainWindow, qtbot):
    window = standing_window
    window.actions_["new_from_template"].trigger()
    dialog = opened(window, qtbot)
    assert list(dialog.cards) == list(TEMPLATES)
    pictures = {name: card.grab().toImage() for name, card in dialog.cards.items()}
    units = LIGHT.color("accent").rgb()
    for picture in pictures.values():
        seen = {picture.pixel(x, y) for x in range(picture.width()) for y in range(20, 118)}
        assert units in seen  # a unit that learns
    project = TEMPLATES["deep"].make()
    QTest.mouseClick(dialog.cards["deep"], LEFT)
    assert window.store.project == project and window.store.path is None
    assert not window.documents.modified


def test_an_empty_canvas_offers_the_templates(standing_window: MainWindow, qtbot):
    window = standing_window
    assert not window.start.isVisible()
    window.canvas.selection.all()
    window.canvas.edits.delete_selection()
    assert window.start.isVisible()
    QTest.mouseClick(window.start, LEFT)
    dialog = opened(window, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.start.isVisible()
    window.store.undo()
    assert not window.start.isVisible()
