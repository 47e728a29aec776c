"""Opening a project for a command: file, data, plan and run, or the reason why not."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from netbuilder.cli.data_options import reading_of
from netbuilder.cli.terminal import notices
from netbuilder.data.dataset import Dataset, Recipe
from netbuilder.data.files import MAX_FILE_BYTES, read_other
from netbuilder.data.table import Table
from netbuilder.document.check.compile import Compiled, compile_project
from netbuilder.document.file.storage import NO_DATA, Loaded, load
from netbuilder.document.model.datasets import dataset_of, recipe_of
from netbuilder.document.model.project import Project
from netbuilder.engine.program import Plan, Program, Weights
from netbuilder.errors import Message, UserError
from netbuilder.exchange.lesson import Lesson
from netbuilder.exchange.trained import Trained
from netbuilder.runs.stored import StoredRun, others, run_of


@dataclass(frozen=True, eq=False)
class Opened:
    """A project that can be computed with."""

    project: Project
    recipe: Recipe
    """What was learned of the data, which need not be there for it."""
    found: Dataset | UserError
    """The data, or why it cannot be had."""
    plan: Plan
    weights: Weights | None
    """None when it has not been trained."""
    run: StoredRun | None
    """What training can go on from; None when there are at most weights."""
    sections: Mapping[str, bytes]
    """What else is in the file and is to stay there."""
    warnings: tuple[Message, ...] = ()

    def tell(self) -> None:
        """What is to be known of it; said when all went well, so that a failure is one line."""
        notices(self.warnings)
        if self.weights is None:
            notices(["This network is not trained yet: these are the initial weights of its seed."])

    @property
    def dataset(self) -> Dataset:
        """Raises UserError when the data cannot be had."""
        if isinstance(self.found, UserError):
            raise self.found
        return self.found

    def trained(self) -> Trained:
        """With the initial weights where there are no trained ones."""
        project = self.project
        program = Program(
            self.plan, dtype=project.training.dtype, seed=project.seed, weights=self.weights
        )
        return Trained.of(self.plan, program.weights(), self.recipe, self._lesson())

    def _lesson(self) -> Lesson | None:
        """How it was trained; None where the data cannot be had."""
        if isinstance(self.found, UserError):
            return None
        log, recorder = (None, None) if self.run is None else (self.run.log, self.run.recorder)
        return Lesson(self.project, self.plan, self.found, log, recorder)

    def program(self, trained: Trained) -> Program:
        return Program(self.plan, dtype=self.project.training.dtype, weights=trained.weights)


def opened(path: Path, changed_data: bool = False) -> Opened:
    """A project; with ``changed_data`` its data file is taken as it is now.

    Raises UserError when the file cannot be read, or when the network has a problem.
    """
    loaded = load(path)
    data = loaded.project.data
    if changed_data and data.kept is not None:
        data = replace(data, kept=None)
        loaded = replace(
            loaded,
            project=replace(loaded.project, data=data),
            warnings=tuple(told for told in loaded.warnings if told.text != NO_DATA),
        )
    recipe = recipe_of(data)
    plan = plan_of(compile_project(loaded.project, recipe.info))
    found: Dataset | UserError
    run: StoredRun | None = None
    warnings: tuple[Message, ...] = ()
    try:
        found = dataset_of(data)
    except UserError as error:
        found = error
    else:
        run, warnings = stored_run(loaded, plan, found)
    return Opened(
        loaded.project,
        recipe,
        found,
        plan,
        loaded.weights if run is None else run.state.weights(plan),
        run,
        others(loaded.sections),
        loaded.warnings + warnings,
    )


def other_examples(arguments: argparse.Namespace, project: Project, labelled: bool) -> Table:
    """Examples of another file; what cannot be told of it is as it was in the project's own."""
    with _file_of(arguments.data) as path:
        return read_other(path, project.data.reading, labelled, reading_of(arguments))


@contextlib.contextmanager
def _file_of(path: Path) -> Iterator[Path]:
    """The file itself; for "-" one with all that comes from standard input."""
    if str(path) != "-":
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "input.csv")
        with path.open("wb") as file:
            # A file is looked at several times before it is understood.
            left = MAX_FILE_BYTES + 1
            while piece := sys.stdin.buffer.read(min(2**20, left)):
                left -= file.write(piece)
        yield path


def stored_run(
    loaded: Loaded, plan: Plan, dataset: Dataset
) -> tuple[StoredRun | None, tuple[Message, ...]]:
    """The run in a file; a warning instead of one that cannot be gone on with."""
    try:
        run = run_of(loaded.sections, plan, dataset)
        return run, () if run is None or run.lost is None else (run.lost,)
    except UserError as error:
        text = "The run in this file cannot be gone on with, so only its weights count: {reason}"
        return None, (Message(text, reason=error.message),)


def plan_of(compiled: Compiled) -> Plan:
    """Raises UserError with the first problem, and what helps, where there is no plan."""
    if compiled.plan is not None:
        return compiled.plan
    problem = next(found for found in compiled.problems if found.severity == "error")
    raise UserError(
        "{problem}{remedy}",
        problem=problem.message,
        remedy="" if problem.fix is None else f" What helps: {problem.fix.label}.",
    )
