"""A large table is read once; an entry that is not as it should be counts as not there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data import cache, files
from netbuilder.data.files import read_table
from netbuilder.data.reading import Reading
from netbuilder.data.table import Table


class Counting:
    """Reads CSV files, and counts how often."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        read = files.read_csv

        def counted(*arguments) -> Table:
            self.times += 1
            return read(*arguments)

        monkeypatch.setattr(files, "read_csv", counted)


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counting:
    monkeypatch.setattr(cache, "LEAST", 1)
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    return Counting(monkeypatch)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.csv"
    path.write_text("1.5;red\n;blue\n3;red\n")
    return path


def entries(own: Path) -> list[Path]:
    return sorted((own.parent / "cache").glob("*"))


def test_a_table_is_read_once(own: Path, reads: Counting) -> None:
    first = read_table(own)
    assert first.reading is not None
    again = read_table(own, reading=first.reading)
    assert reads.times == 1 and again is not first
    np.testing.assert_array_equal(again.values, first.values)
    for name in ("columns", "categories", "targets", "name", "notices", "reading"):
        assert getattr(again, name) == getattr(first, name)
    assert not again.values.flags.writeable


def test_a_file_that_has_changed_is_read_again(own: Path, reads: Counting) -> None:
    reading = read_table(own).reading or Reading()
    before = own.stat()
    own.write_text("1.5;red\n;blue\n4;red\n")  # as long as it was
    os.utime(own, ns=(1, before.st_mtime_ns + 10))
    assert read_table(own, reading=reading).values[2, 0] == 4
    os.utime(own, ns=(1, 2))  # touched, and still the same
    read_table(own, reading=reading)
    assert reads.times == 2


@pytest.mark.parametrize("harm", ["cut", "flipped", "other", "gone"])
def test_an_entry_that_is_not_sound_is_not_used(own: Path, reads: Counting, harm: str) -> None:
    table = read_table(own)
    (entry,) = entries(own)
    data = bytearray(entry.read_bytes())
    if harm == "cut":
        entry.write_bytes(data[: len(data) // 2])
    elif harm == "flipped":
        data[data.index(np.float64(1.5).tobytes()) + 3] ^= 1
        entry.write_bytes(data)
    elif harm == "other":
        with np.load(entry) as arrays:
            found = dict(arrays)
        found["values"][:, 1] = 7  # there are two words
        np.savez(entry, **found)
    else:
        entry.unlink()
    again = read_table(own, reading=table.reading or Reading())
    np.testing.assert_array_equal(again.values, table.values)
    assert reads.times == 2


def test_what_was_not_used_for_longest_gives_way(own: Path, reads: Counting, monkeypatch) -> None:
    read_table(own)
    (first,) = entries(own)
    os.utime(first, ns=(1, 1))
    monkeypatch.setattr(cache, "MOST", 2 * first.stat().st_size - 1)
    own.write_text("2;red\n;blue\n3;red\n")
    other = own.with_name("other.csv")
    other.write_text(own.read_text())
    read_table(other)
    assert first not in entries(own) and len(entries(own)) == 1


def test_without_a_place_for_it_all_goes_on(own: Path, reads: Counting) -> None:
    (own.parent / "cache").write_text("a file where the folder should be")
    assert read_table(own).m == read_table(own).m == 3
