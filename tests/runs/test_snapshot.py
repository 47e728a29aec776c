"""Snapshots: what two moments of a run have in common is kept once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.templates import first_start
from netbuilder.runs.log import MetricLog
from netbuilder.runs.snapshot import Snapshot


@pytest.fixture
def last() -> Snapshot:
    project = first_start()
    plan = compile_project(project, dataset_of(project.data).info).plan
    assert plan is not None
    return Snapshot(
        run=1,
        plan=plan,
        epoch=3,
        step=3,
        cost=0.5,
        weights={"n1.W": np.ones((4, 2), np.float32)},
        gradients={"n1.W": np.zeros((4, 2), np.float32)},
        updates_per_second=0.0,
        state="paused",
        log=MetricLog(),
        before={},
    )


def copied(snapshot: Snapshot, **changes: object) -> Snapshot:
    arrays = {
        name: {key: array.copy() for key, array in getattr(snapshot, name).items()}
        for name in ("weights", "gradients", "before")
    }
    return replace(snapshot, **{**arrays, **changes})


def test_the_same_moment_told_again_has_the_same_arrays(last):
    again = copied(last, learning_rate=0.7).sharing(last)
    assert again.weights is last.weights and again.gradients is last.gradients
    assert again.learning_rate == 0.7


@pytest.mark.parametrize(
    "changes",
    [
        {"step": 4},
        {"run": 2},
        {"weights": {"n1.W": np.full((4, 2), 2.0, np.float32)}},
        {"weights": {"n1.W": np.ones((5, 2), np.float32)}},
        {"weights": {"n2.W": np.ones((4, 2), np.float32)}},
        {"gradients": {}},
        {"before": {"n1.W": np.ones((4, 2), np.float32)}},
    ],
)
def test_another_moment_keeps_its_own(last, changes):
    other = copied(last, **changes)
    assert other.sharing(last) is other


def test_the_first_one_keeps_its_own(last):
    assert last.sharing(None) is last
