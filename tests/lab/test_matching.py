"""A run beside what is published: told from the log, only while it is the experiment's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netbuilder.document.check.compile import compile_project
from netbuilder.document.file import storage
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import Project
from netbuilder.lab.entries import LAB
from netbuilder.lab.matching import Matching, differences
from netbuilder.training.trainer import Limit, Trainer


def trainer_of(name: str) -> Trainer:
    entry = LAB[name]
    project = entry.opened()
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None
    weights = entry.weights() if entry.weights else None
    return Trainer(plan, dataset, project.training, project.seed, weights)


def train(trainer: Trainer, epochs: int) -> None:
    while trainer.epoch < epochs:
        trainer.limit = Limit(None, None, epochs - trainer.epoch)
        next(trainer.bursts())


def test_a_run_meets_its_figures_one_by_one() -> None:
    matching, trainer = Matching(LAB["flower-seed-3"], 1), trainer_of("flower-seed-3")
    assert str(matching.said()) == "7 published figures to meet"
    train(trainer, 1_500)
    assert matching.follow(trainer.log) and not matching.follow(trainer.log)
    assert [point.agrees for point in matching.points()] == [True, True, *[None] * 5]
    assert [point.epoch for point in matching.points()][:2] == [0, 1000]
    assert str(matching.said()) == "2 of 2 published figures agree, 5 to come"
    assert matching.missed == ()


def test_with_mini_batches_a_cost_is_that_of_the_epoch() -> None:
    matching, trainer = Matching(LAB["optimiser-gd"], 5), trainer_of("optimiser-gd")
    assert trainer.updates_per_epoch == 5
    train(trainer, 1)
    matching.follow(trainer.log)
    first = matching.points()[0]
    assert (first.epoch, first.agrees) == (1, True)


def test_accuracies_come_from_evaluations_and_from_the_moment() -> None:
    entry = LAB["initialisation-zeros"]
    short = replace(
        entry,
        figures=tuple(
            replace(figure, at=20) for figure in entry.figures if figure.what.endswith("accuracy")
        ),
    )
    matching, trainer = Matching(short, 1), trainer_of("initialisation-zeros")
    asked = []

    def accuracy(part: str) -> float:
        asked.append(part)
        return 0.5

    train(trainer, 19)
    assert not matching.see(trainer.snapshot(1, "running"), accuracy)
    train(trainer, 20)
    assert matching.see(trainer.snapshot(1, "paused"), accuracy)
    assert not matching.see(trainer.snapshot(1, "paused"), accuracy)
    assert asked == ["train", "test"]
    assert [(point.value, point.agrees) for point in matching.points()] == [(0.5, True)] * 2
    assert str(matching.said()) == "2 of 2 published figures agree"
    later = Matching(short, 1)
    train(trainer, 30)
    later.follow(trainer.log)
    assert [point.agrees for point in later.points()] == [True, None], "from an evaluation"


def test_single_weights_are_seen_in_their_moment() -> None:
    matching, trainer = Matching(LAB["mazur"], 1), trainer_of("mazur")
    matching.see(trainer.snapshot(1, "idle"), {}.__getitem__)
    train(trainer, 1)
    matching.follow(trainer.log)
    matching.see(trainer.snapshot(1, "paused"), {}.__getitem__)
    assert str(matching.said()) == "4 of 4 published figures agree, 2 to come"


def test_a_figure_that_is_missed_is_told() -> None:
    matching, trainer = Matching(LAB["flower"], 1), trainer_of("flower-seed-3")
    train(trainer, 1)
    matching.follow(trainer.log)
    ((figure, found),) = matching.missed
    assert figure.published == "0.693048" and found == pytest.approx(0.693162, abs=1e-6)
    assert str(matching.said()) == "0 of 1 published figures agree, 8 to come"


def test_past_a_change_of_settings_nothing_is_compared() -> None:
    trainer = trainer_of("flower")
    train(trainer, 500)
    trainer.settings = replace(trainer.settings, learning_rate=0.1)
    train(trainer, 1_100)
    matching = Matching(LAB["flower"], 1)
    matching.follow(trainer.log)
    assert [point.agrees for point in matching.points()][:2] == [True, None]
    assert matching.bent_at == 500


def test_where_rounding_decides_it_is_said() -> None:
    matching = Matching(LAB["flower"], 1)
    assert matching.rounding(7_826) is None
    assert "7,827" in str(matching.rounding(7_827))
    assert Matching(LAB["mazur"], 1).rounding(10**6) is None


def _train_otherwise(project: Project, **settings: Any) -> Project:
    return replace(project, training=replace(project.training, **settings))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p, []),
        (lambda p: _train_otherwise(p, epochs=7, evaluate_every=3), []),
        (lambda p: _train_otherwise(p, learning_rate=0.5), ["learning rate is 0.5, there 1.2"]),
        (lambda p: replace(p, seed=9), ["the seed is 9, there 2"]),
        (lambda p: replace(p, data=replace(p.data, noise=2.0)), ["the data is other data"]),
        (
            lambda p: replace(p, network=LAB["flower-5"].project().network),
            ["the network is another one"],
        ),
    ],
)
def test_what_differs_from_the_experiment_is_named(change: Any, said: list[str]) -> None:
    entry = LAB["flower"]
    assert [str(words) for words in differences(change(entry.opened()), entry)] == said


@pytest.mark.parametrize("name", ["mazur", "initialisation-he"])
def test_a_file_keeps_which_experiment_it_is(name: str, tmp_path: Any) -> None:
    entry = LAB[name]
    storage.save(tmp_path / "lab.netb", entry.opened(), None)
    read = storage.load(tmp_path / "lab.netb").project
    assert read.experiment == name and differences(read, entry) == ()
    table = read.data.table
    if table is not None:
        values = table.values + np.eye(*table.values.shape)
        other = replace(read.data, table=replace(table, values=values))
        assert [str(w) for w in differences(replace(read, data=other), entry)] == [
            "the data is other data"
        ]


def test_an_opened_experiment_pauses_at_its_last_figure() -> None:
    assert LAB["flower"].opened().training.epochs == 10_000
    assert LAB["mazur"].opened().training.epochs == 10_001, "its last cost is known then"
    assert LAB["gradient-check"].opened().training.epochs == 0, "nothing is trained"
    assert all(10_000 % entry.opened().training.evaluate_every == 0 for entry in LAB.values())
