"""Project files: what is written, and what of a stranger's file is believed."""

from __future__ import annotations

import dataclasses
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netbuilder import __version__, files
from netbuilder.data.dataset import InputColumn
from netbuilder.data.reading import Reading
from netbuilder.data.table import Roles, Table
from netbuilder.document.check.compile import compile_project
from netbuilder.document.file import members as members_file
from netbuilder.document.file import storage
from netbuilder.document.file.arrays import opened_npz, write_npz
from netbuilder.document.file.storage import load, save
from netbuilder.document.model.datasets import bare, dataset_of, kept_of
from netbuilder.document.model.network import COST, DATA
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import first_start, new_project
from netbuilder.engine.layers import (
    BatchNorm,
    Conv2D,
    Cost,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPool2D,
    Reshape,
)
from netbuilder.engine.program import Program, Weights
from netbuilder.errors import UserError
from netbuilder.runs.stored import run_of


def weights_of(project: Project) -> Weights:
    compiled = compile_project(project, dataset_of(project.data).info)
    assert compiled.plan is not None
    return Program(compiled.plan, dtype=project.training.dtype, seed=project.seed).weights()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sound project file."""
    path = tmp_path / "flower.netb"
    save(path, first_start(), weights_of(first_start()))
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, contents: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)


def edit(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Changes project.json by hand, as somebody with a text editor would."""
    contents = members(path)
    record = json.loads(contents["project.json"])
    change(record)
    write(path, contents | {"project.json": json.dumps(record).encode()})


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load(path)
    assert path.name in str(caught.value)
    assert str(caught.value).count("{") == str(caught.value).count("}") == 0
    return str(caught.value)


# --- there and back ------------------------------------------------------------------------------


def test_a_project_comes_back_with_its_weights(path: Path) -> None:
    loaded = load(path)
    assert loaded.project == first_start() and loaded.warnings == ()
    weights = weights_of(first_start())
    assert loaded.weights is not None and set(loaded.weights) == set(weights)
    for key, array in weights.items():
        np.testing.assert_array_equal(loaded.weights[key], array)
        assert loaded.weights[key].dtype == array.dtype and loaded.weights[key].flags.writeable


def test_without_weights_there_are_none(tmp_path: Path) -> None:
    for weights in (None, {}):
        save(tmp_path / "a.netb", first_start(), weights)
        assert "weights.npz" not in members(tmp_path / "a.netb")
        assert load(tmp_path / "a.netb").weights is None


def test_numpy_and_any_zip_tool_can_read_it(path: Path) -> None:
    contents = members(path)
    with np.load(io.BytesIO(contents["weights.npz"]), allow_pickle=False) as arrays:
        assert arrays["n1.W"].shape == (4, 2)
    record = json.loads(contents["project.json"])
    assert (record["schema"], record["writer"]) == (4, __version__)
    assert record["network"]["nodes"][2]["layer"] == {
        "kind": "dense",
        "units": 4,
        "activation": "tanh",
        "initializer": "normal",
        "frozen": "nothing",
    }


def test_the_same_project_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    weights = weights_of(first_start())
    other = tmp_path / "other.netb"
    save(other, first_start(), dict(reversed(weights.items())))
    assert other.read_bytes() == path.read_bytes()


def table(rows: int = 12) -> Table:
    values = np.column_stack([np.linspace(0, 1, rows), np.arange(rows) % 3])
    return Table(values, ("length", "kind"), {"kind": ("a", "b", "c")}, ("kind",), note="mine")


def test_the_users_own_data_travels_along(tmp_path: Path) -> None:
    own = DataChoice(source=FILE, path=str(tmp_path / "gone.csv"), table=table())
    project = new_project(own)
    save(tmp_path / "a.netb", project, weights_of(project))
    loaded = load(tmp_path / "a.netb")
    back = loaded.project.data.table
    assert back is not None and loaded.warnings == ()
    np.testing.assert_array_equal(back.values, own.table.values)
    assert back.categories == {"kind": ("a", "b", "c")} and back.note == "mine"
    assert not back.values.flags.writeable
    assert dataset_of(loaded.project.data).info == dataset_of(own).info
    save(tmp_path / "b.netb", loaded.project, loaded.weights)
    assert (tmp_path / "a.netb").read_bytes() == (tmp_path / "b.netb").read_bytes()


