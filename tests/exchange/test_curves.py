"""Curves of runs: the picture has a line for each, the table a row for each entry."""

from __future__ import annotations

import csv
import math
from xml.etree import ElementTree

import numpy as np
import pytest

from netbuilder.errors import UserError
from netbuilder.exchange.curves import Run, save, svg
from netbuilder.runs.log import MetricLog

SVG = "{http://www.w3.org/2000/svg}"


def log_of(costs, validation=()) -> MetricLog:
    """A log of full batches, looked at where there is a validation cost."""
    log = MetricLog()
    epochs = list(range(len(costs)))
    log.add_rows(epochs, epochs, list(costs))
    for epoch, cost in enumerate(validation):
        log.add_evaluation(epoch, epoch, cost, math.nan, math.nan)
    return log


def drawn(runs: list[Run]) -> tuple[list[np.ndarray], list[str]]:
    """The points (n, 2) of each curve, and all that is written."""
    root = ElementTree.fromstring(svg(runs))
    lines = [line.get("points", "").split() for line in root.iter(f"{SVG}polyline")]
    texts = [text.text or "" for text in root.iter(f"{SVG}text")]
    return [np.array([point.split(",") for point in line], float) for line in lines], texts


def test_a_lower_cost_stands_lower_and_a_later_one_further_right():
    falling, flat = [0.9, 0.5, 0.3], [0.6, 0.6, 0.6]
    (first, watched, second), texts = drawn(
        [Run("α <1> & \x07", log_of(falling, [0.95, 0.7, 0.65])), Run("flat", log_of(flat))]
    )
    assert (np.diff(first[:, 0]) > 0).all() and (np.diff(first[:, 1]) > 0).all()
    assert np.ptp(second[:, 1]) == 0 and first[0, 1] < second[0, 1] < first[-1, 1]
    assert watched[0, 1] < first[0, 1]
    assert "α <1> & : cost 0.30000, validation cost 0.65000" in texts
    assert {"0", "0.2", "1.0", "epoch", "cost J"} <= set(texts)


def test_a_long_and_steep_curve_has_few_points_and_keeps_its_peak():
    costs = np.geomspace(1000.0, 0.01, 50_000)
    costs[777] = 20_000.0
    (curve,), texts = drawn([Run("", log_of(costs))])
    assert 500 < len(curve) < 2000
    assert curve[:, 1].argmin() > 0 and {"0.01", "100", "10,000"} <= set(texts)


def test_the_table_names_the_run_of_each_row(tmp_path):
    save(tmp_path / "c.csv", [Run("a", log_of([0.5, 0.25])), Run("b", log_of([0.125]))])
    with open(tmp_path / "c.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [(row["run"], row["epoch"], row["train_cost"]) for row in rows]
    assert found == [("a", "0", "0.5"), ("a", "1", "0.25"), ("b", "0", "0.125")]


def test_other_suffixes_and_runs_without_costs_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"ends in \.svg, \.csv"):
        save(tmp_path / "c.png", [Run("a", log_of([0.5]))])
    with pytest.raises(UserError, match="train the network first"):
        save(tmp_path / "c.svg", [Run("a", log_of([]))])
    assert list(tmp_path.iterdir()) == []
