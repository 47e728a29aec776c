"""The course's masks in training: the same at every update, whatever the seed, if it is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.training.trainer import Limit, Trainer


@pytest.mark.parametrize(("mask_seed", "alike"), [(1, True), (0, False)])
def test_masks_are_of_the_mask_seed_and_of_no_other(mask_seed: int, alike: bool) -> None:
    project = new_project(DataChoice(examples=40), "4 tanh, dropout 0.5, 1 sigmoid")
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None
    settings = replace(project.training, batch_size=0, mask_seed=mask_seed)
    weights = Trainer(plan, dataset, settings, 1).weights()
    costs = []
    for seed in (1, 2):
        trainer = Trainer(plan, dataset, settings, seed, weights)
        trainer.limit = Limit(None, 5)
        next(trainer.bursts())
        costs.append(trainer.log.rows()["train_cost"].copy())
    assert np.array_equal(*costs) == alike


def test_it_may_be_asked_for_while_it_trains() -> None:
    project = new_project(DataChoice(examples=40), "4 tanh, dropout 0.5, 1 sigmoid")
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None
    trainer = Trainer(plan, dataset, project.training, 1)
    trainer.settings = replace(project.training, mask_seed=1)
    assert trainer.program.draws.mask_seed == 1
