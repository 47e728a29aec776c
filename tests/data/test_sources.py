"""The table of sources, the bundled sets, and the cache in front of them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from netbuilder import assets
from netbuilder.data.prepare import prepare
from netbuilder.data.sources import SOURCES, table_for
from netbuilder.errors import UserError


def test_all_that_was_promised() -> None:
    toys = ["flower", "circles", "moons", "spirals", "xor", "gaussians"]
    toys += ["line", "sine", "plane", "hills", "drawing", "drawn_curve", "drawn_values"]
    bundled = ["iris", "penguins", "wine", "breast_cancer", "houses", "digits", "digits_copied"]
    course = ["course_circles", "course_moons", "course_spiral"]
    assert [*SOURCES] == [*toys, *bundled, *course]
    for name, source in SOURCES.items():
        assert source.name == name
        assert source.title and source.summary
        assert source.make(40, 1.0, 1).name == name


def test_iris() -> None:
    table = SOURCES["iris"].make(10, 1.0, 1)
    assert table.values.shape == (150, 5)
    assert table.columns[:4] == ("sepal length", "sepal width", "petal length", "petal width")
    assert table.categories == {"species": ("setosa", "versicolor", "virginica")}
    assert table.targets == ("species",)
    assert np.bincount(table.column("species").astype(int)).tolist() == [50, 50, 50]
    # The means that Fisher's paper gives for its 150 flowers.
    assert table.values[:, :4].mean(axis=0) == pytest.approx(
        [5.8433, 3.0573, 3.758, 1.1993], abs=1e-4
    )
    assert "CC BY 4.0" in table.note


def test_digits() -> None:
    table = SOURCES["digits"].make(10, 1.0, 1)
    assert table.values.shape == (1797, 65)
    assert table.image_shape == (8, 8)
    assert table.targets == ("digit",)
    assert table.categories == {"digit": tuple("0123456789")}
    pixels = table.values[:, :64]
    assert pixels.min() == 0 and pixels.max() == 1
    assert np.array_equal(pixels * 16, np.round(pixels * 16))
    assert np.bincount(table.column("digit").astype(int)).tolist() == [
        178, 182, 177, 183, 181, 182, 181, 179, 174, 180,
    ]  # fmt: skip
    # The first example is a nought: ink around an empty middle.
    assert table.column("digit")[0] == 0
    assert pixels[0].reshape(8, 8)[3:5, 3:5].max() < 0.1 < pixels[0].reshape(8, 8)[3, 2]


@pytest.mark.peers
def test_bundled_sets_are_scikit_learns() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    for name, theirs, scale in (
        ("iris", datasets.load_iris(), 1),
        ("digits", datasets.load_digits(), 16),
    ):
        values = SOURCES[name].make(0, 0.0, 0).values
        assert np.array_equal(values[:, :-1] * scale, theirs.data)
        assert np.array_equal(values[:, -1], theirs.target)
    for name, theirs in (
        ("wine", datasets.load_wine()),
        ("breast_cancer", datasets.load_breast_cancer()),
    ):
        table = SOURCES[name].make(0, 0.0, 0)
        assert np.array_equal(table.values[:, :-1], theirs.data)
        goal = theirs.target if name == "wine" else 1 - theirs.target  # benign comes first
        assert np.array_equal(table.values[:, -1], goal)


FILES = ("iris.csv", "digits.npz", "penguins.csv", "wine.csv", "breast_cancer.csv", "houses.csv")


@pytest.mark.parametrize(
    "name, m, columns, task",
    [
        ("penguins", 344, 7, "classes"),
        ("wine", 178, 14, "classes"),
        ("breast_cancer", 569, 31, "binary"),
        ("houses", 414, 7, "regression"),
    ],
)
def test_bundled_tables(name: str, m: int, columns: int, task: str) -> None:
    table = SOURCES[name].make(0, 0.0, 0)
    assert (table.m, len(table.columns)) == (m, columns)
    assert prepare(table, "standard", 0, 0, 1).info.task == task
    assert "CC" in table.note


def test_licence_ships_beside_the_numbers() -> None:
    text = assets.path("data", "README.md").read_text(encoding="utf-8")
    for part in (*FILES, "UCI", "CC BY 4.0", "CC0 1.0"):
        assert part in text


def test_same_request_same_table() -> None:
    assert table_for("moons", "", 60, 1.0, 5) is table_for("moons", "", 60, 1.0, 5)
    assert table_for("moons", "", 60, 1.0, 5) is not table_for("moons", "", 60, 1.0, 6)
    assert table_for("iris", "", 60, 1.0, 5) is table_for("iris", "", 70, 0.5, 6)


def test_unknown_source() -> None:
    with pytest.raises(UserError, match=r"no data set called 'flour'.*Did you mean flower"):
        table_for("flour", "", 400, 1.0, 1)


def test_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a,b\n1,2\n")
    first = table_for("file", str(path), 0, 0.0, 0)
    assert table_for("file", str(path), 0, 0.0, 0) is first
    path.write_text("a,b\n1,3\n")
    os.utime(path, ns=(1, 1))
    assert table_for("file", str(path), 0, 0.0, 0).values.tolist() == [[1, 3]]


@pytest.mark.parametrize("path", ["gone.csv", "bad\0name.csv", ""])
def test_file_that_is_not_there(tmp_path: Path, path: str) -> None:
    with pytest.raises(UserError):
        table_for("file", str(tmp_path / path) if path else "", 0, 0.0, 0)
