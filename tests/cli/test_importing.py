"""``netbuilder import``: a project of another program's network, with data or without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from netbuilder.document.file.storage import load


def tensors(n_x: int = 4) -> None:
    rng = np.random.RandomState(1)
    save_file(
        {"fc1.weight": rng.randn(5, n_x), "fc1.bias": rng.randn(5), "fc2.weight": rng.randn(3, 5)},
        "m.safetensors",
    )


def test_on_data_it_is_trained_and_can_be_trained_on(ok: Callable[..., object]) -> None:
    tensors()
    said = ok("import", "m.safetensors", "m.netb", "--data", "iris")
    assert said.out == "m.netb: 4-5-3, 43 parameters\n"
    assert "ReLU was taken" in said.err and "softmax makes probabilities" in said.err
    assert load("m.netb").project.data.scale == "none"
    assert "accuracy" in ok("evaluate", "m.netb").out
    ok("train", "m.netb", "--epochs", "2", "--quiet")
    ok("train", "m.netb", "--weights", "m.safetensors", "--epochs", "1", "--quiet")


def test_without_data_it_predicts_what_it_did(ok: Callable[..., object]) -> None:
    ok("new", "a.netb", "--data", "iris", "--layers", "4 tanh, 3 softmax")
    ok("train", "a.netb", "--epochs", "3", "--quiet")
    rows = "sepal length,sepal width,petal length,petal width\n5.1,3.5,1.4,0.2\n6,3,5,2\n"
    Path("rows.csv").write_text(rows)
    ok("predict", "a.netb", "--data", "rows.csv", "--out", "theirs.csv")
    for suffix in (".npz", ".onnx", ".keras", ".safetensors"):
        ok("export", "a.netb", f"n{suffix}")
        ok("import", f"n{suffix}", "b.netb", "--force")
        ok("predict", "b.netb", "--data", "rows.csv", "--out", "ours.csv")
        theirs, ours = (Path(n).read_text().splitlines() for n in ("theirs.csv", "ours.csv"))
        assert [line.split(",")[-4] for line in ours] == [line.split(",")[-4] for line in theirs]
        numbers = [
            [list(map(float, line.split(",")[-3:])) for line in lines[1:]]
            for lines in (ours, theirs)
        ]
        np.testing.assert_allclose(*numbers, atol=1e-6)


def test_a_preview_tells_what_fits_and_writes_nothing(ok: Callable[..., object]) -> None:
    tensors()
    said = ok("import", "m.safetensors", "m.netb", "--preview")
    assert "fc1.weight   (5, 4)      W  Dense 1" in said.out
    assert "none: zeros  (3, 1)      b  Dense 2" in said.out
    assert not Path("m.netb").exists()


def test_what_does_not_go_together_is_one_line(
    ok: Callable[..., object], refused: Callable[..., str]
) -> None:
    tensors(n_x=7)
    assert "iris" in refused("import", "m.safetensors", "m.netb", "--data", "iris")
    assert "no name for a project" in refused("import", "m.safetensors", "m.onnx")
    assert "none of the files" in refused("import", "m.pt", "m.netb")
    ok("new", "t.netb", "--data", "iris")
    ok("train", "t.netb", "--epochs", "1", "--quiet")
    assert "--force" in refused("import", "m.safetensors", "t.netb")
    line = refused("train", "t.netb", "--weights", "m.safetensors", "--epochs", "1")
    assert "m.safetensors has nothing for the weights of layer Dense 1" in line
