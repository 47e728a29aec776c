"""Formulas worked out: the numbers in them are the network's, and they come to the same result."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.lens.cases import Example
from netbuilder.lens.worked import worked


def value(text: str) -> float:
    """Of a sum of products as it is written."""
    written = text.replace("−", "-").replace("·", "*").replace(",", "")
    assert re.fullmatch(r"[-+*(). 0-9]+", written), written
    return float(eval(written))


@pytest.fixture
def learned(flower: Any) -> Any:
    """A look at the flower with numbers of a size that can be read."""
    rng = np.random.default_rng(3)
    weights = {name: rng.normal(size=shape) for name, shape in flower.plan.parameters.items()}
    return flower.look(flower.moment(**weights))


def test_the_sum_of_a_unit_is_what_the_network_computes(learned: Any) -> None:
    case = learned.case(Example("train", 3))
    node = learned.plan.node("n1")
    for unit in range(4):
        (z_name, z), (a_name, a), (_, whole) = worked(learned, case, node, unit)
        assert (z_name, a_name) == (f"Z1[{unit + 1}]", f"A1[{unit + 1}]")
        terms, result = z.split(" = ")
        assert value(terms) == pytest.approx(value(result), abs=0.03)
        assert a.startswith(f"tanh({result}) = ")
        assert value(a.split(" = ")[1]) == pytest.approx(float(case.A["n1"][unit]), abs=6e-3)
        assert whole.count(",") == 3


def test_the_cost_is_the_log_of_the_likelihood(learned: Any) -> None:
    case = learned.case(Example("train", 3))
    rows = dict(worked(learned, case, learned.plan.nodes[-1]))
    said, y = value(rows["Ŷ"]), value(rows["Y"])
    likelihood = said if y else 1 - said
    formula, loss = rows["L"].split(" = ")
    assert value(formula.removeprefix("−log ")) == pytest.approx(likelihood, abs=2e-3)
    assert value(loss) == pytest.approx(-math.log(likelihood), abs=0.01)


def test_features_stand_in_their_own_units_too(scaled: Any) -> None:
    look = scaled.look(scaled.moment())
    case = look.case(Example("train", 0))
    rows = worked(look, case, look.plan.nodes[0])
    assert [name for name, _ in rows] == list(scaled.dataset.info.feature_names)
    raw, seen = rows[0][1].split(" → ")
    scaling = scaled.dataset.scaling
    assert value(raw) == pytest.approx(scaling.undo(scaled.dataset.train.X[0])[0], abs=0.01)
    assert value(seen) == pytest.approx(scaled.dataset.train.X[0][0], abs=0.01)


def test_of_many_products_the_largest_are_written(subject: Any) -> None:
    at = subject(new_project(DataChoice(source="digits"), "5 relu, 10 softmax"))
    look = at.look(at.moment())
    case = look.case(Example("train", 0))
    z = worked(look, case, look.plan.node("n1"), 2)[0][1]
    assert z.count("·") == 4 and " + … " in z
    expected = look.weights["n1.W"][2] @ case.x + look.weights["n1.b"][2, 0]
    assert value(z.split(" = ")[1]) == pytest.approx(expected, rel=0.01, abs=0.01)
    assert worked(look, case, look.plan.nodes[0]) == []
