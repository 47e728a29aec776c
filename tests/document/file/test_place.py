"""The place of a document: what another program has written there is never overwritten unasked."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from netbuilder.document.file.lock import Locked
from netbuilder.document.file.place import Changed, Place, Version
from netbuilder.document.file.storage import load
from netbuilder.document.templates import first_start
from netbuilder.errors import UserError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.netb"


def test_what_was_written_is_no_change(path: Path) -> None:
    place = Place.taken(path)
    assert place.version is None and not place.changed
    for seed in (1, 2):
        place = place.write(replace(first_start(), seed=seed), None, {})
        assert not place.changed
    assert load(path).project.seed == 2
    place.release()


@pytest.mark.parametrize("content", [b"longer than it was before", None], ids=["size", "content"])
def test_what_another_program_has_written_stays(path: Path, content: bytes | None) -> None:
    place = Place.taken(path).write(first_start(), None, {})
    path.write_bytes(content or bytes(path.stat().st_size))
    os.utime(path, ns=(1, 1))
    assert place.changed
    with pytest.raises(Changed, match=r"mine\.netb was changed by another program"):
        place.write(replace(first_start(), seed=9), None, {})
    assert path.read_bytes().startswith((content or b"\0")[:4])
    place = place.write(replace(first_start(), seed=9), None, {}, over=True)
    assert load(path).project.seed == 9
    place.release()


def test_a_file_that_was_only_touched_or_is_gone_is_no_change(path: Path) -> None:
    place = Place.taken(path).write(first_start(), None, {})
    os.utime(path, ns=(1, 1))
    assert not place.changed
    path.unlink()
    assert not place.changed
    place.write(first_start(), None, {}).release()
    assert load(path).project == first_start()


def test_a_file_that_came_meanwhile_is_a_change(path: Path) -> None:
    place = Place.taken(path)
    path.write_bytes(b"new")
    with pytest.raises(Changed):
        place.write(first_start(), None, {})
    place.release()


def test_what_another_holds_may_be_read_and_written_once_it_lets_go(path: Path) -> None:
    first = Place.taken(path).write(first_start(), None, {})
    second = Place.of(path)
    assert second.refused is not None and second.version == Version.of(path)
    with pytest.raises(Locked):
        second.write(first_start(), None, {}, over=True)
    first.release()
    second = second.write(replace(first_start(), seed=4), None, {})
    assert second.refused is None
    with pytest.raises(Locked):
        Place.taken(path)
    second.release()


def test_a_write_that_fails_holds_nothing_more_than_before(path: Path) -> None:
    first = Place.taken(path)
    second = Place.of(path)
    first.release()
    path.mkdir()
    with pytest.raises(UserError, match="is a folder"):
        second.write(first_start(), None, {}, over=True)
    Place.taken(path).release()
