"""Rows as JSON: what is answered is what `predict` says, and what cannot be is refused by row."""

from __future__ import annotations

import json
import math
import shlex

import numpy as np
import pytest

from netbuilder.engine.layers import Dense
from netbuilder.errors import UserError
from netbuilder.exchange import json_rows
from netbuilder.exchange.json_rows import TooMany, answered, described
from netbuilder.exchange.model import Model


@pytest.fixture
def model(houses, of_data) -> Model:
    """Words, ordered words, categories of numbers, gaps, and three classes."""
    return Model(of_data([Dense(5, "tanh"), Dense(3, "softmax")], houses.data("classes")), {})


@pytest.fixture
def prices(houses, of_data) -> Model:
    return Model(of_data([Dense(5, "tanh"), Dense(1, "linear")], houses.data("regression")), {})


def as_rows(columns: dict[str, list[object]]) -> list[dict[str, object]]:
    """A missing number is null."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [
        {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in row.items()}
        for row in rows
    ]


def ask(model: Model, asked: object) -> dict[str, object]:
    return answered(model, json.dumps(asked).encode())


def test_raw_rows_with_words_and_gaps_are_answered_as_predict_does(model, houses):
    found = ask(model, as_rows(houses.rows))
    with pytest.warns(UserWarning):
        labels, shares = model.predict(houses.rows), model.predict_proba(houses.rows)
    assert [answer["label"] for answer in found["answers"]] == labels.tolist()
    told = [list(answer["probabilities"].values()) for answer in found["answers"]]
    np.testing.assert_allclose(told, shares, rtol=1e-6)
    assert tuple(found["answers"][0]["probabilities"]) == model.class_names
    assert any("'Aachen'" in notice for notice in found["notices"])
    assert any("no value for 'city'" in notice for notice in found["notices"])


def test_numbers_come_by_the_target_in_its_units(prices, houses):
    found = ask(prices, as_rows(houses.rows))
    with pytest.warns(UserWarning):
        expected = prices.predict(houses.rows)
    np.testing.assert_allclose([answer["price"] for answer in found["answers"]], expected)


def test_null_is_a_gap_in_words_too_and_more_columns_may_be_there(model, houses):
    row = as_rows(houses.rows)[0] | {"owner": ["whoever"], "city": None}
    found = ask(model, row)
    assert found["notices"] == [
        f"1 of 1 examples have no value for 'city', which is taken as {filled(model, 'city')}."
    ]
    assert found["answers"] == ask(model, [row | {"city": filled(model, "city")}])["answers"]


def filled(model: Model, name: str) -> str:
    return described(model, "h.netb", "http://x")["takes"]["columns"][name]["if_missing"]


def test_a_matrix_has_the_features_in_their_order(trained):
    model = Model(trained([Dense(3, "softmax")], "classes", n_x=3), {})
    rows = [[1, 2.5, -3], [0, 0, 1e3]]
    found = ask(model, rows)
    assert [answer["label"] for answer in found["answers"]] == model.predict(rows).tolist()
    assert ask(model, rows[0])["answers"] == found["answers"][:1]


def test_what_it_expects_has_an_example_that_works_as_it_stands(model, prices):
    for each in (model, prices):
        told = described(each, "h.netb", "http://127.0.0.1:8000")
        command, flag, body, address = shlex.split(told["curl"])
        assert (command, flag, address) == ("curl", "-d", "http://127.0.0.1:8000/predict")
        assert answered(each, body.encode()) == told["answer"]
        assert told["answer"]["notices"] == []
    columns = told["takes"]["columns"]
    assert columns["city"]["words"] == ["Bonn", "Köln", "北京"]
    assert columns["state"]["if_missing"] in columns["state"]["words"]
    assert columns["area"]["type"] == "number" and told["predicts"] == {"targets": ["price"]}


ROW = {"area": 1, "label": 2, "city": "Bonn", "floor": 1, "slope": 0, "state": "fair"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (b"", "no JSON"),
        (b"\xff", "no text in UTF-8"),
        (b'{"area": NaN}', "null stands for a missing value"),
        (b"[" * 200_000, "nested too deeply"),
        ([], "no rows"),
        ("area", "Row 1 is a text"),
        (None, "Row 1 is null"),
        ([ROW, {**ROW, "city": True}], "Row 2: 'city' is true or false"),
        ({**ROW, "area": [1, 2]}, "Row 1: 'area' is a list"),
        (b'{"area": 1e999}', "Row 1: 'area' is a number beyond all range"),
        ({**ROW, "area": "roomy"}, "should hold numbers, but holds words such as 'roomy'"),
        ({"Area": 1}, "Row 1 has no 'area'; it has: Area. Write null"),
        ([ROW, [1, 2]], "Row 2 is a list"),
        ([[1, 2], ROW], "Row 1 has 2 values, expected"),
        ([[1] * 9 + ["a"]], "Row 1 holds a text, expected numbers alone"),
        ([[None] * 10], "Row 1 holds null"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(model, asked, words):
    assert len(model.feature_names) == 10
    with pytest.raises(UserError) as caught:
        answered(model, asked if isinstance(asked, bytes) else json.dumps(asked).encode())
    assert words in str(caught.value)


def test_too_many_rows_are_refused(model, monkeypatch):
    monkeypatch.setattr(json_rows, "MOST_ROWS", 3)
    assert len(ask(model, [ROW] * 3)["answers"]) == 3
    with pytest.raises(TooMany, match="at most"):
        ask(model, [ROW] * 4)


def test_numbers_far_out_have_no_answer_that_is_none(prices):
    with pytest.raises(UserError, match="no answer to example 1"):
        ask(prices, {**ROW, "area": 1e308, "label": -1e308, "slope": 1e308})
