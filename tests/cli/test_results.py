"""`evaluate`, `predict`, `export` and `check`, against what others make of the exported files."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from netbuilder.document.file import storage
from netbuilder.document.file.storage import load
from netbuilder.document.model.datasets import dataset_of
from netbuilder.engine.faults import FAULTS


def onnx_output(path: str, X: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (features,) = session.get_inputs()
    dtype = {"tensor(float)": np.float32, "tensor(double)": np.float64}[features.type]
    return session.run(None, {features.name: X.astype(dtype)})[0]


def rows(path: str) -> list[list[str]]:
    with open(path, newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def fruit_network(ok, fruit) -> None:
    ok(
        *("new", "n.netb", "--data", "fruit.csv", "--layers", "6 tanh, 3 softmax"),
        *("--scale", "standard", "--test", "0.25"),
    )
    ok("train", "n.netb", "--epochs", "200", "--learning-rate", "0.5")


def fruit_features(names: list[str]) -> np.ndarray:
    """The features of fruit.csv as the exported files name them."""
    with open("fruit.csv", newline="") as file:
        examples = list(csv.DictReader(file))
    return np.array(
        [
            [
                float(row["weight"]) if name == "weight" else name == f"colour={row['colour']}"
                for name in names
            ]
            for row in examples
        ],
        dtype=np.float64,
    )


def predictions(path: str) -> list[list[str]]:
    """What is predicted, without the columns of the data before it."""
    found = rows(path)
    at = found[0].index("prediction")
    return [row[at:] for row in found]


def test_predictions_are_those_of_the_exported_network(fruit_network, ok):
    ok("export", "n.netb", "n.onnx", "--matrix")
    ok("predict", "n.netb", "--data", "fruit.csv", "--out", "p.csv")
    header, *found = predictions("p.csv")
    assert header[0] == "prediction"
    classes = [name.removeprefix("probability ") for name in header[1:]]
    assert sorted(classes) == ["apple", "lime, Persian", "pear"]
    meta = onnxruntime.InferenceSession("n.onnx").get_modelmeta().custom_metadata_map
    assert json.loads(meta["class_names"]) == classes
    expected = onnx_output("n.onnx", fruit_features(json.loads(meta["feature_names"])))
    np.testing.assert_allclose([[float(p) for p in row[1:]] for row in found], expected, atol=1e-5)
    assert [row[0] for row in found] == [classes[k] for k in expected.argmax(axis=1)]


def test_columns_are_found_by_name_and_the_target_may_be_missing(fruit_network, ok):
    ok("predict", "n.netb", "--data", "fruit.csv", "--out", "p.csv")
    with open("other.csv", "w") as file:
        file.write("colour,note,weight\ngreen,7,1010\nred,8,1000\n")
    ok("predict", "n.netb", "--data", "other.csv", "--out", "q.csv")
    assert predictions("q.csv")[1:] == [predictions("p.csv")[2], predictions("p.csv")[1]]
    assert [row[:3] for row in rows("q.csv")] == rows("other.csv")


@pytest.mark.parametrize(
    "content, words",
    [
        ("colour,kind\nred,apple\n", "weight"),
        ("weight,colour\nheavy,red\n", "heavy"),
    ],
)
def test_examples_that_do_not_fit_are_refused(content, words, fruit_network, refused, tmp_path):
    (tmp_path / "other.csv").write_text(content)
    line = refused("predict", "n.netb", "--data", "other.csv", "--out", "p.csv")
    assert words in line
    assert not (tmp_path / "p.csv").exists()


@pytest.mark.parametrize(
    "content, words",
    [
        ("weight,colour\n1000,blue\n", "such as 'blue'; it is taken as green"),
        ("weight,colour\n,red\n1000,red\n", "1 of 2 examples have no value for 'weight'"),
    ],
)
def test_what_was_never_seen_is_counted(content, words, fruit_network, ok, tmp_path):
    (tmp_path / "other.csv").write_text(content)
    assert words in ok("predict", "n.netb", "--data", "other.csv", "--out", "p.csv").err
    assert len(rows("p.csv")) == content.count("\n")


def test_predictions_through_a_pipe(fruit_network, ok, tmp_path, monkeypatch):
    """What comes out can go in again, and identifiers and gaps stay as they are."""
    (tmp_path / "other.csv").write_text("id,weight,colour\n1,1010,green\n7,,red\n")
    ok("predict", "n.netb", "--data", "other.csv", "--out", "p.csv")

    def piped(text: str) -> str:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        ran = ok("predict", "n.netb", "--data", "-", "--out", "-")
        assert "have no value for 'weight'" in ran.err
        return ran.out

    once = piped((tmp_path / "other.csv").read_text())
    assert once == (tmp_path / "p.csv").read_text()
    found = [*csv.reader(once.splitlines())]
    assert [row[:3] for row in found] == rows("other.csv")
    again = [*csv.reader(piped(once).splitlines())]
    assert [row[:7] for row in again] == found and [row[7:] for row in again[1:]] == [
        row[3:] for row in found[1:]
    ]
    assert again[0][7] == "prediction 2"


def test_two_classes_get_a_probability_each(ok):
    ok("new", "n.netb", "--data", "moons", "--layers", "1 sigmoid")
    np.savez("d.npz", X=np.array([[-1.0, 2.0], [2.0, -1.0]]))
    ok("train", "n.netb", "--epochs", "100")
    ok("predict", "n.netb", "--data", "d.npz", "--out", "p.csv")
    header, *found = predictions("p.csv")
    assert header == ["prediction", "probability 0", "probability 1"]
    assert [row[0] for row in found] == ["0", "1"]
    np.testing.assert_allclose([float(a) + float(b) for _, a, b in found], 1.0)


def test_numbers_are_predicted_as_numbers(ok, houses):
    ok("new", "n.netb", "--data", "houses.csv", "--layers", "1 linear", "--scale", "standard")
    ok("train", "n.netb", "--epochs", "2000", "--dtype", "float64")
    ok("predict", "n.netb", "--data", "houses.csv", "--out", "p.csv")
    header, *found = predictions("p.csv")
    assert header == ["prediction"]
    prices = [float(row[2]) for row in rows("houses.csv")[1:]]
    np.testing.assert_allclose([float(row[0]) for row in found], prices, atol=1e-3)
    parts = json.loads(ok("evaluate", "n.netb", "--json").out)["parts"]
    assert parts["train"]["r2"] == pytest.approx(1.0)
    assert "confusion_matrix" not in parts["train"]
    assert "rmse" in ok("evaluate", "n.netb").out


def test_evaluate_tells_every_part_and_the_confusion_matrix_of_the_last(fruit_network, ok):
    found = json.loads(ok("evaluate", "n.netb", "--json").out)
    assert found["class_names"] == ["apple", "lime, Persian", "pear"]
    assert list(found["parts"]) == ["train", "test"]
    test = found["parts"]["test"]
    matrix = np.array(test["confusion_matrix"])
    assert matrix.sum() == test["examples"] == 15
    assert test["accuracy"] == pytest.approx(np.trace(matrix) / 15)
    out = ok("evaluate", "n.netb").out
    header = out.splitlines()[0].split()
    assert header[2:] == ["accuracy", "precision", "recall", "f1", "roc_auc"]
    for name in header[2:5]:
        assert f"{100 * test[name]:.2f} %" in out
    assert f"{test['f1']:.6g}" in out and f"{test['roc_auc']:.6g}" in out
    assert "confusion matrix (test)" in out
    table = out.splitlines()[-3:]
    assert [line.split()[-3:] for line in table] == [[str(n) for n in row] for row in matrix]


def test_evaluate_on_other_examples_agrees_with_the_predictions(fruit_network, ok):
    """Rows of the confusion matrix are what is true, columns what is predicted."""
    ok("predict", "n.netb", "--data", "fruit.csv", "--out", "p.csv")
    found = json.loads(ok("evaluate", "n.netb", "--data", "fruit.csv", "--json").out)
    names = found["class_names"]
    matrix = np.zeros((3, 3), int)
    for truth, guess in zip(rows("fruit.csv")[1:], predictions("p.csv")[1:], strict=True):
        matrix[names.index(truth[2]), names.index(guess[0])] += 1
    assert found["parts"]["data"]["confusion_matrix"] == matrix.tolist()


def test_one_class_alone_has_no_roc_curve(ok, tmp_path):
    ok("new", "n.netb", "--data", "moons", "--layers", "1 sigmoid")
    (tmp_path / "d.csv").write_text("x1,x2,class\n0,0,1\n0,0,1\n")
    values = json.loads(ok("evaluate", "n.netb", "--data", "d.csv", "--json").out)["parts"]["data"]
    assert values["roc_auc"] is None and values["recall"] in (0.0, 1.0)
    assert ok("evaluate", "n.netb", "--data", "d.csv").out.splitlines()[1].endswith("unknown")


def test_json_has_no_nan(ok, houses):
    """Programs that read it may not know NaN; what is not finite is null."""
    ok("new", "n.netb", "--data", "houses.csv", "--layers", "1 linear")
    text = ok("evaluate", "n.netb", "--json").out

    def refuse(name: str) -> None:
        raise AssertionError(name)

    json.loads(text, parse_constant=refuse)


def test_an_untrained_network_may_be_exported_and_says_so(ok):
    ok("new", "n.netb", "--data", "moons", "--layers", "3 tanh, 1 sigmoid", "--seed", "5")
    ran = ok("export", "n.netb", "n.npz")
    assert "not trained yet" in ran.err and "seed" in ran.err
    with np.load("n.npz") as file:
        assert file["W1"].shape == (3, 2) and file["W1"].any() and not file["b1"].any()


def test_an_export_that_fails_is_one_line_even_for_an_untrained_network(ok, refused):
    ok("new", "n.netb", "--data", "moons", "--layers", "3 tanh, 1 sigmoid")
    refused("export", "n.netb", "nowhere/n.npz")


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".onnx"])
def test_every_format_is_written(suffix, fruit_network, ok, tmp_path):
    ran = ok("export", "n.netb", f"n{suffix}")
    assert f"n{suffix}" in ran.out and ran.err == ""
    assert (tmp_path / f"n{suffix}").stat().st_size > 500


@pytest.mark.parametrize("framework", ["numpy", "torch", "keras"])
def test_code_is_written_with_its_weights_beside_it(framework, fruit_network, ok, tmp_path):
    ran = ok("export", "n.netb", "n.py", "--framework", framework)
    assert "n.py" in ran.out and ran.err == ""
    assert len(list(tmp_path.glob("n_weights.*"))) == 1
    compile((tmp_path / "n.py").read_text(encoding="utf-8"), "n.py", "exec")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("export", "n.netb", "n.h5"), ".npz"),
        (("export", "n.netb", "n.py"), "--framework: keras, numpy, torch"),
        (("export", "n.netb", "n.py", "--framework", "jax"), "no code for jax"),
        (("export", "n.netb", "n.npz", "--framework", "torch"), ".npz is no code"),
        (("export", "n.netb", "n"), ".onnx"),
        (("export", "n.netb", "no/n.npz"), "no folder"),
        (("export", "gone.netb", "n.npz"), "gone.netb"),
        (("predict", "n.netb", "--data", "gone.csv", "--out", "p.csv"), "gone.csv"),
        (("predict", "n.netb", "--data", "fruit.csv", "--out", "p.xlsx"), ".csv"),
        (("predict", "n.netb", "--data", "fruit.csv"), "--out"),
        (("evaluate", "n.netb", "--data", "gone.csv"), "gone.csv"),
        (("check", "gone.netb"), "gone.netb"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(
    arguments, words, fruit_network, refused, tmp_path
):
    before = sorted(path.name for path in tmp_path.iterdir())
    assert words in refused(*arguments)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def checked(out: str) -> list[list[str]]:
    """The table that `check` prints, cell by cell, without the line below it."""
    lines = [line for line in out.splitlines() if not line.startswith("overall")]
    return [re.split(r"  +", line.strip()) for line in lines]


def test_check_gives_a_verdict_on_every_parameter(fruit_network, ok):
    header, *rows = checked(ok("check", "n.netb").out)
    assert header == ["l", "layer", "type", "gradient", "shape", "relative difference", "verdict"]
    assert [row[:5] for row in rows] == [
        ["1", "Dense 1", "Dense", "dW", "(6, 3)"],
        ["1", "Dense 1", "Dense", "db", "(6, 1)"],
        ["2", "Dense 2", "Dense", "dW", "(3, 6)"],
        ["2", "Dense 2", "Dense", "db", "(3, 1)"],
    ]
    assert all(float(row[5]) < 1e-6 and row[6] == "good" for row in rows)


def test_check_takes_the_cost_that_is_trained(ok):
    """With penalties and class weights; a weight near L1's kink is left out."""
    ok("new", "n.netb", "--data", "iris", "--layers", "3 tanh, 3 softmax")
    ok(
        *("train", "n.netb", "--epochs", "20", "--learning-rate", "0.05", "--optimizer", "adam"),
        *("--l2", "0.3", "--l1", "0.2", "--class-weights", "balanced"),
    )
    assert [row[6] for row in checked(ok("check", "n.netb").out)[1:]] == ["good"] * 4


