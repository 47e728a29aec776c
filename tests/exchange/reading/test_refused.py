"""What cannot be taken is refused by its name and with the reason, and nothing else is opened."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from netbuilder.errors import UserError
from netbuilder.exchange.reading.readers import can_read, read


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read(path)
    sentence = str(caught.value)
    assert sentence.startswith(path.name) and sentence.isprintable()
    assert "of a kind that netbuilder does not know" not in sentence
    return sentence


def hdf5(path: Path, **arrays: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            group = file.create_group(f"layers/{name}/vars")
            for k, array in enumerate(values):
                group[str(k)] = array
    return path


W, b = np.ones((2, 3), "f4"), np.zeros(3, "f4")


def test_links_of_hdf5_are_not_followed(tmp_path: Path) -> None:
    other = hdf5(tmp_path / "secret.h5", dense=(W, b))
    for link in (
        h5py.ExternalLink(str(other), "/layers/dense"),
        h5py.SoftLink("/layers/dense"),
    ):
        path = hdf5(tmp_path / "n.weights.h5", dense=(W, b))
        with h5py.File(path, "a") as file:
            file["layers/dense_1"] = link
        assert "link" in refusal(path)


def test_arrays_outside_packed_or_of_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "n.weights.h5"
    (tmp_path / "raw").write_bytes(bytes(24))
    for reason, options in (
        ("other files", {"external": [(str(tmp_path / "raw"), 0, 24)]}),
        ("packed", {"chunks": (2, 3), "compression": "gzip"}),
        ("one piece", {"chunks": (1, 3)}),
    ):
        with h5py.File(path, "w") as file:
            group = file.create_group("layers/dense/vars")
            group.create_dataset("0", (2, 3), "f4", **options)
        assert reason in refusal(path)
    with h5py.File(path, "w") as file:
        file.create_group("layers/dense/vars")["0"] = "text"
    assert "plain numbers" in refusal(path)


def test_groups_within_themselves_come_to_an_end(tmp_path: Path) -> None:
    path = tmp_path / "n.weights.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("layers/dense")
        group["vars"] = group
    assert "contain each other" in refusal(path)


def onnx(path: Path, nodes: list[Any], x: Any = ("m", 2), **arrays: np.ndarray) -> Path:
    kept = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    info = [helper.make_tensor_value_info(n, TensorProto.FLOAT, x) for n in "xy"]
    graph = helper.make_graph(nodes, "g", info[:1], info[1:], kept)
    path.write_bytes(helper.make_model(graph).SerializeToString())
    return path


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([("Sin", ["x"], ["y"])], "odd (Sin) cannot be had here: netbuilder has no layer"),
        ([("Gemm", ["x", "gone"], ["y"])], "is not in the file"),
        ([("Relu", ["x"], ["z"]), ("Add", ["z", "x"], ["y"])], "only chains"),
        ([("Relu", ["x"], ["z"]), ("Tanh", ["z"], ["x"])], "leads round"),
        ([("Relu", ["x"], ["z"])], "is no output"),
        ([("Gemm", ["x", "W"], ["y"], {"alpha": 2.0})], "does not compute W·A + b"),
        ([("LeakyRelu", ["x"], ["y"], {"alpha": 0.2})], "its alpha is not 0.01"),
    ],
)
def test_graphs_that_are_no_chains_of_our_layers(
    nodes: list[Any], reason: str, tmp_path: Path
) -> None:
    made = [
        helper.make_node(op, ins, outs, name="odd", **(more[0] if more else {}))
        for op, ins, outs, *more in nodes
    ]
    assert reason in refusal(onnx(tmp_path / "n.onnx", made, W=W))


def test_external_data_of_onnx_is_not_opened(tmp_path: Path) -> None:
    path = onnx(tmp_path / "n.onnx", [helper.make_node("MatMul", ["x", "W"], ["y"])], W=W)
    import onnx as package

    model = package.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    path.write_bytes(model.SerializeToString())
    assert "'W' lies in another file" in refusal(path)


def keras(path: Path, *layers: tuple[str, dict[str, Any]], **more: Any) -> Path:
    listed = [{"class_name": kind, "config": config} for kind, config in layers]
    config = {"class_name": "Sequential", "config": {"layers": listed}, **more}
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.create_group("layers")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", content.getvalue())
    return path


_INPUT = ("InputLayer", {"batch_shape": [None, 4]})


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (("Lambda", {"name": "run", "function": "os.system"}), "'run' is of Keras's class Lambda"),
        (("Dense", {"units": 3, "activation": "mish"}), "The activation mish"),
        (("Dense", {"units": 3, "activation": {"class_name": "x"}}), "is none that netbuilder"),
        (("Dense", {"units": -3}), "units must be"),
        (("Dense", {}), "its settings make no sense"),
        (("Conv2D", {"filters": 2, "kernel_size": [3, 2]}), "not square"),
        (("Conv2D", {"filters": 2, "kernel_size": 3, "dilation_rate": 2}), "filters have holes"),
    ],
)
def test_keras_layers_that_we_do_not_have(layer: Any, reason: str, tmp_path: Path) -> None:
    assert reason in refusal(keras(tmp_path / "n.keras", _INPUT, layer))


def test_a_header_may_claim_what_it_likes(tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"

    def with_header(header: Any, length: int | None = None) -> Path:
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        size = len(text) if length is None else length
        path.write_bytes(size.to_bytes(8, "little") + text + bytes(16))
        return path

    entry = {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 16]}
    assert "do not fill its shape" in refusal(with_header({"0.weight": entry}))
    assert "cut off" in refusal(with_header({}, 2**60))
    assert "outside" in refusal(
        with_header({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 17]}})
    )
    twice = b'{"w": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}, "w": 1}'
    assert "comes twice" in refusal(with_header(twice))
    shared = {f"{k}.weight": {**entry, "shape": [2, 2]} for k in range(3)}
    assert "more than it has" in refusal(with_header(shared))
    assert "damaged" in refusal(with_header(b"[" * 100_000))


def test_what_is_read_is_known_by_its_name(tmp_path: Path) -> None:
    assert can_read(Path("A.ONNX")) and can_read(Path("a.weights.h5"))
    assert not can_read(Path("a.pt")) and not can_read(Path("a.py"))
    with pytest.raises(UserError, match="none of the files"):
        read(tmp_path / "model.pt")
    with pytest.raises(UserError, match="There is no file"):
        read(tmp_path / "gone.onnx")
