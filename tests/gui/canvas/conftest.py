"""A canvas with a real store and a real bridge, and the hands to work on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QByteArray, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from netbuilder.document.model.network import Network
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import first_start
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.drop import LAYER_MIME
from netbuilder.gui.canvas.view import CanvasView
from netbuilder.gui.centre import Centre
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.run_book import RunBook
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Hands:
    """A view and what a user does to it, in scene coordinates."""

    def __init__(self, view: CanvasView) -> None:
        self.view, self.store, self.themes = view, view.store, view.themes
        self.notices: list[str] = []
        self.store.notified.connect(lambda kind, message: self.notices.append(str(message)))

    @property
    def centre(self) -> Centre:
        """What the palette is handed."""
        view, runs = self.view, RunBook(self.store, self.view.bridge)
        return Centre(
            self.store, view.bridge, view.canvas.cursor_, runs, self.themes, perform=print
        )

    @property
    def network(self) -> Network:
        return self.store.project.network

    def card(self, id: str) -> CardItem:
        return self.view.canvas.cards[id]

    def point(self, place: QPointF | QPoint) -> QPoint:
        """In the viewport."""
        return self.view.mapFromScene(place) if isinstance(place, QPointF) else place

    def part(self, id: str, part: str) -> QPointF:
        card = self.card(id)
        return card.pos() + card.parts()[part].center()

    def port(self, id: str, port: str) -> QPointF:
        return self.card(id).port_pos(port)

    def ground(self, id: str) -> QPointF:
        """A place on a card where there is nothing to press."""
        return self.card(id).scene_rect().bottomLeft() + QPointF(8, -6)

    def press(self, place: QPointF | QPoint, button: Qt.MouseButton = LEFT, keys=NONE) -> None:
        QTest.mousePress(self.view.viewport(), button, keys, self.point(place))

    def move(self, place: QPointF | QPoint) -> None:
        at = self.point(place)
        # A cursor that is there already, as after a click, would send nothing.
        for spot in (at + QPoint(1, 0), at):
            QTest.mouseMove(self.view.viewport(), spot)
            # Moves are compressed by the event queue: each one has to arrive.
            QApplication.processEvents()

    def release(self, place: QPointF | QPoint, button: Qt.MouseButton = LEFT) -> None:
        QTest.mouseRelease(self.view.viewport(), button, NONE, self.point(place))

    def click(self, place: QPointF | QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.view.viewport(), LEFT, keys, self.point(place))

    def carry(self, start: QPointF, end: QPointF) -> None:
        """Everything of a drag but the release."""
        self.press(start)
        self.move(start + (end - start) / 3)
        self.move(start + (end - start) * 2 / 3)
        self.move(end)

    def drag(self, start: QPointF, end: QPointF) -> None:
        # In pixels, since what is dragged may change what lies under a point.
        there = self.point(end)
        self.carry(start, end)
        self.release(there)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, keys)

    def type(self, words: str) -> None:
        assert self.view.fields.editor is not None
        QTest.keyClicks(self.view.fields.editor, words)

    def enter(self) -> None:
        assert self.view.fields.editor is not None
        QTest.keyClick(self.view.fields.editor, Qt.Key.Key_Return)

    def rest(self, place: QPointF) -> None:
        """The mouse comes to rest, which brings up the tool tip of that place."""
        self.move(place)
        at = self.point(place)
        event = QHelpEvent(QEvent.Type.ToolTip, at, self.view.viewport().mapToGlobal(at))
        QApplication.sendEvent(self.view.viewport(), event)

    def tip(self, place: QPointF) -> str:
        """The tool tip that is seen once the mouse has come to rest there."""
        self.rest(place)
        shown = QToolTip.text() if QToolTip.isVisible() else ""
        QToolTip.hideText()
        while QToolTip.isVisible():  # it goes a moment later
            QTest.qWait(10)
        return shown

    # --- drag and drop -------------------------------------------------------------------------

    def bring(self, kind: str, place: QPointF) -> bool:
        """Carries a layer of the palette over a place; whether it would be taken."""
        self._mime = QMimeData()
        self._mime.setData(LAYER_MIME, QByteArray(kind.encode()))
        at = self.point(place)
        copy = Qt.DropAction.CopyAction
        enter = QDragEnterEvent(at, copy, self._mime, LEFT, NONE)
        enter.ignore()
        QApplication.sendEvent(self.view.viewport(), enter)
        if enter.isAccepted():
            self.carry_on(place)
        return enter.isAccepted()

    def carry_on(self, place: QPointF) -> None:
        event = QDragMoveEvent(self.point(place), Qt.DropAction.CopyAction, self._mime, LEFT, NONE)
        QApplication.sendEvent(self.view.viewport(), event)

    def drop(self, kind: str, place: QPointF) -> None:
        at = QPointF(self.point(place))
        assert self.bring(kind, place)
        event = QDropEvent(at, Qt.DropAction.CopyAction, self._mime, LEFT, NONE)
        QApplication.sendEvent(self.view.viewport(), event)

    def leave(self) -> None:
        QApplication.sendEvent(self.view.viewport(), QDragLeaveEvent())

    # --- seeing --------------------------------------------------------------------------------

    def picture(self) -> bytes:
        """The pixels of the canvas at rest."""
        self.view.show_live()
        QApplication.processEvents()
        image = self.view.grab().toImage()
        return bytes(image.constBits())

    def colors(self, place: QPointF, reach: int = 12) -> list[QColor]:
        """The colours around a place of the scene."""
        QApplication.processEvents()
        image = self.view.grab().toImage()
        at = self.point(place)
        return [
            image.pixelColor(at.x() + dx, at.y() + dy)
            for dx in range(-reach, reach + 1)
            for dy in range(-reach, reach + 1)
        ]


Open = Callable[..., Hands]


@pytest.fixture
def open_canvas(qtbot) -> Iterator[Open]:
    """Opens canvases on projects, each with its own store; closes what was opened."""
    bridges: list[TrainingBridge] = []

    def open_(project: Project | Network | None = None, width: int = 1000, height: int = 560):
        if isinstance(project, Network):
            project = Project(project, data=DataChoice(examples=40))
        store = Store(project or first_start())
        bridge = TrainingBridge(store)
        bridges.append(bridge)
        view = CanvasView(store, Cursor(store, bridge), ThemeManager("light"))
        view.bridge = bridge  # for the hands of a test
        qtbot.addWidget(view)
        view.resize(width, height)
        with qtbot.waitExposed(view):
            view.show()
        view.setFocus()
        # The first moment of the run comes by itself: no test's picture shall be of before it.
        qtbot.waitUntil(lambda: not bridge.ready or bridge.last is not None)
        return Hands(view)

    yield open_
    for bridge in bridges:
        bridge.close()


@pytest.fixture
def hands(open_canvas: Open) -> Hands:
    """The canvas of the first start: data → n1 (4 tanh) → n2 (1 sigmoid) → cost."""
    return open_canvas()
