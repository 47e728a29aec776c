"""A scratch folder for what Qt wants as files; those of killed windows are cleared away."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from PySide6.QtCore import QDir, QTemporaryDir

_NAME = re.compile(r"netbuilder-(\d+)-\w{6}", re.ASCII)


def scratch_folder() -> QTemporaryDir:
    """A folder that goes with the object, and carries this process' number in its name."""
    clear_leftovers(Path(QDir.tempPath()))
    return QTemporaryDir(f"{QDir.tempPath()}/netbuilder-{os.getpid()}-XXXXXX")


def clear_leftovers(place: Path) -> None:
    """Removes our folders of processes that are no more; what cannot be removed stays."""
    if os.name != "posix":  # elsewhere nobody can be asked without touching the process
        return
    for folder in place.glob("netbuilder-*-??????"):
        found = _NAME.fullmatch(folder.name)
        if found is not None and not folder.is_symlink() and not _is_alive(int(found[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
