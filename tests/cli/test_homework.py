"""`netbuilder compare`: the verdict on every array, the reason, and the exit code."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def filled(ok):
    """A flower, 2-4-1, and its arrays by the formulas, filled into the template."""
    ok("new", "f.netb", "--data", "flower", "--layers", "4 tanh, 1 sigmoid", "--seed", "2")
    out = ok("compare", "--template", "f.netb", "t.npz").out
    assert out.startswith("t.npz: X (2, 400), Y (1, 400), W1 (4, 2), ")
    with np.load("t.npz") as blank:
        h = dict(blank)
    assert np.isnan(h["dW2"]).all() and h["dW2"].shape == (1, 4)
    h["Z1"] = h["W1"] @ h["X"] + h["b1"]
    h["A1"] = np.tanh(h["Z1"])
    h["Z2"] = h["W2"] @ h["A1"] + h["b2"]
    h["A2"] = 1 / (1 + np.exp(-h["Z2"]))
    h["dZ2"] = h["A2"] - h["Y"]
    h["dW2"] = h["dZ2"] @ h["A1"].T / 400
    h["db2"] = h["dZ2"].mean(axis=1, keepdims=True)
    h["dZ1"] = h["W2"].T @ h["dZ2"] * (1 - h["A1"] ** 2)
    return h


def test_right_arrays_end_well(filled, ok):
    np.savez("mine.npz", **filled)
    out = ok("compare", "f.netb", "mine.npz").out.splitlines()
    assert out[0].split("  ")[0] == "array" and out[-1] == "all of it is right"
    assert {line.split()[-1] for line in out[1:-1]} == {"right"}


def test_the_first_wrong_array_is_named_with_its_reason(filled, run):
    filled["dW2"] = filled["dW2"] * 400
    filled["W2_new"] = filled["W2"] - 1.2 * filled["dW2"]  # as the flower learns
    np.savez("mine.npz", **filled)
    ran = run("compare", "f.netb", "mine.npz")
    assert ran.code == 2
    assert ran.err == (
        "netbuilder: The first wrong array is dW2. The 1/m is missing: dW2 is m = 400 times what "
        "your dZ2 gives.\n"
    )
    lines = {line.split()[0]: line for line in ran.out.splitlines()}
    assert lines["dW2"].endswith("WRONG: the first")
    assert lines["W2_new"].endswith("inherited: right from what came before")
    assert lines["dZ1"].endswith("  right")


def test_a_wrong_shape_is_told_beside_the_reason(filled, run):
    filled["db2"] = filled["db2"][:, 0]
    np.savez("mine.npz", **filled)
    ran = run("compare", "f.netb", "mine.npz")
    assert "db2 has the shape (1,), expected (1, 1)" in ran.out
    assert ran.code == 2 and "keepdims=True is missing" in ran.err


def test_what_is_not_known_says_so(filled, run):
    filled["dZ2"] = np.cos(filled["dZ2"])
    np.savez("mine.npz", dZ2=filled["dZ2"], strange=np.ones(3))
    ran = run("compare", "f.netb", "mine.npz")
    assert "no such arrays: strange" in ran.err
    assert ran.code == 2 and "no mistake that is known here" in ran.err


def test_other_weights_can_be_given(filled, ok, run):
    ok("train", "f.netb", "--epochs", "5", "--dtype", "float64", "--out", "g.netb")
    ok("export", "f.netb", "p.npz")
    np.savez("mine.npz", Z1=filled["Z1"])
    assert run("compare", "g.netb", "mine.npz").code == 2
    # What is exported is of single precision, as the file computes.
    np.savez("mine.npz", Z1=filled["Z1"].astype(np.float32))
    assert ok("compare", "g.netb", "mine.npz", "--weights", "p.npz").code == 0


def test_a_file_that_is_no_npz_is_refused(filled, refused, tmp_path):
    (tmp_path / "no.npz").write_text("nothing")
    assert "cannot be read as arrays" in refused("compare", "f.netb", "no.npz")
    assert "cannot be read as arrays" in refused("compare", "f.netb", "none.npz")
    np.savez("empty.npz", t=np.ones(1))
    assert "no array that could be compared" in refused("compare", "f.netb", "empty.npz")
    assert "ends in .npz" in refused("compare", "--template", "f.netb", "t.txt")
