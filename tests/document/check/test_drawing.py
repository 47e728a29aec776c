"""Drawing as an edit: nothing else changes, and it goes into the file and comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data import points
from netbuilder.document.check.compile import compile_project
from netbuilder.document.check.defaults import suited_data
from netbuilder.document.check.drawing import drawn, with_setting
from netbuilder.document.check.fitting import fit_to, other_data
from netbuilder.document.file.storage import load, save
from netbuilder.document.model.datasets import dataset_of, prepared, same_examples, table_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import first_start, new_project
from netbuilder.errors import UserError
from netbuilder.runs.facts import comparable, differences, facts_of

AT = np.array([[1.0, 2.0], [-1.0, 0.5], [0.2, 0.3]])


def with_points(project: Project, value: float = 0) -> Project:
    return drawn(project, points.added(table_of(project.data), AT, value))


def test_a_stroke_on_a_toy_set_leaves_all_else() -> None:
    old = first_start()
    new = with_points(old)
    assert (new.network, new.training, new.seed) == (old.network, old.training, old.seed)
    assert dataset_of(new.data).info.m == 403
    assert same_examples(new.data, old.data), "so that what was learned is gone on with"
    assert not comparable(facts_of(old), facts_of(new)), "but costs are of other examples"
    assert [d.label for d in differences(facts_of(old), facts_of(new))] == ["other points"]


def test_other_data_after_a_drawing_is_as_after_the_set_that_was_drawn_on() -> None:
    """The flower's learning rate and its missing scaling are not what somebody has set by hand."""
    old = with_points(first_start())
    iris = suited_data(DataChoice(source="iris"))
    new = fit_to(old, other_data(old.data, replace(iris, table=None))).project
    begun = new_project(iris)
    assert (new.data, new.training) == (begun.data, begun.training)


def test_an_empty_plane_is_no_error_until_it_is_to_be_learned() -> None:
    old = first_start()
    new = fit_to(old, other_data(old.data, DataChoice(source="drawing"))).project
    assert compile_project(new, prepared(new.data).info).ok
    assert new.data.scale == "none", "else each stroke would move what was learned"
    with pytest.raises(UserError, match="draw points"):
        dataset_of(new.data)
    assert dataset_of(with_points(new).data).info.n_y == 1


def test_one_more_class_changes_the_output_alone() -> None:
    old = with_points(new_project(DataChoice(source="drawing")))
    new = drawn(old, points.with_one_more_class(table_of(old.data)))
    assert compile_project(new, dataset_of(new.data).info).ok
    hidden = [[p.network.node(id).layer for id in p.network.order[:3]] for p in (old, new)]
    assert hidden[0] == hidden[1]
    output = new.network.node(new.network.inputs("cost")[0]).layer
    assert (output.own_width, output.activation) == (3, "softmax")
    assert new.training == old.training


def test_a_toy_sets_settings_make_it_anew_and_an_empty_planes_do_not() -> None:
    old = with_points(first_start())
    old = drawn(old, points.with_one_more_class(table_of(old.data)))
    new = with_setting(old, "noise", 0.5)
    assert new.data.table is None
    assert dataset_of(new.data).info.m == 400
    assert compile_project(new, dataset_of(new.data).info).ok, "one unit for two classes again"
    assert with_setting(old, "scale", "standard").data.table is old.data.table
    blank = with_points(new_project(DataChoice(source="drawing")))
    assert with_setting(blank, "seed", 5).data.table is blank.data.table


@pytest.mark.parametrize("source", ["flower", "sine", "drawing", "drawn_curve", "drawn_values"])
def test_it_is_saved_and_loaded(source: str, tmp_path: Path) -> None:
    project = with_points(new_project(DataChoice(source=source)), 1)
    table = table_of(project.data)
    table = points.kept_in_view(table, {name: (-3.0, 3.5) for name in table.columns})
    project = drawn(project, table)
    save(tmp_path / "d.netb", project, None)
    loaded = load(tmp_path / "d.netb")
    back = table_of(loaded.project.data)
    assert loaded.warnings == ()
    assert loaded.project.data.source == source
    assert np.array_equal(back.values, table.values)
    assert (back.task, back.extent, back.columns) == (table.task, table.extent, table.columns)


def test_an_empty_plane_is_saved_and_loaded_even_after_all_was_erased(tmp_path: Path) -> None:
    project = with_points(new_project(DataChoice(source="drawing")))
    for number, empty in enumerate((new_project(DataChoice(source="drawing")), project)):
        table = points.without(table_of(empty.data), np.ones(table_of(empty.data).m, bool))
        save(tmp_path / f"{number}.netb", drawn(empty, table), None)
        back = load(tmp_path / f"{number}.netb")
        assert table_of(back.project.data).m == 0
        assert back.warnings == ()
