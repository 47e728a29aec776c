"""One example's numbers, and which examples are predicted worst."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netbuilder.data.table import Table
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.document.templates import new_project
from netbuilder.engine.program import Program
from netbuilder.lens import cases
from netbuilder.lens.cases import Example
from netbuilder.lens.mistakes import Sight, rows_of, wrong_rows


def test_a_case_has_the_numbers_of_the_program(scaled: Any) -> None:
    look = scaled.look(scaled.moment())
    found = look.case(Example("validation", 3))
    part = scaled.dataset.validation
    program = Program(scaled.plan, seed=scaled.project.seed)
    A = program.activations(part.X[3:4])
    assert found.A.keys() == A.keys()
    for id, expected in A.items():
        np.testing.assert_allclose(found.A[id], expected[0], rtol=1e-5, atol=1e-6)
    assert found.loss == pytest.approx(float(program.costs(part.X[3:4], part.Y[3:4])[0]), rel=1e-5)
    # What the course calls L is −log of the likelihood.
    assert found.loss == pytest.approx(-np.log(cases.likelihood(scaled.dataset, found)), rel=1e-5)
    true = int(part.Y[3].argmax())
    assert cases.in_words(scaled.dataset, found.y) == scaled.dataset.info.class_names[true]


def test_mistakes_come_in_the_order_of_their_loss(flower: Any) -> None:
    look = flower.look(flower.moment())
    part, losses = flower.dataset.train, look.losses()
    Y_hat = Program(flower.plan, seed=flower.project.seed).predict(part.X)
    wrong = set(np.flatnonzero((Y_hat[:, 0] > 0.5) != (part.Y[:, 0] > 0.5)).tolist())
    assert 0 < len(wrong) < part.m
    assert set(wrong_rows(look, "train").tolist()) == wrong
    rows = rows_of(look, Sight())
    assert set(rows.tolist()) == wrong
    assert (np.diff(losses[rows]) <= 0).all()


def test_the_cells_of_the_confusion_share_out_all_examples(scaled: Any) -> None:
    look = scaled.look(scaled.moment())
    counts = look.confusion("train")
    found = []
    for cell in np.ndindex(3, 3):
        rows = rows_of(look, Sight(cell=cell))
        assert len(rows) == counts[cell]
        assert (scaled.dataset.train.Y[rows].argmax(axis=1) == cell[0]).all()
        found.append(rows)
    assert sorted(np.concatenate(found).tolist()) == list(range(scaled.dataset.train.m))
    assert rows_of(look, Sight(wrong=False)).tolist() == list(range(scaled.dataset.train.m))


def test_of_numbers_all_are_in_the_order_of_their_loss(subject: Any) -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    table = Table(np.hstack([x, x**2]), ("x", "y"), targets=("y",), name="square")
    choice = DataChoice(source=FILE, path="square.npz", table=table)
    at = subject(new_project(choice, "3 tanh, 1 linear"))
    look = at.look(at.moment())
    rows = rows_of(look, Sight())
    assert len(rows) == at.dataset.train.m
    assert (np.diff(look.losses()[rows]) <= 0).all()
    assert not len(wrong_rows(look, "train"))


def test_while_a_large_network_trains_mistakes_are_of_a_sample(
    flower: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netbuilder.lens.look.BUDGET", 1)
    look = flower.look(flower.moment("running"))
    sample = set(look.prediction().rows.tolist())
    assert len(sample) == 256 < flower.dataset.train.m
    rows = rows_of(look, Sight())
    assert len(rows) and set(rows.tolist()) <= sample
