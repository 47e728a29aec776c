"""Writing files: the new one whole or the old one untouched."""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path

import pytest

from netbuilder import files
from netbuilder.errors import UserError
from netbuilder.files import replacing


def fails_with(number: int):
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_content_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "network.netb"
    path.write_bytes(b"old")
    with replacing(path) as handle:
        handle.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["network.netb"]


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot sync a folder")
def test_all_of_it_is_on_the_disk_before_it_takes_the_place_and_then_so_is_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, replace = os.fsync, os.replace

    def watched_sync(descriptor: int) -> None:
        seen = os.fstat(descriptor)
        done.append("folder" if stat.S_ISDIR(seen.st_mode) else f"{seen.st_size} bytes")
        sync(descriptor)

    def watched_replace(source: str, target: str) -> None:
        done.append("replace")
        replace(source, target)

    monkeypatch.setattr(files.os, "fsync", watched_sync)
    monkeypatch.setattr(files.os, "replace", watched_replace)
    with replacing(tmp_path / "a") as handle:
        handle.write(b"12345")
    assert done == ["5 bytes", "replace", "folder"]


def test_a_handle_can_be_read_and_wound_back_as_zip_files_need(tmp_path: Path) -> None:
    with replacing(str(tmp_path / "a")) as handle:
        handle.write(b"12345")
        handle.seek(0)
        assert handle.read(2) == b"12"
    assert (tmp_path / "a").read_bytes() == b"12345"


def test_an_exception_in_the_block_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), replacing(path) as handle:
        handle.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "does not allow it"),
        (errno.EACCES, "does not allow it"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "replace", "open"])
def test_whatever_step_fails_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, step: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        patch.setattr(files.os, step, fails_with(number))
        with pytest.raises(UserError, match=words) as caught, replacing(path) as handle:
            handle.write(b"new")
    assert str(path) in str(caught.value)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_a_really_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    real = os.open
    monkeypatch.setattr(
        files.os,
        "open",
        lambda name, flags, mode=0o777: (
            real("/dev/full", os.O_RDWR) if str(name).endswith(".tmp") else real(name, flags, mode)
        ),
    )
    with pytest.raises(UserError, match="the disk is full"), replacing(path) as handle:
        handle.write(b"new" * 100_000)
    assert path.read_bytes() == b"old"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no folder"), replacing(tmp_path / "no" / "a"):
        pytest.fail("the block was entered")


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="there is no folder"), replacing(tmp_path / "file" / "a"):
        pytest.fail("the block was entered")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"), replacing(tmp_path):
        pytest.fail("the block was entered")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_a_device_or_pipe_is_refused_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UserError, match="pipe is a device or a pipe"), replacing(pipe):
        pytest.fail("the block was entered")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with (
        pytest.raises(UserError, match="the name is too long"),
        replacing(tmp_path / ("a" * 300)) as handle,
    ):
        handle.write(b"new")
    assert names(tmp_path) == []


def test_a_name_that_is_no_name(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"), replacing(str(tmp_path / "a\0b")):
        pytest.fail("the block was entered")


def test_a_write_protected_file_is_not_gone_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    # The superuser may write everywhere, and tests may run as one.
    monkeypatch.setattr(files.os, "access", lambda path, mode: False)
    with pytest.raises(UserError, match="write-protected"), replacing(path):
        pytest.fail("the block was entered")
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(os.name == "nt", reason="permissions are of another kind there")
def test_permissions_stay_and_new_files_get_the_usual_ones(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with replacing(path) as handle:
        handle.write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    with replacing(other) as handle:
        handle.write(b"new")
    (tmp_path / "c").write_bytes(b"made in the ordinary way")
    assert other.stat().st_mode == (tmp_path / "c").stat().st_mode


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "a", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with replacing(link) as handle:
        handle.write(b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"


def test_a_system_that_cannot_sync_folders_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not here")
        real(descriptor)

    monkeypatch.setattr(files.os, "fsync", fsync)
    with replacing(tmp_path / "a") as handle:
        handle.write(b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


# --- what was left behind ------------------------------------------------------------------------


def abandoned(folder: Path, name: str = f".netbuilder-{'0a' * 6}.tmp", age: float = 120.0) -> Path:
    path = folder / name
    path.write_bytes(b"half")
    moment = time.time() - age
    os.utime(path, (moment, moment))
    return path


def test_temporary_files_of_dead_processes_are_removed(tmp_path: Path) -> None:
    abandoned(tmp_path)
    with replacing(tmp_path / "a") as handle:
        handle.write(b"new")
    assert names(tmp_path) == ["a"]


def test_temporary_files_that_are_held_or_young_or_of_others_stay(tmp_path: Path) -> None:
    held = abandoned(tmp_path)
    abandoned(tmp_path, f".netbuilder-{'1b' * 6}.tmp", age=0.0)
    abandoned(tmp_path, ".other-0a0a0a0a0a0a.tmp")
    abandoned(tmp_path, ".netbuilder-notes.tmp")
    before = names(tmp_path)
    with open(held, "r+b") as handle:
        assert files.hold(handle.fileno())
        with replacing(tmp_path / "a") as target:
            target.write(b"new")
    assert names(tmp_path) == sorted([*before, "a"])


def test_a_file_is_held_by_one_at_a_time_while_it_is_written(tmp_path: Path) -> None:
    with replacing(tmp_path / "a"):
        (temporary,) = tmp_path.iterdir()
        with open(temporary, "r+b") as other:
            assert files.hold(other.fileno()) is False
