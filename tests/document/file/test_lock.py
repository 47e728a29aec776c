"""The lock of a file: one holds it at a time, and the lock of a dead process holds nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netbuilder.document.file.lock import COMMAND, Lock, Locked, when

HOLDS = """
import sys
from pathlib import Path
from netbuilder.document.file.lock import Lock
lock = Lock.take(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder() -> Iterator[Callable[[Path], subprocess.Popen]]:
    """Another process that holds a file."""
    started: list[subprocess.Popen] = []

    def start(path: Path) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDS, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_one_holds_it_at_a_time_and_the_other_learns_who(tmp_path: Path) -> None:
    path = tmp_path / "mine.netb"
    first = Lock.take(path)
    with pytest.raises(Locked, match=r"mine\.netb is read-only here: it is open in another window"):
        Lock.take(path)
    first.release()
    first.release()
    assert list(tmp_path.iterdir()) == []
    second = Lock.take(path, COMMAND)
    with pytest.raises(Locked, match="a command is training it"):
        Lock.take(path)
    first.release()  # which is not its own any more
    with pytest.raises(Locked):
        Lock.take(path)
    second.release()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_is_the_file_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "link.netb").symlink_to(tmp_path / "mine.netb")
    lock = Lock.take(tmp_path / "mine.netb")
    with pytest.raises(Locked):
        Lock.take(tmp_path / "link.netb")
    lock.release()


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path, holder) -> None:
    path = tmp_path / "mine.netb"
    process = holder(path)
    with pytest.raises(Locked):
        Lock.take(path)
    process.kill()
    process.wait()
    assert [place.name for place in tmp_path.iterdir()] == [".mine.netb.lock"]
    Lock.take(path).release()
    assert list(tmp_path.iterdir()) == []


def test_who_holds_it_need_not_be_readable(tmp_path: Path) -> None:
    path = tmp_path / "mine.netb"
    lock = Lock.take(path)
    (tmp_path / ".mine.netb.lock").write_bytes(b"\xff no words")
    with pytest.raises(Locked, match=r"\? on \?"):
        Lock.take(path)
    lock.release()


def test_where_there_can_be_no_lock_there_is_none(tmp_path: Path) -> None:
    for name in ("x" * 252, "nowhere/mine.netb"):
        Lock.take(tmp_path / name).release()


def test_another_day_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(when(0.0)) == len("1970-01-01 00:00")
