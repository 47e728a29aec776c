"""What `train` writes into: held, left alone when others changed it, and written on the way."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from netbuilder.cli import target as target_module
from netbuilder.cli import training
from netbuilder.cli.opening import opened
from netbuilder.cli.target import Checkpoints, Target
from netbuilder.document.file.lock import Lock
from netbuilder.document.file.storage import load
from netbuilder.errors import Message
from netbuilder.runs.recorder import Recorder
from netbuilder.training.divergence import Diverged
from netbuilder.training.trainer import Limit, Trainer


@pytest.fixture
def flower(ok, tmp_path) -> Path:
    ok("new", "f.netb", "--data", "flower", "--layers", "4 tanh, 1 sigmoid", "--seed", "2")
    return tmp_path / "f.netb"


def test_a_file_that_is_open_in_a_window_is_not_trained(flower, ok, refused):
    before = flower.read_bytes()
    window = Lock.take(flower)
    said = refused("train", "f.netb", "--epochs", "5")
    assert "f.netb is read-only here: it is open in another window (" in said
    assert flower.read_bytes() == before
    ok("train", "f.netb", "--epochs", "5", "--out", "g.netb")
    ok("show", "f.netb")
    window.release()
    ok("train", "f.netb", "--epochs", "5")
    assert sorted(path.name for path in flower.parent.iterdir()) == ["f.netb", "g.netb"]


def test_a_file_that_changed_meanwhile_is_left_as_it_is(flower, ok, run, monkeypatch):
    train = training._run

    def meanwhile(*arguments) -> None:
        train(*arguments)
        flower.write_bytes(b"another program was here")

    ok("train", "f.netb", "--epochs", "5", "--out", "straight.netb")
    whole = flower.read_bytes()
    for beside in ("f-trained.netb", "f-trained-2.netb"):
        flower.write_bytes(whole)
        with monkeypatch.context() as patch:
            patch.setattr(training, "_run", meanwhile)
            ran = run("train", "f.netb", "--epochs", "5")
        assert ran.code == 2
        assert f"is left as it is; what was learnt is in {beside}" in ran.err
        assert flower.read_bytes() == b"another program was here"
        assert Path(beside).read_bytes() == Path("straight.netb").read_bytes()
    assert not list(flower.parent.glob(".*"))


# --- checkpoints ---------------------------------------------------------------------------------


def trained(path: Path, learning_rate: float, monkeypatch, bursts: int = 40) -> list[int]:
    """Trains with a checkpoint after every other burst; the epochs that were in the file."""
    project = opened(path)
    settings = project.project.training
    fast = dataclasses.replace(
        settings, optimizer="gd", batch_size=0, learning_rate=learning_rate, epochs=10**6
    )
    trainer = Trainer(project.plan, project.dataset, fast, project.project.seed)
    trainer.limit = Limit(None, updates=5)
    now = iter(range(0, 10**6, 60))
    monkeypatch.setattr(target_module.time, "monotonic", lambda: next(now))
    epochs, recorder = [], Recorder()
    trainer.record(recorder)
    with Target(path) as target:
        content = project.project, project.sections, trainer, recorder
        checkpoints = Checkpoints(1.0, target, *content)
        for burst, _ in enumerate(trainer.bursts()):
            checkpoints.look()
            if target.epoch is not None and [target.epoch] != epochs[-1:]:
                epochs.append(target.epoch)
            if burst == bursts:
                break
    return epochs


def test_the_run_is_written_on_the_way_and_goes_on_from_there(flower, ok, monkeypatch):
    epochs = trained(flower, 1.2, monkeypatch)
    assert len(epochs) > 10 and epochs == sorted(set(epochs))
    assert f"trained for {epochs[-1]} epochs" in ok("show", "f.netb").out
    ok("new", "g.netb", "--data", "flower", "--layers", "4 tanh, 1 sigmoid", "--seed", "2")
    for name, more in (("f.netb", 500 - epochs[-1]), ("g.netb", 500)):
        ok("train", name, "--learning-rate", "1.2", "--epochs", more)
    one, other = load("f.netb").weights, load("g.netb").weights
    assert all(one[key].tobytes() == other[key].tobytes() for key in one)


def test_no_checkpoint_is_of_a_cost_that_grows_without_bound(houses, ok, monkeypatch):
    ok("new", "n.netb", "--data", "houses.csv", "--layers", "1 linear", "--scale", "standard")
    path = Path("n.netb")
    before = path.read_bytes()
    with pytest.raises(Diverged):
        trained(path, 5.0, monkeypatch, bursts=10_000)
    found = opened(path)
    assert path.read_bytes() == before or found.run.state.step <= 1


def test_killed_on_the_way_the_last_checkpoint_is_there(flower, tmp_path):
    command = [sys.executable, "-m", "netbuilder", "train", "f.netb", "--epochs", "1000000000"]
    before = flower.read_bytes()
    with subprocess.Popen([*command, "--checkpoint", "0.001"], cwd=tmp_path) as process:
        while flower.read_bytes() == before:
            assert process.poll() is None
        process.kill()
        assert process.wait(60) == (-signal.SIGKILL if os.name != "nt" else 1)
    found = opened(flower)
    assert found.run is not None and found.run.state.epoch > 0 and found.warnings == ()
    with Target(flower):
        pass
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".tmp"] == ["f.netb"]


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf", "often"])
def test_what_is_no_number_of_minutes_is_refused(flower, refused, minutes):
    assert "--checkpoint" in refused("train", "f.netb", f"--checkpoint={minutes}")


def test_a_run_that_diverges_after_a_checkpoint_says_what_is_in_the_file(
    flower, ok, run, monkeypatch
):
    def diverges(
        trainer: Trainer, recorder: Recorder, checkpoints: Checkpoints, *_: object
    ) -> Message:
        trainer.limit = Limit(None, updates=5)
        bursts = trainer.bursts()
        for _ in range(4):
            next(bursts)
            checkpoints._next = 0.0
            checkpoints.look()
        return Message("It diverged.")

    monkeypatch.setattr(training, "_run", diverges)
    ran = run("train", "f.netb", "--epochs", "100", "--checkpoint", "5")
    assert ran.code == 2
    epoch = opened(flower).run.state.epoch
    assert epoch >= 15
    assert f"f.netb holds the checkpoint of epoch {epoch}." in ran.err