def test_of_large_data_only_the_path_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "LARGEST_TABLE", 100)
    csv = tmp_path / "large.csv"
    csv.write_text("x,y\n" + "".join(f"{k},{k * k}\n" for k in range(30)))
    choice = DataChoice(source=FILE, path=str(csv))
    project = new_project(choice)
    project = dataclasses.replace(project, data=dataclasses.replace(choice, table=table(30)))
    save(tmp_path / "a.netb", project, None)
    assert "data.npz" not in members(tmp_path / "a.netb")
    loaded = load(tmp_path / "a.netb")
    assert bare(loaded.project.data) == choice and loaded.warnings == ()
    assert loaded.project.data.table.m == 30
    csv.unlink()
    warned = load(tmp_path / "a.netb")
    assert "cannot be had" in str(warned.warnings[0]) and "large.csv" in str(warned.warnings[0])


def test_data_that_moved_together_with_its_project_is_found(tmp_path: Path) -> None:
    csv = tmp_path / "small.csv"
    csv.write_text("x,y\n" + "".join(f"{k},{k * k}\n" for k in range(30)))
    project = new_project(DataChoice(source=FILE, path=str(csv)))
    there = tmp_path / "there"
    there.mkdir()
    save(there / "a.netb", project, None)
    csv.rename(there / "small.csv")
    assert load(there / "a.netb").project.data.path == str(there / "small.csv")


def test_a_path_that_is_no_text_does_not_stop_a_save(tmp_path: Path) -> None:
    own = DataChoice(source=FILE, path="caf\udce9.csv", table=table())
    save(tmp_path / "a.netb", new_project(own), None)
    assert load(tmp_path / "a.netb").project.data.path == "caf?.csv"


def test_a_name_that_no_file_can_hold_is_told(tmp_path: Path) -> None:
    broken = dataclasses.replace(table(), categories={"kind": ("a", "b\ud800", "c")})
    own = DataChoice(source=FILE, path="x.csv", table=broken)
    with pytest.raises(UserError, match="no text file can"):
        save(tmp_path / "a.netb", new_project(own), None)
    assert not (tmp_path / "a.netb").exists()


def test_a_failed_save_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(UserError, match="the disk is full"):
        save(path, new_project(DataChoice(source="iris")), None)
    assert path.read_bytes() == before and len(list(path.parent.iterdir())) == 1


# --- files that are none -------------------------------------------------------------------------


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no file .*nothing\.netb"):
        load(tmp_path / "nothing.netb")
    with pytest.raises(UserError, match="is a folder; choose a file in it"):
        load(tmp_path)
    with pytest.raises(UserError, match="cannot be read"):
        load("a\0b.netb")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" * 100, b"\0" * 5000])
def test_a_foreign_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert "is no netbuilder project: expected a .netb file" in refusal(path)


def test_a_foreign_zip(path: Path) -> None:
    write(path, {"word.xml": b"<w/>"})
    assert "there is no project.json in it" in refusal(path)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert "is damaged or cut off" in refusal(path)


