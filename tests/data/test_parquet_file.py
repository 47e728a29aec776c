"""Parquet files: columns have types, what is no column of a table is left out and told."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from netbuilder.data import parquet_file
from netbuilder.data.files import read_table
from netbuilder.errors import UserError


def written(path: Path, **columns: Any) -> Path:
    path = path / "own.parquet"
    parquet.write_table(pa.table(columns), path, row_group_size=3)
    return path


def test_every_kind_of_column(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        whole=pa.array([1, None, 3, 4], pa.int32()),
        money=pa.array([Decimal("1.50"), None, Decimal("2.25"), Decimal("3.00")]),
        sold=pa.array([True, False, None, True]),
        when=pa.array([datetime.date(2024, 5, day) for day in (3, 1, 2, 1)]),
        zip=pa.array(["10115", "10117", None, "10115"]).dictionary_encode(),
        pixels=pa.array([[1, 2], [3], [], None]),
        price=pa.array([1.5, np.nan, 2.5, 3.5]),
    )
    table = read_table(path)
    assert table.columns == ("whole", "money", "sold", "when", "zip", "price")
    assert table.categories == {
        "sold": ("False", "True"),
        "when": ("2024-05-01", "2024-05-02", "2024-05-03"),
        "zip": ("10115", "10117"),
    }
    nan = np.nan
    np.testing.assert_array_equal(
        table.values,
        [
            [1, 1.5, 1, 2, 0, 1.5],
            [nan, nan, 0, 0, 1, nan],
            [3, 2.25, nan, 1, nan, 2.5],
            [4, 3, 1, 0, 0, 3.5],
        ],
    )
    assert table.targets == ("price",)
    assert "Left out, as they hold neither numbers nor words: pixels." in str(table.notices[0])


def test_words_are_the_same_over_all_pieces(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(parquet_file, "_ROWS", 2)
    words = ["b", "a", "c", "a", "b", "d", "a"]
    table = read_table(written(tmp_path, word=words))
    assert [table.categories["word"][int(code)] for code in table.values[:, 0]] == words


def test_infinite_is_told_with_row_and_column(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"own\.parquet, row 2, column 'a': expected a finite"):
        read_table(written(tmp_path, a=[1.0, np.inf]))


def test_too_many_numbers_are_not_read(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(parquet_file, "MAX_BYTES", 30)
    with pytest.raises(UserError, match="4 examples in 1 columns, which need"):
        read_table(written(tmp_path, a=[1, 2, 3, 4]))


def test_nothing_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no examples of numbers or words"):
        read_table(written(tmp_path, a=[[1], [2]]))


@pytest.mark.parametrize("keep", [0.5, 0.95])
def test_damage_ends_in_a_sentence(tmp_path: Path, keep: float) -> None:
    path = written(tmp_path, a=list(range(1000)))
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))] + data[-8:])
    with pytest.raises(UserError, match=r"own\.parquet cannot be read as a Parquet file"):
        read_table(path)
