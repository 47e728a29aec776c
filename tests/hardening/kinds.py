"""Kinds of file beside the oldest ones: a sound sample of each, and its reader, to be fuzzed."""

from __future__ import annotations

import datetime
import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

import netbuilder.lab.entries  # noqa: F401  (they are registered there)
from netbuilder.data import cache
from netbuilder.data.files import read_table
from netbuilder.data.own_test import with_test
from netbuilder.data.reading import Reading
from netbuilder.data.stamp import stamp_of
from netbuilder.data.table import Table
from netbuilder.document.check.compile import compile_project
from netbuilder.document.file import storage
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import FILE, DataChoice, OwnTest, Project
from netbuilder.document.templates import data_choice, new_project
from netbuilder.errors import UserError
from netbuilder.exchange import npz
from netbuilder.exchange.format import FORMATS
from netbuilder.exchange.trained import Trained
from netbuilder.gui.window.import_work import found_in
from netbuilder.lab import handed_in
from netbuilder.lab.experiment import LAB
from netbuilder.lab.homework import case_of, template
from netbuilder.lab.matching import differences
from netbuilder.lens.picture import Picture
from netbuilder.training.trainer import Trainer

Sample = tuple[str, bytes, Callable[[Path], object]]
"""(suffix, a sound file, its reader)"""

FROZEN = "3 tanh frozen, layer norm, dropout 0.2, 2 relu frozen bias, batch norm, 1 sigmoid"


def samples(table: Table) -> dict[str, Sample]:
    """By kind; ``table`` is of numbers a and b and a word kind."""
    test = Table(table.values[:9], table.columns, table.categories, table.targets)
    full = replace(
        new_project(
            DataChoice(FILE, table=table, own_test=OwnTest("test.csv", table=test)), FROZEN
        ),
        experiment="flower",
    )
    return {
        "excel": (".xlsx", workbook(), imported),
        "parquet": (".parquet", parquet(), imported),
        "netb, frozen and a test file": (".netb", saved(full), opened),
        "netb, experiment": (".netb", saved(LAB["flower"].opened()), opened),
        "weights": (".npz", *weights()),
        "homework": (".npz", *homework()),
        "cache": (".npz", *cached(table)),
        "test file": (".csv", *tested(table)),
    }


def workbook() -> bytes:
    from openpyxl import Workbook

    book, made = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["a", "when", "b", "kind"])
    for k in range(20):
        day = datetime.date(2024, 1, 1 + k % 5)
        sheet.append([k / 7, day, None if k == 3 else f"{k}.5", "yes" if k % 2 else "no"])
    hidden = book.create_sheet("hidden")
    hidden.append(["nothing"])
    hidden.sheet_state = "hidden"
    book.save(made)
    return made.getvalue()


def parquet() -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    made, days = io.BytesIO(), [datetime.date(2024, 1, 1 + k % 5) for k in range(20)]
    columns = {
        "a": [k / 7 for k in range(20)],
        "list": [[k, None] for k in range(20)],
        "day": days,
        "true": [None if k == 4 else k % 3 == 0 for k in range(20)],
        "kind": ["yes" if k % 2 else "no" for k in range(20)],
    }
    parquet.write_table(pa.table(columns), made, row_group_size=7)
    return made.getvalue()


def imported(path: Path) -> object:
    """As the dialog does: the first answer to what is asked, and then the examples made ready."""
    found = found_in(path, Reading(), lambda share: None).table
    return dataset_of(DataChoice(FILE, table=found))


def saved(project: Project) -> bytes:
    plan = compile_project(project, dataset_of(project.data).info).plan
    assert plan is not None
    trainer = Trainer(plan, dataset_of(project.data), project.training, 1)
    next(trainer.bursts())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.netb"
        storage.save(path, project, trainer.weights())
        return path.read_bytes()


def opened(path: Path) -> object:
    """As far as the window does: compiled, begun to train, and compared with its experiment."""
    loaded = storage.load(path)
    project = loaded.project
    try:
        dataset = dataset_of(project.data)
    except UserError:
        return loaded  # a file that has moved is a normal state
    plan = compile_project(project, dataset.info).plan
    if plan is not None and plan.parameter_count < 10_000:
        next(Trainer(plan, dataset, project.training, project.seed).bursts())
    if project.experiment in LAB:
        differences(project, LAB[project.experiment])
    return loaded


def _flower() -> tuple[Project, Trained]:
    project = new_project(data_choice("flower"), "4 tanh, 1 sigmoid")
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None
    trainer = Trainer(plan, dataset, project.training, 1)
    return project, Trained.of(plan, trainer.weights(), dataset)


def weights() -> tuple[bytes, Callable[[Path], object]]:
    project, trained = _flower()
    plan, dataset = trained.plan, dataset_of(project.data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.npz"
        FORMATS["npz"].save(path, trained)
        made = path.read_bytes()

    def read(path: Path) -> object:
        return npz.load_weights(path, plan), npz.disagreements(path, plan, dataset)

    return made, read


def homework() -> tuple[bytes, Callable[[Path], object]]:
    project, trained = _flower()
    case = case_of(project, trained.plan, dataset_of(project.data))
    made = io.BytesIO()
    values = {name: array for name, array in template(case).items() if name not in ("X", "Y")}
    np.savez(made, **values)

    def read(path: Path) -> object:
        """As the dialog shows it, the difference of every row as a picture."""
        assert handed_in.is_homework(path) in (True, False)
        found = handed_in.judged(path, case)
        for row in found.comparison.rows:
            same = row.mine.shape == row.ours.shape
            Picture(np.atleast_2d(row.mine - row.ours if same else row.mine).astype(np.float64))
        return found

    return made.getvalue(), read


def cached(table: Table) -> tuple[bytes, Callable[[Path], object]]:
    """An entry of the cache; whatever is read of it must be a table that can be learned from."""
    with tempfile.TemporaryDirectory() as folder:
        source, entry = Path(folder) / "d.csv", Path(folder) / "e.npz"
        source.write_text("a,b\n1,2\n")
        with mock.patch.object(cache, "_place", lambda *_: entry):
            cache.keep(source, table, True, stamp_of(str(source)))
        made = entry.read_bytes()

    def read(path: Path) -> object:
        with (
            mock.patch.object(cache, "_place", lambda *_: path),
            mock.patch.object(cache, "has_changed", lambda *_: False),
        ):
            found = cache.found(path, Reading(), True)
        if found is None:
            raise UserError("It counts as not there.")
        return dataset_of(DataChoice(FILE, table=found))

    return made, read


def tested(table: Table) -> tuple[bytes, Callable[[Path], object]]:
    """A test file with its columns in another order, one more, and a word that is new."""
    lines = ["kind,more,b,a", *(f"{'red' if k % 2 else 'green'},x,{k / 3:.2f},1" for k in range(9))]

    def read(path: Path) -> object:
        joined = with_test(table, read_table(path))
        return dataset_of(DataChoice(FILE, table=joined))

    return "\n".join(lines).encode(), read
