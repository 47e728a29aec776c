"""The writer: jobs are done in order, off the GUI thread, and none is lost."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from netbuilder.gui.window.writer import Writer


@pytest.fixture
def writer(qapp):
    parent = QObject()
    writer = Writer(parent)
    yield writer
    writer.finish()
    parent.deleteLater()


def test_jobs_are_done_in_order_elsewhere_and_answered_here(writer: Writer, qtbot) -> None:
    told: list[object] = []
    here = threading.current_thread()
    for number in range(3):

        def do(number=number) -> int:
            assert threading.current_thread() is not here
            told.append(f"do {number}")
            return number

        def then(result, error) -> None:
            assert threading.current_thread() is here and error is None
            told.append(result)

        writer.put(do, then)
    assert writer.busy
    qtbot.waitUntil(lambda: not writer.busy)
    assert told == ["do 0", 0, "do 1", 1, "do 2", 2]


def test_what_goes_wrong_is_told_and_the_next_is_done(writer: Writer, qtbot) -> None:
    told: list[object] = []
    writer.put(lambda: 1 / 0, lambda result, error: told.append(type(error)))
    writer.put(lambda: 7, lambda result, error: told.append(result))
    qtbot.waitUntil(lambda: not writer.busy)
    assert told == [ZeroDivisionError, 7]


def test_finishing_waits_for_everything_and_answers_once(writer: Writer) -> None:
    gate, told = threading.Event(), []
    writer.put(lambda: gate.wait(60), lambda result, error: told.append(result))
    # What an answer asks for is done too.
    writer.put(lambda: 1, lambda *_: writer.put(lambda: 2, lambda result, _: told.append(result)))
    gate.set()
    writer.finish()
    assert (told, writer.busy) == ([True, 2], False)
    QApplication.processEvents()  # the signals that came too late
    assert told == [True, 2]