@given(st.data())
@settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_damage_gives_a_sentence_or_a_sound_project(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    damaged = path.with_name("damaged.netb")
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        loaded = load(damaged)
    except UserError as error:
        assert damaged.name in str(error)
    else:
        compile_project(loaded.project, None)


@pytest.mark.parametrize("schema", [5, 7])
def test_a_newer_file_is_refused_by_name(path: Path, schema: int) -> None:
    contents = members(path)
    future = {"schema": schema, "network": "drawn by thought", "data": 3}
    write(path, contents | {"project.json": json.dumps(future).encode()})
    assert refusal(path) == (
        f"flower.netb was made by a newer netbuilder (schema {schema}, this one reads up to 4). "
        "Install the newer one to open it."
    )


def test_even_the_next_schema_is_refused_though_all_else_is_known(path: Path) -> None:
    edit(path, lambda record: record.update(schema=record["schema"] + 1))
    assert "made by a newer netbuilder" in refusal(path)


def test_files_of_every_schema_so_far_are_read() -> None:
    """Whoever changes the schema stores a file of the new one beside these, and migrates them."""
    stored = {f"schema_{schema}.netb" for schema in range(1, Project.schema + 1)}
    assert {path.name for path in (Path(__file__).parent / "files").iterdir()} == stored


def test_a_file_of_schema_1() -> None:
    """It was written by the first program that had it, and nobody writes it anew."""
    path = Path(__file__).parent / "files" / "schema_1.netb"
    assert json.loads(members(path)["project.json"])["schema"] == 1
    loaded = load(path)
    project = loaded.project
    assert loaded.warnings == ()
    assert [node.layer for node in project.network.nodes] == [
        Input(),
        Cost("cross_entropy"),
        Reshape(1, 4, 4),
        Conv2D(2, 3, activation="relu", initializer="he"),
        BatchNorm(),
        MaxPool2D(2),
        Flatten(),
        Dropout(0.2),
        Dense(5, "tanh", "xavier"),
        Dense(3, "softmax", "xavier"),
    ]
    assert [node.name for node in project.network.nodes][2:4] == ["Reshape 1", "Conv2D 1"]
    assert (project.seed, project.data.scale, project.data.validation) == (7, "standard", 0.2)
    training = project.training
    assert (training.optimizer, training.learning_rate, training.l2) == ("adam", 0.02, 0.01)
    assert (training.batch_size, training.schedule) == (8, "cosine")
    table = project.data.table
    assert table is not None and table.values.shape == (30, 17) and table.image_shape == (4, 4)
    assert table.categories == {"kind": ("round", "oval", "spiky")}
    assert table.values[0, :2].tolist() == [-0.166, 0.441]
    assert loaded.weights is not None and len(loaded.weights) == 10
    assert loaded.weights["n7.W"].shape == (5, 2)
    assert compile_project(project, dataset_of(project.data).info).problems == ()


def test_a_file_of_schema_2_has_roles_as_they_were() -> None:
    data = load(Path(__file__).parent / "files" / "schema_2.netb").project.data
    assert data.roles == Roles(("kind",), missing="drop") and data.kept is None


def test_a_file_of_schema_3_keeps_what_was_learned_of_its_data() -> None:
    """It was written by the first program that had it."""
    path = Path(__file__).parent / "files" / "schema_3.netb"
    record = json.loads(members(path)["project.json"])
    assert (record["schema"], record["writer"]) == (3, "0.1.0")
    loaded = load(path)
    data = loaded.project.data
    assert loaded.warnings == () and loaded.weights is not None
    assert data.reading == Reading("cp1252", ";", "yes", ",", "none")
    assert data.roles == Roles(("Preis",), (("Nr", "skip"), ("Lage", "ordered")), missing="mean")
    kept = kept_of(data)
    assert kept is not None and kept.recipe.info == dataset_of(data).info
    # The words of an ordered column are kept since later.
    found = tuple(dataclasses.replace(column, order=()) for column in dataset_of(data).inputs)
    assert kept.recipe.inputs == found
    assert kept.recipe.inputs[0] == InputColumn("Stadt", ("Bonn", "Köln", "Trier"), 0.0)


def test_a_file_of_schema_4_says_what_is_frozen() -> None:
    """It was written by the first program that had it, which trained it for five epochs."""
    path = Path(__file__).parent / "files" / "schema_4.netb"
    assert json.loads(members(path)["project.json"])["schema"] == 4
    loaded = load(path)
    assert loaded.warnings == () and loaded.weights is not None
    layers = [node.layer for node in loaded.project.network.nodes]
    assert layers[2:] == [
        Dense(4, "tanh", "xavier", frozen="bias"),
        Dense(3, "relu", "he", frozen="all"),
        Dense(1, "sigmoid", "xavier"),
    ]
    assert not loaded.weights["n1.b"].any() and not loaded.weights["n2.b"].any()
    assert loaded.weights["n3.b"].any()


def test_a_file_of_schema_2_keeps_its_run() -> None:
    """It was written by the first program that had it: schema_1 trained for 40 updates."""
    path = Path(__file__).parent / "files" / "schema_2.netb"
    record = json.loads(members(path)["project.json"])
    assert (record["schema"], record["writer"]) == (2, "0.1.0")
    loaded, before = load(path), load(path.with_name("schema_1.netb")).project
    assert loaded.warnings == ()
    assert loaded.project.network == before.network and loaded.project.seed == before.seed
    assert loaded.project.training == dataclasses.replace(before.training, learning_rate=0.01)
    dataset = dataset_of(loaded.project.data)
    plan = compile_project(loaded.project, dataset.info).plan
    assert plan is not None
    run = run_of(loaded.sections, plan, dataset)
    assert run is not None and loaded.weights is not None
    assert (run.state.step, run.state.epoch, run.state.position) == (40, 13, 8)
    assert run.state.settings == loaded.project.training
    assert [str(mark) for _, mark in run.log.marks] == ["learning rate: 0.02 → 0.01"]
    assert run.log.updates()["step"].tolist() == list(range(40))
    for key, array in run.state.weights(plan).items():
        np.testing.assert_array_equal(array, loaded.weights[key])


@pytest.mark.parametrize("schema", [0, -1, 1.5, "1", None, True])
def test_a_schema_that_never_was(path: Path, schema: Any) -> None:
    edit(path, lambda record: record.update(schema=schema))
    assert "project.json does not hold a project" in refusal(path)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b'{"schema": 1',
        b'{"schema": 1}',
        b'{"schema": NaN}',
        b"\xff\xfe",
        b'{"schema": 1, "network": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"schema": 1, "x": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    ],
)
def test_json_that_is_no_project(path: Path, text: bytes) -> None:
    write(path, members(path) | {"project.json": text})
    assert "project.json does not hold a project" in refusal(path)


