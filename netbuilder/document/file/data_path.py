"""Where a project file says that its data lies: no further from itself than need be."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

from netbuilder.errors import Message


def written(data: str, project: Path, apart: bool) -> str:
    """The path of a data file as ``project`` is to hold it.

    Of data that travels in the project its name is enough. Data kept ``apart`` in the project's
    folder, below it or in a folder beside it is found from there, so that the two can be moved
    together and nobody reads whose they were; else the path is kept whole.
    """
    if not data:
        return ""
    name = _name(data)
    if not apart:
        return name
    if not os.path.isabs(data):
        return data
    folder = os.path.dirname(os.path.abspath(project))
    above = os.path.dirname(folder)
    try:
        common = os.path.commonpath((folder, os.path.abspath(data)))
    except ValueError:  # on another drive
        return data
    if common == folder or (common == above and above != os.path.dirname(above)):
        return Path(os.path.relpath(data, folder)).as_posix()
    return data


def found(data: str, project: Path) -> str:
    """Where data kept apart lies now, the project being here; beside it if it lies there alone."""
    if not data:
        return ""
    folder = Path(os.path.abspath(project)).parent
    strange = PureWindowsPath(data).drive and os.name != "nt"
    place = data if strange else os.path.normpath(folder / data)
    beside = folder / _name(data)
    if not os.path.exists(place) and os.path.isfile(beside):
        return str(beside)
    return place


def told(data: str, project: Path) -> Message | None:
    """What is to be known before a project whose data is kept apart is given to others."""
    if not os.path.isabs(written(data, project, True)):
        return None
    return Message(
        "{file} does not hold its data, and names the place where it lies: {path}. Whoever gets "
        "the file can read that; saved in the data's folder it would hold the name alone.",
        file=project.name,
        path=data,
    )


def _name(data: str) -> str:
    """The last part of a path, whichever system wrote it."""
    windows = PureWindowsPath(data)
    return windows.name if windows.drive else PurePosixPath(data).name
