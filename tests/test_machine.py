"""What the machine has left is asked before anything large is read."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from netbuilder import machine
from netbuilder.data.files import read_table
from netbuilder.data.table import Table
from netbuilder.document.file import storage
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.document.templates import new_project
from netbuilder.errors import UserError

MEBI = 2**20


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with 100 kB left."""
    monkeypatch.setattr(machine, "free", lambda: 100_000)
    monkeypatch.setattr(machine, "_SMALL", 0)


def npz(folder: Path) -> Callable[[], object]:
    path = folder / "x.npz"
    np.savez(path, X=np.zeros((300, 50)), Y=np.arange(300) % 2)
    return lambda: read_table(path)


def csv(folder: Path) -> Callable[[], object]:
    path = folder / "x.csv"
    row = ",".join("12345678"[:k] for k in range(1, 9))
    path.write_text(f"a,b,c,d,e,f,g,h\n{(row + chr(10)) * 4000}")
    return lambda: read_table(path)


def images(folder: Path) -> Callable[[], object]:
    image = pytest.importorskip("PIL.Image")
    for name in ("a", "b"):
        (folder / name).mkdir()
        first = folder / name / "0.png"
        image.new("L", (64, 64)).save(first)
        for number in range(1, 5):
            os.link(first, folder / name / f"{number}.png")
    return lambda: read_table(folder)


def member(folder: Path) -> Callable[[], object]:
    path = folder / "p.netb"
    storage.save(path, new_project(DataChoice()), None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("weights.npz", bytes(110_000))
    return lambda: storage.load(path)


def words(folder: Path) -> Callable[[], object]:
    """Small as a table, large as what a network learns from: a feature a word."""
    values = np.column_stack([np.arange(800.0) % 30, np.arange(800) % 2])
    table = Table(values, ("word", "y"), {"word": tuple(map(str, range(30)))}, ("y",))
    return lambda: new_project(DataChoice(FILE, table=table))


@pytest.mark.parametrize("made", [npz, csv, images, member, words])
def test_what_is_too_large_is_refused_before_it_is_read(
    tmp_path: Path, little: None, made: Callable[[Path], Callable[[], object]]
) -> None:
    with pytest.raises(UserError, match="of memory, but this machine has 100 KB free"):
        made(tmp_path)()


def test_a_container_has_less_than_its_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free", lambda: 10**12)
    monkeypatch.setattr(machine, "used", lambda: 10**9)
    monkeypatch.setattr(machine, "allowed", lambda: 10**9 + 30 * MEBI)
    machine.check_room("It", 29 * MEBI)
    with pytest.raises(UserError, match="It needs"):
        machine.check_room("It", 31 * MEBI)


def test_where_nobody_can_say_it_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free", lambda: None)
    monkeypatch.setattr(machine, "allowed", lambda: None)
    machine.check_room("It", 10**15)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is asked")
def test_what_is_let_go_is_given_back() -> None:
    """Also what lies between what stays; glibc's own threshold rises with what is let go."""
    code = (
        "import numpy as np\n"
        "from netbuilder import machine\n"
        "machine.give_back()\n"
        "np.ones(2**20)\n"
        "arrays = [np.ones(2**17) for _ in range(40)]\n"
        "before = machine.used()\n"
        "del arrays[::2]\n"
        "print(before - machine.used())\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(ran.stdout) > 18 * 2**20
