"""Files that claim what cannot be: a sentence, quickly, and never a traceback."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netbuilder.data import files
from netbuilder.data.files import read_table
from netbuilder.data.reading import Stopped
from netbuilder.data.stamp import Stamp, has_changed, stamp_of
from netbuilder.data.table import Table
from netbuilder.document.file import storage
from netbuilder.document.file.place import Place
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.document.templates import new_project
from netbuilder.errors import Message, UserError
from netbuilder.lab import handed_in

Members = dict[str, bytes]


def npy(header: str, content: bytes = b"") -> bytes:
    """A .npy member with this header, whatever it says."""
    text = header.encode() + b" " * (63 - (len(header) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content


def header(kind: str, shape: str) -> str:
    return f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"


def zipped(path: Path, members: Members, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Members:
    """Of a project that holds its table."""
    table = Table(np.random.RandomState(0).rand(30, 3), ("a", "b", "y"))
    project = new_project(DataChoice(FILE, table=table), "2 tanh, 1 linear")
    path = tmp_path_factory.mktemp("sound") / "p.netb"
    storage.save(path, project, {})
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refused(load: Callable[[], object]) -> str:
    with pytest.raises(UserError) as caught:
        load()
    sentence = str(caught.value)
    assert len(sentence) < 1500 and sentence.isprintable()
    return sentence


@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_an_array_larger_than_any_computer(tmp_path: Path, digits: int) -> None:
    path = zipped(
        tmp_path / "x.npz",
        {
            "X.npy": npy(header("<f8", f"({'9' * digits}, 2)")),
            "y.npy": npy(header("<f8", "(3,)"), bytes(24)),
        },
    )
    refused(lambda: read_table(path))


def test_text_beyond_all_alphabets(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "x.npz",
        {
            "X.npy": npy(header("<f8", "(5, 2)"), bytes(80)),
            "y.npy": npy(header("<U1", "(5,)"), b"\xff\xff\xff\x7f" * 5),
        },
    )
    assert "no text" in refused(lambda: read_table(path))


@pytest.mark.parametrize("shape", [(0, 3), (0, 0), (3, 0), (3,), (2, 2, 2)])
def test_a_table_of_nothing_in_a_project(tmp_path: Path, members: Members, shape: Any) -> None:
    data = io.BytesIO()
    np.savez(data, values=np.zeros(shape))
    path = zipped(tmp_path / "p.netb", members | {"data.npz": data.getvalue()})
    assert "expected 3 columns of data" in refused(lambda: storage.load(path))


def with_network(members: Members, **changes: Any) -> Members:
    record = json.loads(members["project.json"])
    record["network"] |= changes
    return members | {"project.json": json.dumps(record).encode()}


def test_more_layers_and_wires_than_anybody_draws(tmp_path: Path, members: Members) -> None:
    network = json.loads(members["project.json"])["network"]
    node = next(node for node in network["nodes"] if node["id"] == "n1")
    nodes = [node | {"id": f"n{k}", "name": f"D{k}"} for k in range(10, 6_000)]
    path = zipped(tmp_path / "a.netb", with_network(members, nodes=network["nodes"] + nodes))
    assert "expected at most 5,000" in refused(lambda: storage.load(path))
    edges = network["edges"] + [["data", "n1"]] * 60_000
    path = zipped(tmp_path / "b.netb", with_network(members, edges=edges))
    assert "expected at most 50,000" in refused(lambda: storage.load(path))


def test_a_name_longer_than_a_book_and_one_that_commands(tmp_path: Path, members: Members) -> None:
    network = json.loads(members["project.json"])["network"]
    for name in ("x" * 3_000_000, "\x1b[2J\x1b]0;owned\x07", "a\u202eb"):
        nodes = [n | {"name": name} if n["id"] == "n1" else n for n in network["nodes"]]
        path = zipped(tmp_path / "p.netb", with_network(members, nodes=nodes))
        refused(lambda path=path: storage.load(path))


def test_a_project_that_unpacks_to_a_thousand_times_its_size(
    tmp_path: Path, members: Members
) -> None:
    bomb = b'{"schema": 2, "x": "' + b"a" * 60_000_000 + b'"}'
    path = zipped(tmp_path / "p.netb", members | {"project.json": bomb}, zipfile.ZIP_DEFLATED)
    assert "would unpack to" in refused(lambda: storage.load(path))


def run(*arguments: str, stdout: Any = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "netbuilder", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
def test_a_full_device_is_told_in_one_line(tmp_path: Path, members: Members) -> None:
    path = zipped(tmp_path / "p.netb", members)
    with open("/dev/full", "w") as full:
        done = run("show", str(path), stdout=full)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


@pytest.mark.parametrize("suffix", [".netb", ".csv", ".npz"])
def test_a_name_of_thousands_of_characters(suffix: str) -> None:
    done = run("show" if suffix == ".netb" else "new", *(["x" * 5000 + suffix]), "--data", "flower")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert len(done.stderr) < 1500


def test_values_in_sentences_are_shortened_and_command_nobody() -> None:
    sentence = str(Message("{name} and {name!r}", name="\x1b[31m" + "x" * 1000))
    assert "\x1b" not in sentence and "\\x1b" in sentence and len(sentence) < 700
    assert str(Message("{n}", n=3)) == "3"
    assert str(Message("{who}", who="花 Köln é\tü")) == "花 Köln é\tü"


@pytest.mark.parametrize("error", [IndexError("odd"), SystemError("odd"), RecursionError("odd")])
def test_whatever_goes_wrong_in_a_loader_is_a_sentence(
    tmp_path: Path, members: Members, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(storage, "project_of", fail)
    path = zipped(tmp_path / "p.netb", members)
    assert "odd" in refused(lambda: storage.load(path))
    monkeypatch.setattr(storage, "project_of", lambda *_: [0] * 10**14)
    assert "memory" in refused(lambda: storage.load(path))


@pytest.mark.parametrize("error", [IndexError("odd"), SystemError("odd"), RecursionError("odd")])
def test_whatever_goes_wrong_with_a_table_is_a_sentence(
    tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    monkeypatch.setattr(files, "read_csv", fail)
    assert "odd" in refused(lambda: read_table(path))
    monkeypatch.setattr(files, "read_csv", lambda *_: fail_with(Stopped()))
    with pytest.raises(Stopped):
        read_table(path)


def fail_with(error: Exception) -> None:
    raise error


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes that have names")
def test_a_pipe_by_the_name_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    """Nor is a device read that never ends, whose name a hostile project may have for its data."""
    pipe = tmp_path / "p.npz"
    os.mkfifo(pipe)
    assert "device or a pipe" in refused(lambda: storage.load(pipe))
    assert "device or a pipe" in refused(lambda: handed_in.read(pipe))
    assert not handed_in.is_homework(pipe)
    for path in (str(pipe), "/dev/zero"):
        assert stamp_of(path) is None and not has_changed(path, Stamp(0, 1, ""))
    assert Place.of(pipe).version is None


def test_more_layers_in_a_text_than_anybody_draws() -> None:
    project = new_project(DataChoice("flower"), ", ".join(["4 tanh"] * 4_000))
    assert len(project.network.nodes) == 4_002
    assert project.network.edges[-1].target == "cost"
    sentence = refused(lambda: new_project(DataChoice("flower"), "4 tanh," * 5_000))
    assert "expected at most 4,998" in sentence
