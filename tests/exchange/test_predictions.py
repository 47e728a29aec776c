"""A whole file predicted: its own columns kept, the numbers of one by one, cancel, refusals."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data.reading import Reading, Stopped
from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.engine.program import Program
from netbuilder.errors import UserError
from netbuilder.exchange.model import Model
from netbuilder.exchange.predictions import predict_file
from netbuilder.exchange.trained import Trained


@pytest.fixture(scope="module")
def trained() -> Trained:
    project = new_project(DataChoice(source="iris", scale="standard"), "4 tanh, 3 softmax")
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None
    return Trained.of(plan, Program(plan, seed=3).weights(), dataset)


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    path = tmp_path / "flowers.csv"
    path.write_text(
        "who,petal width,petal length,prediction,sepal length,sepal width\n"
        "Ann,0.2,1.4,mine,5.1,3.5\n"
        '"Köhler, B.",1.3,4,yours,5.7,2.8\n'
        "Ann,,6,mine,7.2,3\n"
    )
    return path


def test_the_columns_of_the_file_are_kept_and_predictions_follow(trained, flowers, tmp_path):
    out, told = tmp_path / "out.csv", []
    found = predict_file(flowers, out, trained, "float64", Reading(), told.append)
    assert found.m == 3
    assert "no value for 'petal width'" in str(found.notices[0])
    header, *lines = rows(out)
    names = [f"probability {name}" for name in trained.info.class_names]
    assert header == [*rows(flowers)[0], "prediction 2", *names]
    assert [line[:6] for line in lines] == rows(flowers)[1:]
    columns = {
        "sepal length": [5.1, 5.7, 7.2],
        "sepal width": [3.5, 2.8, 3.0],
        "petal length": [1.4, 4.0, 6.0],
        "petal width": [0.2, 1.3, trained.inputs[3].fill],
    }
    model = Model(trained, {}, "float64")
    assert [line[6] for line in lines] == model.predict(columns).tolist()
    np.testing.assert_allclose(
        [[float(p) for p in line[7:]] for line in lines], model.predict_proba(columns), rtol=1e-12
    )
    assert told == sorted(told) and 0 <= told[0] < told[-1] <= 1


@pytest.mark.parametrize("when", [0.0, 0.5, 0.7])
def test_who_cancels_finds_what_was_there_before(trained, flowers, tmp_path, when):
    out = tmp_path / "out.csv"
    out.write_text("before")

    def watch(share: float) -> None:
        if share >= when:
            raise Stopped

    with pytest.raises(Stopped):
        predict_file(flowers, out, trained, "float32", Reading(), watch)
    assert out.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flowers.csv", "out.csv"]


def test_what_does_not_fit_is_refused_in_a_sentence(trained, flowers, tmp_path):
    flowers.write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match=r"no column 'sepal length'"):
        predict_file(flowers, tmp_path / "out.csv", trained, "float32", Reading(), lambda _: None)
    with pytest.raises(UserError, match=r"expected one that ends in .csv"):
        predict_file(flowers, tmp_path / "out.txt", trained, "float32", Reading(), lambda _: None)


def test_what_cannot_be_told_of_a_file_is_as_the_projects_own(trained, flowers, tmp_path):
    flowers.write_text(
        "sepal length;sepal width;petal length;petal width\n5.125;3.500;1.375;1.250\n"
    )
    out = tmp_path / "out.csv"
    predict_file(flowers, out, trained, "float32", Reading(decimal="."), lambda _: None)
    assert rows(out)[1][:4] == ["5.125", "3.5", "1.375", "1.25"]
