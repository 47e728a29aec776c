"""The log of a run: all its costs and metrics, written by one thread and read by any."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netbuilder.errors import Message, UserError
from netbuilder.runs.state import RunState

Array = NDArray[Any]
Mark = tuple[int, Message]
"""(step, what was changed): the first update made with it has this number."""

BOUND = 2**18
"""Rows a bounded log keeps: more than any screen shows, and some 20 MB however long a run lasts."""
_FIRST_CAPACITY = 256
_MARKS = 5_000
_ONE_GESTURE = 1.0
"""Seconds within which changes of one setting are one mark: a slider was dragged."""


class Columns:
    """Columns that only grow at their end; one thread writes, any thread reads without a lock.

    With a ``bound``, older rows are thinned as soon as there are more, to those with the lowest and
    the highest value of the column ``extremes`` of every so many, so that no best and no peak is
    lost. What is thinned is as dense at the run's beginning as where it ends; at least the newest
    half of the bound is whole, and so is the last row.
    """

    def __init__(
        self, columns: Mapping[str, type], extremes: str, bound: int | None = None
    ) -> None:
        self._names = tuple(columns)
        self._extremes = self._names.index(extremes)
        self._bound = bound
        # The first rows stand for so many each, as they were thinned; the others for themselves.
        self._even, self._weight = 0, 1
        arrays: tuple[Array, ...] = tuple(
            np.empty(_FIRST_CAPACITY, dtype) for dtype in columns.values()
        )
        # Arrays and length are exchanged together, in one assignment: what a reader takes belongs
        # together, and its rows never change afterwards.
        self._published = arrays, 0

    def __len__(self) -> int:
        return self._published[1]

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self._published[0])

    def extend(self, *columns: Sequence[float] | Array) -> None:
        """Adds rows, given as one sequence of equal length for each column."""
        arrays, length = self._published
        end = length + len(columns[0])
        if end > len(arrays[0]):
            arrays = tuple(_grown(array, length, end) for array in arrays)
        for array, values in zip(arrays, columns, strict=True):
            array[length:end] = values
        if self._bound is not None and end > self._bound:
            arrays, end = self._thinned(arrays, end)
        self._published = arrays, end

    def columns(self) -> dict[str, Array]:
        """All rows so far, as read-only views of one length; later rows do not show in them."""
        arrays, length = self._published
        found = {}
        for name, array in zip(self._names, arrays, strict=True):
            found[name] = array[:length]
            found[name].flags.writeable = False
        return found

    def thinned(self, most: int) -> dict[str, Array]:
        """All rows, or at most so many: their extremes, and always the last one."""
        columns, most = list(self.columns().values()), max(most, 8)
        if (length := len(columns[0])) > most:
            among = -(-length // ((most - 3) // 2))
            kept = np.append(_few(columns[self._extremes][:-1], among), length - 1)
            columns = [column[kept] for column in columns]
        return dict(zip(self._names, columns, strict=True))

    def _thinned(self, arrays: tuple[Array, ...], length: int) -> tuple[tuple[Array, ...], int]:
        assert self._bound is not None
        values = arrays[self._extremes]
        newer = self._even + _few(values[self._even : length - 1], 2 * self._weight)
        rows = np.concatenate([np.arange(self._even), newer])
        while len(rows) > self._bound // 2:
            rows = rows[_few(values[rows])]
            self._weight *= 2
        self._even = len(rows)
        rows = np.append(rows, length - 1)
        return tuple(_grown(array[rows], len(rows), self._bound) for array in arrays), len(rows)


def _few(values: Array, among: int = 4) -> Array:
    """The places of the lowest and the highest of every so many values, at least two.

    Of what is left over too, where that is more than three.
    """
    whole = len(values) // among * among
    groups = np.nan_to_num(values[:whole].reshape(-1, among))
    low, high = groups.argmin(axis=1), groups.argmax(axis=1)
    high[low == high] = among - 1  # all values are equal: the ends
    low[low == high] = 0
    starts = np.arange(0, whole, among)
    kept = np.stack([starts + np.minimum(low, high), starts + np.maximum(low, high)], axis=1)
    rest = np.arange(whole, len(values))
    if len(rest) > 3:
        rest = rest[_few(values[whole:], len(rest))]
    return np.concatenate([kept.ravel(), rest])


def _grown(array: Array, length: int, least: int) -> Array:
    grown = np.empty(max(least, 2 * length), array.dtype)
    grown[:length] = array[:length]
    return grown


class MetricLog:
    """Costs and metrics of one run. The trainer writes; everyone else reads, at any time.

    A row, an update or an evaluation belongs to the weights after ``step`` updates. With a full
    batch there is a row for every update, with the cost that it started from; with mini-batches a
    row for every epoch, with the mean cost of its updates. Costs are always finite.

    ``bounded`` is for runs that nobody may ever stop: past BOUND rows older ones are thinned to
    their extremes.
    """

    def __init__(
        self, *, bounded: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bounded = bounded
        bound = BOUND if bounded else None
        self._rows = Columns({"epoch": int, "step": int, "train_cost": float}, "train_cost", bound)
        self._updates = Columns({"step": int, "cost": float}, "cost", bound)
        self._evaluations = Columns(
            {
                "epoch": int,
                "step": int,
                "validation_cost": float,
                "train_accuracy": float,
                "validation_accuracy": float,
            },
            "validation_cost",
            bound,
        )
        self._clock = clock
        self._marked_at = -np.inf
        self.marks: tuple[Mark, ...] = ()

    # --- reading -----------------------------------------------------------------------------

    def epochs(self) -> dict[str, Array]:
        """Columns epoch, step, train_cost, validation_cost, train_accuracy, validation_accuracy.

        The last three are NaN in rows without an evaluation. ``rows`` and ``evaluations`` give the
        same without filling up, and without a copy.
        """
        evaluations, columns = self._evaluations.columns(), self._rows.columns()
        steps = columns["step"]
        places = np.searchsorted(steps, evaluations["step"], side="right") - 1
        found = (places >= 0) & (steps[places] == evaluations["step"]) if len(steps) else None
        for name in ("validation_cost", "train_accuracy", "validation_accuracy"):
            columns[name] = np.full(len(steps), np.nan)
            if found is not None:
                columns[name][places[found]] = evaluations[name][found]
        return columns

    def rows(self) -> dict[str, Array]:
        """Columns epoch, step, train_cost."""
        return self._rows.columns()

    def evaluations(self) -> dict[str, Array]:
        """Columns epoch, step, validation_cost, train_accuracy, validation_accuracy.

        One row for each time the network was looked at; NaN for what the data does not have:
        a validation part, classes.
        """
        return self._evaluations.columns()

    def updates(self) -> dict[str, Array]:
        """Columns step, cost: the cost each update started from, on its own batch."""
        return self._updates.columns()

    def best(self, first: int = 0) -> tuple[int, float] | None:
        """Step and cost of the best moment from a step on; None before there is any.

        By the validation cost where there is one, else by the training cost.
        """
        for columns, name in (
            (self.evaluations(), "validation_cost"),
            (self.rows(), "train_cost"),
        ):
            start = int(np.searchsorted(columns["step"], first))
            costs = columns[name][start:]
            if np.isfinite(costs).any():
                place = int(np.nanargmin(costs))
                return int(columns["step"][start + place]), float(costs[place])
        return None

    def until(self, state: RunState) -> MetricLog:
        """A log of its own as this one was at a moment of its run: there a fork begins."""
        found = MetricLog(bounded=self._bounded, clock=self._clock)
        for name, end in self._ends(state).items():
            columns = self._tables[name].columns().values()
            found._tables[name].extend(*(column[:end] for column in columns))
        found.marks = tuple(mark for mark in self.marks if mark[0] <= state.step)
        return found

    def ends_at(self, state: RunState) -> bool:
        """Whether nothing is in it that came after this moment of its run, but for marks."""
        return all(end == len(self._tables[name]) for name, end in self._ends(state).items())

    def _ends(self, state: RunState) -> dict[str, int]:
        """How many rows of each table there were at a moment."""
        step, updates, rows = state.step, self.updates(), self.rows()
        before, made = (int(at) for at in np.searchsorted(updates["step"], (step - 1, step)))
        before_rows, end = (int(at) for at in np.searchsorted(rows["step"], (step - 1, step)))
        # With full batches every update has a row, and the one at this step is of the update that
        # is to come; with mini-batches it is of the epoch that is just over.
        was_full = before_rows < end
        if before < made and not was_full and state.position == 0:
            end += int(np.count_nonzero(rows["step"][end : end + 1] == step))
        side: Literal["left", "right"] = "right" if state.evaluated == step else "left"
        seen = int(np.searchsorted(self.evaluations()["step"], step, side))
        return {"updates": made, "rows": end, "evaluations": seen}

    @property
    def nbytes(self) -> int:
        """How much memory its tables take."""
        return sum(columns.nbytes for columns in self._tables.values())

    # --- storing -----------------------------------------------------------------------------

    @property
    def _tables(self) -> dict[str, Columns]:
        return {"rows": self._rows, "updates": self._updates, "evaluations": self._evaluations}

    def to_arrays(self, most: int) -> dict[str, Array]:
        """All columns by ``"{table}.{column}"``, each table thinned to at most so many rows.

        The tables are rows, updates and evaluations; the marks are left to the caller.
        """
        return {
            f"{table}.{name}": values
            for table, columns in self._tables.items()
            for name, values in columns.thinned(most).items()
        }

    @staticmethod
    def from_arrays(arrays: Mapping[str, Array], *, bounded: bool = False) -> MetricLog:
        """Takes back what ``to_arrays`` gave, from a file that nobody vouches for.

        Raises UserError for what no log can be: columns that are missing or unknown, of unequal
        length or a wrong type, steps that go backwards, costs that are not finite.
        """
        log = MetricLog(bounded=bounded)
        empty = log.to_arrays(0)
        if set(arrays) != set(empty):
            name = sorted(set(arrays) ^ set(empty))[0]
            raise _damaged(Message("{name} is missing or unknown", name=name[:40]))
        for table, columns in log._tables.items():
            found = {name: arrays[f"{table}.{name}"] for name in columns.columns()}
            length = len(found["step"]) if found["step"].ndim == 1 else -1
            for name, values in found.items():
                key = f"{table}.{name}"
                if values.dtype != empty[key].dtype or values.shape != (length,):
                    raise _damaged(Message("{name} is no column of its table", name=key))
                if values.dtype.kind == "i":
                    if length and (values[0] < 0 or (np.diff(values) < 0).any()):
                        raise _damaged(Message("{name} goes backwards", name=key))
                elif table != "evaluations" and not np.isfinite(values).all():
                    raise _damaged(Message("{name} is not finite", name=key))
            columns.extend(*found.values())
        return log

    # --- writing -----------------------------------------------------------------------------

    def add_updates(self, steps: Sequence[int], costs: Sequence[float]) -> None:
        self._updates.extend(steps, costs)

    def add_rows(self, epochs: Sequence[int], steps: Sequence[int], costs: Sequence[float]) -> None:
        self._rows.extend(epochs, steps, costs)

    def add_evaluation(
        self,
        epoch: int,
        step: int,
        validation_cost: float,
        train_accuracy: float,
        validation_accuracy: float,
    ) -> None:
        self._evaluations.extend(
            [epoch], [step], [validation_cost], [train_accuracy], [validation_accuracy]
        )

    def mark(self, step: int, message: Message) -> None:
        """Notes a change. Like ones in quick succession become one mark, at the first one's step.

        Alike are messages of one text and one ``setting``; the first one's ``old`` value is kept.
        """
        now, marks = self._clock(), self.marks
        if marks and now - self._marked_at < _ONE_GESTURE:
            last_step, last = marks[-1]
            if (last.text, last.values.get("setting")) == (
                message.text,
                message.values.get("setting"),
            ):
                kept = {name: last.values[name] for name in ("old",) if name in last.values}
                message = Message(message.text, **{**message.values, **kept})
                step, marks = last_step, marks[:-1]
        self._marked_at = now
        self.marks = (*marks[-_MARKS + 1 :], (step, message))


def _damaged(reason: Message) -> UserError:
    return UserError("The log of the run is damaged: {reason}.", reason=reason)
