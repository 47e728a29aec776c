"""Recovery: what a dead window has left is found, what a living one keeps is not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from netbuilder.document.file.place import Version
from netbuilder.document.file.recovery import ABOUT, About, Slot, find
from netbuilder.document.templates import first_start
from netbuilder.errors import UserError

WEIGHTS = {"n1.W": np.ones((4, 2)), "n1.b": np.zeros((4, 1))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "recovery"


def crashed(folder: Path, at: float = 1.0, epoch: int = 7) -> Slot:
    slot = Slot.new(folder)
    about = About("/home/anna/mine.netb", Version(1, 2, "3"), at, epoch)
    slot.write(about, first_start(), WEIGHTS, {"later.json": b"{}"})
    slot.close()
    return slot


def test_the_work_of_a_window_that_is_gone_is_found_once(folder: Path) -> None:
    crashed(folder)
    (found,), told = find(folder)
    assert not told
    assert found.about == About("/home/anna/mine.netb", Version(1, 2, "3"), 1.0, 7)
    assert find(folder) == ([], []), "it is offered by one window at a time"
    loaded = found.slot.load()
    assert loaded.project == first_start()
    np.testing.assert_array_equal(loaded.weights["n1.W"], WEIGHTS["n1.W"])
    assert set(loaded.sections) == {"later.json"}
    found.slot.close()
    (again,), _ = find(folder)
    again.slot.clear()
    again.slot.close()
    assert list(folder.iterdir()) == []


def test_the_work_of_a_living_window_is_its_own(folder: Path) -> None:
    slot = Slot.new(folder)
    slot.write(About(), first_start(), None, {})
    assert find(folder) == ([], [])
    slot.close()
    (found,), _ = find(folder)
    found.slot.close()


def test_of_several_windows_the_latest_comes_first(folder: Path) -> None:
    for at in (2.0, 3.0, 1.0):
        crashed(folder, at)
    found, _ = find(folder)
    assert [one.about.at for one in found] == [3.0, 2.0, 1.0]
    for one in found:
        one.slot.close()


def test_where_nothing_was_ever_kept_nothing_is_found(folder: Path) -> None:
    assert find(folder) == ([], [])
    assert not folder.exists()


@pytest.mark.parametrize("what", ["empty", "cut", "nothing about it", "lies", "too much"])
def test_a_damaged_file_is_set_aside_with_a_sentence(folder: Path, what: str) -> None:
    path = crashed(folder).path
    if what == "empty":
        path.write_bytes(b"")
    elif what == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    else:
        about = {"lies": b'{"at": "noon"}', "too much": b" " * 100_000}
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(ABOUT if what in about else "other", about.get(what, b""))
    good = crashed(folder)
    (found,), (message,) = find(folder)
    assert found.slot.path == good.path
    assert "damaged" in str(message) and path.stem in str(message)
    assert path.with_suffix(".damaged").exists() and not path.exists()
    found.slot.close()


def test_what_turns_out_to_be_damaged_when_it_is_loaded_is_set_aside(folder: Path) -> None:
    path = crashed(folder).path
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(ABOUT, b"{}")
    (found,), told = find(folder)
    assert not told
    with pytest.raises(UserError, match="set aside"):
        found.slot.load()
    assert not path.exists()
    found.slot.close()
    assert find(folder) == ([], [])


def test_locks_that_were_left_behind_are_removed(folder: Path) -> None:
    slot = Slot.new(folder)
    slot.clear()
    lock = folder / f".{slot.path.name}.lock"
    slot.close()
    lock.write_bytes(b"{}")
    find(folder)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(UserError, match="cannot be kept"):
        Slot.new(tmp_path / "data" / "recovery")
