"""Faults that no other test stands for: full disks at any byte, kills, clocks, workers that fail.

``faults.py`` has them all by number, those of other tests too.
"""

from __future__ import annotations

import errno
import io
import os
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from netbuilder import cli, files
from netbuilder.document.file import storage
from netbuilder.document.file.place import Place
from netbuilder.document.templates import first_start
from netbuilder.errors import UserError
from tests.hardening import faults, kills


class Full(io.FileIO):
    """A file on a disk that has room for so many bytes more."""

    left = 0

    def write(self, data: Any) -> int:
        if Full.left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = super().write(memoryview(data)[: Full.left])
        Full.left -= written
        return written


def fill(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    Full.left = room

    def opened(name: Any, mode: str) -> Any:
        return open(name, mode) if mode == "rb" else io.BufferedRandom(Full(name, mode))

    monkeypatch.setattr(files, "open", opened, raising=False)


WRITERS = {
    "project": ("new", "OUT.netb", "--data", "iris", "--force"),
    "trained project": ("train", "p.netb", "--epochs", "2", "--out", "OUT.netb"),
    "costs": ("train", "p.netb", "--epochs", "2", "--out", "q.netb", "--log", "OUT.csv"),
    "npz": ("export", "p.netb", "OUT.npz"),
    "onnx": ("export", "p.netb", "OUT.onnx"),
    "safetensors": ("export", "p.netb", "OUT.safetensors"),
    "predictions": ("predict", "p.netb", "--data", "d.csv", "--out", "OUT.csv"),
    "template": ("compare", "--template", "p.netb", "OUT.npz"),
    "experiment": ("lab", "new", "mazur", "OUT.netb"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_disk_that_is_full_at_any_byte(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    writer: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    storage.save("p.netb", first_start(), None)
    Path("d.csv").write_text("x1,x2\n" + "0.5,-0.5\n" * 50)
    words = WRITERS[writer]
    (out,) = (Path(word) for word in words if word.startswith("OUT"))
    assert cli.main(words) == 0, capsys.readouterr().err
    size = out.stat().st_size
    for room in (0, 1, size // 2, size - 1):
        # The old file may be anything: what it was is what it stays.
        storage.save("old.netb", first_start(), None)
        os.replace("old.netb", out)
        before = out.read_bytes()
        with monkeypatch.context() as patch:
            fill(patch, room)
            code = cli.main(words)
        said = capsys.readouterr().err.splitlines()
        assert code == 2 and said and "the disk is full" in said[-1], (room, said)
        assert out.read_bytes() == before and not list(tmp_path.glob(".netbuilder-*"))


def test_a_file_that_has_vanished_is_written_anew_and_a_folder_is_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "nets"
    folder.mkdir()
    path, project = folder / "p.netb", first_start()
    place = Place.of(path).write(project, None, {})
    path.unlink()
    place = place.write(project, None, {})
    assert storage.load(path).project == project
    place.release()
    path.unlink()
    folder.rename(tmp_path / "moved")
    with pytest.raises(UserError, match="there is no folder"):
        place.write(project, None, {})


def test_a_clock_that_runs_backwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    start, asked = time.time(), Counter[str]()

    def earlier() -> float:
        asked["time"] += 1
        return start - 3600.0 * asked["time"]

    monkeypatch.setattr(time, "time", earlier)
    assert cli.main(("new", "p.netb", "--data", "flower")) == 0
    for epochs in (3, 4):
        os.utime("p.netb", (start + 10**6 * epochs, start - 10**6 * epochs))
        assert cli.main(("train", "p.netb", "--epochs", str(epochs), "--checkpoint", "1")) == 0
    assert cli.main(("show", "p.netb")) == 0
    assert "trained for 7 epochs" in capsys.readouterr().out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    """Five hundred times: ``python -m tests.hardening.kills``."""
    found = kills.kill(8, 3, tmp_path)
    assert found["seed 1"] + found["seed 2"] == 8


def test_the_table_names_tests_that_there_are() -> None:
    assert [fault.number for fault in faults.FAULTS] == list(range(1, len(faults.FAULTS) + 1))
    root = Path(faults.__file__).parents[2]
    for fault in faults.FAULTS:
        for test in fault.tests:
            file, _, name = test.partition("::")
            text = (root / file).read_text(encoding="utf-8")
            assert re.search(rf"^def {re.escape(name)}\(", text, re.MULTILINE), test
