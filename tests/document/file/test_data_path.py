"""What a project file says of where its data lies: nobody's folders, and found again."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from netbuilder.data.files import read_table
from netbuilder.document.file import storage
from netbuilder.document.file.storage import before_sharing, load, save
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import new_project


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("secret/nets", "secret/data/raw", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path / "secret"


def project_on(csv: Path) -> Project:
    csv.write_text("x,y\n" + "".join(f"{k},{k * k}\n" for k in range(60)))
    return new_project(DataChoice(FILE, str(csv), table=read_table(csv)))


def path_in(file: Path) -> str:
    with zipfile.ZipFile(file) as archive:
        return str(json.loads(archive.read("project.json"))["data"]["path"])


def test_data_that_travels_along_leaves_its_name_alone(home: Path) -> None:
    file, project = home / "nets" / "a.netb", project_on(home / "data" / "raw" / "squares.csv")
    save(file, project, None)
    assert b"secret" not in zipfile.ZipFile(file).read("project.json")
    assert path_in(file) == "squares.csv" and before_sharing(file, project) is None
    assert load(file).warnings == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("nets/d.csv", "d.csv"),
        ("nets/in/d.csv", "in/d.csv"),
        ("data/raw/d.csv", "../data/raw/d.csv"),
    ],
)
def test_data_of_the_same_folders_is_found_when_both_have_moved(
    home: Path, monkeypatch: pytest.MonkeyPatch, data: str, expected: str
) -> None:
    monkeypatch.setattr(storage, "LARGEST_TABLE", 100)
    (home / "nets" / "in").mkdir()
    file, project = home / "nets" / "a.netb", project_on(home / data)
    save(file, project, None)
    assert path_in(file) == expected and before_sharing(file, project) is None
    home.rename(home.with_name("moved"))
    moved = home.with_name("moved")
    loaded = load(moved / "nets" / "a.netb")
    assert loaded.warnings == () and loaded.project.data.path == str(moved / data)
    assert dataset_of(loaded.project.data).info.m == 60
    # The data alone put beside the project is found, too.
    (moved / data).rename(moved / "nets" / "d.csv")
    assert load(moved / "nets" / "a.netb").warnings == ()


def test_data_elsewhere_keeps_its_place_and_that_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "LARGEST_TABLE", 100)
    csv = home.with_name("elsewhere") / "d.csv"
    file, project = home / "nets" / "a.netb", project_on(csv)
    save(file, project, None)
    assert path_in(file) == str(csv) and str(csv) in str(before_sharing(file, project))
    assert load(file).project.data.path == str(csv)


def test_a_path_of_another_system_is_kept_and_found_by_its_name(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "LARGEST_TABLE", 100)
    csv = home / "nets" / "d.csv"
    project = project_on(csv)
    file = home / "nets" / "a.netb"
    save(file, project, None)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    foreign = members["project.json"].replace(b'"path": "d.csv"', b'"path": "C:\\\\u\\\\d.csv"')
    assert foreign != members["project.json"]
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (members | {"project.json": foreign}).items():
            archive.writestr(name, content)
    assert load(file).project.data.path == str(csv)
    csv.unlink()
    assert load(file).project.data.path == "C:\\u\\d.csv"
