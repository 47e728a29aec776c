"""What was learned of the data travels in the project file, and is checked when it is read."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data import sources
from netbuilder.data.files import read_table
from netbuilder.data.prepare import examples_for
from netbuilder.data.table import Roles
from netbuilder.document.file import storage
from netbuilder.document.file.recipes import recipe_of_record, record_of_recipe
from netbuilder.document.file.storage import load, save
from netbuilder.document.model.datasets import dataset_of, recipe_of
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import new_project
from netbuilder.errors import Message, UserError

ROWS = "".join(
    f"{k / 3 if k % 5 else ''},{'red' if k % 2 else 'blue'},{k * k}\n" for k in range(60)
)


@pytest.fixture
def csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is too large to travel in the project."""
    monkeypatch.setattr(storage, "LARGEST_TABLE", 100)
    path = tmp_path / "large.csv"
    path.write_text("x,colour,y\n" + ROWS)
    return path


def project_of(csv: Path) -> Project:
    roles = Roles(missing="mean")
    choice = DataChoice(
        FILE, str(csv), roles=roles, table=read_table(csv), scale="standard", validation=0.2
    )
    return new_project(choice)


def test_it_is_the_same_without_the_data(csv: Path) -> None:
    project = project_of(csv)
    save(csv.with_name("a.netb"), project, None)
    expected = dataset_of(project.data)
    table = read_table(csv)
    csv.unlink()
    loaded = load(csv.with_name("a.netb"))
    assert "cannot be had" in str(loaded.warnings[0])
    with pytest.raises(UserError):
        dataset_of(loaded.project.data)
    recipe = recipe_of(loaded.project.data)
    assert recipe.info == expected.info and recipe.inputs == expected.inputs
    there, here = (examples_for(table, found)[0] for found in (recipe, expected.recipe))
    assert np.array_equal(there.X, here.X) and np.array_equal(there.Y, here.Y)
    # Saved again without the data, it is still there.
    save(csv.with_name("b.netb"), loaded.project, None)
    assert recipe_of(load(csv.with_name("b.netb")).project.data).inputs == recipe.inputs


def test_it_says_nothing_of_another_choice(csv: Path) -> None:
    save(csv.with_name("a.netb"), project_of(csv), None)
    csv.unlink()
    data = load(csv.with_name("a.netb")).project.data
    with pytest.raises(UserError):
        recipe_of(dataclasses.replace(data, scale="minmax"))


def test_a_file_that_has_changed_is_noticed(csv: Path) -> None:
    save(csv.with_name("a.netb"), project_of(csv), None)
    as_it_was = recipe_of(load(csv.with_name("a.netb")).project.data)
    os.utime(csv, (0, 0))  # touched, but the same
    assert load(csv.with_name("a.netb")).warnings == ()
    csv.write_text("x,colour,y\n" + ROWS.replace("red", "fox"))
    loaded = load(csv.with_name("a.netb"))
    (warning,) = loaded.warnings
    assert "large.csv has changed since this network learned from it" in str(warning)
    assert recipe_of(loaded.project.data).inputs == as_it_was.inputs
    now = dataclasses.replace(loaded.project.data, kept=None)
    assert recipe_of(now).inputs != as_it_was.inputs


@pytest.mark.parametrize(
    "damage",
    [
        {"task": "guessing"},
        {"class_names": ["a"]},
        {"target_names": []},
        {"inputs": []},
        {"m": 0},
        {"image_shape": (3, 3)},
        {"scaling": None, "inputs": "fill"},
        {"scaling": "short"},
        {"scaling": "zero"},
    ],
)
def test_what_makes_no_sense_is_learned_anew(csv: Path, damage: dict[str, object]) -> None:
    recipe = dataset_of(project_of(csv).data).recipe
    record = record_of_recipe(recipe, None)
    assert not isinstance(recipe_of_record(record), Message)
    for name, value in damage.items():
        if value == "fill":
            record.inputs[1].fill = 2.0
        elif value == "short":
            assert record.scaling is not None
            record.scaling.shift.pop()
        elif value == "zero":
            assert record.scaling is not None
            record.scaling.scale[0] = 0.0
        else:
            setattr(record, name, value)
    assert isinstance(recipe_of_record(record), Message)


def test_a_file_is_read_once_for_all_that_is_done_to_the_project(csv: Path) -> None:
    """Undo, or another role, would read it on the window's own thread."""
    save(csv.with_name("a.netb"), project_of(csv), None)
    data = load(csv.with_name("a.netb")).project.data
    csv.unlink()
    sources._from_file.cache_clear()
    roles = dataclasses.replace(data.roles, missing="median")
    assert dataset_of(dataclasses.replace(data, roles=roles)).info.m == 60
    # It still stays where it is, and with it its stamp.
    csv.write_text("x,colour,y\n" + ROWS)
    save(csv.with_name("b.netb"), new_project(data), None)
    csv.write_text("x,colour,y\n1,red,2\n")
    assert "has changed since" in str(load(csv.with_name("b.netb")).warnings[0])
