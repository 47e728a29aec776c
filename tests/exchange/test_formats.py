"""The table of formats, and what no format takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netbuilder.engine.layers import Dense
from netbuilder.errors import UserError
from netbuilder.exchange.formats import FORMATS, export, format_of
from netbuilder.exchange.trained import Trained


@pytest.mark.parametrize("name", ["a.npz", "A.NPZ", "a.safetensors", "a.onnx", "a.weights.H5"])
def test_the_suffix_decides(name):
    assert name.lower().endswith(format_of(Path(name)).suffix)


@pytest.mark.parametrize("name", ["a.h5", "weights.h5", "a.pt", "a"])
def test_other_formats_are_refused_with_those_there_are(name):
    with pytest.raises(UserError) as error:
        format_of(Path(name))
    for format in FORMATS.values():
        assert format.suffix in str(error.value)


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_goes_over_the_old_file_or_leaves_it(name, trained, tmp_path, monkeypatch):
    path = tmp_path / f"n{FORMATS[name].suffix}"
    network, variant = trained([Dense(3, "softmax")]), FORMATS[name].variant
    export(path, network, variant)
    first = {found.name: found.read_bytes() for found in tmp_path.iterdir()}

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(UserError, match="disk is full"):
            export(path, network, variant)
    assert {found.name: found.read_bytes() for found in tmp_path.iterdir()} == first


def test_weights_of_another_network_are_refused(trained):
    network = trained([Dense(3, "softmax")])
    (number,) = network.plan.layer_numbers
    wrong = {**network.weights, f"{number}.W": np.ones((2, 5))}
    with pytest.raises(UserError, match=r"\(3, 5\).*\(2, 5\)"):
        Trained(network.plan, wrong, network.info, None)
    with pytest.raises(UserError, match="missing"):
        Trained(network.plan, {}, network.info, None)


def test_weights_that_are_not_finite_are_refused(trained):
    network = trained([Dense(3, "softmax")])
    (number,) = network.plan.layer_numbers
    network.weights[f"{number}.b"][0, 0] = np.inf
    with pytest.raises(UserError, match="not finite"):
        Trained(network.plan, network.weights, network.info, None)
