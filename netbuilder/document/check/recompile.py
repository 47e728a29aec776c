"""Compiling after an edit: what the edit did not touch stays the object that it was."""

from __future__ import annotations

import dataclasses

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.compile import Compiled, compile_project
from netbuilder.document.model.project import Project

TRAINING = ("batch_size", "dtype", "optimizer", "patience")
"""The training settings that checks look at; the others leave all that the compiler says as it is.

A check that looks at another one must name it here: a test watches what they read.
"""


def recompile(project: Project, info: DataInfo | None, old: Project, before: Compiled) -> Compiled:
    """What ``compile_project`` says of a project; ``before`` is what it said of ``old``.

    Parts that are equal are the very objects of ``before``, so that views may compare by ``is``;
    when nothing was touched that checks look at, so is the whole.
    """
    if (
        project.network is old.network
        and project.data is old.data
        and info == before.info
        and all(getattr(project.training, n) == getattr(old.training, n) for n in TRAINING)
    ):
        return before
    new = compile_project(project, info)
    names = [field.name for field in dataclasses.fields(Compiled)]
    kept = {n: getattr(before, n) for n in names if getattr(new, n) == getattr(before, n)}
    return before if len(kept) == len(names) else dataclasses.replace(new, **kept)
