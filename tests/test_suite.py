"""The suite itself: errors that no caller sees, in slots, paint events and threads, fail a test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OPTIONS = ("-n0", "-rpfE", "--tb=no", "-pno:cacheprovider", "-c", str(ROOT / "pyproject.toml"))

UNSEEN = """
import threading
import warnings

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget


class Broken(QWidget):
    def paintEvent(self, event):
        raise RuntimeError("injected")


def test_slot(qtbot):
    QTimer.singleShot(0, lambda: 1 / 0)
    qtbot.wait(20)


def test_virtual_method(qtbot):
    widget = Broken()
    qtbot.addWidget(widget)
    widget.grab()


def test_qt_warning(qapp):
    QPainter().begin(QPixmap())


def test_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()


def test_warning():
    warnings.warn("injected")


def test_finaliser():
    class Fails:
        def __del__(self):
            raise RuntimeError("injected")

    Fails()


def test_sound(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    widget.raise_()
"""


def test_what_no_caller_sees_fails_a_test(tmp_path: Path) -> None:
    path = tmp_path / "test_unseen.py"
    path.write_text(UNSEEN)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, "--rootdir", str(tmp_path), str(path)],
        cwd=tmp_path,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    outcomes = {
        line.split("::")[1].split(" ")[0]: line.split(" ")[0]
        for line in ran.stdout.splitlines()
        if "::" in line
    }
    broken = ("slot", "virtual_method", "qt_warning", "thread", "warning", "finaliser")
    expected = {f"test_{name}": "FAILED" for name in broken} | {"test_sound": "PASSED"}
    assert outcomes == expected, ran.stdout
