"""One example by hand: what a column is like, and that the network sees it as it sees the data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from netbuilder.data.example import columns_of, input_of, values_of
from netbuilder.data.table import Roles, Table
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import FILE, DataChoice

NAN = np.nan


def own(table: Table, **options) -> DataChoice:
    return DataChoice(source=FILE, path="own.npz", table=table, **options)


@pytest.fixture
def mixed() -> Table:
    """Numbers with gaps, words with gaps, and a class to predict."""
    rows = [
        [(38.1, 40.5, NAN, 51.9)[k % 4], (0, 1, 1, NAN)[k % 4], 3000 + 25 * k, k % 2]
        for k in range(40)
    ]
    names = ("bill", "island", "mass", "kind")
    words = {"island": ("Biscoe", "Dream"), "kind": ("a", "b")}
    return Table(np.array(rows, float), names, words, ("kind",))


def test_a_column_tells_its_range_its_decimals_and_what_is_typical(mixed):
    bill, island, mass = columns_of(dataset_of(own(mixed, scale="standard")))
    assert (bill.low, bill.high, bill.decimals, bill.typical) == (38.1, 51.9, 1, 40.5)
    assert (mass.low, mass.high, mass.decimals) == (3000, 3975, 0)
    assert island.words == ("Biscoe", "Dream")
    assert island.typical == island.fill == "Dream"


@pytest.mark.parametrize("scale", ["none", "standard", "minmax"])
def test_an_example_of_the_data_is_seen_as_the_data_is(mixed, scale):
    for choice in (own(mixed), DataChoice(source="iris"), DataChoice(source="moons", examples=60)):
        dataset = dataset_of(replace(choice, scale=scale, validation=0.2))
        for row in (0, 3, 5):
            values = values_of(dataset, dataset.validation, row)
            x = input_of(values, dataset.recipe)
            np.testing.assert_allclose(x, dataset.validation.X[row], rtol=1e-6, atol=1e-7)


def test_what_is_missing_is_taken_as_it_was_learned(mixed):
    dataset = dataset_of(own(mixed, scale="standard"))
    missing = input_of((None, None, 3100.0), dataset.recipe)
    np.testing.assert_array_equal(missing, input_of((40.5, "Dream", 3100.0), dataset.recipe))


def test_missing_words_may_be_a_category_of_their_own(mixed):
    dataset = dataset_of(own(mixed, roles=Roles(missing="own")))
    assert dataset.info.feature_names[1:4] == ("island=Biscoe", "island=Dream", "island=missing")
    x = input_of((40.5, None, 3100.0), dataset.recipe)
    np.testing.assert_array_equal(x, [40.5, 0, 0, 1, 3100])


def test_values_without_a_pattern_have_the_decimals_that_tell_them_apart():
    x = np.random.RandomState(1).uniform(-4, 4, 200)
    table = Table(np.column_stack([x, 1000 * x, x > 0]), ("a", "b", "y"))
    a, b = columns_of(dataset_of(own(table)))
    assert (a.decimals, b.decimals) == (2, 0)
    assert str(a.rounded(-0.001)) == "0.0"
