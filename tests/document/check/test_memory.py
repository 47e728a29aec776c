"""What the machine has, and how sizes are said."""

from __future__ import annotations

from pathlib import Path

import pytest

from netbuilder.document.check import memory


def test_the_machine_says_something_sensible() -> None:
    free = memory.available()
    assert free is None or 10**7 < free < 10**15


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="only Linux tells what is free")
def test_what_this_process_has_counts_as_free() -> None:
    before = memory.available()
    block = bytearray(400_000_000)
    after = memory.available()
    assert before is not None and after is not None and len(block) == 400_000_000
    # Other programs come and go meanwhile; but the 400 MB are not missing.
    assert after > before - 350_000_000


def test_the_unknown_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_unix_memory", lambda: None)
    monkeypatch.setattr(memory, "_windows_memory", lambda: None)
    assert memory.available() is None


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 KB"),
        (12_400_000_000, "12.4 GB"),
        (640_000_000, "640 MB"),
        (16 * 10**12, "16.0 TB"),
        (5 * 10**21, "5,000 EB"),
    ],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert memory.in_words(size) == words
