"""The model: a trained project in Python, which takes raw examples and answers in their words."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.matching import features_for, targets_for
from netbuilder.data.table import Table
from netbuilder.document.check.compile import compile_project
from netbuilder.document.file.storage import load as load_project
from netbuilder.document.model.datasets import dataset_of, recipe_of
from netbuilder.engine import metrics
from netbuilder.engine.program import Program
from netbuilder.errors import Message, UserError
from netbuilder.exchange.trained import Trained
from netbuilder.runs.stored import run_of

Array = NDArray[Any]
Rows = Any
"""Rows (m, n_x) of numbers in the order of ``feature_names``, or columns by name: a mapping such as
``{"age": [31, 42], "city": ["Köln", "Bonn"]}``, or a data frame."""


def load(path: str | Path) -> Model:
    """The trained network of a project file.

    The data itself need not be there. Raises UserError when the file cannot be read, what was
    learned of its data cannot be had, or it was not trained.
    """
    loaded = load_project(path)
    name = Path(path).name
    recipe = recipe_of(loaded.project.data)
    plan = compile_project(loaded.project, recipe.info).plan
    if plan is None or loaded.weights is None:
        raise UserError("{name} holds no trained network; train it first.", name=name)
    trained = Trained.of(plan, loaded.weights, recipe)
    try:
        run = run_of(loaded.sections, plan, dataset_of(loaded.project.data))
    except UserError:
        run = (
            None  # of a run that cannot be gone on with, and without data, the weights still count
        )
    return Model(trained, {} if run is None else run.log.epochs(), loaded.project.training.dtype)


@dataclass(frozen=True, eq=False)
class Model:
    """What a project has learned; every answer is in the words and units of its data."""

    trained: Trained
    history: dict[str, Array]
    """Of the run, a value for each row of its log: epoch, step, train_cost, validation_cost,
    train_accuracy, validation_accuracy. Empty where the file has no run."""
    dtype: str = "float32"

    @property
    def feature_names(self) -> tuple[str, ...]:
        return self.trained.info.feature_names

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of the columns of ``predict_proba``; none where numbers are predicted."""
        return self.trained.info.class_names

    def predict(self, rows: Rows) -> Array:
        """The class of every example as text (m,), or the numbers (m,), of several targets (m, t).

        Raises UserError for rows of another width and for a column that is missing; warns of
        missing values and unknown words in columns, which are filled in as was learned.
        """
        found, info = self._output(rows), self.trained.info
        if info.task == "regression":
            return found[:, 0] if found.shape[1] == 1 else found
        return np.array(info.class_names)[metrics.classes(found, info.task)]

    def predict_proba(self, rows: Rows) -> Array:
        """(m, classes): the probability of each class, in the order of ``class_names``."""
        if not self.trained.gives_probabilities:
            raise UserError(
                "This network gives no probabilities: its output is {what}.",
                what=self.trained.output_meaning,
            )
        found = self._output(rows)
        return np.hstack([1 - found, found]) if self.trained.info.task == "binary" else found

    def score(self, rows: Rows, targets: Any) -> float:
        """The accuracy, 0 to 1, or R². ``targets`` are classes or numbers, (m,) or columns."""
        info, found = self.trained.info, self._output(rows)
        if not _has_columns(targets):
            columns = np.asarray(targets).reshape(len(found), -1).T
            if len(columns) != len(info.target_names):
                raise UserError(
                    "Expected {expected} targets for each of {m} examples, got the shape {found}.",
                    expected=len(info.target_names),
                    m=len(found),
                    found=str(np.shape(targets)),
                )
            targets = dict(zip(info.target_names, columns, strict=True))
        known, Y, told = targets_for(_table(targets), info)
        _warn(told)
        if info.task == "regression":
            return metrics.r2(found[known], Y)
        return metrics.accuracy(found[known], Y, info.task)

    def _output(self, rows: Rows) -> Array:
        """Ŷ (m, n_y) in the targets' own units."""
        if _has_columns(rows):
            X, told = features_for(_table(rows), self.trained.inputs)
            _warn(told)
        else:
            X = _array(rows)
        if X.ndim != 2 or X.shape[1] != len(self.feature_names):
            raise UserError(
                "Expected rows of {n} numbers, {names}, got the shape {found}.",
                n=len(self.feature_names),
                names=", ".join(self.feature_names[:6]),
                found=str(X.shape),
            )
        if not np.isfinite(X).all():
            row = int(np.flatnonzero(~np.isfinite(X).all(axis=1))[0])
            raise UserError("Row {row} lacks a value, or holds one that is not finite.", row=row)
        trained = self.trained
        scaled = X if trained.scaling is None else trained.scaling.apply(X)
        Y_hat = Program(trained.plan, dtype=self.dtype, weights=trained.weights).predict(scaled)
        return Y_hat if trained.target_scaling is None else trained.target_scaling.undo(Y_hat)


def _warn(told: tuple[Message, ...]) -> None:
    """What was filled in or left out, as Python tells of it."""
    for message in told:
        warnings.warn(str(message), stacklevel=4)


def _has_columns(rows: Rows) -> bool:
    return isinstance(rows, Mapping) or hasattr(rows, "columns")


def _array(rows: Rows) -> Array:
    try:
        return np.asarray(rows, np.float64)
    except (TypeError, ValueError):
        raise UserError(
            "Expected rows of numbers; columns of words go by their names, such as "
            "dict(city=[…], age=[…])."
        ) from None


def _table(columns: Any) -> Table:
    """Columns by name as a table; those of text become words."""
    found = columns if isinstance(columns, Mapping) else columns.columns
    names = tuple(str(name) for name in found)
    arrays = [np.asarray(columns[name]) for name in names]
    lengths = {array.shape for array in arrays}
    if len(lengths) != 1 or len(arrays[0].shape) != 1:
        raise UserError(
            "Expected columns of one length, got {found}.",
            found=", ".join(f"{n} {a.shape}" for n, a in zip(names, arrays, strict=True)),
        )
    categories: dict[str, tuple[str, ...]] = {}
    values = np.empty((len(arrays[0]), len(names)))
    for k, (name, array) in enumerate(zip(names, arrays, strict=True)):
        if array.dtype.kind in "OUS" and not _are_numbers(array):
            words, codes = np.unique(array.astype(str), return_inverse=True)
            categories[name], values[:, k] = tuple(words.tolist()), codes.reshape(-1)
        else:
            values[:, k] = array.astype(np.float64)
    return Table(values, names, categories)


def _are_numbers(array: Array) -> bool:
    """Whether objects, such as None beside numbers, are all numbers."""
    try:
        array.astype(np.float64)
    except (TypeError, ValueError):
        return False
    return array.dtype.kind == "O"
