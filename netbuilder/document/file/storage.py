"""Project files: a .netb is a zip of project.json, weights.npz, the data, and further sections."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np

from netbuilder.data.dataset import DataInfo
from netbuilder.data.stamp import stamp_of
from netbuilder.document.check.compile import compile_project
from netbuilder.document.check.memory import available
from netbuilder.document.file import data_path
from netbuilder.document.file.arrays import Array, member, opened_npz, write_npz
from netbuilder.document.file.members import read_members
from netbuilder.document.file.migrations import migrated
from netbuilder.document.file.recipes import RecipeRecord, recipe_of_record, record_of_recipe
from netbuilder.document.file.records import (
    DataRecord,
    ProjectRecord,
    project_of,
    record_of,
)
from netbuilder.document.file.tables import table_of_record
from netbuilder.document.model.datasets import (
    bare,
    kept_of,
    known_of,
    prepared,
    recipe_of,
    with_tables,
)
from netbuilder.document.model.project import FILE, DataChoice, Kept, Project
from netbuilder.engine.parameters import PARAMETERS
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError, reading
from netbuilder.files import replacing

PROJECT, WEIGHTS, DATA_MEMBER = _OWN = "project.json", "weights.npz", "data.npz"

NO_DATA = "The data of this project cannot be had: {reason}"
"""The warning that a project can still be looked at, and predict, but not go on learning."""

LARGEST_TABLE = 64 * 1024**2
"""Bytes of a table that travels inside the project file; of a larger one only the path does."""


@dataclass(frozen=True, eq=False)
class Loaded:
    """What a project file held."""

    project: Project
    weights: Weights | None
    """By ``"{node id}.{parameter}"``; None when the file has none that fit."""
    warnings: tuple[Message, ...] = ()
    """What was not as it should be, and what was done about it."""
    sections: Mapping[str, bytes] = field(default_factory=dict)
    """What else the file holds, by the name of the member, for those who know it; under
    project.json its keys that are not known here. What is handed to ``save`` survives."""


# --- saving --------------------------------------------------------------------------------------


def save(
    path: str | Path,
    project: Project,
    weights: Weights | None,
    sections: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Writes a project file; the same project, weights and sections give the same bytes.

    Raises UserError when it cannot be written; what was there before is untouched then.
    """
    record = record_of(project)
    arrays = _data_arrays(project.data)
    if not arrays:
        record.data.table = None
        if record.data.own_test is not None:
            record.data.own_test.table = None
    for kept in (record.data, record.data.own_test):
        if kept is not None:
            kept.path = data_path.written(kept.path, Path(path), apart=not arrays)
    record.data.learned = _learned(project.data)
    try:
        keys = msgspec.to_builtins(record)
        if PROJECT in sections:
            keys = {**msgspec.json.decode(sections[PROJECT]), **keys}
        json = msgspec.json.format(msgspec.json.encode(keys), indent=1)
    except UnicodeEncodeError as error:
        raise UserError(
            "{path} cannot be written: the name {name!r} holds characters that no text file can. "
            "Give that column or class another name.",
            path=str(path),
            name=error.object,
        ) from error
    with replacing(path) as handle, zipfile.ZipFile(handle, "w") as archive:
        archive.writestr(member(PROJECT, zipfile.ZIP_DEFLATED), json)
        # Weights look like noise: packing them would take time and save nothing.
        if weights:
            _write_arrays(archive, WEIGHTS, weights, zipfile.ZIP_STORED)
        if arrays:
            _write_arrays(archive, DATA_MEMBER, arrays, zipfile.ZIP_DEFLATED)
        for name in sorted(set(sections) - set(_OWN)):
            # Arrays are packed inside of their section where that is worth while.
            packing = zipfile.ZIP_STORED if name.endswith(".npz") else zipfile.ZIP_DEFLATED
            archive.writestr(member(name, packing), sections[name])


def before_sharing(path: str | Path, project: Project) -> Message | None:
    """What is to be known of the file before it is given to others."""
    data = project.data
    if data.source != FILE or _data_arrays(data):
        return None
    paths = [data.path] + ([] if data.own_test is None else [data.own_test.path])
    return next(filter(None, (data_path.told(name, Path(path)) for name in paths)), None)


