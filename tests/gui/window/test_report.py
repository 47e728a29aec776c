"""What the program keeps of its own errors."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from netbuilder.gui.window import report


def test_errors_are_kept_in_a_file_that_does_not_grow(tmp_path: Path) -> None:
    log = logging.getLogger("netbuilder.some.place")
    with report.log_file(tmp_path / "new" / "folder"):
        log.info("not worth keeping")
        log.error("went wrong")
        for _ in range(5_000):
            log.error("x" * 300)
    log.error("after the end")
    files = sorted((tmp_path / "new" / "folder").iterdir())
    assert [file.name for file in files] == [
        "netbuilder.log",
        "netbuilder.log.1",
        "netbuilder.log.2",
    ]
    assert all(file.stat().st_size <= 256 * 1024 for file in files)
    kept = "".join(file.read_text() for file in files)
    assert "not worth" not in kept and "after the end" not in kept


def test_without_a_place_to_write_it_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    with report.log_file(tmp_path / "file"):
        logging.getLogger("netbuilder").error("still said")
    assert "no log file" in caplog.text and "still said" in caplog.text


def test_a_report_tells_versions_and_places() -> None:
    try:
        raise ValueError("odd")
    except ValueError as error:
        text = report.text_of(error)
    assert "ValueError: odd" in text and "PySide6" in text and "test_report.py" in text
