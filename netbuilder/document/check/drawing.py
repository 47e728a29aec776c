"""Drawing: points put in and taken out by hand are an edit that leaves all else as it is."""

from __future__ import annotations

from dataclasses import replace

from netbuilder.data.sources import SOURCES
from netbuilder.data.table import Table
from netbuilder.document.check.fit import fitted
from netbuilder.document.model.datasets import prepared, table_of
from netbuilder.document.model.project import FILE, DataChoice, Project

_MADE_BY = ("examples", "noise", "seed")
"""Settings by which a toy set makes its points."""


def drawn(project: Project, table: Table) -> Project:
    """The project with these points in place of its own, and its output fitted to the classes.

    The table is one that was drawn on the project's own.
    """
    return _with(project, replace(project.data, table=table, kept=None))


def with_setting(project: Project, name: str, value: object) -> Project:
    """The project with another setting of its data; a toy set that was drawn on is made anew.

    Raises UserError when there can be no such examples.
    """
    data = replace(project.data, **{name: value})  # type: ignore[arg-type]
    makes = data.source != FILE and SOURCES[data.source].kind != "blank"
    if name in _MADE_BY and makes and data.table is not None:
        return _with(project, replace(data, table=None, kept=None))
    return replace(project, data=data)


def _with(project: Project, data: DataChoice) -> Project:
    new = replace(project, data=data)
    # Only other classes ask for another output: what was learned is not to be touched by a stroke.
    if table_of(data).categories == table_of(project.data).categories:
        return new
    return new.with_network(fitted(new.network, prepared(data).info))
