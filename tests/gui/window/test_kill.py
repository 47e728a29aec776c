"""Processes that are really killed: the file is whole, the work is offered, signals keep it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from netbuilder.document.file import storage
from netbuilder.document.file.lock import Lock
from netbuilder.document.file.recovery import Found, find
from netbuilder.document.templates import first_start

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

# Runs the program; once its window is up, does something with it, and says what it is told to.
PROGRAM = """
import os, signal, sys
from dataclasses import replace
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from netbuilder import files
from netbuilder.gui.window import app, keeper
from netbuilder.gui.window.main_window import MainWindow

keeper._EDIT, keeper._TRAINING = 10, 50

def when(true, do):
    if true():
        do()
    else:
        QTimer.singleShot(5, lambda: when(true, do))

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def edit():
    window.store.edit(lambda p: replace(p, seed=5), "seed")

def kept():
    slot = window.keeper._slot
    return slot is not None and slot.path.exists()

def say(*words):
    print(*words, flush=True)

def act():
{action}

show = MainWindow.show
def shown(self):
    global window
    window = self
    show(self)
    when(lambda: self.bridge.last is not None, act)
MainWindow.show = shown
sys.exit(app.run(*sys.argv[1:]))
"""


class Programs:
    """Starts programs whose home is a folder of the test."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.recovery = home / "share" / "netbuilder" / "recovery"
        self.started: list[subprocess.Popen[str]] = []

    def start(self, action: str, *arguments: object, display: str = "") -> subprocess.Popen[str]:
        screen = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display} if display else {}
        lines = "".join(f"    {line}\n" for line in action.strip().splitlines())
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.replace("{action}", lines), *map(str, arguments)],
            env=os.environ
            | {
                "QT_QPA_PLATFORM": "offscreen",
                "HOME": str(self.home),
                "XDG_CONFIG_HOME": str(self.home / "config"),
                "XDG_DATA_HOME": str(self.home / "share"),
            }
            | screen,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def found(self) -> list[Found]:
        found, told = find(self.recovery)
        for one in found:
            one.slot.close()
        assert not told
        return found


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    programs = Programs(tmp_path)
    yield programs
    for process in programs.started:
        process.kill()
        process.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine.netb"
    storage.save(path, replace(first_start(), seed=77), None)
    return path