def nodes(record: dict[str, Any]) -> list[dict[str, Any]]:
    return record["network"]["nodes"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: nodes(r)[2].update(position=[float("nan"), 0]), "does not hold a project"),
        (lambda r: nodes(r)[2].update(position=[1, 2, 3]), "does not hold a project"),
        (lambda r: nodes(r)[2].update(position="left"), "does not hold a project"),
        (lambda r: nodes(r)[2].update(name=None), "does not hold a project"),
        (lambda r: nodes(r)[2]["layer"].update(units=[4]), "does not hold a project"),
        (lambda r: r["training"].update(learning_rate=None), "does not hold a project"),
        (lambda r: r["network"].update(edges=[["data"]]), "does not hold a project"),
        (lambda r: nodes(r)[2]["layer"].update(kind="conv"), "of the kind 'conv'"),
        (lambda r: nodes(r)[2]["layer"].update(kind=3), "does not say of what kind"),
        (lambda r: nodes(r)[2]["layer"].pop("kind"), "does not say of what kind"),
        (lambda r: nodes(r)[2]["layer"].update(colour="red"), "an unknown setting, 'colour'"),
        (lambda r: nodes(r)[2]["layer"].update(units=0), "units must be from 1 to 1,000,000"),
        (lambda r: nodes(r)[2]["layer"].update(units=4.5), "a whole number"),
        (lambda r: nodes(r)[2]["layer"].update(units=True), "must be a number"),
        (lambda r: nodes(r)[2]["layer"].update(units="4"), "must be a number"),
        (lambda r: nodes(r)[2]["layer"].update(activation="tahn"), "must be one of"),
        (lambda r: r["training"].update(learning_rate=1e30), "the training settings: learning"),
        (lambda r: r["training"].update(learning_rate=10**400), "flower.netb"),
        (lambda r: r["training"].update(target_cost=10**18), ""),
        (lambda r: r["data"]["settings"].update(validation=2), "the data: validation"),
        (lambda r: r["settings"].update(seed=-1), "the project: seed"),
        (lambda r: r["network"]["edges"].append(["n1", "n9"]), "leads to 'n9'"),
        (lambda r: r["network"]["edges"].append(["n2", "n1"]), "Dense 1 has 2 inputs"),
        (lambda r: r["network"]["edges"].append(["data", "n1"]), "2 wires lead from Data"),
        (lambda r: r["network"]["edges"].append(["n1", "data"]), "Data has 1 inputs"),
        (lambda r: r["network"]["edges"].__setitem__(0, ["n2", "n1"]), "in a cycle"),
        (lambda r: r["network"]["edges"].__setitem__(0, ["n1", "n1"]), "in a cycle"),
        (lambda r: r["network"]["edges"].__setitem__(0, ["cost", "n1"]), "which has no output"),
        (lambda r: nodes(r)[3].update(id="n1"), "2 layers have the id 'n1'"),
        (lambda r: nodes(r)[3].update(name="Dense 1"), "2 layers have the name 'Dense 1'"),
        (lambda r: nodes(r)[3].update(name="Data"), "2 layers have the name 'Data'"),
        (lambda r: nodes(r)[3].update(name="a.b"), "none of them may be a dot"),
        (lambda r: nodes(r)[3].update(name="x" * 41), "1 to 40 characters"),
        (lambda r: nodes(r)[3].update(id="../n"), "expected n and a number"),
        (lambda r: nodes(r)[3].update(id="n²"), "expected n and a number"),
        (lambda r: nodes(r)[3].update(id="n" + "9" * 5000), "expected n and a number"),
        (lambda r: nodes(r)[3].update(layer={"kind": "cost"}), "more than one Cost node"),
        (lambda r: nodes(r)[0].update(layer={"kind": "dense"}), "has no Data node"),
        (lambda r: nodes(r).pop(1), "has no Cost node"),
        (lambda r: nodes(r).clear(), "has no Data node"),
    ],
)
def test_what_no_editor_would_have_written(path: Path, change: Callable, words: str) -> None:
    edit(path, change)
    if words:
        assert words in refusal(path)
    else:
        assert load(path).project.training.target_cost == 1e18


