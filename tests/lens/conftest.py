"""Networks with their data, and moments of them to look at, without a window."""

from __future__ import annotations

from typing import Any

import pytest

from netbuilder.document import templates
from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.program import Program
from netbuilder.lens.look import Look
from netbuilder.lens.probe import Probe
from netbuilder.runs.log import MetricLog
from netbuilder.runs.snapshot import Snapshot


class Subject:
    """A network with its data, and a probe to look at it with."""

    def __init__(self, project: Project) -> None:
        self.project, self.dataset = project, dataset_of(project.data)
        plan = compile_project(project, self.dataset.info).plan
        assert plan is not None
        self.plan = plan
        self.probe = Probe()

    def moment(self, state: str = "paused", **weights: Any) -> Snapshot:
        initial = Program(self.plan, seed=self.project.seed).weights() | weights
        return Snapshot(1, self.plan, 0, 0, 0.7, initial, {}, 0.0, state, MetricLog())

    def look(self, snapshot: Snapshot | None = None) -> Look:
        look = self.probe.look(self.plan, self.dataset, snapshot, {}, self.project.seed)
        assert look is not None
        return look


@pytest.fixture
def subject() -> type[Subject]:
    """``subject(project)``"""
    return Subject


@pytest.fixture
def flower() -> Subject:
    return Subject(templates.first_start())


@pytest.fixture
def scaled() -> Subject:
    choice = DataChoice(source="iris", scale="standard", validation=0.2)
    return Subject(templates.new_project(choice, "4 tanh, 3 softmax"))
