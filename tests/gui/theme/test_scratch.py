"""Folders for files that Qt wants: they go with the window, and later where that was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netbuilder.gui.theme.scratch import clear_leftovers, scratch_folder


def test_the_folder_is_ours_and_goes_with_its_object() -> None:
    folder = scratch_folder()
    path = Path(folder.path())
    assert path.is_dir() and str(os.getpid()) in path.name
    clear_leftovers(path.parent)
    assert path.is_dir()
    folder.remove()
    assert not path.exists()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere leftovers stay")
def test_only_the_folders_of_dead_processes_are_cleared(tmp_path: Path) -> None:
    child = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], **CAPTURED)
    dead = int(child.stdout)
    names = {
        f"netbuilder-{dead}-abcDEF": False,
        f"netbuilder-{os.getpid()}-abcDEF": True,
        "netbuilder-mine-abcDEF": True,
        f"netbuilder-{dead}-notes-2026": True,
        f"netbuilder-{'9' * 30}-abcDEF": True,
    }
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "check-light.svg").touch()
    clear_leftovers(tmp_path)
    assert {name: (tmp_path / name).exists() for name in names} == names


CAPTURED = {"capture_output": True, "text": True, "check": True}