def _data_arrays(data: DataChoice) -> dict[str, Array]:
    """The numbers that travel in the project file; none where they are not here, or too many."""
    if data.table is None:
        return {}
    arrays: dict[str, Array] = {"values": data.table.values}
    if data.own_test is not None:
        if data.own_test.table is None:
            return {}
        arrays["test"] = data.own_test.table.values
    return arrays if sum(found.nbytes for found in arrays.values()) <= LARGEST_TABLE else {}


def _learned(data: DataChoice) -> RecipeRecord | None:
    """What was learned of the data, with the stamps of the files that it comes from."""
    try:
        recipe = recipe_of(data)
    except UserError:
        return None
    kept = kept_of(data)
    if data.source != FILE:
        return record_of_recipe(recipe)
    stamp = None if kept is None else kept.stamp
    test_stamp = None if kept is None else kept.test_stamp
    own = data.own_test
    return record_of_recipe(
        recipe,
        stamp or stamp_of(data.path),
        None if own is None else test_stamp or stamp_of(own.path),
    )


def _write_arrays(
    archive: zipfile.ZipFile, name: str, arrays: Mapping[str, Array], compression: int
) -> None:
    buffer = io.BytesIO()
    write_npz(buffer, arrays, compression)
    # Let go at once: on a full disk it stayed in the traceback, over which Python 3.12.1 crashes.
    with buffer.getbuffer() as view:
        archive.writestr(member(name, zipfile.ZIP_STORED), view)


# --- loading -------------------------------------------------------------------------------------


def load(path: str | Path) -> Loaded:
    """Reads a project file. Nothing in it is trusted, and nothing of it is run.

    Raises UserError, with a sentence that names the file, when it is no project file, is damaged,
    was made by a newer netbuilder, or holds what the editor would not have let happen. What can be
    done without, such as weights that do not fit, is left out with a warning.
    """
    file = Path(path).name
    with reading(file):
        return _load(path, file)


def _load(path: str | Path, file: str) -> Loaded:
    members, warnings = read_members(Path(path), file, _OWN)
    if PROJECT not in members:
        raise UserError(
            "{file} is no netbuilder project: there is no {member} in it.",
            file=file,
            member=PROJECT,
        )
    record, unknown = _decode(members[PROJECT], file)
    try:
        project, project_warnings = project_of(record)
    except UserError as error:
        raise UserError("{file}: {reason}", file=file, reason=error.message) from error
    if record.data.table is not None:
        project = replace(project, data=_with_tables(project.data, record.data, members, file))
    project = _beside(project, Path(path))
    if record.data.learned is not None:
        recipe = recipe_of_record(record.data.learned)
        if isinstance(recipe, Message):
            warnings += (recipe,)
        else:
            learned = record.data.learned
            kept = Kept(recipe, bare(project.data), learned.stamp, learned.test_stamp)
            project = replace(project, data=replace(project.data, kept=kept))
    # Whoever undoes or changes a role later, such as the window, need not read files again.
    project = replace(project, data=with_tables(project.data))
    info, data_warnings = _info(project)
    warnings += project_warnings + data_warnings
    weights = None
    if WEIGHTS in members:
        weights, weight_warnings = _weights(members[WEIGHTS], file, project, info)
        warnings += weight_warnings
    sections = {name: data for name, data in members.items() if name not in _OWN}
    if unknown:
        sections[PROJECT] = msgspec.json.encode(unknown)
    return Loaded(project, weights or None, warnings, sections)


_KEYS = ProjectRecord.__struct_fields__


class _Version(msgspec.Struct):
    schema: int


def _decode(data: bytes, file: str) -> tuple[ProjectRecord, dict[str, Any]]:
    """The record in today's schema, and the keys of it that are not known here."""
    try:
        # The version comes first: a newer file may look quite different otherwise.
        schema = msgspec.json.decode(data, type=_Version).schema
        if schema > Project.schema:
            raise UserError(
                "{file} was made by a newer netbuilder (schema {schema}, this one reads up to "
                "{known}). Install the newer one to open it.",
                file=file,
                schema=schema,
                known=Project.schema,
            )
        if schema < 1:
            raise msgspec.ValidationError(f"there is no schema {schema}")
        record = migrated({**msgspec.json.decode(data), "schema": schema}, Project.schema)
        unknown = {name: record[name] for name in record.keys() - set(_KEYS)}
        return msgspec.convert(record, ProjectRecord), dict(sorted(unknown.items()))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(
            "{file} is damaged: {member} does not hold a project ({reason}).",
            file=file,
            member=PROJECT,
            reason=str(error),
        ) from error