def test_settings_that_are_missing_take_their_default(path: Path) -> None:
    edit(path, lambda record: (record["training"].pop("beta"), record.pop("settings")))
    loaded = load(path).project
    assert loaded.training == first_start().training and loaded.seed == 1


def test_a_file_from_before_schedules_and_class_weights_opens_unchanged(path: Path) -> None:
    before = load(path)
    later = ("schedule", "decay", "period", "warmup", "l1", "clip_norm", "class_weights")
    edit(path, lambda record: [record["training"].pop(name) for name in later])
    loaded = load(path)
    assert loaded.project == before.project == first_start()
    assert loaded.warnings == ()
    assert (loaded.project.training.schedule, loaded.project.training.warmup) == ("constant", 0.0)


def test_a_whole_number_will_do_for_a_fraction(path: Path) -> None:
    edit(path, lambda record: record["training"].update(learning_rate=1))
    rate = load(path).project.training.learning_rate
    assert rate == 1.0 and isinstance(rate, float)


def test_data_and_cost_keep_their_names(path: Path) -> None:
    edit(path, lambda record: nodes(record)[0].update(name="My data"))
    assert load(path).project == first_start()


def test_cards_far_away_are_brought_back(path: Path) -> None:
    edit(path, lambda record: nodes(record)[2].update(position=[1e300, 0]))
    loaded = load(path)
    assert "far outside the canvas" in str(loaded.warnings[0])
    assert loaded.project == first_start()


def test_a_data_set_nobody_knows_leaves_the_network_usable(path: Path) -> None:
    edit(path, lambda record: record["data"].update(source="elephants"))
    loaded = load(path)
    assert "'elephants'" in str(loaded.warnings[0])
    assert loaded.project.network == first_start().network
    assert loaded.weights is not None and len(loaded.weights) == 4


# --- members -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../evil.sh", "/etc/passwd", "folder/project.json", "a\\b"])
def test_members_with_paths(path: Path, name: str) -> None:
    write(path, members(path) | {name: b"x"})
    assert "a project file has no folders" in refusal(path)


