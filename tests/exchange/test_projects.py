"""Trained norms on their way: through project files and NPZ, by the command line, and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from netbuilder import cli
from netbuilder.cli.opening import opened
from netbuilder.document.file.storage import load, save
from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import DataChoice, Project, TrainingSettings
from netbuilder.engine.layers import Activation, BatchNorm, Conv2D, Dense, Flatten, Reshape


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """A convolution with norms on digits, trained for two epochs by the command line."""
    layers = [
        *(Reshape(1, 8, 8), Conv2D(4, 3, 2, 1, "linear"), BatchNorm(), Activation("relu")),
        *(Flatten(), BatchNorm(), Dense(10, "softmax")),
    ]
    project = Project(
        network_of(layers, "cross_entropy"),
        DataChoice(source="digits", scale="none"),
        TrainingSettings(optimizer="adam", learning_rate=0.01, batch_size=128),
    )
    path = tmp_path / "digits.netb"
    save(path, project, None)
    assert cli.main(["train", str(path), "--epochs", "2"]) == 0
    return path


def test_a_project_keeps_the_running_statistics(digits):
    loaded = load(digits)
    assert loaded.warnings == ()
    project = opened(digits)
    assert loaded.weights.keys() == project.plan.stored.keys()
    first, second = (node.id for node in project.plan.nodes if isinstance(node.layer, BatchNorm))
    # What was learned of the data, not what a statistic starts from.
    assert np.ptp(loaded.weights[f"{first}.mean"]) > 0.1
    assert np.ptp(loaded.weights[f"{second}.variance"]) > 0.1


def test_weights_come_back_by_the_command_line(digits, tmp_path, capsys):
    """Away as NPZ, into a project that was never trained, and trained on by nothing."""
    project = load(digits).project
    assert cli.main(["export", str(digits), str(tmp_path / "w.npz")]) == 0
    fresh = tmp_path / "fresh.netb"
    save(fresh, project, None)
    command = ["train", str(fresh), "--epochs", "1", "--weights", str(tmp_path / "w.npz")]
    # So small a step leaves the parameters as they are, and only statistics move.
    assert cli.main([*command, "--optimizer", "gd", "--learning-rate", "1e-12"]) == 0
    assert "was trained with" not in capsys.readouterr().out
    before, after = load(digits).weights, load(fresh).weights
    for key in opened(digits).plan.parameters:
        np.testing.assert_allclose(after[key], before[key], rtol=1e-6)
    moved = [
        key
        for key in before
        if key.endswith(".mean") and not np.array_equal(before[key], after[key])
    ]
    assert len(moved) == 2


def test_the_exported_model_predicts_what_the_project_predicts(digits, tmp_path):
    assert cli.main(["export", str(digits), str(tmp_path / "n.onnx")]) == 0
    project = opened(digits)
    X = project.dataset.train.X
    session = onnxruntime.InferenceSession(tmp_path / "n.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(["probabilities"], {"pixels": X.astype(np.float32)})
    expected = project.program(project.trained()).predict(X)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    # It was worth proving: the network has learned something.
    right = expected.argmax(axis=1) == project.dataset.train.Y.argmax(axis=1)
    assert right.mean() > 0.8


def test_a_variance_below_zero_in_a_project_is_left_out(digits, tmp_path):
    loaded = load(digits)
    first, _ = (key for key in loaded.weights if key.endswith(".variance"))
    loaded.weights[first][0, 0] = -1.0
    save(tmp_path / "bad.netb", loaded.project, loaded.weights)
    again = load(tmp_path / "bad.netb")
    assert again.weights.keys() == loaded.weights.keys() - {first}
    assert [str(warning) for warning in again.warnings] == [
        "Weights variance of BatchNorm 1 were left out: some are below zero."
    ]