# --- the data ------------------------------------------------------------------------------------


def _with_tables(
    data: DataChoice, record: DataRecord, members: Mapping[str, bytes], file: str
) -> DataChoice:
    """The choice with the tables that the file describes."""
    if DATA_MEMBER not in members:
        raise UserError(
            "{file} is damaged: it describes its data, but {member} is missing.",
            file=file,
            member=DATA_MEMBER,
        )
    with opened_npz(members[DATA_MEMBER], file, LARGEST_TABLE) as archive:
        values, test = (
            archive.stored(name).read() if name in archive.names else None
            for name in ("values", "test")
        )
    assert record.table is not None
    data = replace(data, table=table_of_record(record.table, values, file))
    if data.own_test is not None and record.own_test is not None and record.own_test.table:
        table = table_of_record(record.own_test.table, test, file)
        data = replace(data, own_test=replace(data.own_test, table=table))
    return data


def _beside(project: Project, path: Path) -> Project:
    """The project with its data looked for: moved together they still find each other."""
    data = project.data
    if data.source != FILE:
        return project
    data = replace(data, path=_place(data.path, path, apart=data.table is None))
    own = data.own_test
    if own is not None:
        place = _place(own.path, path, apart=own.table is None)
        data = replace(data, own_test=replace(own, path=place))
    return project if data == project.data else replace(project, data=data)


def _place(name: str, project: Path, apart: bool) -> str:
    """Where a data file lies; of data that travels in the project its name may be all we know."""
    place = data_path.found(name, project)
    return place if apart or os.path.isfile(place) else name


def _info(project: Project) -> tuple[DataInfo | None, tuple[Message, ...]]:
    """What the network must know of the data, and a warning when the data cannot be had."""
    try:
        return prepared(project.data).info, ()
    except UserError as error:
        return known_of(project.data), (Message(NO_DATA, reason=error.message),)


# --- the weights ---------------------------------------------------------------------------------


def _weights(
    data: bytes, file: str, project: Project, info: DataInfo | None
) -> tuple[Weights, tuple[Message, ...]]:
    """The weights that fit the network, and a warning for each that does not."""
    compiled = compile_project(project, info)
    shapes = {
        id: found | compiled.statistic_shapes.get(id, {})
        for id, found in compiled.parameter_shapes.items()
    }
    names = project.network.by_id
    expected = {
        f"{id}.{parameter}": shape
        for id, parameters in shapes.items()
        for parameter, shape in parameters.items()
    }
    weights: Weights = {}
    warnings: list[Message] = []
    with opened_npz(data, file, available()) as archive:
        for key in archive.names:
            stored = archive.stored(key)
            id, _, parameter = key.partition(".")
            values = {
                "parameter": parameter,
                "name": names[id].name if id in names else id,
                "found": str(stored.shape),
            }
            if id not in names or (id in shapes and key not in expected):
                text = "Weights {parameter} of {name} were left out: there is no place for them."
                warnings.append(Message(text, **values))
            elif id in shapes and stored.shape != expected[key]:
                text = (
                    "Weights {parameter} of {name} were left out: "
                    "expected the shape {expected}, found {found}."
                )
                warnings.append(Message(text, expected=str(expected[key]), **values))
            elif stored.dtype.kind != "f":
                text = (
                    "Weights {parameter} of {name} were left out: they are no fractional numbers."
                )
                warnings.append(Message(text, **values))
            else:
                array = stored.read()
                if not np.isfinite(array).all():
                    text = "Weights {parameter} of {name} were left out: some are not finite."
                    warnings.append(Message(text, **values))
                elif PARAMETERS[parameter].squares and (array < 0).any():
                    text = "Weights {parameter} of {name} were left out: some are below zero."
                    warnings.append(Message(text, **values))
                else:
                    weights[key] = array
    return weights, tuple(warnings)