@pytest.mark.parametrize("layer", ["2", "Dense 1"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_mistake_is_caught(layer, fault, ok, run):
    ok(
        *("new", "n.netb", "--data", "digits"),
        *("--layers", "reshape 1x8x8, conv 3 3 tanh, flatten, 5 tanh, 10 softmax"),
    )
    ran = run("check", "n.netb", "--plant", f"{layer}:{fault}")
    title, _, *rows = ran.out.splitlines()
    assert title == f"planted in Dense 1: {FAULTS[fault].title}"
    wrong = {row[1] for row in checked("\n".join(rows)) if row[6] == "wrong"}
    # A wrong dZ goes on to the layers before.
    assert wrong == ({"Conv2D 1", "Dense 1"} if fault == "slope" else {"Dense 1"})
    assert ran.code == 2 and ran.err.startswith("netbuilder: The gradient is wrong: d")


def test_several_mistakes_and_the_courses_one_difference(ok, run):
    ok("new", "n.netb", "--data", "moons", "--layers", "3 tanh, 1 sigmoid", "--init", "xavier")
    ran = run("check", "n.netb", "--plant", "1:four", "--plant", "2:double", "--epsilon", "1e-6")
    lines = ran.out.splitlines()
    assert lines[:2] == [
        "planted in Dense 1: db with 4/m in place of 1/m",
        "planted in Dense 2: dW counted twice",
    ]
    assert ran.err == "netbuilder: The gradient is wrong: db of Dense 1, dW of Dense 2.\n"
    planted = float(re.fullmatch(r"overall difference (\S+), with ε = 1e-06", lines[-1])[1])
    right = ok("check", "n.netb").out.splitlines()[-1]
    assert planted > 0.05 > 1e-6 > float(right.split()[2].rstrip(","))


@pytest.mark.parametrize("epsilon", ["0", "-1", "nan", "0.2"])
def test_a_step_out_of_range_is_refused(epsilon, fruit_network, refused):
    assert "ε must be" in refused("check", "n.netb", f"--epsilon={epsilon}")


def test_a_mistake_that_makes_no_difference_is_told(ok):
    """Where all weights are zero nothing comes back to the first layer."""
    ok("new", "n.netb", "--data", "moons", "--layers", "4 tanh, 1 sigmoid", "--init", "zeros")
    assert "not caught" in ok("check", "n.netb", "--plant", "1:double").err


def test_a_gradient_on_a_kink_is_unknown(ok):
    ok("new", "n.netb", "--data", "moons", "--layers", "4 relu, 1 sigmoid", "--init", "zeros")
    ran = ok("check", "n.netb")
    assert "unknown" in ran.out and "db of Dense 1" in ran.err


@pytest.mark.parametrize(
    "planted, words",
    [
        ("double", "such as 1:double"),
        ("3:double", "from 1 to 2"),
        ("Cost:double", "no layer 'Cost'"),
        ("1:wrong", "mean, double, slope"),
        ("2:slope", "no derivative"),
    ],
)
def test_a_mistake_that_cannot_be_planted_is_refused(planted, words, fruit_network, refused):
    assert words in refused("check", "n.netb", "--plant", planted)


def test_a_project_needs_its_data_file_for_training_alone(ok, refused, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "LARGEST_TABLE", 100)
    lines = [f"{k / 3 if k % 5 else ''},{'red' if k % 2 else 'blue'},{k * k}" for k in range(60)]
    data, other = tmp_path / "large.csv", tmp_path / "other.csv"
    for path in (data, other):
        path.write_text("x,colour,y\n" + "\n".join(lines) + "\n")
    new = ("--layers", "4 tanh, 1 linear", "--scale", "standard")
    ok("new", "n.netb", "--data", "large.csv", *new)
    ok("train", "n.netb", "--epochs", "5", "--learning-rate", "1e-8")
    ok("predict", "n.netb", "--data", "other.csv", "--out", "p.csv")
    evaluated = ok("evaluate", "n.netb", "--data", "other.csv", "--json").out
    ok("export", "n.netb", "n.npz")
    for change in ("edited", "gone"):
        if change == "edited":
            data.write_text("x,colour,y\n" + "\n".join(lines[:50]) + "\n")
            assert "--changed-data" in refused("train", "n.netb", "--epochs", "5")
            assert "has changed since" in refused("evaluate", "n.netb")
        else:
            data.unlink()
            assert "large.csv" in refused("train", "n.netb", "--epochs", "5")
        ok("predict", "n.netb", "--data", "other.csv", "--out", "q.csv")
        assert rows("q.csv") == rows("p.csv")
        assert ok("evaluate", "n.netb", "--data", "other.csv", "--json").out == evaluated
        ok("export", "n.netb", "m.npz")
        with np.load("n.npz") as before, np.load("m.npz") as after:
            assert before["meta"] == after["meta"]
    data.write_text("x,colour,y\n" + "\n".join(lines[:50]) + "\n")
    ok("train", "n.netb", "--epochs", "5", "--learning-rate", "1e-8", "--changed-data")
    ok("train", "n.netb", "--epochs", "5", "--learning-rate", "1e-8")


def test_roles_on_the_command_line(ok, refused, tmp_path):
    (tmp_path / "own.csv").write_text(
        "id,size,zip,grade,a,b\n"
        + "".join(
            f"{k * 7 % 11},{k},{k % 3},{'low' if k % 2 else 'high'},{k},{k / 2}\n"
            for k in range(30)
        )
    )
    new = ("new", "n.netb", "--data", "own.csv", "--layers", "2 linear")
    ok(
        *(*new, "--target", "a,b", "--ignore", "id"),
        *("--categories", "zip", "--ordered", "grade", "--missing", "mean"),
    )
    data = load("n.netb").project.data
    info = dataset_of(data).info
    assert info.target_names == ("a", "b")
    assert info.feature_names == ("size", "zip=0", "zip=1", "zip=2", "grade")
    assert data.roles.missing == "mean"
    assert "no column 'idd'" in refused(*new, "--ignore", "idd")
    assert "such as 28x28; got '28'" in refused(*new, "--image", "28")
    ok(*new, "--target", "a,b", "--ignore", "id,zip,grade", "--image", "1x1")
    assert dataset_of(load("n.netb").project.data).info.image_shape == (1, 1)
    ok(
        "new",
        "n.netb",
        "--data",
        "own.csv",
        "--layers",
        "1 linear",
        "--target",
        "zip",
        "--task",
        "regression",
    )
    assert dataset_of(load("n.netb").project.data).info.task == "regression"


def test_prices_are_learned_scaled_and_told_in_their_own_units(ok, houses):
    """A price around 350,000 came to an R² of 0 before targets were scaled."""
    rows_ = [line.split(",") for line in houses.read_text().splitlines()[1:]]
    prices = [350_000 + 1_000 * float(row[2]) for row in rows_]
    lines = [f"{row[0]},{row[1]},{price}" for row, price in zip(rows_, prices, strict=True)]
    houses.write_text("area,rooms,price\n" + "\n".join(lines) + "\n")
    said = ok("new", "n.netb", "--data", "houses.csv") and ok("train", "n.netb").out
    assert "in the target's units" in said
    train = json.loads(ok("evaluate", "n.netb", "--json").out)["parts"]["train"]
    assert train["r2"] > 0.98
    assert train["cost_in_units"] == pytest.approx(train["rmse"] ** 2 / 2, rel=1e-5)
    spread = np.std(prices)
    assert train["cost"] == pytest.approx(train["cost_in_units"] / spread**2, rel=1e-4)
    ok("predict", "n.netb", "--data", "houses.csv", "--out", "p.csv")
    found = [float(row[0]) for row in predictions("p.csv")[1:]]
    assert np.sqrt(np.mean(np.subtract(found, prices) ** 2)) == pytest.approx(train["rmse"], 1e-4)
    ok("export", "n.netb", "n.onnx", "--matrix")
    raw = np.array([[float(row[0]), float(row[1])] for row in rows_])
    np.testing.assert_allclose(onnx_output("n.onnx", raw)[:, 0], found, rtol=1e-5)
    ok("export", "n.netb", "n.npz")
    assert "prediction = output * scale + shift" in str(np.load("n.npz")["meta"])


def test_a_matrix_is_for_onnx_alone(ok, refused):
    ok("new", "n.netb", "--data", "moons")
    assert "NumPy weights has no variant matrix" in refused("export", "n.netb", "n.npz", "--matrix")


def test_an_export_is_verified_by_its_consumer(fruit_network, ok, refused, monkeypatch):
    ran = ok("export", "n.netb", "n.onnx", "--verify")
    assert "n.onnx is verified: onnxruntime gives our answers for 5 rows." in ran.err
    check = json.loads(Path("n.onnx.check.json").read_text(encoding="utf-8"))
    assert list(check["inputs"]) == ["weight", "colour"]
    assert list(check["answers"]) == ["label", "probabilities"]
    monkeypatch.setattr("netbuilder.exchange.self_check.TOLERANCE", -1.0)  # nothing is near enough
    assert "answers otherwise in onnxruntime" in refused("export", "n.netb", "n.onnx", "--verify")


def test_a_program_that_uses_the_export_is_printed_alone(fruit_network, ok):
    ran = ok("export", "n.netb", "n.onnx", "--script")
    assert ran.out.startswith("import json\n") and '"weight": [' in ran.out
    compile(ran.out, "use.py", "exec")