MOMENTS = {
    "as it is begun": "files.secrets.token_hex = die",
    "half written": "files.os.fsync = die",
    "before it is in place": "files.os.replace = die",
    "in place": "files._sync_folder = die",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_it_saves_the_file_is_the_old_or_the_new_one(
    programs: Programs, path: Path, moment: str
) -> None:
    act = (
        f"edit()\ndef save():\n    {MOMENTS[moment]}\n    window.documents.save()\nwhen(kept, save)"
    )
    process = programs.start(act, path)
    assert process.wait(60) == -signal.SIGKILL, process.stderr.read()
    seed = storage.load(path).project.seed
    assert seed == (5 if moment == "in place" else 77)
    (found,) = programs.found()
    assert found.about.path == str(path)
    assert found.slot.load().project.seed == 5
    Lock.take(path).release()  # the dead one's holds nothing
    # The next save removes the half of a file that is left, once it is old.
    left = list(path.parent.glob(".netbuilder-*.tmp"))
    assert bool(left) == (moment in ("half written", "before it is in place"))
    for temporary in left:
        os.utime(temporary, (1, 1))
    storage.save(path, first_start(), None)
    assert not list(path.parent.glob(".netbuilder-*"))


@pytest.mark.long
def test_killed_while_it_trains_the_work_is_offered_once_and_recovered(
    programs: Programs, path: Path
) -> None:
    process = programs.start(
        """
window.bridge.play()
def trained():
    return kept() and window.bridge.last.step > 200
when(trained, lambda: say("trained"))
"""
    )
    assert process.stdout.readline() == "trained\n"
    process.kill()
    process.wait()
    (found,) = programs.found()
    assert found.about.path == "" and found.about.epoch > 0
    # Offered to one window of two; what was damaged meanwhile leaves no traceback.
    (programs.recovery / "other.netb").write_bytes(b"damaged")
    first = programs.start(
        """
def look():
    say(window.recovery_bar.isVisible(), window.recovery_bar.text.text())
    say(window.strip.text.text())
    window.keeper.recover()
    when(lambda: window.bridge.last is not None and window.bridge.last.step > 0, told)
def told():
    say(window.bridge.last.epoch, len(window.bridge.last.log.rows()["step"]))
QTimer.singleShot(0, look)
"""
    )
    offered = first.stdout.readline()
    assert offered.startswith("True") and f"Untitled, {found.about.epoch:,} epochs" in offered
    assert "set aside" in first.stdout.readline()
    assert first.stdout.readline() == f"{found.about.epoch} {found.about.epoch}\n"
    second = programs.start(
        """
def look():
    say(window.recovery_bar.isVisible())
    window.close()
QTimer.singleShot(0, look)
"""
    )
    assert second.stdout.readline() == "False\n"
    assert second.wait(60) == 0, second.stderr.read()
    first.kill()
    assert "Traceback" not in first.stderr.read()


@pytest.mark.long
def test_a_second_program_may_only_read_the_file(programs: Programs, path: Path) -> None:
    first = programs.start('say("open")', path)
    assert first.stdout.readline() == "open\n"
    look = """
say(window.file_bar.isVisible(), window.file_bar.text.text())
window.close()
"""
    second = programs.start(look, path)
    told = second.stdout.readline()
    assert told.startswith("True mine.netb is read-only here: it is open in another window (")
    assert second.wait(60) == 0, second.stderr.read()
    first.kill()
    first.wait()
    third = programs.start(look, path)
    assert third.stdout.readline().startswith("False")
    assert third.wait(60) == 0, third.stderr.read()
    assert not list(path.parent.glob(".mine.netb.lock"))


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_ends_the_window_and_keeps_the_work(programs: Programs, name: str) -> None:
    number = getattr(signal, name)
    # In an update that takes longer than anyone waits, where it is the terminal's Ctrl-C.
    busy = """
import time
from functools import partial
from netbuilder.engine.program import Program
window.bridge._session.close = partial(window.bridge._session.close, 0.01)
keeper._LAST = keeper._PATIENCE = 0.01
Program.update = lambda *_, **__: (say("trains"), time.sleep(600))
window.bridge.step()
"""
    act = """
keeper._EDIT = 10**6
edit()
say("edited")
"""
    process = programs.start(act + (busy if name == "SIGINT" else ""))
    assert process.stdout.readline() == "edited\n"
    if name == "SIGINT":
        assert process.stdout.readline() == "trains\n"
    process.send_signal(number)
    assert process.wait(60) == 128 + number, process.stderr.read()
    assert "Traceback" not in process.stderr.read()
    (found,) = programs.found()
    assert found.slot.load().project.seed == 5


@pytest.mark.long
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_a_screen_that_is_taken_away_loses_nothing(programs: Programs, path: Path) -> None:
    """Qt ends the program where its display dies, without asking: what was kept is offered."""
    read, write = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp", "-noreset"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(write)
        with os.fdopen(read) as answer:
            display = f":{answer.readline().strip()}"
        process = programs.start('edit()\nwhen(kept, lambda: say("kept"))', path, display=display)
        assert process.stdout.readline() == "kept\n", process.stderr.read()
        server.kill()
    assert process.wait(60) != 0
    (found,) = programs.found()
    assert found.slot.load().project.seed == 5
    assert storage.load(path).project.seed == 77


def test_a_signal_to_a_window_with_nothing_to_lose_leaves_nothing(programs: Programs) -> None:
    process = programs.start('say("up")')
    assert process.stdout.readline() == "up\n"
    process.terminate()
    assert process.wait(60) == 128 + signal.SIGTERM
    assert programs.found() == []
