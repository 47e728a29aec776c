"""`new` and `show`."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest

from netbuilder.cli.parser import COMMANDS
from netbuilder.data.sources import SOURCES
from netbuilder.document.file import storage
from netbuilder.document.file.storage import load, save
from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layers import Dense, Dropout
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.schedules import SCHEDULES


@pytest.mark.parametrize("name", SOURCES)
def test_new_on_every_data_set(name, ok):
    three = dict.fromkeys(("iris", "penguins", "wine", "course_spiral"), "3 softmax")
    numbers = {"houses": "1 linear", "digits_copied": "64 linear"}
    output = {**three, **numbers, "digits": "10 softmax"}.get(name, "1 sigmoid")
    ok("new", "n.netb", "--data", name, "--layers", f"4 tanh, {output}")
    project = load("n.netb").project
    assert project.data.source == name
    assert project.seed == 1


def test_new_takes_every_option(ok):
    ok(
        *("new", "n.netb", "--data", "iris", "--layers", "8 relu, dropout 0.25, 3 softmax"),
        *("--loss", "mse", "--init", "normal", "--seed", "7", "--scale", "standard"),
        *("--target-scale", "minmax", "--validation", "0.2", "--test", "0.1"),
    )
    project = load("n.netb").project
    layers = [node.layer for node in project.network.nodes if not node.fixed]
    assert layers == [Dense(8, "relu", "normal"), Dropout(0.25), Dense(3, "softmax", "normal")]
    assert project.seed == 7
    assert project.data == DataChoice(
        "iris", scale="standard", target_scale="minmax", validation=0.2, test=0.1
    )
    assert "mse" in ok("show", "n.netb").out


@pytest.mark.parametrize(
    "data, layers, loss",
    [
        ("flower", "1 sigmoid", "binary_cross_entropy"),
        ("fruit.csv", "3 softmax", "cross_entropy"),
        ("houses.csv", "1 linear", "mse"),
    ],
)
def test_the_loss_follows_from_the_data(data, layers, loss, ok, fruit, houses):
    ok("new", "n.netb", "--data", data, "--layers", layers)
    assert f"Cost {loss}" in ok("show", "n.netb").out


def test_another_column_can_be_the_target(ok, houses):
    ok("new", "n.netb", "--data", "houses.csv", "--layers", "5 softmax", "--target", "rooms")
    assert "5 classes (0, 1, 2, 3, 4)" in ok("show", "n.netb").out


def test_show_tells_layers_shapes_and_parameters(ok):
    ok("new", "f.netb", "--data", "flower", "--layers", "4 tanh, 1 sigmoid", "--seed", "2")
    lines = [" ".join(line.split()) for line in ok("show", "f.netb").out.splitlines()]
    assert "1 Dense 1 Dense tanh (4, 400) (4, 2) (4, 1) 12" in lines
    assert "2 Dense 2 Dense sigmoid (1, 400) (1, 4) (1, 1) 5" in lines
    assert "17 parameters, seed 2, not trained yet" in lines
    assert lines[-1] == "no problems"


def test_a_network_of_images(ok):
    layers = "reshape 1x8x8, conv 8 3x3, batch norm, relu, max pool 2, flatten, 10 softmax"
    said = ok("new", "d.netb", "--data", "digits", "--layers", layers, "--validation", "0").out
    assert "d.netb: 64-8×6×6-10, 826 parameters" in said
    lines = [" ".join(line.split()) for line in ok("show", "d.netb").out.splitlines()]
    assert "Reshape 1 Reshape (1, 8, 8, 1797)" in lines
    assert "1 Conv2D 1 Conv2D stride 1 linear (8, 6, 6, 1797) (8, 1, 3, 3) (8, 1) 80" in lines
    norm = "2 BatchNorm 1 BatchNorm momentum 0.9 epsilon 1e-05 (8, 6, 6, 1797)"
    assert f"{norm} gamma (8, 1) beta (8, 1) 16" in lines
    assert "MaxPool2D 1 MaxPool2D size 2 (8, 3, 3, 1797)" in lines
    assert lines[-1] == "no problems"


def test_show_tells_problems_and_what_helps(ok):
    network = network_of([Dense(4, "tanh"), Dense(2, "softmax")], "cross_entropy")
    network, _ = network.add(Dense(3), (0.0, 0.0))
    save("n.netb", Project(network, DataChoice("iris")), None)
    out = ok("show", "n.netb").out
    assert "error: The output Dense 2 has 2 units" in out
    assert "What helps: Make the output 3 units" in out
    assert "warning: Dense 3 is loose" in out


def test_show_of_a_project_whose_data_is_gone(ok):
    network = network_of([Dense(1, "sigmoid")], "binary_cross_entropy")
    save("n.netb", Project(network, DataChoice("file", path="/gone/data.csv")), None)
    out = ok("show", "n.netb").out
    assert "no data" in out and "/gone/data.csv" in out


NEW = ("new", "n.netb", "--data", "iris", "--layers")


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((*NEW, "4 relu, 0 relu, 3 softmax"), "Layer 2, '0 relu': units must be from 1"),
        ((*NEW, ""), "No layers were given"),
        ((*NEW, ","), "Expected layers such as"),
        ((*NEW, "-4 relu, 3 softmax"), "units must be"),
        ((*NEW, "1000000000 relu, 3 softmax"), "1,000,000; got 1,000,000,000"),
        ((*NEW, "four relu, 3 softmax"), "four relu"),
        ((*NEW, "4 relux, 3 softmax"), "Did you mean relu?"),
        ((*NEW, "1 sigmoid"), "Make the output 3 units"),
        ((*NEW, "conv 8, 3 softmax"), 'such as "conv 8 3x3 relu'),
        ((*NEW, "reshape 1x8x8, conv 8 3x3, flatten, 3 softmax"), "their product is 4"),
        ((*NEW, "3 softmax", "--loss", "binary_cross_entropy"), "two classes"),
        ((*NEW, "3 softmax", "--loss", "hinge"), "hinge"),
        ((*NEW, "3 softmax", "--init", "big"), "xavier"),
        ((*NEW, "3 softmax", "--seed", "-1"), "seed must be"),
        ((*NEW, "3 softmax", "--seed", "1.5"), "--seed: expected a whole number, got '1.5'"),
        ((*NEW, "3 softmax", "--scale", "log"), "minmax"),
        ((*NEW, "3 softmax", "--validation", "nan"), "validation must be"),
        ((*NEW, "3 softmax", "--test", "1"), "test must be"),
        ((*NEW, "3 softmax", "--target", "petal"), "petal length"),
        ((*NEW, "200000 relu, 200000 relu, 3 softmax"), "GB"),
        (("new", "n.netb", "--data", "flowr", "--layers", "1 sigmoid"), "Did you mean flower?"),
        (("new", "n.netb", "--data", "gone.csv", "--layers", "1"), "gone.csv"),
        (("new", "n.txt", "--data", "flower", "--layers", "1 sigmoid"), ".netb"),
        (("new", "no/n.netb", "--data", "flower", "--layers", "1 sigmoid"), "no folder"),
        (("new",), "OUT.netb"),
        (("show", "gone.netb"), "gone.netb"),
        (("show", "fruit.csv"), "fruit.csv"),
        (("show", "."), "is a folder; choose a file"),
        (("show", "n.netb", "--verbose"), "--verbose"),
        (("shwo", "n.netb"), "shwo"),
        ((), "COMMAND"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(arguments, words, refused, fruit, tmp_path):
    assert words in refused(*arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["fruit.csv"]


@pytest.mark.parametrize("content", ["", "a,b\n", "a,b\n1,2\n3\n", "a,b\n1,2\nx,3\n\x00"], ids=repr)
def test_data_that_is_no_table_is_refused(content, refused, tmp_path):
    (tmp_path / "d.csv").write_text(content)
    assert "d.csv" in refused("new", "n.netb", "--data", "d.csv", "--layers", "1 linear")
    assert not (tmp_path / "n.netb").exists()


def test_an_array_of_objects_is_never_unpickled(refused, tmp_path):
    np.savez(tmp_path / "d.npz", X=np.array([[{}]]), Y=np.array([0]))
    assert "objects" in refused("new", "n.netb", "--data", "d.npz", "--layers", "1 linear")


def test_help_and_version(ok):
    text = ok("--help").out
    for command in ("new", "show", "train", "evaluate", "predict", "export", "check"):
        assert f"    {command}" in text
        assert f"netbuilder {command}" in ok(command, "--help").out
    assert ok("--version").out.startswith("netbuilder 0")


# --- statistics ----------------------------------------------------------------------------------


def statistics(out: str) -> tuple[list[str], dict[str, dict[str, str]]]:
    """The last table that was printed: its columns, and its cells by layer and column."""
    header, *rows = out.split("\n\n")[-1].splitlines()
    columns = re.split(r"  +", header.strip())
    ends = [header.index(name) + len(name) for name in columns]
    found = {}
    for row in rows:
        # Numbers stand to the right, below the ends of their columns' names.
        layer, mean = re.split(r"  +", row[3 : ends[2]].strip())
        cells = (row[start:end].strip() for start, end in itertools.pairwise(ends[2:]))
        found[layer] = dict(zip(columns[2:], (mean, *cells), strict=True))
    return columns, found


def test_statistics_of_every_layer(ok):
    ok("new", "n.netb", "--data", "moons", "--layers", "5 relu, 4 tanh, 1 sigmoid")
    assert "‖W‖" not in ok("show", "n.netb").out
    descent = ("--optimizer", "gd", "--batch-size", "full", "--learning-rate", "0.5")
    ok("train", "n.netb", "--epochs", "50", *descent)
    columns, rows = statistics(ok("show", "n.netb", "--statistics").out)
    assert columns[4:] == ["dead", "saturated", "‖W‖", "‖dW‖", "‖ΔW‖/‖W‖"]
    assert list(rows) == ["Data", "Dense 1", "Dense 2", "Dense 3"]
    weights = load("n.netb").weights
    for id, name in (("n1", "Dense 1"), ("n2", "Dense 2"), ("n3", "Dense 3")):
        W, row = weights[f"{id}.W"], rows[name]
        assert float(row["‖W‖"]) == pytest.approx(np.linalg.norm(W), rel=0.01)
        # Gradient descent: ΔW = α dW.
        ratio = 0.5 * float(row["‖dW‖"]) / float(row["‖W‖"])
        assert float(row["‖ΔW‖/‖W‖"]) == pytest.approx(ratio, rel=0.03)
    assert rows["Dense 1"]["dead"].endswith(" %") and not rows["Dense 1"]["saturated"]
    assert rows["Dense 2"]["saturated"].endswith(" %") and not rows["Dense 2"]["dead"]
    assert rows["Data"]["‖W‖"] == ""


def test_statistics_change_nothing(ok, tmp_path):
    ok("new", "n.netb", "--data", "moons", "--layers", "3 relu, batch norm, 1 sigmoid")
    ok("train", "n.netb", "--epochs", "3")
    before = (tmp_path / "n.netb").read_bytes()
    first = ok("show", "n.netb", "--statistics").out
    assert ok("show", "n.netb", "--statistics").out == first
    assert (tmp_path / "n.netb").read_bytes() == before


def test_statistics_of_a_network_that_diverges_at_once(ok, houses):
    """There is no next update, so that only its columns are empty."""
    ok("new", "n.netb", "--data", "houses.csv", "--layers", "9 relu, 1 linear")
    ok("train", "n.netb", "--epochs", "1", "--learning-rate", "1e-12")
    loaded = load("n.netb")
    weights = {key: W * np.float32(1e30) for key, W in loaded.weights.items()}
    save("n.netb", loaded.project, weights)
    _, rows = statistics(ok("show", "n.netb", "--statistics").out)
    assert rows["Dense 1"]["‖W‖"] and not rows["Dense 1"]["‖dW‖"]


def test_statistics_of_a_network_with_problems_are_left_out(ok):
    ok("new", "n.netb", "--data", "moons", "--layers", "1 sigmoid")
    loaded = load("n.netb")
    network = loaded.project.network.disconnect(loaded.project.network.edges)
    save("n.netb", loaded.project.with_network(network), None)
    out = ok("show", "n.netb", "--statistics").out
    assert "error:" in out and "‖W‖" not in out


def test_show_tells_where_the_run_stands(ok):
    ok("new", "f.netb", "--data", "iris", "--layers", "3 softmax")
    assert "trained for" not in ok("show", "f.netb").out
    ran = ok("train", "f.netb", "--epochs", "1", "--batch-size", "50", "--log", "c.csv")
    assert ran.out.startswith("1 epoch: cost")
    cost = float(Path("c.csv").read_text().splitlines()[-1].split(",")[2])
    assert f"\ntrained for 1 epoch, 3 updates, cost {cost:.6g}\n" in ok("show", "f.netb").out
    ok("train", "f.netb", "--epochs", "1999")
    assert "\ntrained for 2,000 epochs, 6,000 updates, cost 0" in ok("show", "f.netb").out


def test_show_tells_of_a_run_that_belongs_to_other_data(ok):
    ok("new", "f.netb", "--data", "iris", "--layers", "3 softmax")
    ok("train", "f.netb", "--epochs", "5")
    loaded = load("f.netb")
    data = dataclasses.replace(loaded.project.data, validation=0.3)
    project = dataclasses.replace(loaded.project, data=data)
    save("f.netb", project, loaded.weights, loaded.sections)
    shown = ok("show", "f.netb").out
    assert ", trained\n" in shown and "trained for" not in shown
    assert "warning: The run in this file cannot be gone on with" in shown
    assert "belongs to other examples" in shown


def test_a_trained_network_is_not_replaced_unasked(ok, refused):
    ok("new", "n.netb", "--data", "moons")
    ok("new", "n.netb", "--data", "iris")
    ok("train", "n.netb", "--epochs", "2")
    before = Path("n.netb").read_bytes()
    assert "holds a trained network" in refused("new", "n.netb", "--data", "moons")
    assert Path("n.netb").read_bytes() == before
    ok("new", "n.netb", "--data", "moons", "--force")
    assert load("n.netb").weights is None
    Path("n.netb").write_text("something else")
    assert "Give --force" in refused("new", "n.netb", "--data", "moons")
    ok("new", "n.netb", "--data", "moons", "--force")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_with_an_example(ok, name):
    said = " ".join(ok(name, "--help").out.split())
    assert f"example: netbuilder {name} " in said


def test_help_tells_the_names_that_there_are(ok):
    said = " ".join(ok("new", "--help").out.split())
    for names in (SOURCES, LOSSES, INITIALIZERS):
        assert all(name in said for name in names)
    assert "(default: 0)" in said and "(default: what suits the data)" in said
    said = " ".join(ok("train", "--help").out.split())
    for names in (OPTIMIZERS, SCHEDULES):
        assert all(name in said for name in names)
    assert "a new project has 0.01" in said


def test_what_a_text_file_leaves_open_is_asked(tmp_path, ok, refused):
    data = tmp_path / "own.csv"
    data.write_text("size;price\n" + "1;1.463\n2;989\n3;1.120\n4;875\n" * 5)
    new = ["new", "own.netb", "--data", data, "--layers", "3 relu, 1 linear"]
    sentence = refused(*new)
    assert "1.463 in the column 'price'" in sentence
    assert "Say which with --decimal comma or --decimal point." in sentence
    err = ok(*new, "--decimal", "comma").err
    assert "read with --encoding utf-8 --delimiter semicolon --header yes --decimal comma" in err
    choice = load("own.netb").project.data
    assert choice.table.values[0].tolist() == [1, 1463]
    assert choice.reading.decimal == ","
    assert "no decimal mark 'dot'; expected one of: point, comma" in refused(
        *new, "--decimal", "dot"
    )


def test_examples_to_predict_for_are_read_as_those_of_the_project(tmp_path, ok):
    (tmp_path / "own.csv").write_text(
        "price;y\n" + "1.463;0,5\n989,5;0,7\n1.120;0,1\n875;0,2\n" * 5
    )
    (tmp_path / "other.csv").write_text("price;y\n1.463;1.463\n989;1.500\n")
    ok("new", "own.netb", "--data", "own.csv", "--layers", "1 linear")
    ran = ok("predict", "own.netb", "--data", "other.csv", "--out", "out.csv")
    assert "2 predictions" in ran.out


@pytest.mark.parametrize("largest", [10**6, 100])
def test_a_test_file_of_its_own(ok, houses, tmp_path, monkeypatch, largest):
    """It is the test part, in the project file or beside it, and is found again there."""
    monkeypatch.setattr(storage, "LARGEST_TABLE", largest)
    (tmp_path / "sold.csv").write_text("price,rooms,area\n100,2,30\n110,3,31\n120,1,33\n")
    ok("new", "n.netb", "--data", "houses.csv", "--test-data", "sold.csv", "--validation", "0")
    ok("train", "n.netb", "--epochs", "2")
    parts = json.loads(ok("evaluate", "n.netb", "--json").out)["parts"]
    assert {name: part["examples"] for name, part in parts.items()} == {"train": 40, "test": 3}
    if largest > 100:
        (tmp_path / "sold.csv").unlink()
        assert "test" in json.loads(ok("evaluate", "n.netb", "--json").out)["parts"]
    else:
        (tmp_path / "sold.csv").write_text("price,rooms,area\n101,2,30\n")
        assert "sold.csv has changed" in ok("show", "n.netb").out


def test_a_test_file_that_does_not_fit(refused, houses, tmp_path):
    (tmp_path / "sold.csv").write_text("price,rooms\n100,2\n")
    new = ("new", "n.netb", "--data", "houses.csv", "--test-data", "sold.csv")
    assert "The test file sold has no column 'area'" in refused(*new)
    assert "without a share" in refused(*new, "--test", "0.1")
    assert "iris is a ready data set" in refused(
        "new", "n.netb", "--data", "iris", "--test-data", "sold.csv"
    )


def test_a_name_with_a_comma_stands_in_quotation_marks(ok, tmp_path):
    (tmp_path / "own.csv").write_text('"size, m","price, net",tax\n1,2.5,3\n2,3.5,5\n3,9,7\n')
    ok("new", "n.netb", "--data", "own.csv", "--target", '"price, net",tax', "--ignore", "")
    assert load("n.netb").project.data.roles.targets == ("price, net", "tax")
