"""ONNX: onnxruntime takes the raw columns of a table and gives the answers of `predict`."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import onnx
import onnxruntime
import pytest

from netbuilder import __version__
from netbuilder.data.dataset import Scaling
from netbuilder.data.prepare import prepare
from netbuilder.data.sources import table_for
from netbuilder.engine.layers import Dense
from netbuilder.errors import UserError
from netbuilder.exchange import onnx_file

TASKS = {
    "binary": [Dense(5, "tanh"), Dense(1, "sigmoid")],
    "classes": [Dense(5, "tanh"), Dense(3, "softmax")],
    "regression": [Dense(5, "tanh"), Dense(1, "linear")],
}


def answered(path, rows) -> dict[str, np.ndarray]:
    """What onnxruntime makes of raw rows, column by column; the file is checked in full before."""
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    fed = {}
    for column in session.get_inputs():
        dtype = {"tensor(float)": np.float32, "tensor(string)": object}[column.type]
        assert column.shape == ["m", 1]
        fed[column.name] = np.array(rows[column.name], dtype)[:, None]
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, fed), strict=True))


def check(found, expected) -> None:
    assert len(found) == len(expected)
    for (name, values), should in zip(found.items(), expected.values(), strict=True):
        if values.dtype == object:
            assert values.tolist() == should.tolist()
        else:
            assert values.dtype == np.float32
            np.testing.assert_allclose(values, should, atol=1e-5, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("missing", ["median", "own"])
@pytest.mark.parametrize("scale", ["none", "standard", "minmax"])
@pytest.mark.parametrize("task", TASKS)
def test_raw_rows_are_answered_as_predict_does(
    task, scale, missing, of_data, houses, in_words, tmp_path
):
    """Words, gaps, words never seen, numbers as categories, numbers far from zero."""
    data = houses.data(task, scale, missing)
    if scale == "none":  # what nobody scaled is beyond the reach of weights such as these
        data = houses.data(task, scale, missing, without=("label",))
    network = of_data(TASKS[task], data)
    onnx_file.save(tmp_path / "n.onnx", network)
    check(answered(tmp_path / "n.onnx", houses.rows), in_words(network, houses.rows))


def test_every_layer_and_a_graph_answer_raw_rows(any_network, of_data, houses, in_words, tmp_path):
    network = of_data(any_network, houses.data("classes", "standard", "own"))
    onnx_file.save(tmp_path / "n.onnx", network)
    check(answered(tmp_path / "n.onnx", houses.rows), in_words(network, houses.rows))


def test_inputs_and_outputs_are_named(of_data, houses):
    model = onnx_file.build(of_data(TASKS["classes"], houses.data("classes")))
    types = {found.name: found.type.tensor_type.elem_type for found in model.graph.input}
    text, number = onnx.TensorProto.STRING, onnx.TensorProto.FLOAT
    texts = {name for name, type in types.items() if type == text}
    assert list(types) == list(houses.rows) and texts == {"city", "state"}
    assert set(types.values()) == {text, number}
    # A column is called label: it keeps its name.
    assert [found.name for found in model.graph.output] == ["label 2", "probabilities"]
    model = onnx_file.build(of_data(TASKS["regression"], houses.data("regression")))
    assert [found.name for found in model.graph.output] == ["price"]


def test_it_says_what_it_is(of_data, houses):
    network = of_data(TASKS["classes"], houses.data("classes"))
    model = onnx_file.build(network)
    props = {prop.key: prop.value for prop in model.metadata_props}
    assert json.loads(props["class_names"]) == list(network.info.class_names)
    assert json.loads(props["feature_names"]) == list(network.info.feature_names)
    assert json.loads(props["network"])[0]["type"] == "dense"
    assert props["loss"] == "cross_entropy" and props["netbuilder_version"] == __version__
    city = json.loads(props["columns"])[2]
    assert (city["name"], city["type"], city["words"]) == ("city", "text", ["Bonn", "Köln", "北京"])
    assert model.ir_version == 8 and model.producer_version == __version__
    domains = {(imported.domain, imported.version) for imported in model.opset_import}
    assert domains == {("", 17), ("ai.onnx.ml", 3)}


def test_several_targets_are_outputs_of_their_own(trained, predict, X, tmp_path):
    network = trained([Dense(4, "tanh"), Dense(2, "linear")], "regression")
    units = Scaling(np.array([350_000.0, -2e-4]), np.array([8_000.0, 3e-5]))
    onnx_file.save(tmp_path / "n.onnx", dataclasses.replace(network, target_scaling=units))
    session = onnxruntime.InferenceSession(tmp_path / "n.onnx")
    found = session.run(["height", "weight"], {"features": X.astype(np.float32)})
    np.testing.assert_allclose(
        units.apply(np.hstack(found)), predict(network, X), atol=1e-4, rtol=1e-4
    )


def test_scores_that_are_no_probabilities_are_not_called_so(trained, predict, X, tmp_path):
    network = trained([Dense(1, "linear")], "binary", loss="mse")
    onnx_file.save(tmp_path / "n.onnx", network)
    session = onnxruntime.InferenceSession(tmp_path / "n.onnx")
    label, scores = session.run(["label", "scores"], {"features": X.astype(np.float32)})
    np.testing.assert_allclose(scores, predict(network, X), atol=1e-5, rtol=1e-5)
    names = network.info.class_names
    assert label.tolist() == [names[int(score > 0.5)] for score in scores[:, 0]]
    assert set(label) == set(names)


@pytest.mark.parametrize("source, name", [("moons", "features"), ("digits", "pixels")])
def test_data_without_columns_is_one_matrix(source, name, of_data):
    data = prepare(table_for(source, "", 50, 0.1, 1), "standard", 0.0, 0.0, 1)
    layers = TASKS["binary"] if data.info.n_y == 1 else [Dense(data.info.n_y, "softmax")]
    model = onnx_file.build(of_data(layers, data))
    (found,) = model.graph.input
    assert found.name == name
    assert found.type.tensor_type.shape.dim[1].dim_value == data.info.n_x
    assert [output.name for output in model.graph.output] == ["label", "probabilities"]


def test_a_matrix_with_gaps_is_filled_in(of_data, tmp_path):
    data = prepare(table_for("moons", "", 50, 0.1, 1), "standard", 0.0, 0.0, 1)
    network = of_data(TASKS["binary"], data)
    onnx_file.save(tmp_path / "n.onnx", network)
    session = onnxruntime.InferenceSession(tmp_path / "n.onnx")
    fills = [column.fill for column in network.inputs]
    with_gaps = np.array([[np.nan, 0.5], [0.5, np.nan]], np.float32)
    without = np.array([[fills[0], 0.5], [0.5, fills[1]]], np.float32)
    for found, expected in zip(
        session.run(None, {"features": with_gaps}),
        session.run(None, {"features": without}),
        strict=True,
    ):
        if found.dtype == object:
            assert found.tolist() == expected.tolist()
        else:
            np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_column_that_float32_cannot_tell_apart_is_refused_by_name(of_data, houses, tmp_path):
    network = of_data(TASKS["classes"], houses.data("classes"))
    shift = network.scaling.shift.copy()
    shift[1] = 1.7e9
    far = dataclasses.replace(network, scaling=Scaling(shift, network.scaling.scale))
    with pytest.raises(UserError, match=r"'label' lies around 1\.7e\+09.*--matrix"):
        onnx_file.save(tmp_path / "n.onnx", far)
    assert not list(tmp_path.iterdir())
    onnx_file.save_matrix(tmp_path / "n.onnx", far)