LATER = {"history.npz": b"arrays of a later time", "film.json": b"[1, 2]", "noise": b"\0\xff"}


def test_sections_survive_a_load_and_a_save(path: Path, tmp_path: Path) -> None:
    plain = load(path)
    assert plain.sections == {}
    write(path, members(path) | LATER)
    loaded = load(path)
    assert loaded.project == first_start() and loaded.warnings == ()
    assert loaded.sections == LATER
    again = tmp_path / "again.netb"
    save(again, loaded.project, loaded.weights, loaded.sections)
    assert members(again) == members(path)
    save(tmp_path / "third.netb", loaded.project, loaded.weights, load(again).sections)
    assert (tmp_path / "third.netb").read_bytes() == again.read_bytes()


def test_unknown_keys_of_the_project_survive_a_load_and_a_save(path: Path, tmp_path: Path) -> None:
    later = {"doctor": {"asked": [1, 2.5, None]}, "Übung": "drei"}
    edit(path, lambda record: record.update(later))
    loaded = load(path)
    assert loaded.project == first_start() and loaded.warnings == ()
    again = tmp_path / "again.netb"
    changed = dataclasses.replace(loaded.project, seed=5)
    save(again, changed, loaded.weights, loaded.sections)
    record = json.loads(members(again)["project.json"])
    assert {name: record[name] for name in later} == later
    assert load(again).project == changed, "what is known is not taken from the old file"
    assert load(again).sections == loaded.sections


def test_a_section_that_cannot_be_read_does_not_take_the_project_along(path: Path) -> None:
    write(path, members(path) | LATER)
    content = path.read_bytes()
    place = content.index(LATER["history.npz"])
    path.write_bytes(content[:place] + b"X" + content[place + 1 :])
    loaded = load(path)
    assert loaded.project == first_start() and loaded.weights is not None
    assert loaded.sections.keys() == LATER.keys() - {"history.npz"}
    assert "The section history.npz of flower.netb was left out" in str(loaded.warnings[0])


