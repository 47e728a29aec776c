"""NumPy code: it predicts what the model predicts, and makes the run's costs again."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data.dataset import Dataset, Part
from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import Project, TrainingSettings
from netbuilder.engine.layers import Activation, Dense, Dropout
from netbuilder.engine.plan import chain
from netbuilder.errors import UserError
from netbuilder.exchange.formats import FORMATS, export
from netbuilder.exchange.lesson import Lesson
from netbuilder.exchange.trained import Trained
from netbuilder.runs.recorder import Recorder
from netbuilder.training.trainer import Limit, Trainer

ROOT = Path(__file__).parents[2]
CODE = [found.variant for found in FORMATS.values() if found.source is not None]
ROW = {f"feature {k}": 0.5 * k for k in range(5)}

RUNS: dict[str, dict[str, object]] = {
    "full batch": {"optimizer": "gd"},
    "other weights": {"optimizer": "adam"},
    "L2": {"optimizer": "momentum", "l2": 0.5},
    "mini-batches": {"optimizer": "adam", "batch_size": 7, "l2": 0.3},
    "the course's order": {"optimizer": "nesterov", "batch_size": 8, "order_seed": 10},
    "a schedule": {"optimizer": "rmsprop", "batch_size": 9, "schedule": "step", "period": 2},
    "AdamW": {"optimizer": "adamw", "l2": 0.4, "schedule": "inverse_steps", "period": 1},
    "what is left out": {"l1": 0.1, "clip_norm": 0.5, "l2": 0.1, "batch_size": 5},
}


def run_of(trained, name: str, **more: object) -> Trained:
    """A network after eight epochs, with how it was trained."""
    layers = [Dense(4, "tanh"), Dense(3, "linear"), Activation("softmax")]
    plan, rng = chain(5, layers, "cross_entropy"), np.random.default_rng(4)
    info = trained([Dense(3, "softmax")]).info
    X, Y = rng.normal(size=(20, 5)), np.eye(3)[rng.integers(0, 3, 20)]
    empty = Part(X[:0], Y[:0])
    dataset = Dataset(info, Part(X, Y), empty, empty, None)
    settings = {"learning_rate": 0.1, "dtype": "float64", **RUNS[name], **more}
    training = TrainingSettings(**settings)
    begun = None
    if name == "other weights":
        begun = {key: rng.normal(size=shape) for key, shape in plan.stored.items()}
    trainer, recorder = Trainer(plan, dataset, training, 1, begun), Recorder()
    trainer.record(recorder)
    trainer.limit = Limit(seconds=None, epochs=8)
    next(trainer.bursts())
    project = Project(network_of(layers, "cross_entropy"), training=training)
    lesson = Lesson(project, plan, dataset, trainer.log, recorder)
    return Trained.of(plan, trainer.weights(), dataset, lesson)


def test_it_predicts_and_trains_as_the_engine_does(every_network, run_code, checked_code, trained):
    """All networks on raw rows, and eight epochs of many runs, in one process."""
    runs = {f"run: {name}": (run_of(trained, name), [ROW]) for name in RUNS}
    trains = [name for name in runs if "left out" not in name]
    cases = every_network | runs
    ran = run_code("numpy", cases, trains)
    checked_code(ran, cases)
    for name in trains:
        told = re.findall(r"epoch (\d): cost (\S+), in the run (\S+)", ran[name].printed)
        assert len(told) == 8, name
        assert all(cost == here for _, cost, here in told), (name, told)
        assert told[0][1] != told[-1][1]


def test_the_seed_gives_the_weights_where_the_run_began_with_them(trained, tmp_path):
    for name, file in (("full batch", "a.py"), ("other weights", "b.py")):
        export(tmp_path / file, run_of(trained, name), "numpy")
    with np.load(tmp_path / "a_weights.npz") as begun:
        assert sorted(begun.files) == ["W1", "W2", "X", "Y", "b1", "b2"]
        assert begun["X"].shape == (5, 20) and begun["Y"].shape == (3, 20)
    assert "initialize_parameters(LAYER_DIMS, SEED, SCALES)" in (tmp_path / "a.py").read_text()
    with np.load(tmp_path / "b_weights.npz") as begun:
        assert "initial_W1" in begun.files


def test_what_the_course_has_no_function_for_is_said(trained, tmp_path):
    export(tmp_path / "a.py", run_of(trained, "what is left out"), "numpy")
    assert "does not train: the run has an L1 penalty" in (tmp_path / "a.py").read_text()
    export(tmp_path / "b.py", trained([Dense(4), Dropout(0.2), Dense(3, "softmax")]), "numpy")
    text = (tmp_path / "b.py").read_text()
    assert "chains of Dense layers alone" in text and "def train" not in text


@pytest.mark.parametrize("framework", CODE)
def test_code_is_clean_and_formatted(framework, every_network, trained, tmp_path):
    if importlib.util.find_spec("ruff") is None:
        pytest.skip("ruff is not installed")
    networks = [network for network, _ in every_network.values()]
    networks += [run_of(trained, name) for name in RUNS]
    for number, network in enumerate(networks):
        export(tmp_path / f"case_{number}.py", network, framework)
    settings = ["--no-cache", "--config", str(ROOT / "pyproject.toml"), str(tmp_path)]
    for command in (["check"], ["format", "--diff"]):
        found = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings], capture_output=True, text=True
        )
        assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("framework", CODE)
def test_two_columns_of_one_name_are_refused_before_anything_is_written(
    framework, trained, tmp_path
):
    import dataclasses

    network = trained([Dense(3, "softmax")])
    info = dataclasses.replace(network.info, feature_names=("a", "b", "a", "c", "d"))
    with pytest.raises(UserError, match="Two columns are called a"):
        export(tmp_path / "a.py", dataclasses.replace(network, info=info), framework)
    assert list(tmp_path.iterdir()) == []


def test_the_framework_must_be_known(trained, tmp_path):
    with pytest.raises(UserError, match=r"no code for jax.*keras, numpy, torch"):
        export(tmp_path / "a.py", trained([Dense(3, "softmax")]), "jax")
    with pytest.raises(UserError, match=r"Say whose functions.*--framework: keras, numpy, torch"):
        export(tmp_path / "a.py", trained([Dense(3, "softmax")]))
    with pytest.raises(UserError, match=r"--framework.*\.onnx is no code"):
        export(tmp_path / "a.onnx", trained([Dense(3, "softmax")]), "torch")
