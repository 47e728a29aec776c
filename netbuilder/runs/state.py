"""The state of a run: one moment of training with everything that decides its future."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.buffers import cut
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError
from netbuilder.runs import identity

Array = NDArray[Any]
Random = tuple[int, int, int, int]
"""Of the generator PCG64: state and increment of 128 bits, whether half a draw is left, and it."""

MET = ("", "epochs", "cost", "patience")
"""The stop conditions that can have been met; the first is none."""
_OVERHEAD = 900
"""Bytes that a state takes beside its numbers, found with tracemalloc."""
_MOST = 2**53
"""No count is larger: whole numbers that a float64, and so a JSON file, keeps exactly."""
_WORD = 2**64


class Stopping(NamedTuple):
    """What the stop conditions remember."""

    first_epoch: int
    """The epochs to train are counted from here."""
    best: float
    """The lowest validation cost since then; infinite before the first."""
    best_epoch: int
    met: str
    """One of MET."""
    since: int
    """Patience counts the epochs from here: the best one, or where it was asked for more."""


@dataclass(frozen=True, eq=False, slots=True)
class RunState:
    """One moment of training. Going on from it is the same, bit by bit, as never having stopped.

    Nobody changes it: ``numbers`` is a read-only copy.
    """

    network: str
    """The fingerprint of the plan that it belongs to, see identity.of_network."""
    data: str
    """The fingerprint of its examples, see identity.of_data."""
    settings: TrainingSettings
    seed: int
    step: int
    """Updates done."""
    epoch: int
    """Epochs done."""
    position: int
    """Examples of the current epoch that were dealt out; 0 at its start."""
    total: float
    """The sum of the costs of those examples."""
    cost: float
    """The last cost J that was measured; NaN before there is one."""
    evaluated: int
    """The step at which accuracy and validation cost were last looked at; −1 before."""
    owes_end: bool
    """Whether the epoch that ended with the last update is still to be evaluated."""
    stopping: Stopping
    random: Random
    """The generator that the layers draw from."""
    updates: int
    """What the optimiser has counted; it starts anew with another optimiser."""
    stored: int
    """How many numbers are parameters or running statistics."""
    learned: int
    """How many of them are parameters: the first ones. Each moment has as many."""
    numbers: Array
    """Parameters and running statistics; the optimiser's moments; then, where they are known, the
    parameters and statistics before the last update: the way back should the next cost not be
    finite. All in one vector, in the order of the plan's layout."""

    # --- reading -----------------------------------------------------------------------------

    @property
    def parameters(self) -> Array:
        """(stored,): all parameters, and after them the running statistics."""
        return self.numbers[: self.stored]

    @property
    def moments(self) -> list[Array]:
        """The optimiser's moments, (learned,) each."""
        count = OPTIMIZERS[self.settings.optimizer].moments
        return [
            self.numbers[self.stored + k * self.learned : self.stored + (k + 1) * self.learned]
            for k in range(count)
        ]

    @property
    def before(self) -> Array | None:
        """(stored,): the parameters before the last update, where they are known."""
        rest = self.numbers[len(self.numbers) - self.stored :]
        return rest if len(self.numbers) > self._least else None

    @property
    def _least(self) -> int:
        """How many numbers there are without those before the last update."""
        return self.stored + OPTIMIZERS[self.settings.optimizer].moments * self.learned

    def weights(self, plan: Plan) -> Weights:
        """The parameters and running statistics by name, as read-only views."""
        return cut(self.parameters, plan, plan.stored)

    def with_typed(
        self, plan: Plan, numbers: Iterable[tuple[str, tuple[int, ...], float]]
    ) -> RunState:
        """The same moment with other numbers in some places, each (key, index, value)."""
        changed = self.numbers.copy()
        arrays = cut(changed[: self.stored], plan, plan.stored)
        for key, index, value in numbers:
            arrays[key][index] = value
        changed.flags.writeable = False
        return dataclasses.replace(self, numbers=changed)

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return self.numbers.nbytes + _OVERHEAD

    @property
    def is_finite(self) -> bool:
        return bool(np.isfinite(self.numbers).all())

    def check(self, plan: Plan, dataset: Dataset) -> None:
        """Raises UserError for a plan or a dataset that it does not belong to."""
        if self.network != identity.of_network(plan):
            raise UserError(
                "This state of training belongs to another network, so training cannot go on "
                "from it. Open the network that it was saved with, or begin a new run."
            )
        if self.data != identity.of_data(dataset):
            raise UserError(
                "This state of training belongs to other examples, so training cannot go on "
                "from it. Choose the data that it was saved with, or begin a new run."
            )
        sizes = plan.stored_count, plan.parameter_count
        if (self.stored, self.learned) != sizes or self.position >= dataset.train.m:
            raise _damaged(Message("it does not fit the network and the examples it names"))

    # --- storing -----------------------------------------------------------------------------

    def to_arrays(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Named arrays, and plain values that JSON can hold; ``from_arrays`` takes both back."""
        state, increment, has_half, half = self.random
        words = [*divmod(state, _WORD), *divmod(increment, _WORD), has_half, half]
        arrays = {"parameters": self.parameters, "random": np.array(words, np.uint64)}
        arrays |= {f"moment{k}": moment for k, moment in enumerate(self.moments)}
        if self.before is not None:
            arrays["before"] = self.before
        values = {name: getattr(self, name) for name in (*_TEXTS, *_COUNTS)}
        values |= {
            "settings": dataclasses.asdict(self.settings),
            "total": self.total,
            "cost": self.cost if math.isfinite(self.cost) else None,
            "owes_end": self.owes_end,
            "stopping": self.stopping._asdict(),
        }
        if not math.isfinite(self.stopping.best):
            values["stopping"]["best"] = None
        return arrays, values

    @staticmethod
    def from_arrays(arrays: Mapping[str, Array], values: Mapping[str, Any]) -> RunState:
        """Takes back what ``to_arrays`` gave, from a file that nobody vouches for.

        Raises UserError for what no state can be: names that are missing or unknown, wrong shapes
        or types, numbers that are not finite or out of range. Whether it fits a network and its
        examples is for ``check`` to say.
        """
        known = {*_TEXTS, *_COUNTS, "settings", "total", "cost", "owes_end", "stopping"}
        _names(values, known, "values")
        settings = _settings(values["settings"])
        stored, learned = (_count(values, name) for name in ("stored", "learned"))
        sizes = {"parameters": stored}
        sizes |= {f"moment{k}": learned for k in range(OPTIMIZERS[settings.optimizer].moments)}
        if "before" in arrays:
            sizes["before"] = stored
        _names(arrays, {*sizes, "random"}, "arrays")
        if learned > stored:
            raise _damaged(Message("it has more that is learned than is stored"))
        vectors = [_vector(arrays[key], key, n, settings.dtype) for key, n in sizes.items()]
        numbers = np.concatenate(vectors)
        numbers.flags.writeable = False
        plain: dict[str, Any] = {name: _text(values, name) for name in _TEXTS}
        plain |= {name: _count(values, name, _LEAST.get(name, 0)) for name in _COUNTS}
        return RunState(
            **plain,
            settings=settings,
            total=_number(values, "total"),
            cost=math.nan if values["cost"] is None else _number(values, "cost"),
            owes_end=_flag(values, "owes_end"),
            stopping=_stopping(values["stopping"]),
            random=_random(arrays["random"]),
            numbers=numbers,
        )


_TEXTS = ("network", "data")
_COUNTS = ("seed", "step", "epoch", "position", "evaluated", "updates", "stored", "learned")
_LEAST = {"evaluated": -1}


def _damaged(reason: Message) -> UserError:
    return UserError("The state of training is damaged: {reason}.", reason=reason)


def _names(found: Any, expected: set[str], what: str) -> None:
    if not isinstance(found, Mapping):
        raise _damaged(Message("its {what} are no table of names", what=what))
    for kind, names in (("missing", expected - set(found)), ("unknown", set(found) - expected)):
        if names:
            raise _damaged(
                Message(
                    "{name} is {kind} among its {what}",
                    name=sorted(map(str, names))[0][:40],
                    kind=Message(kind),
                    what=what,
                )
            )


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values[name]
    if not isinstance(value, str):
        raise _damaged(Message("{name} must be a text", name=name))
    return value


def _flag(values: Mapping[str, Any], name: str) -> bool:
    value = values[name]
    if not isinstance(value, bool):
        raise _damaged(Message("{name} must be true or false", name=name))
    return value


def _count(values: Mapping[str, Any], name: str, least: int = 0) -> int:
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST:
        raise _damaged(Message("{name} must be a count", name=name))
    return value


def _number(values: Mapping[str, Any], name: str) -> float:
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > _LARGEST:
        raise _damaged(Message("{name} must be a finite number", name=name))
    if math.isnan(value):
        raise _damaged(Message("{name} must be a finite number", name=name))
    return float(value)


_LARGEST = float(np.finfo(np.float64).max)


def _settings(values: Any) -> TrainingSettings:
    if isinstance(values, Mapping):  # as it was first written there were none of these
        values = {"order_seed": 0, "mask_seed": 0, **values}
    names = {setting.name for setting in TrainingSettings.settings()}
    _names(values, names, "settings")
    try:
        return TrainingSettings(**values)
    except UserError as error:
        raise _damaged(error.message) from None


def _stopping(values: Any) -> Stopping:
    if isinstance(values, Mapping) and "since" not in values:  # as it was first written
        values = {**values, "since": values.get("best_epoch")}
    _names(values, set(Stopping._fields), "stopping")
    if values["met"] not in MET:
        raise _damaged(Message("{name} is no stop condition", name=str(values["met"])[:40]))
    return Stopping(
        _count(values, "first_epoch"),
        math.inf if values["best"] is None else _number(values, "best"),
        _count(values, "best_epoch"),
        values["met"],
        _count(values, "since"),
    )


def _vector(array: Any, name: str, length: int, dtype: str) -> Array:
    """One of the arrays; raises UserError unless it is what the values say of it."""
    if not isinstance(array, np.ndarray) or array.dtype != dtype or array.shape != (length,):
        raise _damaged(
            Message(
                "{name} must hold {length} numbers of {dtype}",
                name=name,
                length=length,
                dtype=dtype,
            )
        )
    if not np.isfinite(array).all():
        raise _damaged(Message("{name} holds numbers that are not finite", name=name))
    return array


def _random(words: Any) -> Random:
    if not isinstance(words, np.ndarray) or words.dtype != np.uint64 or words.shape != (6,):
        raise _damaged(Message("{name} must hold {length} words", name="random", length=6))
    high, low, inc_high, inc_low, has_half, half = (int(word) for word in words)
    if has_half > 1 or half >= 2**32 or inc_low % 2 == 0:
        raise _damaged(Message("its random generator cannot have been in this state"))
    return high * _WORD + low, inc_high * _WORD + inc_low, has_half, half
