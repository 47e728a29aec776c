"""Subjects of reports: projects that were trained for a moment."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from netbuilder.data.table import Table
from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.document.templates import new_project
from netbuilder.report.subject import Subject
from netbuilder.training.trainer import Trainer

Make = Callable[..., Subject]


@pytest.fixture
def subject() -> Make:
    """``subject("iris", layers="", epochs=2, table=None, **settings of the data)``."""

    def make(
        source: str = "iris",
        layers: str = "",
        epochs: int = 2,
        table: Table | None = None,
        **data: Any,
    ) -> Subject:
        if table is not None:
            source, data = FILE, {"table": table, "path": "table.csv"} | data
        project = new_project(DataChoice(source, **data), layers)
        dataset = dataset_of(project.data)
        plan = compile_project(project, dataset.info).plan
        assert plan is not None
        trainer = Trainer(
            plan, dataset, dataclasses.replace(project.training, epochs=epochs), project.seed
        )
        for _ in trainer.bursts():
            pass
        return Subject(
            name="a network",
            project=project,
            plan=plan,
            recipe=dataset.recipe,
            weights=trainer.program.weights(),
            dataset=dataset,
            log=trainer.log,
            epoch=trainer.epoch,
        )

    return make
