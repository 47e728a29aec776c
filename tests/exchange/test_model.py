"""A trained project in Python: raw examples in, words and units of the data out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import netbuilder
from netbuilder import cli
from netbuilder.errors import UserError

COLOURS, KINDS = ("green", "red"), ("apple", "lime", "pear")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*command: str) -> None:
    assert cli.main(list(command)) == 0


@pytest.fixture
def fruit(folder: Path) -> netbuilder.exchange.model.Model:
    rows = [
        f"{100 + 40 * k + i % 7},{COLOURS[k == 0]},{kind}"
        for i in range(30)
        for k, kind in enumerate(KINDS)
    ]
    Path("fruit.csv").write_text("weight,colour,kind\n" + "\n".join(rows) + "\n")
    run("new", "f.netb", "--data", "fruit.csv")
    run("train", "f.netb")
    return netbuilder.load("f.netb")


@pytest.fixture
def prices(folder: Path) -> netbuilder.exchange.model.Model:
    area = np.linspace(30, 200, 80)
    rows = "\n".join(f"{a},{350_000 + 2_000 * a}" for a in area)
    Path("p.csv").write_text(f"area,price\n{rows}\n")
    run("new", "p.netb", "--data", "p.csv")
    run("train", "p.netb")
    return netbuilder.load(folder / "p.netb")


def test_columns_by_name_give_classes_by_name(fruit):
    columns = {"colour": ["red", "green", "green"], "weight": [101, 142, 183], "more": [1, 2, 3]}
    found = fruit.predict(columns)
    assert found.tolist() == ["apple", "lime", "pear"]
    chances = fruit.predict_proba(columns)
    assert fruit.class_names == KINDS and chances.shape == (3, 3)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0, rtol=1e-5)
    assert fruit.score(columns, ["apple", "lime", "lime"]) == pytest.approx(2 / 3)


def test_rows_are_in_the_order_of_the_features(fruit):
    assert fruit.feature_names == ("weight", "colour=green", "colour=red")
    by_rows = fruit.predict_proba([[101, 0, 1], [183, 1, 0]])
    by_name = fruit.predict_proba({"weight": [101, 183], "colour": ["red", "green"]})
    np.testing.assert_array_equal(by_rows, by_name)


def test_it_says_what_the_commands_say(fruit, capsys):
    capsys.readouterr()
    run("evaluate", "f.netb", "--data", "fruit.csv", "--json")
    part = json.loads(capsys.readouterr().out)["parts"]["data"]
    lines = [line.split(",") for line in Path("fruit.csv").read_text().splitlines()[1:]]
    columns = {"weight": [float(line[0]) for line in lines], "colour": [line[1] for line in lines]}
    assert fruit.score(columns, [line[2] for line in lines]) == part["accuracy"] > 0.9
    assert fruit.history["epoch"][-1] == 100 and len(fruit.history["train_cost"]) == 100


def test_numbers_come_in_their_own_units(prices):
    area = np.array([40.0, 100.0, 160.0])
    found = prices.predict(area[:, None])
    assert found.shape == (3,)
    np.testing.assert_allclose(found, 350_000 + 2_000 * area, rtol=0.02)
    assert prices.score({"area": area}, 350_000 + 2_000 * area) > 0.98
    assert prices.score({"area": area}, {"price": 350_000 + 2_000 * area}) > 0.98
    with pytest.raises(UserError, match="no probabilities"):
        prices.predict_proba(area[:, None])


def test_two_classes_have_two_columns(folder):
    run("new", "m.netb", "--data", "moons")
    run("train", "m.netb", "--epochs", "40")
    model = netbuilder.load("m.netb")
    X = np.array([[-1.0, 2.0], [1.0, -2.0]])
    assert model.predict_proba(X).shape == (2, 2)
    assert model.score(X, [0, 1]) == 1.0 and model.predict(X).tolist() == ["0", "1"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([101, 0, 1], "Expected rows of 3 numbers"),
        ([[101, 0]], "got the shape (1, 2)"),
        ([["a", "b", "c"]], "go by their names"),
        ([[101, np.nan, 1]], "Row 0 lacks a value"),
        ({"weight": [101]}, "no column 'colour'"),
        ({"weight": [101, 102], "colour": ["red"]}, "columns of one length"),
    ],
)
def test_what_it_cannot_take_is_refused(fruit, rows, words):
    with pytest.raises(UserError) as caught:
        fruit.predict(rows)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"weight": [101], "colour": ["blue"]}, "a word in 'colour' that was never learned"),
        ({"weight": [None], "colour": ["red"]}, "have no value for 'weight'"),
    ],
)
def test_what_it_fills_in_is_told(fruit, rows, words):
    with pytest.warns(UserWarning, match=words):
        assert fruit.predict(rows).shape == (1,)


@pytest.mark.parametrize("gap", [None, "", "  ", np.nan])
def test_a_gap_in_words_is_no_word(fruit, gap):
    with pytest.warns(UserWarning, match="1 of 2 examples have no value for 'colour'"):
        fruit.predict({"weight": [101, 102], "colour": ["red", gap]})


def test_text_beside_numbers_is_told_as_the_word_that_it_is(fruit):
    with pytest.raises(UserError, match="words such as 'heavy'"):
        fruit.predict({"weight": [101, "heavy"], "colour": ["red", "red"]})
    with pytest.raises(UserError, match="got a dict"):
        fruit.predict({"weight": [{}, 1], "colour": ["red", "red"]})
    with pytest.raises(UserError, match="columns of one length"):
        fruit.predict({"weight": [[1, 2], [3]], "colour": ["red", "red"]})


def test_tables_of_other_libraries_are_columns_by_name(fruit):
    pyarrow = pytest.importorskip("pyarrow")
    columns = {"weight": [101, 142, None], "colour": ["red", None, "green"]}
    fields = np.array([(101, "red"), (183, "green")], [("weight", int), ("colour", "U9")])
    assert fruit.predict(fields).tolist() == ["apple", "pear"]
    with pytest.warns(UserWarning):
        expected = fruit.predict_proba(columns)
    with pytest.warns(UserWarning):
        np.testing.assert_array_equal(fruit.predict_proba(pyarrow.table(columns)), expected)

    class Frame(dict):  # as pandas and polars have it
        columns = property(lambda self: list(self.keys()))

    with pytest.warns(UserWarning):
        np.testing.assert_array_equal(fruit.predict_proba(Frame(columns)), expected)


def test_targets_that_do_not_fit_are_refused(fruit):
    with pytest.raises(UserError, match="no example whose"):
        fruit.score([[101, 0, 1]], ["plum"])


def test_an_untrained_project_is_no_model(folder):
    run("new", "n.netb", "--data", "iris")
    with pytest.raises(UserError, match="no trained network"):
        netbuilder.load("n.netb")