def test_a_section_in_an_unusual_packing_is_left_out(path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("later.json", b"1" * 1000)
    loaded = load(path)
    assert loaded.sections == {} and loaded.weights is not None
    assert "packed in an unusual way" in str(loaded.warnings[0])


def test_sections_that_unpack_to_too_much_together(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members_file, "_LARGEST", 10**6)
    bombs = {f"s{k}": b" " * (4 * 10**5) for k in range(5)} | {"large": b" " * 10**7}
    write(path, members(path) | bombs, zipfile.ZIP_DEFLATED)
    loaded = load(path)
    assert loaded.project == first_start()
    assert len(loaded.sections) == 2 and len(loaded.warnings) == 4
    assert "takes more than the file can hold" in str(loaded.warnings[0])


def test_a_member_twice(path: Path) -> None:
    contents = members(path)
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(path, "w") as archive,
    ):
        archive.writestr("project.json", contents["project.json"])
        archive.writestr("project.json", contents["project.json"])
    assert "it has project.json twice" in refusal(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing(path: Path, compression: int) -> None:
    write(path, members(path), compression)
    assert "packed in an unusual way" in refusal(path)


def test_a_zip_bomb_of_json(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members_file, "_LARGEST", 10**6)
    write(path, {"project.json": b" " * 10**7}, zipfile.ZIP_DEFLATED)
    assert "would unpack to 10.0 MB, expected at most 1.0 MB" in refusal(path)


# --- weights that are not to be believed ---------------------------------------------------------


def with_weights(path: Path, data: bytes) -> None:
    write(path, members(path) | {"weights.npz": data})


def test_weights_of_a_wrong_shape_are_left_out_with_a_warning(path: Path) -> None:
    good = weights_of(first_start())
    with_weights(path, npz(**good | {"n1.W": np.zeros((5, 2))}))
    loaded = load(path)
    assert set(loaded.weights or {}) == {"n1.b", "n2.W", "n2.b"}
    assert [str(warning) for warning in loaded.warnings] == [
        "Weights W of Dense 1 were left out: expected the shape (4, 2), found (5, 2)."
    ]


@pytest.mark.parametrize(
    ("key", "array", "words"),
    [
        ("n7.W", np.zeros((4, 2)), "Weights W of n7 were left out: there is no place"),
        ("n1.V", np.zeros((4, 2)), "Weights V of Dense 1 were left out: there is no place"),
        ("n1.W", np.full((4, 2), np.nan), "some are not finite"),
        ("n1.W", np.full((4, 2), np.inf), "some are not finite"),
        ("n1.W", np.zeros((4, 2), dtype=int), "they are no fractional numbers"),
        ("cost.W", np.zeros((4, 2)), "there is no place"),
        ("W", np.zeros((4, 2)), "there is no place"),
    ],
)
def test_weights_that_have_no_place(path: Path, key: str, array: np.ndarray, words: str) -> None:
    with_weights(path, npz(**{key: array}))
    loaded = load(path)
    assert loaded.weights is None and loaded.project == first_start()
    assert words in str(loaded.warnings[0])


def test_a_variance_below_zero_is_left_out(tmp_path: Path) -> None:
    stored = load(Path(__file__).parent / "files" / "schema_1.netb")
    assert stored.weights is not None
    below = np.array([[-1.0], [1.0]])
    weights = stored.weights | {"n3.variance": below, "n3.mean": below}
    save(tmp_path / "a.netb", stored.project, weights)
    loaded = load(tmp_path / "a.netb")
    assert loaded.weights is not None
    assert loaded.weights.keys() == weights.keys() - {"n3.variance"}
    assert [str(warning) for warning in loaded.warnings] == [
        "Weights variance of BatchNorm 1 were left out: some are below zero."
    ]


def test_byte_order_and_fortran_order_make_no_difference(path: Path) -> None:
    W = weights_of(first_start())["n1.W"]
    with_weights(path, npz(**{"n1.W": np.asfortranarray(W.astype(">f8"))}))
    loaded = load(path)
    assert loaded.weights is not None
    np.testing.assert_array_equal(loaded.weights["n1.W"], W)
    assert loaded.weights["n1.W"].dtype == np.float64 and loaded.weights["n1.W"].flags.c_contiguous


def header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-len(text) % 64 + 53) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def archive_of(name: str, data: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no zip", "cannot be read"),
        (archive_of("n1.W.npy", b""), "cannot be read"),
        (archive_of("n1.W.npy", b"\x93NUMPY\x09\x00" + b"x" * 50), "unknown npy version"),
        (archive_of("n1.W.npy", header("(4, 2)")), "do not fill it"),
        (archive_of("n1.W.npy", header("(4, 2)") + b"x" * 65), "do not fill it"),
        (archive_of("n1.W.npy", header("(-4, -2)") + b"x" * 64), "plain numbers"),
        (archive_of("n1.W.npy", header("(4, 2)", "'|O'") + b"x" * 64), "plain numbers"),
        (archive_of("n1.W.npy", header("(4, 2)", "[('a', '<f8')]")), "plain numbers"),
        (archive_of("n1.W.npy", header("__import__('os')")), "cannot be read"),
        (archive_of("n1.W.npy", header("(" * 5000)), "cannot be read"),
    ],
)
def test_arrays_that_are_none(path: Path, data: bytes, words: str) -> None:
    with_weights(path, data)
    assert words in refusal(path)


def test_an_enormous_claim_is_seen_in_the_header(path: Path) -> None:
    with_weights(path, archive_of("n1.W.npy", header("(1000000, 1000000)")))
    loaded = load(path)
    assert "expected the shape (4, 2), found (1000000, 1000000)" in str(loaded.warnings[0])


def test_an_enormous_claim_that_the_network_shares(path: Path) -> None:
    def widen(record: dict[str, Any]) -> None:
        nodes(record)[2]["layer"].update(units=1_000_000)
        nodes(record)[3]["layer"].update(units=1_000_000)

    edit(path, widen)
    with_weights(path, archive_of("n2.W.npy", header("(1000000, 1000000)")))
    assert "claims the shape (1000000, 1000000), which takes 8.0 TB" in refusal(path)


