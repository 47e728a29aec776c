"""NPZ files of strangers: nothing is unpacked that a header only claims, and nothing is run."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.npz import Flaw, Refused, opened

X = np.arange(12.0).reshape(6, 2)


def saved(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def zipped(method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy(shape: str = "(6, 2)", content: bytes = X.tobytes(), descr: str = "'<f8'") -> bytes:
    """An array as bytes, with whatever its header claims."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-len(text) % 64 + 53) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + content


def read(source: Path | bytes, name: str = "X", most: int | None = None, **kinds: str) -> Any:
    with opened(source, most) as archive:
        return archive.stored(name, **kinds).read()


def refusal(source: Path | bytes, most: int | None = None, **kinds: str) -> Refused:
    with pytest.raises(Refused) as caught:
        read(source, most=most, **kinds)
    assert str(caught.value) == caught.value.values["reason"] != ""
    return caught.value


# --- sound files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["uint8", "int64", "bool", ">i4", "float32", "<f2", "longdouble"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_types_and_orders(save: Any, dtype: str, order: Any, tmp_path: Path) -> None:
    values = np.asarray(X, dtype=dtype, order=order)
    save(tmp_path / "a.npz", X=values)
    found = read(tmp_path / "a.npz")
    np.testing.assert_array_equal(found, values)
    assert found.dtype == np.dtype(dtype).newbyteorder("=")
    assert found.flags.c_contiguous and found.flags.writeable


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1, 1, 1, 1), (300_000,)])
def test_shapes(shape: tuple[int, ...]) -> None:
    values = np.random.RandomState(1).rand(*shape)
    found = read(saved(X=values))
    assert found.shape == shape
    np.testing.assert_array_equal(found, values)


def test_words_where_they_will_do() -> None:
    words = np.array(["ja", "nein"])
    assert read(saved(X=words), kinds="U").tolist() == ["ja", "nein"]
    assert refusal(saved(X=words)).flaw is Flaw.TYPE


def test_the_second_version_of_the_format() -> None:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, X, version=(2, 0))
    np.testing.assert_array_equal(read(zipped(X=buffer.getvalue())), X)


def test_names_in_the_order_of_the_file() -> None:
    with opened(saved(b=X, a=X)) as archive:
        assert archive.names == ("b", "a")
    buffer = io.BytesIO(zipped(b=npy()))
    with zipfile.ZipFile(buffer, "a") as target:
        target.writestr("word/document.xml", "<xml/>")
    with opened(buffer.getvalue()) as archive:
        assert archive.names == ("b",)
        with pytest.raises(KeyError):
            archive.stored("word/document.xml")


@pytest.mark.parametrize("name", ["../evil", "/evil", "C:\\evil", "a/b.W", "a\\b", ""])
def test_a_path_is_a_name_like_any_other(name: str, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.npz"
    path.parent.mkdir()
    path.write_bytes(zipped(**{name: npy()}))
    with opened(path) as archive:
        assert archive.names == (name,)
        np.testing.assert_array_equal(archive.stored(name).read(), X)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


def test_a_header_is_read_without_its_numbers() -> None:
    with opened(zipped(X=npy("(1000000, 1000000)", b"")), 100) as archive:
        stored = archive.stored("X")
        assert (stored.shape, stored.dtype, stored.nbytes) == ((10**6, 10**6), "f8", 8 * 10**12)


# --- claims --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", ["(1000000000000,)", "(10000000, 100)", "(99999999999, 99999999999)"]
)
def test_an_enormous_claim(shape: str) -> None:
    refused = refusal(zipped(X=npy(shape)), most=2**31)
    assert refused.flaw is Flaw.SIZE
    assert refused.values["size"] > refused.values["most"] == 2**31


def test_the_limit_is_for_all_arrays_together() -> None:
    with opened(saved(X=X, Y=X.astype("u1")), 2 * X.nbytes) as archive:
        archive.stored("X").read()
        archive.stored("Y").read()
    with opened(saved(X=X, Y=X.astype("u1")), 2 * X.nbytes - 1) as archive:
        archive.stored("X").read()
        with pytest.raises(Refused) as caught:
            archive.stored("Y").read()
    # Small numbers count as the float64 that they become.
    assert caught.value.flaw is Flaw.SIZE
    assert caught.value.values["size"] == caught.value.values["most"] + 1 == X.nbytes


@pytest.mark.parametrize(
    "shape",
    [
        "(-1, 3)",
        "(-6, -2)",
        "(True, 3)",
        "('a',)",
        "3",
        "((",
        "None",
        "__import__('os')",
        "(" * 5000,
        "(" + "9" * 5000 + ",)",
    ],
)
def test_a_nonsense_claim(shape: str) -> None:
    assert refusal(zipped(X=npy(shape))).flaw is Flaw.HEADER


def test_more_dimensions_than_there_are() -> None:
    assert refusal(zipped(X=npy("(" + "1, " * 100 + ")", bytes(8)))).flaw is Flaw.DAMAGED
    assert refusal(zipped(X=npy(f"(0, {10**30})", b""))).flaw is Flaw.DAMAGED


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    ("shape", "flaw"),
    [("(5, 2)", Flaw.LONG), ("(7, 2)", Flaw.SHORT), ("(0,)", Flaw.LONG), ("()", Flaw.LONG)],
)
def test_a_claim_that_its_numbers_do_not_fill(shape: str, flaw: Flaw, method: int) -> None:
    refused = refusal(zipped(method, X=npy(shape)))
    assert refused.flaw is flaw
    assert str(refused.values["shape"]) == shape


