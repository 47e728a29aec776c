"""The program started as a process of its own: it opens what it is given, and ends cleanly."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from netbuilder.document.file import storage
from netbuilder.document.templates import first_start

# Runs the program; once its window is up, does something with it, and closes it.
PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from netbuilder.gui.window import app
from netbuilder.gui.window.main_window import MainWindow

def look():
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
    if window.bridge.last is None:
        QTimer.singleShot(20, look)
        return
    print(window.windowTitle(), window.store.project.seed, window.hint.isVisible())
    print(window.strip.kind, window.strip.text.text())
    no_icon = QApplication.windowIcon().isNull()
    print(QApplication.applicationName(), no_icon, sys.getswitchinterval())
    {action}
    window.close()

show = MainWindow.show
def shown(window):
    show(window)
    QTimer.singleShot(0, look)
MainWindow.show = shown
sys.exit(app.run(*sys.argv[1:]))
"""


def start(tmp_path: Path, *arguments: str, action: str = "pass") -> subprocess.CompletedProcess:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "share"),
        "HOME": str(tmp_path),
    }
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{action}", action), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_first_start_shows_the_flower_and_asks_for_play(tmp_path):
    done = start(tmp_path)
    assert done.returncode == 0, done.stderr
    title, strip, qt = done.stdout.splitlines()
    assert title == "Untitled[*] – netbuilder 2 True"
    assert strip.strip() == ""
    assert qt == "netbuilder False 0.0005"


def test_a_project_is_opened(tmp_path):
    path = tmp_path / "mine.netb"
    storage.save(path, replace(first_start(), seed=77), None)
    done = start(tmp_path, str(path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "mine.netb[*] – netbuilder 77 False"


def test_a_project_that_cannot_be_opened_is_told_in_the_window(tmp_path):
    path = tmp_path / "bad.netb"
    path.write_bytes(b"nothing of the kind")
    done = start(tmp_path, str(path))
    assert done.returncode == 0, done.stderr
    title, strip, _ = done.stdout.splitlines()
    assert title.startswith("Untitled")
    assert strip.startswith("error")
    assert "bad.netb" in strip


def test_an_error_in_a_slot_does_not_end_the_program(tmp_path):
    wrong = (
        "QTimer.singleShot(0, lambda: 1 / 0);"
        "QTimer.singleShot(50, lambda: print(window.strip.text.text()));"
        "QTimer.singleShot(100, window.close);"
        "return"
    )
    done = start(tmp_path, action=wrong)
    assert done.returncode == 0, done.stderr
    assert "division by zero" in done.stdout


def test_a_program_that_ends_with_its_window_open_ends_quietly(tmp_path):
    """As when the session ends: docks say once more that they go when their window is gone."""
    done = start(tmp_path, action="del window; QApplication.exit(0); return")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
