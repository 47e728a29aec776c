"""The self-check beside every export: its consumer repeats our answers, or a sentence tells why."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data.dataset import Scaling
from netbuilder.engine.layers import Activation, Conv2D, Dense, Dropout, Flatten, Reshape
from netbuilder.errors import UserError
from netbuilder.exchange.consumers import CONSUMERS, NUMPY_FUNCTIONS
from netbuilder.exchange.formats import FORMATS, export
from netbuilder.exchange.self_check import check_path, script_for, verify
from netbuilder.exchange.trained import Trained


def check_of(path: Path) -> dict:
    return json.loads(check_path(path).read_text(encoding="utf-8"))


@pytest.fixture
def priced(of_data, houses) -> Trained:
    return of_data([Dense(5, "tanh"), Dense(1, "linear")], houses.data("regression"))


@pytest.fixture
def named(of_data, houses) -> Trained:
    return of_data([Dense(5, "tanh"), Dense(3, "softmax")], houses.data("classes"))


def test_raw_rows_have_gaps_and_words_never_seen_and_our_answers(named, houses, in_words, tmp_path):
    export(tmp_path / "n.onnx", named)
    check = check_of(tmp_path / "n.onnx")
    rows = check["inputs"]
    assert list(rows) == ["area", "label", "city", "floor", "slope", "state"]
    assert {len(values) for values in rows.values()} == {5}
    assert [values[3] for values in rows.values()] == [None, None, "", None, None, ""]
    assert rows["city"][4] == "never seen" and rows["floor"][4] == 4.0
    # Each is as float32 has it, so that nothing is lost on the way.
    numbers = [value for name in ("area", "label", "slope") for value in rows[name][:3]]
    assert [float(np.float32(value)) for value in numbers] == numbers
    assert len(set(rows["label"])) > 3
    expected = in_words(named, rows)
    assert check["answers"]["label 2"] == expected["label"].tolist()
    found = check["answers"]["probabilities"]
    np.testing.assert_allclose(found, expected["probabilities"], atol=1e-9)


def test_a_matrix_comes_with_the_rows_that_it_is_made_from(priced, in_words, tmp_path):
    export(tmp_path / "n.npz", priced)
    check = check_of(tmp_path / "n.npz")
    assert np.shape(check["inputs"]["features"]) == (5, priced.info.n_x)
    expected = in_words(priced, check["rows"])["price"]
    # What stands for a gap at 350,000 ± 1 is what float32 has of it.
    np.testing.assert_allclose(check["answers"]["predictions"], expected, rtol=1e-3)


@pytest.mark.parametrize("name", ["n.onnx", "n.npz"])
def test_the_consumer_gives_our_answers(name, priced, tmp_path):
    format = export(tmp_path / name, priced)
    assert f"{name} is verified" in str(verify(tmp_path / name, priced, format))


@pytest.fixture
def answered(capsys):
    """``answered(path, trained)``: what the short program prints, run in this process."""

    def run(path: Path, trained: Trained) -> dict:
        script = script_for(path, trained, export(path, trained))
        capsys.readouterr()
        exec(script.replace(f'"{path.name}', f'"{path}'), {})
        return json.loads(capsys.readouterr().out)

    return run


@pytest.mark.peers
@pytest.mark.parametrize("name", ["n.safetensors", "n.keras"])
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_heavy_consumers_give_our_answers(name, priced, tmp_path, answered, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    found = answered(tmp_path / name, priced)["predictions"]
    expected = check_of(tmp_path / name)["answers"]["predictions"]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_program_for_numpy_knows_every_activation(trained, predict, tmp_path, answered):
    layers = [layer for name in NUMPY_FUNCTIONS for layer in (Dense(4, name), Activation(name))]
    network = trained([*layers, Dropout(0.5), Dense(3, "softmax")])
    path = tmp_path / "n.npz"
    found = answered(path, network)["probabilities"]
    expected = predict(network, np.array(check_of(path)["inputs"]["features"]))
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_what_answers_otherwise_is_told_with_row_and_numbers(named, tmp_path):
    path = tmp_path / "n.onnx"
    format = export(path, named)
    check = check_of(path)
    check["answers"]["probabilities"][2][0] += 0.01
    check_path(path).write_text(json.dumps(check), encoding="utf-8")
    with pytest.raises(UserError, match=r"otherwise in onnxruntime.*probabilities of row 3"):
        verify(path, named, format)


def test_a_file_that_the_consumer_does_not_take_is_told(priced, tmp_path):
    path = tmp_path / "n.npz"
    format = export(path, priced)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UserError, match=r"NumPy does not take n\.npz: .*BadZipFile"):
        verify(path, priced, format)


def test_a_consumer_that_is_not_installed_is_named(priced, tmp_path, monkeypatch):
    path = tmp_path / "n.onnx"
    format = export(path, priced)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    found = str(verify(path, priced, format))
    assert found == "n.onnx is not verified: onnxruntime is not installed."


@pytest.mark.parametrize("suffix", [".npz", ".weights.h5"])
def test_where_no_short_program_will_do_there_is_none(suffix, trained, tmp_path):
    layers = [Reshape(1, 6, 7), Conv2D(2, 3), Flatten(), Dense(3, "softmax")]
    network = trained(layers, n_x=42)
    path = tmp_path / f"n{suffix}"
    format = export(path, network)
    with pytest.raises(UserError, match=r"no short program for n\."):
        script_for(path, network, format)
    assert "is not verified" in str(verify(path, network, format))
    assert np.shape(check_of(path)["inputs"]["features"]) == (5, 42)


def test_answers_that_are_no_numbers_are_refused_before_anything_is_written(trained, tmp_path):
    network = trained([Dense(2, "linear")], "regression")
    (id,) = network.plan.layer_numbers
    network.weights[f"{id}.W"][...] = 1e308
    with pytest.raises(UserError, match="answers are not finite"):
        export(tmp_path / "n.npz", network)
    assert not list(tmp_path.iterdir())


def test_columns_of_any_size_have_their_rows(trained, tmp_path):
    network = trained([Dense(2, "linear")], "regression")
    shift = np.array([1e300, 1e-300, 0.0, 5e9, -1.0])
    scale = np.array([1e299, 1e-301, 1e-30, 1.0, 1e12])
    network = dataclasses.replace(network, scaling=Scaling(shift, scale))
    export(tmp_path / "n.npz", network)
    assert np.isfinite(check_of(tmp_path / "n.npz")["inputs"]["features"]).all()


@pytest.mark.parametrize("name", CONSUMERS)
def test_every_program_can_be_read(name, named, tmp_path):
    path = tmp_path / f'a "b" 花{FORMATS[name].suffix}'
    script = script_for(path, named, FORMATS[name])
    compile(script, "script", "exec")
    assert all(len(line) <= 110 for line in script.splitlines())
    assert len(script.splitlines()) <= 30