@pytest.mark.parametrize("descr", ["'|O'", "'O'", "'|O8'"])
def test_objects_are_never_loaded(descr: str) -> None:
    assert refusal(zipped(X=npy(descr=descr)), kinds="biufO").flaw is Flaw.OBJECTS


def test_no_pickle_is_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "sprung",)

    assert refusal(saved(X=np.array([Trap()], dtype=object))).flaw is Flaw.OBJECTS
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("dtype", ["U3", "S3", "c16", "M8[s]", "m8[D]", "V4", "U0"])
def test_types_that_are_no_numbers(dtype: str) -> None:
    refused = refusal(saved(X=np.zeros(2, dtype)))
    assert refused.flaw is Flaw.TYPE and refused.values["dtype"].kind == dtype[0]


def test_words_without_letters() -> None:
    assert refusal(zipped(X=npy("(99999999,)", b"", "'<U0'")), kinds="U").flaw is Flaw.TYPE


@pytest.mark.parametrize("descr", ["'f3'", "'b4'", "'M8[who]'", "'f8[s]'", "'x8'", "'>f8,i4'", "8"])
def test_types_that_there_are_not(descr: str) -> None:
    assert refusal(zipped(X=npy(descr=descr))).flaw is Flaw.HEADER


def test_records() -> None:
    refused = refusal(saved(X=np.zeros((1, 2), [("a", float)])))
    assert refused.flaw is Flaw.HEADER and "records" in str(refused)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "does not begin"),
        (b"\x93NUMPY", "does not begin"),
        (b"not an array at all", "does not begin"),
        (b"\x93NUMPY\x09\x00" + b"x" * 50, "unknown npy version 9.0"),
        (b"\x93NUMPY\x01\x00\xff\xff" + b" " * 65535, "too long"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "too long"),
        (b"\x93NUMPY\x01\x00", "does not tell"),
        (npy()[:40], "does not tell"),
        (npy().replace(b"fortran_order", b"fortran_ordeal"), "does not tell"),
    ],
)
def test_headers_that_are_none(content: bytes, words: str) -> None:
    refused = refusal(zipped(X=content))
    assert refused.flaw is Flaw.HEADER and words in str(refused)


# --- archives ------------------------------------------------------------------------------------


def bomb() -> bytes:
    """80 MB of noughts in 80 KB."""
    return zipped(X=npy("(10000000,)", bytes(80_000_000)))


def test_a_bomb_is_not_unpacked() -> None:
    refused = refusal(bomb())
    assert refused.flaw is Flaw.EXPANSION and refused.values["times"] > 500


def test_a_bomb_that_claims_to_be_large() -> None:
    """The packed size in the table of contents is a claim like any other."""
    content = bytearray(bomb())
    entry = content.index(b"PK\x01\x02")
    content[entry + 20 : entry + 24] = struct.pack("<I", 80_000_000)
    # Newer versions of zipfile see for themselves that the claim reaches beyond the archive.
    assert refusal(bytes(content)).flaw in (Flaw.EXPANSION, Flaw.DAMAGED)


def test_small_arrays_may_pack_well() -> None:
    assert not read(saved(X=np.zeros(10**6))).any()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing(method: int) -> None:
    assert refusal(zipped(method, X=npy())).flaw is Flaw.PACKING


def test_encrypted() -> None:
    content = bytearray(zipped(X=npy()))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(content)).flaw is Flaw.PACKING


def test_an_array_twice() -> None:
    buffer = io.BytesIO()
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(buffer, "w") as archive,
    ):
        archive.writestr("X.npy", npy())
        archive.writestr("X.npy", npy())
    refused = refusal(buffer.getvalue())
    assert refused.flaw is Flaw.DAMAGED and str(refused) == "it has X twice"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"epoch,cost\n0,0.69\n",
        npy(),
        saved(X=X)[:-1],
        saved(X=X)[:-40],
        saved(X=X)[40:],
        saved(X=X)[:100] + saved(X=X)[110:],
    ],
)
def test_foreign_and_truncated(content: bytes) -> None:
    assert refusal(content).flaw is Flaw.DAMAGED


@pytest.mark.parametrize("values", [X, X[:0]])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_wrong_checksum_is_noticed(method: int, values: Any) -> None:
    content = bytearray(zipped(method, X=npy(str(values.shape), values.tobytes())))
    for start in (content.index(b"PK\x03\x04") + 14, content.index(b"PK\x01\x02") + 16):
        content[start] ^= 1
    assert refusal(bytes(content)).flaw is Flaw.DAMAGED


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.npz")
    with pytest.raises(IsADirectoryError):
        read(tmp_path)


def test_a_mistake_of_the_caller_is_not_taken_for_damage() -> None:
    with pytest.raises(ValueError, match="mine"), opened(saved(X=X)):
        raise ValueError("mine")


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_any_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    method = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    content = bytearray(zipped(method, X=npy(), Y=npy()))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        with opened(bytes(content[: data.draw(st.integers(1, len(content)))]), 10**6) as archive:
            for name in archive.names:
                array = archive.stored(name).read()
                assert array.dtype.kind in "biuf" and array.nbytes <= X.nbytes
    except Refused:
        pass


@settings(deadline=None, max_examples=80)
@given(header=st.text("{}()[]'descrshapfotn_: ,<f8iU0123456789TrueFalse\n", max_size=120))
def test_any_header_is_refused_or_honest(header: str) -> None:
    text = header.encode()
    content = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(64)
    assert refusal(zipped(X=content)).flaw is Flaw.HEADER
