"""The course lab in the window: every experiment a card, which opens as a network of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from netbuilder.gui.window.lab_gallery import LabGallery
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.lab.experiment import LAB

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(standing_window: MainWindow) -> MainWindow:
    return standing_window


@pytest.fixture
def gallery(window: MainWindow) -> Iterator[LabGallery]:
    """Opened by the menu."""
    window.actions_["lab"].trigger()
    found = window.findChild(LabGallery)
    assert found is not None and found.isVisible()
    yield found
    if shiboken6.isValid(found):
        found.reject()


def test_every_experiment_has_a_card_with_a_picture_of_its_own(gallery: LabGallery) -> None:
    assert list(gallery.cards) == list(LAB)
    gallery._painter.finish()
    pictures = [card.picture for card in gallery.cards.values()]
    assert all(picture is not None and not picture.isNull() for picture in pictures)
    drawn = {bytes(picture.constBits()) for picture in pictures if picture is not None}
    # Only the rings of the costs tell experiments apart that have one network and one data set.
    assert len(drawn) >= len(LAB) - 2
    assert len({card.accessibleName() for card in gallery.cards.values()}) == len(LAB)


def test_a_click_opens_the_experiment_as_an_unsaved_network(
    window: MainWindow, gallery: LabGallery
) -> None:
    QTest.mouseClick(gallery.cards["initialisation-he"], LEFT)
    store = window.store
    assert not gallery.isVisible()
    assert store.project.experiment == "initialisation-he" and store.path is None
    assert store.compiled.ok and store.project.training.epochs == 15_000
    assert "parts the rings" in window.strip.text.text()


def test_what_the_experiment_starts_from_is_in_force(
    window: MainWindow, gallery: LabGallery
) -> None:
    QTest.mouseClick(gallery.cards["mazur"], LEFT)
    learned = window.store.stretch.learned
    assert learned is not None and learned.weights["n1.W"].tolist() == [[0.15, 0.2], [0.25, 0.3]]


def test_unsaved_work_is_asked_about_first(window: MainWindow, gallery: LabGallery) -> None:
    window.store.edit(lambda project: replace(project, seed=5), "the seed")
    QTest.mouseClick(gallery.cards["flower"], LEFT)
    box = window.documents.question
    assert box is not None and window.store.project.experiment == ""
    (drop,) = [b for b in box.findChildren(QPushButton) if b.text() == "Don't save"]
    QTest.mouseClick(drop, LEFT)
    assert window.store.project.experiment == "flower"


def test_another_experiment_on_the_same_data_is_seen_beside_the_first(
    window: MainWindow, gallery: LabGallery, qtbot: Any
) -> None:
    QTest.mouseClick(gallery.cards["initialisation-zeros"], LEFT)
    window.bridge.step()
    qtbot.waitUntil(lambda: window.bridge.last is not None and window.bridge.last.step == 1)
    window.actions_["lab"].trigger()
    (again,) = [g for g in window.findChildren(LabGallery) if g.isVisible()]
    QTest.mouseClick(again.cards["initialisation-he"], LEFT)
    assert window.documents.question is None, "nothing is lost"
    window.bridge.step()
    qtbot.waitUntil(lambda: len(window.runs.listed) == 2)
    assert window.store.project.experiment == "initialisation-he"
    assert window.store.undo_label == "experiment Initialisation after He"
    assert [run.number for run in window.runs.shown] == [1, 2]
    assert window.runs.title(window.runs.listed[1]) == "initialisation-he"
    window.store.undo()
    assert window.store.project.experiment == "initialisation-zeros"


def test_cards_are_walked_and_chosen_by_keys(window: MainWindow, gallery: LabGallery) -> None:
    names = list(LAB)
    assert gallery.cards[names[0]].hasFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        QTest.keyClick(gallery.focusWidget(), key)
    assert gallery.cards[names[3]].hasFocus()
    QTest.keyClick(gallery.focusWidget(), Qt.Key.Key_Return)
    assert window.store.project.experiment == names[3]
