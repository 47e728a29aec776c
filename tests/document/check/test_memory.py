"""What the machine has, and how sizes are said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from netbuilder import machine
from netbuilder.document.check import memory
from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice, TrainingSettings
from netbuilder.document.templates import new_project


def test_the_machine_says_something_sensible() -> None:
    free = memory.available()
    assert free is None or 10**7 < free < 10**15


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="only Linux tells what is free")
def test_what_this_process_has_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the machine has free changes with every other program: here it stays as it is.
    monkeypatch.setattr(machine, "_unix_memory", lambda: 10**9)
    before = memory.available()
    block = b"x" * 200_000_000
    after = memory.available()
    assert before is not None and after is not None and len(block) == 200_000_000
    assert before > 10**9
    assert 190_000_000 < after - before < 210_000_000


def test_the_unknown_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_unix_memory", lambda: None)
    monkeypatch.setattr(machine, "_windows_memory", lambda: None)
    assert memory.available() is None


def test_moments_that_are_kept_are_counted() -> None:
    """Of a large network they fill the budget; of a small one they hardly count."""

    def needed(units: int) -> tuple[int, int]:
        project = new_project(DataChoice(), f"{units} tanh, {units} tanh, 1 sigmoid")
        plan = compile_project(project, dataset_of(project.data).info).plan
        assert plan is not None
        training = TrainingSettings()
        project = replace(project, training=training)
        without = plan.memory(100, training.dtype, training.optimizer)
        return memory._needed(plan, 100, project) - without, plan.parameter_count * 4

    taken, state = needed(4)
    assert 50 * state < taken < 100 * state < 20_000
    taken, state = needed(2_000)
    assert memory.RECORDED + 8 * state <= taken < memory.RECORDED + 9 * state
    taken, state = needed(8_000)  # one moment of it is larger than all that is kept
    assert taken == 8 * state
