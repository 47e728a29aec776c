"""What the machine has, and how sizes are said."""

from __future__ import annotations

from pathlib import Path

import pytest

from netbuilder.document.check import memory


def test_the_machine_says_something_sensible() -> None:
    free = memory.available()
    assert free is None or 10**7 < free < 10**15


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="only Linux tells what is free")
def test_what_this_process_has_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the machine has free changes with every other program: here it stays as it is.
    monkeypatch.setattr(memory, "_unix_memory", lambda: 10**9)
    before = memory.available()
    block = b"x" * 200_000_000
    after = memory.available()
    assert before is not None and after is not None and len(block) == 200_000_000
    assert before > 10**9
    assert 190_000_000 < after - before < 210_000_000


def test_the_unknown_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_unix_memory", lambda: None)
    monkeypatch.setattr(memory, "_windows_memory", lambda: None)
    assert memory.available() is None