def test_a_bomb_of_zeros_is_not_unpacked(path: Path) -> None:
    def widen(record: dict[str, Any]) -> None:
        nodes(record)[2]["layer"].update(units=4_200)
        nodes(record)[3]["layer"].update(units=4_200)

    edit(path, widen)
    zeros = header("(4200, 4200)", "'<f4'") + bytes(4 * 4200**2)
    with_weights(path, archive_of("n2.W.npy", zeros, zipfile.ZIP_DEFLATED))
    assert "as only a damaged or hostile file does" in refusal(path)


# --- data that is not to be believed -------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A sound project file with data of the user's."""
    path = tmp_path / "own.netb"
    save(path, new_project(DataChoice(source=FILE, path="x.csv", table=table())), None)
    return path


def test_data_that_is_missing(own: Path) -> None:
    write(own, {"project.json": members(own)["project.json"]})
    assert "data.npz is missing" in refusal(own)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"values": np.zeros((3, 5))}, "expected 2 columns of data, found the shape (3, 5)"),
        ({"values": np.zeros(3)}, "found the shape (3,)"),
        ({"other": np.zeros((3, 2))}, "found the shape None"),
        ({"values": np.full((3, 2), 7.0)}, "has the code 7.0, but only 3 words"),
        ({"values": np.full((3, 2), 0.5)}, "has the code 0.5"),
        ({"values": np.full((3, 2), -1.0)}, "has the code -1.0"),
        ({"values": np.array([["a", "b"]])}, "plain numbers"),
    ],
)
def test_data_that_does_not_fit_its_description(own: Path, arrays: dict, words: str) -> None:
    write(own, members(own) | {"data.npz": npz(**arrays)})
    assert words in refusal(own)


def test_data_that_claims_too_much(own: Path) -> None:
    huge = archive_of("values.npy", header("(100000000, 2)"))
    write(own, members(own) | {"data.npz": huge})
    assert "which takes 1.6 GB; expected at most 67.1 MB" in refusal(own)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"columns": ["kind", "kind"]}, "do not agree"),
        ({"targets": ["price"]}, "do not agree"),
        ({"categories": {"colour": ["a"]}}, "do not agree"),
        ({"columns": "ab"}, "does not hold a project"),
        ({"columns": ["a", "b", "c"]}, "expected 3 columns"),
    ],
)
def test_descriptions_that_do_not_fit_the_data(own: Path, change: dict, words: str) -> None:
    edit(own, lambda record: record["data"]["table"].update(change))
    assert words in refusal(own)


@pytest.mark.parametrize("shape", [[0, 5], [-2, -1], [100, 100]])
def test_an_image_of_no_size_is_no_image(own: Path, shape: list[int]) -> None:
    edit(own, lambda record: record["data"]["table"].update(image_shape=shape))
    assert load(own).project.data.table.image_shape is None


def test_missing_values_are_kept(tmp_path: Path) -> None:
    values = table().values.copy()
    values[2, 0] = values[4, 1] = np.nan
    holes = dataclasses.replace(table(), values=values)
    save(tmp_path / "a.netb", new_project(DataChoice(source=FILE, path="x", table=holes)), None)
    back = load(tmp_path / "a.netb").project.data.table
    np.testing.assert_array_equal(back.values, values)


# --- arrays on their own -------------------------------------------------------------------------


def test_arrays_written_are_arrays_read() -> None:
    arrays = {"b": np.arange(6.0).reshape(2, 3), "a": np.array([], dtype="f4"), "c": np.array(3.0)}
    buffer = io.BytesIO()
    write_npz(buffer, arrays, zipfile.ZIP_DEFLATED)
    with opened_npz(buffer.getvalue(), "x", None) as archive:
        found = {name: archive.stored(name).read() for name in archive.names}
    assert list(found) == ["a", "b", "c"]
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].shape == array.shape and found[name].dtype == array.dtype


def test_the_nodes_that_every_project_has(path: Path) -> None:
    assert {DATA, COST} <= set(load(path).project.network.by_id)
