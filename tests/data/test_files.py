"""What is no data file at all is refused before it is opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netbuilder.data import files
from netbuilder.data.files import SUFFIXES, read_table
from netbuilder.errors import UserError


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no file .*gone\.csv"):
        read_table(tmp_path / "gone.csv")


def test_directory(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UserError, match=r"folder\.csv is a folder without images"):
        read_table(tmp_path / "folder.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_device_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UserError, match="is a device"):
        read_table(tmp_path / "pipe.csv")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_empty(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"own{suffix}"
    path.touch()
    with pytest.raises(UserError, match=f"own{suffix} is empty"):
        read_table(path)


def test_unknown_kind(tmp_path: Path) -> None:
    path = tmp_path / "own.pdf"
    path.write_bytes(b"PK")
    with pytest.raises(UserError, match=r"own\.pdf is not a kind.*\.csv, \.tsv, \.txt, \.npz"):
        read_table(path)


def test_suffix_in_capitals(tmp_path: Path) -> None:
    path = tmp_path / "OWN.CSV"
    path.write_text("a,b\n1,2\n")
    assert read_table(path).m == 1


def test_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as handle:
        handle.truncate(3 * 10**9)  # a hole: takes no room on the disk
    with pytest.raises(UserError, match=r"huge\.csv has 3\.0 GB, expected at most 2\.0 GB"):
        read_table(path)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (PermissionError(13, "Permission denied"), "may not be read"),
        (OSError(5, "Input/output error"), "cannot be read: Input/output error"),
        (MemoryError(), "does not fit in memory"),
    ],
)
def test_faults_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException, sentence: str
) -> None:
    def fail(path: Path, *_: object) -> None:
        raise fault

    path = tmp_path / "own.csv"
    path.write_text("a,b\n1,2\n")
    monkeypatch.setattr(files, "read_csv", fail)
    with pytest.raises(UserError, match=sentence):
        read_table(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads anything")
def test_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    with pytest.raises(UserError, match="may not be read"):
        read_table(path)
