"""How alike units are, and layers sorted by it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from netbuilder.document import templates
from netbuilder.document.model.project import DataChoice
from netbuilder.lens.displays import DISPLAYS
from netbuilder.lens.likeness import MOST, AlikeView, chained, likeness
from netbuilder.lens.picture import Cell
from netbuilder.lens.quantities import QUANTITIES


def shown(look: Any, id: str, display: str, quantity: str = "W") -> Any:
    row = QUANTITIES[quantity]
    return DISPLAYS[display].show(row.view(look, look.plan.node(id)), row, None)


def test_the_same_is_one_the_opposite_is_nothing() -> None:
    rows = np.array([[3.0, 4.0], [3.0, 4.0], [-3.0, -4.0], [4.0, -3.0], [0.0, 0.0], [0.0, 0.0]])
    alike = likeness(rows)
    assert alike[0, 1] == pytest.approx(1.0) and alike[0, 2] == pytest.approx(0.0)
    assert alike[0, 3] == pytest.approx(1 - 2**-0.5) and alike[0, 4] == pytest.approx(0.0)
    assert alike[4, 5] == 1.0 and np.array_equal(alike, alike.T)


def test_alike_rows_come_to_stand_beside_one_another() -> None:
    rng = np.random.default_rng(0)
    three = rng.normal(size=(3, 20))
    rows = three[[0, 1, 2, 0, 1, 2, 0]] + 0.01 * rng.normal(size=(7, 20))
    order = chained(likeness(rows))
    kinds = [int(i) % 3 for i in order]
    assert sorted(order) == [*range(7)]
    assert sum(a != b for a, b in pairwise(kinds)) == 2


def test_zeros_make_all_units_the_same_and_small_random_numbers_do_not(flower: Any) -> None:
    zeros = flower.look(flower.moment(**{"n1.W": np.zeros((4, 2))}))
    assert (shown(zeros, "n1", "alike").values == 1.0).all()
    random = np.random.default_rng(1).normal(size=(4, 2)) * 0.01
    broken = shown(flower.look(flower.moment(**{"n1.W": random})), "n1", "alike")
    others = broken.values[~np.eye(4, dtype=bool)]
    assert others.max() < 0.95
    said = str(broken.sentence(Cell(0, 2)))
    assert said.startswith("unit 1 and unit 3: ") and "alike in W[1]" in said
    assert "a single unit" in str(shown(zeros, "n2", "alike"))


def test_a_sorted_view_says_the_truth_of_every_cell(flower: Any) -> None:
    W = np.array([[1.0, 0.0], [-1.0, 0.1], [1.0, 0.1], [-1.0, 0.0]])
    look = flower.look(flower.moment(**{"n1.W": W}))
    plain, seen = (shown(look, "n1", display) for display in ("numbers", "sorted"))
    rows = [seen.row_of(unit) for unit in range(4)]
    assert abs(rows[0] - rows[2]) == 1 and abs(rows[1] - rows[3]) == 1
    for unit, row in enumerate(rows):
        assert seen.picture.row_names[row] == str(unit + 1)
        np.testing.assert_array_equal(seen.picture.values[row], plain.picture.values[unit])
        for column in (-1, 0, 1):
            cell, there = Cell(unit, column), Cell(row, column)
            assert seen.sentence(there) == plain.sentence(cell)
            assert seen.place(there) == plain.place(cell)


def test_of_very_many_units_some_are_compared(subject: Any) -> None:
    look = subject(templates.new_project(DataChoice(), f"{MOST + 50} relu, 1 sigmoid")).look()
    seen = shown(look, "n1", "alike")
    assert isinstance(seen, AlikeView) and seen.values.shape == (MOST, MOST)
    assert seen.row_of(MOST + 49) == MOST - 1 and seen.picture.row_names[-1] == str(MOST + 50)
    assert "not sorted" in str(shown(look, "n1", "sorted"))
