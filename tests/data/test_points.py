"""Points drawn by hand: each tool makes another table, and leaves the one before as it was."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from netbuilder.data import points
from netbuilder.data.prepare import prepare
from netbuilder.data.sources import SOURCES
from netbuilder.data.table import Table

BLANK = [name for name, source in SOURCES.items() if source.kind == "blank"]


def blank(name: str) -> Table:
    return SOURCES[name].make(0, 0.0, 0)


def test_which_sets_can_be_drawn_on() -> None:
    """Points of the plane, whose task is known whatever examples there are."""
    found = {name for name, s in SOURCES.items() if points.can_be_drawn_on(s.make(40, 1.0, 1))}
    assert found == {name for name, s in SOURCES.items() if s.kind in ("toy", "blank")}


@pytest.mark.parametrize("name", BLANK)
def test_an_empty_plane_says_what_it_is_for(name: str) -> None:
    dataset = prepare(blank(name), "standard", 0.2, 0.1, 1, "standard")
    tasks = {"drawing": "binary", "drawn_curve": "regression", "drawn_values": "regression"}
    assert dataset.info.task == tasks[name]
    assert (dataset.info.m, dataset.info.n_y) == (0, 1)


def test_points_of_one_class_are_no_less_of_two() -> None:
    table = points.added(blank("drawing"), np.array([[1.0, 2.0], [3.0, 4.0]]), 1)
    assert table.values.tolist() == [[1, 2, 1], [3, 4, 1]]
    dataset = prepare(table, "none", 0.0, 0.0, 1)
    assert dataset.info.class_names == ("0", "1")
    assert dataset.train.Y.tolist() == [[1], [1]]


def test_of_a_curve_the_place_says_the_number_and_of_a_plane_the_value_does() -> None:
    at = np.array([[1.0, 2.0]])
    assert points.added(blank("drawn_curve"), at, 9.0).values.tolist() == [[1, 2]]
    table = points.added(blank("drawn_values"), at, 9.0)
    assert table.values.tolist() == [[1, 2, 9]]
    assert prepare(table, "none", 0.0, 0.0, 1).train.Y.tolist() == [[9]], "one value is enough"


def test_taken_away_and_moved() -> None:
    table = points.added(blank("drawing"), np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]), 0)
    rest = points.without(table, np.array([False, True, False]))
    assert rest.values[:, 0].tolist() == [0, 2]
    other = points.moved(rest, 1, (4.0, 5.0))
    assert other.values.tolist() == [[0, 0, 0], [4, 5, 0]]
    assert table.m == 3 and rest.values[1, 0] == 2


def test_one_more_class_until_there_are_ten() -> None:
    table = blank("drawing")
    for _ in range(20):
        table = points.with_one_more_class(table)
    assert len(table.categories["class"]) == points.MOST_CLASSES == 10
    table = points.added(table, np.array([[0.0, 0.0]]), 7)
    assert prepare(table, "none", 0.0, 0.0, 1).info.n_y == 10


def test_a_drawing_has_an_end() -> None:
    table = points.added(blank("drawing"), np.zeros((points.MOST + 5, 2)), 0)
    assert table.m == points.MOST
    assert points.added(table, np.zeros((1, 2)), 0).m == points.MOST


def test_what_was_seen_stays_what_is_seen() -> None:
    table = SOURCES["moons"].make(40, 1.0, 1)
    kept = points.kept_in_view(table, {"x1": (-6.0, 6.0), "x2": (-4.0, 4.0)})
    assert points.shown(kept)["x1"] == (-6.0, 6.0)
    again = points.kept_in_view(kept, {"x1": (-1.0, 1.0), "x2": (-1.0, 1.0)})
    assert points.shown(again)["x1"] == (-6.0, 6.0)


def test_what_the_user_says_of_the_target_counts_more() -> None:
    """Who has it learned as a number gets a number."""
    from netbuilder.data.roles import assigned
    from netbuilder.data.table import Roles

    table = SOURCES["moons"].make(40, 1.0, 1)
    other = assigned(table, Roles(targets=("x1",)))
    assert prepare(other, "none", 0.0, 0.0, 1).info.task == "regression"
    assert dataclasses.replace(table, task="").categories == table.categories
