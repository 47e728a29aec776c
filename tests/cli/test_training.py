"""`train`: the course's published run, what is kept, and every way to end."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from netbuilder import threads
from netbuilder.cli import terminal
from netbuilder.cli.opening import opened
from netbuilder.document.file.storage import load, save
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.runs import log as log_module


@pytest.fixture
def flower(ok, tmp_path) -> Path:
    """The course's network on the course's data."""
    ok(
        *("new", "f.netb", "--data", "flower", "--layers", "4 tanh, 1 sigmoid"),
        *("--init", "normal", "--seed", "2"),
    )
    return tmp_path / "f.netb"


COURSE = ("--learning-rate", "1.2", "--dtype", "float64")


def rows(path: str) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_costs_are_printed_as_the_course_prints_them(flower, ok, refused):
    options = "train", "f.netb", *COURSE, "--out", "g.netb", "--print-every", "100"
    said = [line for line in ok(*options, "--epochs", "201").out.splitlines() if "after" in line]
    assert len(said) == 3 and said[0] == "Cost after iteration 0: 0.693048"
    assert re.fullmatch(r"Cost after iteration 200: 0\.\d{6}", said[2])
    # Gone on with, and with mini-batches.
    ok("train", "f.netb", *COURSE, "--epochs", "3")
    more = "--batch-size", "100", "--epochs", "4", "--print-every", "2"
    said = ok("train", "f.netb", *more, "--out", "h.netb").out
    assert re.findall(r"Cost after epoch (\d+)", said) == ["4", "6"]
    assert "--json asks for none" in refused(*options, "--json")


def test_the_published_run_of_the_course(flower, ok):
    ran = ok("train", "f.netb", *COURSE, "--epochs", "10000", "--log", "c.csv", "--out", "g.netb")
    log = rows("c.csv")
    assert list(log[0]) == [
        *("epoch", "step", "train_cost", "validation_cost"),
        *("train_accuracy", "validation_accuracy"),
    ]
    assert len(log) == 10_000
    published = [0.693048, 0.288083, 0.254385, 0.233864, 0.226792, 0.222644, 0.219731, 0.217504]
    for thousand, cost in enumerate(published):
        row = log[1000 * thousand]
        assert row["step"] == str(1000 * thousand)
        assert float(row["train_cost"]) == pytest.approx(cost, abs=5e-7)
    assert "10,000 epochs: cost" in ran.out and "accuracy 90.75 %" in ran.out
    assert load("f.netb").weights is None  # --out has left it alone


def test_the_same_command_gives_the_same_bytes(flower, ok):
    for name in ("a", "b"):
        ok("train", "f.netb", "--epochs", "30", "--out", f"{name}.netb", "--log", f"{name}.csv")
    for suffix in (".netb", ".csv"):
        assert Path(f"a{suffix}").read_bytes() == Path(f"b{suffix}").read_bytes()


FULL = ("--learning-rate", "1.2", "--optimizer", "momentum")
MINI = ("--batch-size", "16", "--optimizer", "adam", "--learning-rate", "0.02")
DEEP = "8 relu, batch norm, dropout 0.3, 1 sigmoid"


def same_weights(a: str, b: str) -> bool:
    first, second = load(a).weights, load(b).weights
    assert first and second and first.keys() == second.keys()
    return all(first[key].tobytes() == second[key].tobytes() for key in first)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", [FULL, MINI], ids=["full", "mini"])
def test_ten_epochs_and_ten_are_twenty(ok, options, dtype):
    """With moments, statistics, random numbers and the order of the examples."""
    for name in ("a", "b"):
        ok("new", f"{name}.netb", "--data", "moons", "--layers", DEEP, "--validation", "0.2")
    ok("train", "a.netb", *options, "--dtype", dtype, "--epochs", "20", "--log", "a.csv")
    ok("train", "b.netb", *options, "--dtype", dtype, "--epochs", "10", "--log", "b.csv")
    again = ok("train", "b.netb", "--epochs", "10", "--log", "b.csv")
    assert "going on from epoch 10 in b.netb" in again.out
    assert "\n20 epochs: cost" in again.out
    assert same_weights("a.netb", "b.netb")
    # The log is of the whole run: as if it had been one command.
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


def test_settings_that_are_changed_apply_from_there_on(flower, ok):
    ok("train", "f.netb", *COURSE, "--epochs", "20", "--out", "a.netb", "--log", "first.csv")
    ok("train", "a.netb", "--learning-rate", "0.3", "--epochs", "20", "--log", "a.csv")
    assert load("a.netb").project.training.learning_rate == 0.3
    log = rows("a.csv")
    assert [row["step"] for row in log] == [str(step) for step in range(40)]
    assert log[:20] == rows("first.csv")
    ok("train", "f.netb", *COURSE, "--epochs", "40", "--out", "b.netb", "--log", "b.csv")
    assert log[:21] == rows("b.csv")[:21]
    assert log[21]["train_cost"] != rows("b.csv")[21]["train_cost"]
    # Another precision, another optimiser and smaller batches go on, too.
    ok("train", "a.netb", "--dtype", "float32", *MINI, "--epochs", "2", "--log", "a.csv")
    assert rows("a.csv")[:40] == log
    assert [row["epoch"] for row in rows("a.csv")[40:]] == ["41", "42"]


def test_fresh_begins_anew_from_the_seed(flower, ok):
    first = ok("train", "f.netb", *COURSE, "--epochs", "20", "--out", "a.netb")
    ok("train", "f.netb", *COURSE, "--epochs", "20", "--out", "b.netb")
    ok("train", "b.netb", "--epochs", "5")
    again = ok("train", "b.netb", "--fresh", "--epochs", "20")
    assert "going on" not in first.out + again.out
    assert Path("a.netb").read_bytes() == Path("b.netb").read_bytes()


def test_weights_begin_a_new_run(flower, ok, refused):
    ok("train", "f.netb", *COURSE, "--epochs", "20")
    ok("export", "f.netb", "w.npz")
    ran = ok("train", "f.netb", "--weights", "w.npz", "--epochs", "5", "--log", "c.csv")
    assert "going on" not in ran.out and "\n5 epochs: cost" in f"\n{ran.out}"
    assert [row["step"] for row in rows("c.csv")] == list("01234")
    assert "--fresh" in refused("train", "f.netb", "--weights", "w.npz", "--fresh")


def test_without_epochs_the_project_says_how_long(flower, ok):
    def change(epochs: int) -> None:
        loaded = load("f.netb")
        training = dataclasses.replace(loaded.project.training, epochs=epochs)
        project = dataclasses.replace(loaded.project, training=training)
        save("f.netb", project, loaded.weights, loaded.sections)

    change(30)
    assert ok("train", "f.netb", "--epochs", "10").out.startswith("10 epochs: cost")
    assert "\n30 epochs: cost" in ok("train", "f.netb").out, "up to the end that it has"
    assert "\n60 epochs: cost" in ok("train", "f.netb").out, "and then for as long again"
    change(20)
    assert "\n80 epochs: cost" in ok("train", "f.netb").out


def test_a_damaged_run_leaves_the_weights(flower, ok):
    ok("train", "f.netb", *COURSE, "--epochs", "20")
    loaded = load("f.netb")
    save("f.netb", loaded.project, loaded.weights, {**loaded.sections, "run.json": b"{}"})
    ran = ok("train", "f.netb", "--epochs", "5", "--log", "c.csv", "--out", "g.netb")
    assert "going on from the weights in f.netb" in ran.out
    assert "cannot be gone on with" in ran.err and "run.json" in ran.err
    assert rows("c.csv")[0]["step"] == "0"
    assert "going on from epoch 5" in ok("train", "g.netb", "--epochs", "1").out
    assert "cannot be gone on with" in ok("evaluate", "f.netb").err


def test_what_a_later_time_put_into_the_file_survives(flower, ok):
    later = {"film.npz": b"of a later time", "project.json": b'{"doctor":[1,2]}'}
    save("f.netb", load("f.netb").project, None, later)
    for _ in range(2):
        ok("train", "f.netb", "--epochs", "2")
        sections = load("f.netb").sections
        assert {name: sections[name] for name in later} == later
        assert len(sections) == 6


def test_settings_stay_with_the_project_and_the_length_of_the_run_does_not(flower, ok):
    ok(
        *("train", "f.netb", *COURSE, "--epochs", "3", "--batch-size", "32"),
        *("--optimizer", "adam", "--l2", "0.5"),
    )
    settings = load("f.netb").project.training
    assert settings.learning_rate == 1.2
    assert settings.dtype == "float64"
    assert settings.batch_size == 32
    assert settings.optimizer == "adam"
    assert settings.l2 == 0.5
    assert settings.epochs == 0
    ok("train", "f.netb", "--epochs", "1", "--batch-size", "full")
    assert load("f.netb").project.training.batch_size == 0


NEW_SETTINGS = {
    "schedule": "cosine",
    "decay": 0.25,
    "period": 40,
    "warmup": 2.5,
    "order_seed": 11,
    "beta": 0.8,
    "l1": 0.01,
    "clip_norm": 2.0,
    "class_weights": "balanced",
}


def test_every_setting_can_be_given(flower, ok):
    options = [
        word
        for name, value in NEW_SETTINGS.items()
        for word in (f"--{name.replace('_', '-')}", value)
    ]
    ok("train", "f.netb", "--optimizer", "adamw", *options, "--epochs", "2")
    settings = load("f.netb").project.training
    assert {name: getattr(settings, name) for name in NEW_SETTINGS} == NEW_SETTINGS
    assert settings.optimizer == "adamw"


def test_help_knows_every_schedule_and_optimizer(ok):
    """Help is written out, so that it needs none of the engine."""
    text = ok("train", "--help").out
    for name in (*SCHEDULES, *OPTIMIZERS):
        assert name in text


def test_after_a_cosine_nothing_moves_any_more(flower, ok):
    cosine = ("--schedule", "cosine", "--period", "10", "--learning-rate", "1.2")
    ok("train", "f.netb", *cosine, "--epochs", "14", "--log", "c.csv")
    costs = [row["train_cost"] for row in rows("c.csv")]
    assert len(set(costs[:11])) == 11 and len(set(costs[10:])) == 1


def test_balanced_classes_help_the_rare_one(ok, tmp_path):
    """One in ten is of class 1, and the classes overlap."""
    rng = np.random.default_rng(1)
    rare = np.arange(300) % 10 == 0
    table = np.column_stack([rng.normal(size=300) + 1.5 * rare, rare])
    np.savetxt(tmp_path / "d.csv", table, "%.6f,%d", header="x,rare", comments="")
    ok("new", "n.netb", "--data", "d.csv", "--layers", "1 sigmoid")
    recall = {}
    for name in ("none", "balanced"):
        common = ("--epochs", "100", "--learning-rate", "1", "--out", f"{name}.netb")
        ok("train", "n.netb", "--class-weights", name, *common)
        found = json.loads(ok("evaluate", f"{name}.netb", "--json").out)
        recall[name] = found["parts"]["train"]["recall"]
    assert recall["none"] < 0.5 < 0.7 < recall["balanced"]


def test_mini_batches_log_a_row_an_epoch_and_the_validation_part(ok):
    ok("new", "n.netb", "--data", "iris", "--layers", "3 softmax", "--validation", "0.2")
    ran = ok("train", "n.netb", "--epochs", "20", "--batch-size", "16", "--log", "c.csv")
    log = rows("c.csv")
    assert [row["epoch"] for row in log] == [str(epoch) for epoch in range(1, 21)]
    assert log[-1]["step"] == str(20 * 8)
    measured = [row for row in log if row["validation_cost"]]
    assert measured and all(0 <= float(row["validation_accuracy"]) <= 1 for row in measured)
    assert "validation accuracy" in ran.out


def test_weights_of_a_file_are_where_it_starts(flower, ok):
    ok("train", "f.netb", *COURSE, "--epochs", "50", "--out", "g.netb")
    ok("export", "g.netb", "w.npz")
    ok("train", "f.netb", *COURSE, "--epochs", "1", "--weights", "w.npz", "--log", "c.csv")
    ok("train", "g.netb", *COURSE, "--epochs", "1", "--log", "d.csv")
    (first,), last = rows("c.csv"), rows("d.csv")[-1]
    assert (first["step"], last["step"]) == ("0", "50")
    assert first["train_cost"] == last["train_cost"]


def test_weights_that_do_not_fit_are_refused_with_both_shapes(flower, refused):
    zeros = {"W1": np.zeros((4, 2)), "b1": np.zeros((4, 1)), "b2": np.zeros((1, 1))}
    np.savez("w.npz", W2=np.zeros((4, 1)), **zeros)
    before = flower.read_bytes()
    line = refused("train", "f.netb", "--weights", "w.npz", "--epochs", "1")
    assert "W2 (Dense 2)" in line and "(4, 1)" in line and "(1, 4)" in line
    assert flower.read_bytes() == before


def test_a_run_without_an_end_takes_as_many_epochs_as_suit_the_data_and_says_so(flower, ok):
    ran = ok("train", "f.netb")
    assert "no end was given" in ran.out
    assert "10,000 epochs: cost" in ran.out


def test_a_table_is_learned_for_as_long_as_it_gets_better(ok, houses):
    ok("new", "n.netb", "--data", "houses.csv")
    assert "100 epochs: cost" in ok("train", "n.netb").out
    assert "200 epochs: cost" in ok("train", "n.netb").out


@pytest.mark.parametrize("out", ["n.netb", "o.netb", "new.netb"])
def test_a_diverged_run_is_never_written_over_a_good_file(ok, run, houses, out):
    ok("new", "n.netb", "--data", "houses.csv", "--layers", "1 linear", "--scale", "standard")
    ok("train", "n.netb", "--epochs", "20")
    ok("train", "n.netb", "--epochs", "20", "--out", "o.netb")
    files = {path.name: path.read_bytes() for path in houses.parent.iterdir()}
    ran = run(
        *("train", "n.netb", "--epochs", "9999", "--learning-rate", "5"),
        *("--optimizer", "gd", "--batch-size", "full"),
        *("--log", "c.csv", "--out", out),
    )
    assert ran.code == 2
    assert ran.err.count("\n") == 1 and "diverged at update" in ran.err
    assert f"{out} was not written" in ran.err and "written to" not in ran.out
    costs = [float(row["train_cost"]) for row in rows("c.csv")]
    assert len(costs) > 20 and np.isfinite(costs).all()
    Path("c.csv").unlink()
    assert {path.name: path.read_bytes() for path in houses.parent.iterdir()} == files


def test_a_run_that_exploded_is_never_written_over_a_good_file(ok, run, houses):
    ok("new", "n.netb", "--data", "houses.csv", "--layers", "1 linear", "--scale", "standard")
    ok("train", "n.netb", "--epochs", "20")
    before = Path("n.netb").read_bytes()
    descent = ("--optimizer", "gd", "--batch-size", "full", "--learning-rate", "5")
    ran = run("train", "n.netb", "--epochs", "25", *descent)
    assert ran.code == 2
    assert "Training diverged: the cost has grown from" in ran.err
    assert "n.netb was not written" in ran.err and "written to" not in ran.out
    assert Path("n.netb").read_bytes() == before


@pytest.mark.parametrize("batch", [(), ("--batch-size", "10")])
def test_early_stopping_writes_the_best_state_and_says_so(ok, batch):
    new = ("--data", "moons", "--layers", "30 relu, 1 sigmoid", "--validation", "0.4")
    ok("new", "m.netb", *new, "--seed", "3")
    options = ("--patience", "4", "--epochs", "600", "--learning-rate", "2", *batch)
    ran = ok("train", "m.netb", *options, "--log", "c.csv")
    told = re.search(r"Stopped early at epoch ([\d,]+).*back at epoch ([\d,]+), the best", ran.out)
    assert told is not None, ran.out
    stopped, best = (int(number.replace(",", "")) for number in told.groups())
    assert stopped == best + 4 and ran.out.split(": cost")[0].split()[-2] == f"{best:,}"
    log = rows("c.csv")
    assert int(log[-1]["epoch"]) >= stopped - 1, "the log tells of all of it"
    weights = load("m.netb").weights
    ok("new", "o.netb", *new, "--seed", "3")
    ok("train", "o.netb", *options[2:], "--epochs", str(best))
    other = load("o.netb").weights
    assert weights is not None and other is not None
    for name, array in other.items():
        assert array.tobytes() == weights[name].tobytes(), name
    # Asked for more it is patient anew, from there.
    again = ok("train", "m.netb", *options)
    assert f"going on from epoch {best:,}" in again.out


def test_a_trained_file_can_be_looked_back_on(flower, ok):
    ok("train", "f.netb", "--epochs", "60")
    ok("train", "f.netb", "--epochs", "60")
    opened_ = opened(Path("f.netb"))
    assert opened_.run is not None and opened_.run.recorder is not None
    recorder = opened_.run.recorder
    steps = [frame.state.step for frame in recorder.keyframes]
    assert steps[0] == 0 and steps[-1] == 120 and len(steps) > 100
    assert recorder.leaps == (0,)


@pytest.mark.parametrize(
    "options, words",
    [
        (("--epochs", "0"), "--epochs"),
        (("--epochs", "many"), "--epochs"),
        (("--batch-size", "0"), "--batch-size"),
        (("--batch-size", "half"), "--batch-size"),
        (("--learning-rate", "0"), "learning rate must be more than 0"),
        (("--learning-rate", "1e30"), "learning rate must be"),
        (("--learning-rate", "fast"), "--learning-rate: expected a number, got 'fast'"),
        (("--learning-rate", "nan"), "learning rate must be"),
        (("--optimizer", "sgd"), "gd, momentum, nesterov, rmsprop, adam, adamw"),
        (("--l2", "-1"), "L2"),
        (("--l1", "-1"), "L1"),
        (("--schedule", "cosin"), "constant, step, exponential, inverse_time, cosine"),
        (("--decay", "0"), "decay γ must be more than 0"),
        (("--decay", "1.5"), "at most 1; got 1.5"),
        (("--period", "0"), "--period"),
        (("--period", "1.5"), "--period"),
        (("--warmup", "-1"), "warm-up must be from 0"),
        (("--beta", "1"), "less than 1; got 1"),
        (("--clip-norm", "-1"), "clip norm must be from 0"),
        (("--class-weights", "equal"), "none, balanced"),
        (("--dtype", "float16"), "float32, float64"),
        (("--weights", "gone.npz"), "gone.npz"),
        (("--log", "no/c.csv"), "no folder"),
        (("--out", "no/o.netb"), "no folder"),
        (("--out", "o.npz"), ".netb"),
    ],
)
def test_what_cannot_be_is_refused_before_training(options, words, flower, refused, monkeypatch):
    def trains(*arguments: object) -> None:
        raise AssertionError("it has begun to train")

    monkeypatch.setattr("netbuilder.training.trainer.Trainer.bursts", trains)
    before = flower.read_bytes()
    assert words in refused("train", "f.netb", *options)
    assert flower.read_bytes() == before
    assert [path.name for path in flower.parent.iterdir()] == ["f.netb"]


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_run_and_keeps_what_was_learnt(flower, ok, tmp_path, name):
    """Ctrl-C on a terminal, and what a system that shuts down or a closed terminal send."""
    number = getattr(signal, name)
    ok("train", "f.netb", *MINI, "--epochs", "3")
    master, terminal = os.openpty()
    command = [sys.executable, "-m", "netbuilder", "train", "f.netb", "--epochs", "1000000000"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=terminal, text=True
    ) as process:
        os.close(terminal)
        shown = b""
        while b"updates/s" not in shown:  # the progress line: it is training
            shown += os.read(master, 1000)
        assert b"\repoch" in shown and b"/1,000,000,003" in shown and b"left" in shown
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
        while True:
            try:
                more = os.read(master, 1000)
            except OSError:  # Linux tells so that the other end is closed
                break
            if not more:
                break
            shown += more
    os.close(master)
    assert process.returncode == 128 + number
    assert b"interrupted; what was learnt so far is in f.netb" in shown
    assert "cost" in out
    assert [path.name for path in tmp_path.iterdir()] == ["f.netb"]
    assert load(flower).warnings == () and load(flower).weights
    # The run stopped anywhere, and goes on from there as if it had never been stopped.
    found = re.search(r"^trained for ([0-9,]+) epochs", ok("show", "f.netb").out, re.MULTILINE)
    assert found is not None
    epochs = int(found[1].replace(",", ""))
    assert epochs > 3
    ok("train", "f.netb", "--epochs", "2")
    ok("new", "g.netb", "--data", "flower", "--layers", "4 tanh, 1 sigmoid",
       "--init", "normal", "--seed", "2")  # fmt: skip
    ok("train", "g.netb", *MINI, "--epochs", epochs + 2)
    assert same_weights("f.netb", "g.netb")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGHUP")
def test_a_terminal_that_is_closed_loses_nothing(flower, ok, tmp_path):
    master, terminal = os.openpty()
    command = [sys.executable, "-m", "netbuilder", "train", "f.netb", "--epochs", "1000000000"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=terminal, stderr=terminal, start_new_session=True
    ) as process:
        os.close(terminal)
        shown = b""
        while b"updates/s" not in shown:
            shown += os.read(master, 1000)
        os.close(master)  # from now on every write fails
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 128 + signal.SIGHUP
    assert "going on from epoch" in ok("train", "f.netb", "--epochs", "1").out


def test_off_a_terminal_there_is_no_progress_line(flower, ok):
    ran = ok("train", "f.netb", "--epochs", "10")
    assert ran.err == ""
    assert len(ran.out.splitlines()) == 1


def test_in_a_pipe_a_line_is_printed_now_and_then_and_ever_later(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    progress = terminal.Progress()
    shown = []
    for second in range(300):
        now[0] = float(second)
        progress.show(f"at {second}")
        shown += [second] if capsys.readouterr().err == f"at {second}\n" else []
    progress.clear()
    assert shown[0] == 2 and 8 < len(shown) < 14 and capsys.readouterr().err == ""
    gaps = np.diff(shown)
    assert (np.diff(gaps) >= -1).all() and gaps[-1] <= 61


def test_quiet_says_nothing_and_json_only_the_result(flower, ok):
    ran = ok("train", "f.netb", "--epochs", "20", "--quiet")
    assert ran.out == ran.err == ""
    ran = ok("train", "f.netb", "--epochs", "30", "--json")
    found = json.loads(ran.out)
    assert (found["epoch"], found["step"]) == (50, 50)
    assert Path(found["written"]).name == "f.netb"
    assert found["parts"].keys() == {"train"} and found["stopped"] is None
    part = json.loads(ok("evaluate", "f.netb", "--json").out)["parts"]["train"]
    assert found["parts"]["train"]["cost"] == pytest.approx(part["cost"])
    assert found["parts"]["train"]["accuracy"] == part["accuracy"]


def test_it_stops_at_a_cost_and_looks_as_often_as_asked(flower, ok):
    said = ok("train", "f.netb", "--target-cost", "0.5", "--evaluate-every", "7").out
    assert "the cost has fallen to" in said
    training = load("f.netb").project.training
    assert (training.target_cost, training.evaluate_every) == (0.5, 7)


@pytest.mark.parametrize(
    ("layers", "given", "used"),
    [
        ("4 tanh, 1 sigmoid", (), [(1, False)]),
        ("4 tanh, 1 sigmoid", ("--threads", "3"), [(3, True)]),
        ("1000 tanh, 1000 tanh, 1 sigmoid", (), [(8, False)]),
    ],
)
def test_threads_are_as_many_as_the_network_is_worth(ok, monkeypatch, layers, given, used):
    """10-64-1 on 10,000 rows took 5.8 s with two threads on a busy machine, and 0.6 with one."""
    ok("new", "n.netb", "--data", "flower", "--layers", layers)
    found = []
    monkeypatch.setattr(threads, "cores", lambda: 8)
    monkeypatch.setattr(threads, "use", lambda n, asked=False: found.append((n, asked)))
    ok("train", "n.netb", "--epochs", "1", *given)
    assert found == used


def test_threads_that_the_user_has_set_stay_unless_others_are_asked_for(monkeypatch):
    found = []

    class Blas:
        def limit(self, limits: int, user_api: str) -> None:
            found.append((limits, user_api))

    monkeypatch.setattr(threads, "_blas", Blas)
    monkeypatch.setattr(threads, "_BY_USER", True)
    threads.use(2)
    threads.use(3, asked=True)
    monkeypatch.setattr(threads, "_BY_USER", False)
    threads.use(4)
    assert found == [(3, "blas"), (4, "blas")]


def test_blas_uses_what_it_is_told():
    def blas() -> set[int]:  # there may be libraries of other kinds, such as OpenMP's
        libraries = threads._blas().info()
        return {lib["num_threads"] for lib in libraries if lib["user_api"] == "blas"}

    before = blas()
    with threads._blas().limit(limits=1, user_api="blas"):
        threads.use(1, asked=True)
        assert blas() == {1}
    assert blas() == before


def test_a_run_keeps_all_its_costs_only_where_they_are_asked_for(ok, monkeypatch):
    monkeypatch.setattr(log_module, "BOUND", 64)
    ok("new", "n.netb", "--data", "flower")
    for _ in range(2):
        ok("train", "n.netb", "--epochs", "200")
        found = opened(Path("n.netb")).run
        assert found is not None and len(found.log.updates()["step"]) <= 64
    ok("train", "n.netb", "--fresh", "--epochs", "200", "--log", "costs.csv")
    assert len(Path("costs.csv").read_text().splitlines()) > 200
