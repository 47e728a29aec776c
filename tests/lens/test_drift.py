"""Histograms of a layer with their drift over the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netbuilder.lens.displays import DISPLAYS
from netbuilder.lens.drift import BINS, MOMENTS, DriftView
from netbuilder.lens.look import Look
from netbuilder.lens.picture import Cell
from netbuilder.lens.quantities import QUANTITIES
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Snapshot
from netbuilder.training.trainer import Limit, Trainer


@pytest.fixture
def run(flower: Any) -> tuple[Look, Snapshot]:
    """300 updates on the flower, each in the film."""
    trainer = Trainer(flower.plan, flower.dataset, flower.project.training, flower.project.seed)
    trainer.record(Recorder(10**7, lambda: 0.0))
    trainer.limit = Limit(seconds=None, epochs=300)
    next(trainer.bursts())
    moment = trainer.snapshot(run=1, state="paused")
    return flower.look(moment), moment


def shown(run: tuple[Look, Snapshot], id: str, quantity: str) -> Any:
    (look, moment), row = run, QUANTITIES[quantity]
    return DISPLAYS["drift"].show(row.view(look, look.plan.node(id)), row, moment)


def test_weights_begin_small_and_spread(run: tuple[Look, Snapshot]) -> None:
    seen = shown(run, "n1", "W")
    assert isinstance(seen, DriftView)
    look, moment = run
    assert seen.shape == (4, 2)
    assert seen.steps[0] == 0 and seen.steps[-1] == moment.step == 300
    assert 3 < len(seen.steps) <= MOMENTS and list(seen.steps) == sorted(set(seen.steps))
    np.testing.assert_allclose(seen.values.sum(axis=0), 1.0)
    assert (seen.values[:, 0] > 0).sum() < (seen.values[:, -1] > 0).sum()
    counts, _ = np.histogram(look.weights["n1.W"], seen.edges[::-1])
    np.testing.assert_allclose(seen.values[:, -1], counts[::-1] / 8)


@pytest.mark.parametrize("quantity", ["A", "Z", "dW", "dZ", "dA"])
def test_the_others_are_computed_from_what_the_film_kept(
    run: tuple[Look, Snapshot], quantity: str
) -> None:
    seen = shown(run, "n1", quantity)
    assert seen.values.shape == (BINS, len(seen.steps)) and len(seen.steps) > 3
    np.testing.assert_allclose(seen.values.sum(axis=0), 1.0)
    if quantity == "A":  # of tanh: at first about zero, at last at both ends
        middle = slice(BINS // 2 - 2, BINS // 2 + 2)
        assert seen.values[middle, 0].sum() == 1.0 and seen.values[middle, -1].sum() < 0.5
    assert shown(run, "n1", quantity).values.tolist() == seen.values.tolist()


def test_a_cell_says_its_share(run: tuple[Look, Snapshot]) -> None:
    seen = shown(run, "n1", "W")
    row = int(seen.values[:, 0].argmax())
    said = str(seen.sentence(Cell(row, 0)))
    assert " of W[1] between " in said and said.endswith("after 0 updates")
    assert seen.picture.column_names[-1] == "300" and seen.place(Cell(0, 0)) is None


def test_before_there_is_a_run_there_is_this_moment(flower: Any) -> None:
    look = flower.look()
    row = QUANTITIES["W"]
    seen = DISPLAYS["drift"].show(row.view(look, look.plan.node("n1")), row, None)
    assert seen.values.shape == (BINS, 1) and seen.steps == (0,)
