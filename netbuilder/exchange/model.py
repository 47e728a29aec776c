"""The model: a trained project in Python, which takes raw examples and answers in their words."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.encode import number_text
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
``{"age": [31, 42], "city": ["Köln", "Bonn"]}``, a data frame, or an array with named fields. In
columns a value may be missing: None, NaN, or a text without a letter."""


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
class Answers:
    """What a network says of m examples."""

    Y_hat: Array
    """(m, n_y), in the targets' own units"""
    labels: Array | None
    """(m,) the class of each as text; None where numbers are predicted."""
    probabilities: Array | None
    """(m, classes); None where the network gives none."""
    notices: tuple[Message, ...]
    """What was missing or unknown, and what stood for it."""


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
        answers = self._told(rows)
        if answers.labels is not None:
            return answers.labels
        found = answers.Y_hat
        return found[:, 0] if found.shape[1] == 1 else found

    def predict_proba(self, rows: Rows) -> Array:
        """(m, classes): the probability of each class, in the order of ``class_names``."""
        if not self.trained.gives_probabilities:
            raise UserError(
                "This network gives no probabilities: its output is {what}.",
                what=self.trained.output_meaning,
            )
        found = self._told(rows).probabilities
        assert found is not None
        return found

    def score(self, rows: Rows, targets: Any) -> float:
        """The accuracy, 0 to 1, or R². ``targets`` are classes or numbers, (m,) or columns."""
        info, found = self.trained.info, self._told(rows).Y_hat
        if column_names(targets) is None:
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
        for message in told:
            warnings.warn(str(message), stacklevel=2)
        if info.task == "regression":
            return metrics.r2(found[known], Y)
        return metrics.accuracy(found[known], Y, info.task)

    def answers(self, rows: Rows) -> Answers:
        """All that can be said of the rows, with what was filled in; see ``predict``."""
        told: tuple[Message, ...] = ()
        if column_names(rows) is not None:
            X, told = features_for(_table(rows), self.trained.inputs)
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
        trained, info = self.trained, self.trained.info
        with np.errstate(all="ignore"):  # what comes of numbers far out is looked at below
            scaled = X if trained.scaling is None else trained.scaling.apply(X)
            Y_hat = Program(trained.plan, dtype=self.dtype, weights=trained.weights).predict(scaled)
        if trained.target_scaling is not None:
            Y_hat = trained.target_scaling.undo(Y_hat)
        if not np.isfinite(Y_hat).all():
            row = int(np.flatnonzero(~np.isfinite(Y_hat).all(axis=1))[0])
            raise UserError(
                "The network has no answer to example {number:,}, whose numbers are too large.",
                number=row + 1,
            )
        labels = probabilities = None
        if info.task != "regression":
            labels = np.array(info.class_names)[metrics.classes(Y_hat, info.task)]
        if trained.gives_probabilities:
            binary = info.task == "binary"
            probabilities = np.hstack([1 - Y_hat, Y_hat]) if binary else Y_hat
        return Answers(Y_hat, labels, probabilities, told)

    def _told(self, rows: Rows) -> Answers:
        """With warnings of what was filled in, as Python tells of it."""
        answers = self.answers(rows)
        for message in answers.notices:
            warnings.warn(str(message), stacklevel=4)
        return answers


def column_names(rows: Rows) -> tuple[Any, ...] | None:
    """The names of the columns, by which they can be had; None for rows without names."""
    if isinstance(rows, Mapping):
        return tuple(rows)
    of_array = getattr(getattr(rows, "dtype", None), "names", None)
    # Arrow's ``columns`` are the columns themselves.
    found = getattr(rows, "column_names", getattr(rows, "columns", of_array))
    return None if found is None else tuple(found)


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
    names = column_names(columns) or ()
    arrays = [_column(columns[name]) for name in names]
    lengths = {array.shape for array in arrays}
    if len(lengths) != 1 or len(arrays[0].shape) != 1:
        raise UserError(
            "Expected columns of one length, got {found}.",
            found=", ".join(f"{n} {a.shape}" for n, a in zip(names, arrays, strict=True)),
        )
    categories: dict[str, tuple[str, ...]] = {}
    values = np.empty((len(arrays[0]), len(names)))
    for k, (name, array) in enumerate(zip(names, arrays, strict=True)):
        values[:, k], words = _coded(array)
        if words:
            categories[str(name)] = words
    return Table(values, tuple(map(str, names)), categories)


def _column(values: Any) -> Array:
    """As numbers where all of it is; else as it is, so that text beside numbers makes none of
    these a word."""
    try:
        array = np.asarray(values)
    except ValueError:  # lists of several lengths
        return np.empty((0, 0))
    return array if array.dtype.kind in "biufMm" else np.asarray(values, object)


def _coded(array: Array) -> tuple[Array, tuple[str, ...]]:
    """A column's numbers, or codes and the words that they stand for; NaN where one is missing."""
    if array.dtype != object:
        return array.astype(np.float64), ()
    gaps = np.array([_is_gap(value) for value in array], bool)
    found, present = np.full(len(array), np.nan), array[~gaps]
    own = {_text(value) for value in present if isinstance(value, (str, bytes))}
    if own:
        texts = [_text(value) for value in present]
        # Not np.unique, for which all texts would take as much room as the longest. Numbers come
        # last: where they were expected, the first word is the one to tell of.
        words = (*sorted(own), *sorted(set(texts) - own))
        place = {word: code for code, word in enumerate(words)}
        found[~gaps] = [place[text] for text in texts]
        return found, words
    try:
        found[~gaps] = present.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise UserError(
            "Expected numbers or text in a column, got a {kind}.", kind=type(present[0]).__name__
        ) from None
    return found, ()


def _is_gap(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    try:
        return value is None or bool(value != value)
    except (TypeError, ValueError):  # a missing value that is not even unlike itself
        return True


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else number_text(float(value))
