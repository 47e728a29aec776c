"""Divergence: the way back when a cost is no longer finite, and words that say what to try."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.program import Program
from netbuilder.errors import Message, UserError

Array = NDArray[Any]

_EVERY_UPDATE = 65_536
"""Up to so many parameters a copy costs nothing beside an update."""
_SHARE = 50
"""For more of them copies take one part in so many of the time."""
_LARGE = 30.0
"""Features beyond this are larger than any usual scaling leaves them."""


class Diverged(UserError):
    """The cost is no longer finite. ``layer`` is the id of the step that went first."""

    def __init__(self, layer: str, message: Message) -> None:
        super().__init__(message.text, **message.values)
        self.layer = layer

    def back_at(self, step: int, epoch: int, advice: Message | None) -> Message:
        """What happened, when training has gone back further than the last finite state.

        ``advice`` stands in place of the general one, where it was found what helps.
        """
        if "where" not in self.message.values:  # there is no way back to where it was better
            return self.message
        values = {**self.message.values, "where": _place(step, epoch)}
        if advice is not None:
            values["advice"] = advice
        return Message(self.message.text, **values)


def exploded(cost: float, first: float) -> Message:
    """What happened when the cost has grown without bound, from ``first``, and is still finite."""
    return Message(
        "Training diverged: the cost has grown from {first:.3g} to {cost:.3g}. {where} {advice}",
        cost=cost,
        first=first,
        where=Message("It did not fall again."),
        advice=Message("A lower learning rate may help."),
    )


def _place(step: int, epoch: int) -> Message:
    if epoch:
        return Message("It is back at epoch {epoch:,}, before the cost began to grow.", epoch=epoch)
    if not step:
        return Message("It is back at the start, before the cost began to grow.")
    return Message("It is back at update {step:,}, before the cost began to grow.", step=step)


class Guard:
    """Keeps the parameters of the last state whose cost was finite.

    Up to 65,536 parameters it is exactly the state before the update that led out of range. For
    more, whose copies are dear, it may be one from a moment earlier: copies take 2 % of the time.
    """

    def __init__(self, program: Program, clock: Callable[[], float] = time.perf_counter) -> None:
        self._parameters = program.flat_parameters
        self._clock = clock
        self._always = self._parameters.size <= _EVERY_UPDATE
        self._next = -np.inf
        self._good = np.empty_like(self._parameters)
        self._has_good = False
        # Whether a state is good shows only after the forward pass of the update that leaves it.
        self._candidate = np.empty_like(self._parameters)
        self._has_candidate = False

    def before_update(self) -> None:
        if self._always:
            np.copyto(self._candidate, self._parameters)
            self._has_candidate = True
        elif (start := self._clock()) >= self._next:
            np.copyto(self._candidate, self._parameters)
            self._has_candidate = True
            end = self._clock()
            self._next = end + _SHARE * (end - start)

    def was_finite(self) -> None:
        """The update that was begun last had a finite cost."""
        if self._has_candidate:
            self._good, self._candidate = self._candidate, self._good
            self._has_good, self._has_candidate = True, False

    def parameters_are_finite(self) -> bool:
        # The sum of squares is cheap; only when it overflows the numbers are looked at one by one.
        parameters = self._parameters
        with np.errstate(all="ignore"):
            return bool(np.isfinite(np.dot(parameters, parameters))) or bool(
                np.isfinite(parameters).all()
            )

    @property
    def good(self) -> Array | None:
        """What ``restore`` would put back, itself; None of more than 65,536 parameters.

        For those it depends on the time that copies took, and so belongs to no moment of the run.
        """
        return self._good if self._always and self._has_good else None

    def go_on(self, good: Array | None) -> None:
        """Puts what ``good`` was in force; for many parameters, the state that is gone on from."""
        if good is not None or not self._always:
            np.copyto(self._good, self._parameters if good is None else good)
            self._has_good = True

    def before_last_update(self) -> Array | None:
        """A copy of the parameters as they were; None where they were not kept, or are there still.

        Of more than 65,536 parameters it is not known which update the kept ones are from.
        """
        known = self._always and self._has_good
        if not known or np.array_equal(self._good, self._parameters):
            return None
        return self._good.copy()

    def restore(self) -> bool:
        """Puts the last finite state back; False when there was none yet, and nothing changed."""
        self._has_candidate = False
        if self._has_good:
            np.copyto(self._parameters, self._good)
        return self._has_good


def explain(
    *,
    layer: str,
    is_data: bool,
    step: int,
    learning_rate: float,
    in_force: float,
    clipped: bool,
    largest: float,
    went_back: bool,
) -> Message:
    """What happened and what to try.

    ``layer`` is the name of the first that is not finite, ``largest`` the data's largest number.
    ``learning_rate`` is what the user has set, ``in_force`` what a schedule has made of it.
    """
    if is_data:
        return Message(
            "The cost is not finite, because the data is not: it holds numbers beyond the range "
            "of the precision. Scale the data, or choose float64."
        )
    if not went_back:
        return Message(
            "The cost is not finite from the start: {layer} went out of range first. Scale the "
            "data, or choose another initialiser, such as he or xavier.",
            layer=layer,
        )
    rates = {
        "learning_rate": learning_rate,
        "lower": float(f"{min(learning_rate / 10, 0.1):.2g}"),
    }
    if largest > _LARGE:
        advice = Message(
            "Scale the data, whose largest number is {largest}, or lower the learning rate from "
            "{learning_rate:g} to {lower:g}.",
            largest=float(f"{largest:.3g}"),
            **rates,
        )
    else:
        advice = Message(
            "Lower the learning rate from {learning_rate:g} to {lower:g}, {clip}or choose another "
            "initialiser, such as he or xavier.",
            clip="" if clipped else Message("clip the gradient to a norm of 1, "),
            **rates,
        )
    return Message(
        "Training diverged at update {step}{rate}: {layer} went out of range first. {where} "
        "{advice}",
        step=step,
        rate=""
        if in_force == learning_rate
        else Message(", at a learning rate of {rate:.3g}", rate=in_force),
        layer=layer,
        where=Message("The weights are back at the last finite state."),
        advice=advice,
    )
