"""The range of every node: what its colours stretch over."""

import math

import numpy as np
import pytest

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.lens.look import Look
from netbuilder.lens.probe import Probe
from netbuilder.lens.ranges import Range, ranges


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_activation_leaves_its_bounds(name: str) -> None:
    g = ACTIVATIONS[name]
    low, high = g.bounds
    A = g(np.linspace(-80, 80, 801).reshape(1, -1) * np.ones((3, 1)))
    assert low <= A.min() and A.max() <= high
    # And they are the least there are.
    if g.elementwise:
        assert math.isinf(low) or A.min() == pytest.approx(low, abs=1e-6)
        assert math.isinf(high) or A.max() == pytest.approx(high, abs=1e-6)


def test_an_open_end_holds_what_is_usual_and_leaves_exceptions_out() -> None:
    values = np.full((4, 32, 32), 1.9)
    values[0, 0, 0] = 1e6
    open_ = Range(0.0, 0.0, math.inf)
    assert open_.closed(values) == Range(0.0, 0.0, 2.0)
    assert open_.closed(np.array([1e-5, 3e-5])) == Range(0.0, 0.0, 1.0)
    assert open_.closed(np.array([math.nan, math.inf])) == Range(0.0, 0.0, 1.0)
    assert Range(-math.inf, 0.0, math.inf).closed(-values) == Range(-2.0, 0.0, 2.0)


def test_a_closed_range_takes_its_ends_to_one() -> None:
    values = np.array([0.0, 0.1, 0.55, 1.0])
    np.testing.assert_allclose(Range(0.0, 0.5, 1.0).signed(values), [-1.0, -0.8, 0.1, 1.0])
    np.testing.assert_allclose(Range(0.0, 0.1, 1.0).signed(values), [-1.0, 0.0, 0.5, 1.0])
    np.testing.assert_allclose(Range(0.0, 0.0, 2.0).signed(values), values / 2)


def look_at(layers: str, data: str = "flower") -> Look:
    project = new_project(DataChoice(data, examples=60), layers)
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None
    look = Probe().look(plan, dataset, None, {}, project.seed)
    assert look is not None
    return look


def test_each_node_has_the_range_of_its_activation() -> None:
    found = ranges(look_at("4 tanh, dropout 0.2, 3 relu, 5 linear, batch norm, 1 sigmoid"))
    assert found["n1"] == found["n2"] == Range(-1.0, 0.0, 1.0)
    assert found["n3"] == Range(0.0, 0.0, math.inf)
    assert found["n4"] == found["n5"] == Range(-math.inf, 0.0, math.inf)
    assert found["n6"] == Range(0.0, 0.5, 1.0)


def test_of_ten_classes_a_tenth_is_neutral() -> None:
    found = ranges(look_at("10 softmax", "digits"))
    assert found["n1"] == Range(0.0, 0.1, 1.0)
