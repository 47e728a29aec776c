"""NPZ files: X and Y as they are told, and nothing unpacked that a header only claims."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data import npz_file
from netbuilder.data.files import read_table
from netbuilder.data.prepare import prepare
from netbuilder.data.reading import Stopped
from netbuilder.data.table import Table
from netbuilder.errors import UserError


def read(tmp_path: Path, **arrays: Any) -> Table:
    path = tmp_path / "own.npz"
    np.savez_compressed(path, **arrays)
    return read_table(path)


def refusal(tmp_path: Path, **arrays: Any) -> str:
    with pytest.raises(UserError) as caught:
        read(tmp_path, **arrays)
    return str(caught.value)


def refusal_of(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_table(path)
    return str(caught.value)


def zipped(path: Path, method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def npy(values: Any, claim: bytes | None = None) -> bytes:
    """The array as bytes; `claim` takes the place of its shape in the header."""
    buffer = io.BytesIO()
    np.save(buffer, values)
    content = buffer.getvalue()
    if claim is None:
        return content
    start = content.index(b"'shape': ") + 9
    end = content.index(b"}", start)
    spare = content.index(b"\n") - end
    return (
        content[:start]
        + claim
        + b"}".ljust(spare - len(claim) + end - start)
        + content[content.index(b"\n") :]
    )


X = np.arange(12.0).reshape(6, 2)


def test_numbers(tmp_path: Path) -> None:
    table = read(tmp_path, X=X, Y=X[:, 0] / 2)
    assert table.columns == ("x1", "x2", "y")
    assert table.targets == ("y",)
    assert table.categories == {}
    assert np.array_equal(table.values, np.column_stack([X, X[:, 0] / 2]))
    assert table.name == "own"


@pytest.mark.parametrize("dtype", ["uint8", "int64", "bool", ">i4", "float32", "<f2", "longdouble"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_types_and_orders(tmp_path: Path, dtype: str, order: Any) -> None:
    values = np.asarray(X, dtype=dtype, order=order)
    table = read(tmp_path, X=values, Y=X[:, :1])
    assert np.array_equal(table.values[:, :2], values.astype(float))


@pytest.mark.parametrize("shape", [(6,), (6, 1)])
def test_whole_numbers_are_classes(tmp_path: Path, shape: tuple[int, ...]) -> None:
    table = read(tmp_path, X=X, Y=np.array([7, -1, 7, 3, 3, -1]).reshape(shape))
    assert table.categories == {"y": ("-1", "3", "7")}
    assert table.column("y").tolist() == [2, 0, 2, 1, 1, 0]


def test_words_are_classes(tmp_path: Path) -> None:
    table = read(tmp_path, X=X, Y=np.array(list("abcabc")))
    assert table.categories == {"y": ("a", "b", "c")}
    assert table.column("y").tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("dtype", [float, int])
def test_one_hot_is_classes(tmp_path: Path, dtype: type) -> None:
    table = read(tmp_path, X=X, Y=np.eye(3, dtype=dtype)[[0, 1, 2, 2, 1, 0]])
    assert table.columns == ("x1", "x2", "y")
    assert table.categories == {"y": ("0", "1", "2")}
    assert table.column("y").tolist() == [0, 1, 2, 2, 1, 0]


def test_several_targets(tmp_path: Path) -> None:
    table = read(tmp_path, X=X, Y=X * 2)
    assert table.columns == ("x1", "x2", "y1", "y2")
    assert table.targets == ("y1", "y2")
    assert table.categories == {}


def test_small_letters_will_do(tmp_path: Path) -> None:
    assert read(tmp_path, x=X, y=X[:, 0]).m == 6


def test_nan_is_missing(tmp_path: Path) -> None:
    values = X.copy()
    values[2, 1] = np.nan
    assert np.argwhere(np.isnan(read(tmp_path, X=values, Y=X).values)).tolist() == [[2, 1]]


def test_infinite(tmp_path: Path) -> None:
    values = X.copy()
    values[2, 1] = -np.inf
    assert "own.npz: X[2, 1] is infinite" in refusal(tmp_path, X=values, Y=X)
    assert "own.npz: Y[2, 1] is infinite" in refusal(tmp_path, X=X, Y=values)


def test_missing_arrays(tmp_path: Path) -> None:
    assert "own.npz has no array Y" in refusal(tmp_path, X=X, truth=X)
    assert "found: inputs, truth" in refusal(tmp_path, inputs=X, truth=X)
    empty = zipped(tmp_path / "empty.npz")
    assert "found: no array at all" in refusal_of(empty)


def test_examples_to_predict_need_no_targets(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, X=X)
    table = read_table(path, labelled=False)
    assert table.columns == ("x1", "x2") and table.targets == ()
    np.savez(path, X=X, Y=X[:, 0])
    assert read_table(path, labelled=False).targets == ("y",)


@pytest.mark.parametrize("shape", [(0, 2), (6, 0), (0, 2, 3)])
def test_no_numbers_in_x(tmp_path: Path, shape: tuple[int, ...]) -> None:
    message = refusal(tmp_path, X=np.zeros(shape), Y=np.zeros(6))
    assert f"X holds no numbers, as its shape is {shape}" in message


@pytest.mark.parametrize("shape", [(), (6,), (6, 2, 3, 1)])
def test_wrong_shape_of_x(tmp_path: Path, shape: tuple[int, ...]) -> None:
    message = refusal(tmp_path, X=np.zeros(shape), Y=np.zeros(6))
    assert "expected X of shape (examples, features), found " + str(shape) in message


@pytest.mark.parametrize(
    ("of_x", "of_y"),
    [("x_train", "y_train"), ("X_train", "Y_train"), ("data", "target"), ("images", "labels")],
)
def test_other_names_for_x_and_y(tmp_path: Path, of_x: str, of_y: str) -> None:
    pixels = np.arange(24).reshape(2, 3, 4).astype(np.uint8)
    arrays = {of_x: pixels, of_y: np.array([7, 3]), "x_test": pixels, "y_test": np.array([1, 1])}
    table = read(tmp_path, **arrays)
    assert table.image_shape == (3, 4)
    assert table.columns == (*(f"x{k}" for k in range(1, 13)), "y")
    assert table.values[1].tolist() == [*range(12, 24), 1]
    assert table.categories == {"y": ("1", "3", "7")}
    assert (table.m, table.test, table.column("y").tolist()) == (4, 2, [2, 1, 0, 0])
    parts = prepare(table, "none", 0, 0, 1)
    assert (parts.train.m, parts.test.m) == (2, 2)


def test_a_test_part_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, X=X, Y=X[:, 0], x_test=X[:, :1], y_test=X[:, 0])
    assert "the array x_test has the shape (6, 1), which does not fit" in message
    message = refusal(tmp_path, X=X, Y=X[:, 0], x_test=X, y_test=X[:1, 0])
    assert "the array y_test has the shape (1,), which does not fit" in message


def test_reading_can_be_stopped_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, X=X, Y=X[:, 0])
    shares: list[float] = []

    def watch(share: float) -> None:
        shares.append(share)
        if share >= 0.4:
            raise Stopped

    with pytest.raises(Stopped):
        read_table(path, watch=watch)
    assert shares == [0, 0.4]


@pytest.mark.parametrize("shape", [(), (6, 0), (6, 1, 1)])
def test_wrong_shape_of_y(tmp_path: Path, shape: tuple[int, ...]) -> None:
    assert f"found {shape}" in refusal(tmp_path, X=X, Y=np.zeros(shape))


def test_different_numbers_of_examples(tmp_path: Path) -> None:
    assert "X has 6 examples and Y has 5" in refusal(tmp_path, X=X, Y=np.zeros(5))
    assert "save X.T and Y.T" in refusal(tmp_path, X=X.T, Y=np.zeros((1, 6)))


def test_objects_are_never_loaded(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "sprung",)

    message = refusal(tmp_path, X=np.array([[Trap()]], dtype=object), Y=np.zeros(1))
    assert "Python objects" in message and "X.astype(float)" in message
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "values",
    [
        np.array([["a", "b"]]),
        np.zeros((1, 2), complex),
        np.zeros((1, 2), "M8[s]"),
    ],
)
def test_types_that_are_no_numbers(tmp_path: Path, values: Any) -> None:
    assert "the array X has the type" in refusal(tmp_path, X=values, Y=np.zeros(1))


def test_records(tmp_path: Path) -> None:
    records = np.zeros((1, 2), [("a", float)])
    assert "its elements are records" in refusal(tmp_path, X=records, Y=np.zeros(1))


@pytest.mark.parametrize(
    "claim", [b"(1000000000000,)", b"(10000000, 100)", b"(99999999999, 99999999999)"]
)
def test_enormous_claim(tmp_path: Path, claim: bytes) -> None:
    path = zipped(tmp_path / "own.npz", X=npy(np.zeros(3), claim), Y=npy(np.zeros(3)))
    message = refusal_of(path)
    assert "the array X claims the shape (" in message and "at most 2.0 GB" in message


@pytest.mark.parametrize("claim", [b"(2, 1)", b"(4, 1)"])
def test_claim_that_its_numbers_do_not_fill(tmp_path: Path, claim: bytes) -> None:
    path = zipped(tmp_path / "own.npz", X=npy(np.zeros((3, 1)), claim), Y=npy(np.zeros(3)))
    assert "do not fill it" in refusal_of(path)


def test_zip_bomb(tmp_path: Path) -> None:
    """130 MB of noughts in 130 KB."""
    path = zipped(tmp_path / "own.npz", X=npy(np.zeros((2**24, 1))), Y=npy(np.zeros(1)))
    assert path.stat().st_size < 200_000
    assert "times its size" in refusal_of(path)


def test_nonsense_claim(tmp_path: Path) -> None:
    path = zipped(tmp_path / "own.npz", X=npy(np.zeros(3), b"(-1, 3)"), Y=npy(np.zeros(1)))
    assert "own.npz: the array X has a header that cannot be read" in refusal_of(path)


def test_both_arrays_together_are_no_larger_than_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npz_file, "MAX_BYTES", X.nbytes)
    path = tmp_path / "own.npz"
    np.savez(path, X=X, Y=X)
    assert "the array Y claims the shape (6, 2)" in refusal_of(path)


def test_unusual_packing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "own.npz", zipfile.ZIP_LZMA, X=npy(X), Y=npy(X))
    assert "packed in an unusual way" in refusal_of(path)


def test_no_zip_and_truncated(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(npy(X))
    assert "is no NPZ file" in refusal_of(path)
    np.savez(path, X=X, Y=X)
    path.write_bytes(path.read_bytes()[:-40])
    assert "own.npz is damaged" in refusal_of(path)


@settings(deadline=None)
@given(data=st.data())
def test_any_damage_is_refused_or_harmless(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    method = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    zipped(path, method, X=npy(X), Y=npy(np.arange(6)))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        table = read_table(path)
    except UserError as error:
        assert path.name in str(error)
    else:
        assert table.m == 6
