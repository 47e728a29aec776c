"""From the choice to the examples."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data.table import Roles, Table
from netbuilder.document.model.datasets import dataset_of, table_of
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.errors import UserError


def test_the_same_choice_gives_the_same_dataset() -> None:
    choice = DataChoice(examples=100, validation=0.2)
    assert dataset_of(choice) is dataset_of(dataclasses.replace(choice))
    assert dataset_of(choice).train.m == 80 and dataset_of(choice).validation.m == 20


def test_every_part_of_a_choice_counts() -> None:
    choice = DataChoice(examples=100)
    before = dataset_of(choice)
    for change in ({"seed": 2}, {"noise": 2.0}, {"examples": 120}, {"scale": "standard"}):
        X = dataset_of(dataclasses.replace(choice, **change)).train.X
        assert X.shape != before.train.X.shape or (X != before.train.X).any()


def test_a_table_that_was_read_is_used_though_its_file_is_gone() -> None:
    values = np.column_stack([np.arange(10.0), np.arange(10.0) % 2, np.arange(10.0) % 3])
    table = Table(values, ("x", "odd", "third"), {"third": ("a", "b", "c")})
    choice = DataChoice(source=FILE, path="no such file.csv", table=table)
    assert dataset_of(choice).info.task == "classes"
    odd = dataset_of(dataclasses.replace(choice, roles=Roles(("odd",))))
    assert odd.info.task == "binary"


def test_a_path_without_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "small.csv"
    path.write_text("a,b\n1,2.5\n2,3.5\n3,4\n4,5\n")
    choice = DataChoice(source=FILE, path=str(path))
    assert table_of(choice).columns == ("a", "b")
    assert dataset_of(choice).info.task == "regression"
    path.write_text("a,b,c\n1,2.5,1\n2,3.5,2\n3,4,3.5\n4,5,4\n5,5,5\n")
    assert dataset_of(choice).info.feature_names == ("a", "b")


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (DataChoice(source=FILE), "No data file has been chosen"),
        (DataChoice(source="flowers"), "Did you mean flower?"),
        (DataChoice(source=FILE, path="/no/such/file.csv"), "file.csv"),
        (DataChoice(source=FILE, path="a\0b.csv"), "b.csv"),
    ],
)
def test_data_that_cannot_be_had(choice: DataChoice, words: str) -> None:
    with pytest.raises(UserError) as caught:
        dataset_of(choice)
    assert words in str(caught.value)
