"""What a screen reader is told of the canvas, and what it can do there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QLineEdit

from netbuilder.document.model.network import COST, DATA, network_of
from netbuilder.engine.layers import Conv2D, Dense, Dropout
from netbuilder.gui.canvas.accessible import CardFace
from netbuilder.gui.canvas.view import CanvasView
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.window import accessibility

Text, Role = QAccessible.Text, QAccessible.Role


@pytest.fixture(autouse=True)
def installed(qapp) -> None:
    accessibility.install()


def canvas_of(hands) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(hands.view)


def names(canvas: QAccessibleInterface) -> list[str]:
    faces = [canvas.child(place) for place in range(canvas.childCount())]
    return [face.text(Text.Name) for face in faces if face.role() == Role.ListItem]


def face_of(hands, id: str) -> CardFace:
    canvas = canvas_of(hands)
    return canvas.child(hands.network.order.index(id))


def do(face: CardFace, name: str) -> None:
    face.interface_cast(QAccessible.InterfaceType.ActionInterface).doAction(name)


def test_the_canvas_has_a_child_for_each_card_in_order(hands):
    canvas = canvas_of(hands)
    assert canvas.role() == Role.Canvas
    assert canvas.text(Text.Name) == "Canvas"
    assert names(canvas) == [
        "Data, 2 features",
        "Dense 1, 4 units, Tanh",
        "Dense 2, 1 unit, Sigmoid",
        "Cost, Binary cross-entropy",
    ]
    for place in range(canvas.childCount()):
        child = canvas.child(place)
        assert canvas.indexOfChild(child) == place
        assert child.parent() is canvas


def test_names_say_what_is_chosen_on_the_card(open_canvas):
    hands = open_canvas(network_of([Conv2D(8), Dropout(0.3), Dense(2)], "mse"))
    told = names(canvas_of(hands))
    assert "filters 8, kernel 3" in told[1]
    assert "rate 0.3" in told[2]


def test_a_card_tells_its_wires_its_shapes_and_what_is_wrong_with_it(hands):
    hands.view.edits.set_setting("n2", "units", 3)
    told = face_of(hands, "n2").text(Text.Description)
    assert "from Dense 1" in told and "to Cost" in told and "W (3, 4)" in told
    assert str(hands.card("n2").problems[0].message) in told


def test_what_is_selected_and_has_the_focus_is_a_state(hands):
    hands.view.activateWindow()
    hands.view.setFocus()
    hands.key(Qt.Key.Key_Tab)
    hands.key(Qt.Key.Key_Tab)
    state = face_of(hands, "n1").state()
    assert state.selected and state.focused and state.selectable and state.focusable
    assert canvas_of(hands).focusChild() is face_of(hands, "n1")
    hands.view.selection.all()
    state = face_of(hands, "n1").state()
    assert state.selected and not state.focused


def test_a_card_is_where_it_is_seen(hands):
    canvas = canvas_of(hands)
    rect = face_of(hands, "n2").rect()
    corner = hands.view.viewport().mapToGlobal(hands.point(hands.card("n2").scene_rect().topLeft()))
    assert (rect.topLeft() - corner).manhattanLength() <= 2
    assert canvas.childAt(rect.center().x(), rect.center().y()) is face_of(hands, "n2")
    assert not face_of(hands, "n2").state().offscreen
    hands.view.camera.set_zoom(1.0)
    hands.view.centerOn(QPointF(-9000, 0))
    assert face_of(hands, "n2").state().offscreen


def test_a_card_can_be_worked_on(hands):
    face = face_of(hands, "n1")
    offered = face.actionInterface().actionNames()
    assert {"Press", "SetFocus", "Increase", "Decrease", "edit", "rename", "delete"} == set(offered)
    do(face, "Press")
    assert hands.store.selection == {"n1"}
    do(face, "Increase")
    assert hands.network.node("n1").layer.units == 5
    assert face.text(Text.Name) == "Dense 1, 5 units, Tanh"
    do(face, "Decrease")
    hands.store.undo()
    assert hands.network.node("n1").layer.units == 5
    do(face, "rename")
    assert isinstance(hands.view.fields.editor, QLineEdit)
    hands.view.fields.close_editor()
    do(face, "delete")
    assert "n1" not in hands.network.by_id
    assert not face.isValid()
    assert names(canvas_of(hands)) == [
        "Data, 2 features",
        "Dense 2, 1 unit, Sigmoid",
        "Cost, Binary cross-entropy",
    ]
    hands.store.undo()
    assert face.isValid() and face_of(hands, "n1") is face


def test_what_a_card_cannot_be_asked_for_is_answered_with_nothing(hands):
    """A None from Python would end the process, as soon as a real reader asks."""
    face = face_of(hands, "n1")
    assert face.textInterface() is None and face.valueInterface() is None
    assert face.attributesInterface() is None and face.childCount() == 0


def test_data_and_cost_are_neither_renamed_nor_deleted(hands):
    for id in (DATA, COST):
        face = face_of(hands, id)
        assert not {"rename", "delete"} & set(face.actionInterface().actionNames())
        do(face, "delete")
        assert id in hands.network.by_id


def test_a_remedy_is_an_action(hands):
    hands.view.edits.set_setting("n2", "units", 3)
    face = face_of(hands, "n2")
    remedy = str(hands.card("n2").problems[0].fix.label)
    assert remedy in face.actionInterface().actionNames()
    do(face, remedy)
    assert hands.network.node("n2").layer.units == 1


def test_readers_are_told_of_the_card_that_gets_the_focus_and_of_changes(hands, monkeypatch):
    events: list[tuple[str, QAccessible.Event]] = []
    canvas = canvas_of(hands)
    monkeypatch.setattr(
        QAccessible,
        "updateAccessibility",
        lambda event: events.append((event.accessibleInterface().text(Text.Name), event.type())),
    )
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    hands.view.activateWindow()
    hands.view.setFocus()
    hands.key(Qt.Key.Key_Tab)
    assert ("Data, 2 features", QAccessible.Event.Focus) in events
    hands.view.edits.step_setting("n1", "units", 1)
    assert ("Dense 1, 5 units, Tanh", QAccessible.Event.NameChanged) in events
    hands.drop("dense", QPointF(0, 300))
    assert any(type == QAccessible.Event.ObjectCreated for _, type in events)
    assert canvas.childCount() == 6


def test_a_canvas_that_is_gone_leaves_nothing_behind(store, bridge, themes):
    view = CanvasView(store, Cursor(store, bridge), themes)
    face = QAccessible.queryAccessibleInterface(view).child(1)
    assert face.isValid()
    before = len(accessibility._faces)
    view.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(accessibility._faces) == before - 1
    store.select({"n1"})  # nobody is left who would tell of it
