"""Out with our exporters and in again: the same network, and the same predictions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data.dataset import Scaling
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.network import Network, network_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import new_project
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import Activation, Dense
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Program
from netbuilder.errors import UserError
from netbuilder.exchange.formats import FORMATS
from netbuilder.exchange.reading.matching import matched
from netbuilder.exchange.reading.readers import READERS, read
from netbuilder.exchange.reading.taking import Adopted, adopted, without_data
from netbuilder.exchange.trained import Trained

Make = Callable[..., Trained]
Predict = Callable[[Trained, np.ndarray], np.ndarray]


def written(folder: Path, name: str, trained: Trained) -> Path:
    path = folder / f"n{FORMATS[name].suffix}"
    FORMATS[name].save(path, trained)
    return path


def taken(path: Path) -> Adopted:
    contents = read(path)
    empty = Project(network_of((), "mse"), without_data(contents, path.name))
    return adopted(contents, empty, path.name)


def told(plan: Plan) -> list[tuple[str, object, list[str]]]:
    return [
        (node.name, node.layer.described(), [plan.node(id).name for id in node.inputs])
        for node in plan.nodes
    ]


@pytest.mark.parametrize("name", [name for name in READERS if name != "keras_weights"])
def test_any_network_comes_back_as_it_was(
    name: str,
    any_network: Iterable[Layer] | Network,
    trained: Make,
    predict: Predict,
    X: np.ndarray,
    tmp_path: Path,
) -> None:
    one = trained(any_network, dtype="float32")
    found = taken(written(tmp_path, name, one))
    assert told(found.plan) == told(one.plan)
    assert not found.notices
    Y = Program(found.plan, dtype="float64", weights=found.weights).predict(one.scaling.apply(X))
    np.testing.assert_allclose(Y, predict(one, X), rtol=1e-6, atol=1e-9)


def test_weights_alone_go_into_the_network_that_is_there(
    any_network: Iterable[Layer] | Network, trained: Make, tmp_path: Path
) -> None:
    one = trained(any_network, dtype="float32")
    found = matched(read(written(tmp_path, "keras_weights", one)), one.plan)
    assert not found.missing and not found.left
    for key, array in one.weights.items():
        np.testing.assert_array_equal(found.weights[key], array)


@pytest.mark.parametrize("scale", ["none", "minmax"])
def test_another_scaling_is_made_up_for(
    scale: str, trained: Make, predict: Predict, tmp_path: Path
) -> None:
    one = trained([Dense(3, "tanh"), Dense(3, "softmax")], n_x=4)
    path = written(tmp_path, "npz", one)
    project = new_project(DataChoice("iris", scale=scale))
    found = adopted(read(path), project, path.name)
    assert any("first layer makes up" in str(notice) for notice in found.notices)
    X = np.random.default_rng(3).normal(3.0, 4.0, (20, 4))
    scaling = dataset_of(project.data).scaling or Scaling(np.zeros(4), np.ones(4))
    Y = Program(found.plan, dtype="float64", weights=found.weights).predict(scaling.apply(X))
    np.testing.assert_allclose(Y, predict(one, X), rtol=1e-6)


def test_targets_scaled_in_another_way_are_made_up_for(trained: Make, tmp_path: Path) -> None:
    units = Scaling(np.array([5.0, -2.0]), np.array([3.0, 0.5]))
    one = dataclasses.replace(
        trained([Dense(3, "tanh"), Dense(2, "linear")], "regression"), target_scaling=units
    )
    path = written(tmp_path, "onnx", one)
    contents = read(path)
    choice = without_data(dataclasses.replace(contents, target_scaling=None), path.name)
    found = adopted(contents, Project(network_of((), "mse"), choice), path.name)
    X = np.random.default_rng(3).normal(0, 1, (20, 5))
    Y = Program(found.plan, dtype="float64", weights=found.weights).predict(X)
    theirs = Program(one.plan, dtype="float64", weights=one.weights).predict(X)
    np.testing.assert_allclose(Y, units.undo(theirs), rtol=1e-6, atol=1e-6)


def test_an_activation_apart_stays_apart(trained: Make, tmp_path: Path) -> None:
    one = trained([Dense(4, "linear"), Activation("relu"), Dense(3, "softmax")])
    for name in ("safetensors", "onnx", "keras"):
        assert told(taken(written(tmp_path, name, one)).plan) == told(one.plan)


def test_a_scaling_of_other_columns_is_refused(trained: Make, tmp_path: Path) -> None:
    contents = read(written(tmp_path, "npz", trained([Dense(3, "softmax")])))
    wrong = dataclasses.replace(contents, scaling=Scaling(np.zeros(3), np.ones(3)))
    with pytest.raises(UserError, match="scales 3 columns, but there are 5"):
        without_data(wrong, "n.npz")
