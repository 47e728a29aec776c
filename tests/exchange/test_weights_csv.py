"""Weights as CSV: what a spreadsheet reads are the numbers of the network, with their names."""

from __future__ import annotations

import csv

import numpy as np

from netbuilder.engine.layers import BatchNorm, Conv2D, Dense, Flatten, LayerNorm, Reshape
from netbuilder.exchange.formats import export


def read(path) -> tuple[list[str], list[str], np.ndarray]:
    """The heads of the columns, those of the rows, and the numbers."""
    with open(path, encoding="utf-8", newline="") as file:
        heads, *rows = csv.reader(file)
    return heads, [row[0] for row in rows], np.array([row[1:] for row in rows], float)


def test_a_layer_is_a_table_of_units_by_what_they_weigh(trained, tmp_path):
    network = trained([Dense(4, "tanh"), BatchNorm(), Dense(3, "softmax")])
    first, norm, last = network.plan.layer_numbers
    export(tmp_path / "w.csv", network)
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["w_1.csv", "w_2.csv", "w_3.csv"]
    heads, units, numbers = read(tmp_path / "w_1.csv")
    assert heads == ["unit", *network.info.feature_names, "b"] and units == ["1", "2", "3", "4"]
    W, b = network.weights[f"{first}.W"], network.weights[f"{first}.b"]
    np.testing.assert_array_equal(numbers, np.hstack([W, b]))
    heads, units, numbers = read(tmp_path / "w_2.csv")
    assert heads == ["unit", "gamma", "beta", "mean", "variance"]
    np.testing.assert_array_equal(numbers[:, 3:], network.weights[f"{norm}.variance"])
    heads, units, numbers = read(tmp_path / "w_3.csv")
    assert heads == ["unit", *(f"BatchNorm 1 {k}" for k in (1, 2, 3, 4)), "b"]
    assert units == list(network.info.class_names)
    np.testing.assert_array_equal(numbers[:, :-1], network.weights[f"{last}.W"])


def test_filters_are_rows_and_their_pixels_columns(trained, tmp_path):
    layers = [Reshape(2, 7, 6), Conv2D(3, 2), LayerNorm(), Flatten(), Dense(1, "sigmoid")]
    network = trained(layers, "binary", n_x=84)
    export(tmp_path / "w.csv", network)
    heads, units, numbers = read(tmp_path / "w_1.csv")
    assert heads[1:6] == [
        f"Reshape 1 {p}" for p in ("1 (1, 1)", "1 (1, 2)", "1 (2, 1)", "1 (2, 2)", "2 (1, 1)")
    ]
    assert units == ["1", "2", "3"] and numbers.shape == (3, 9)
    assert read(tmp_path / "w_3.csv")[1] == [network.info.class_names[1]]
