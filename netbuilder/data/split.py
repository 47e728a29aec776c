"""The split: which examples train, which validate and which are kept for the final verdict."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from netbuilder.errors import UserError

Indices = NDArray[np.int64]


def split(
    m: int,
    codes: NDArray[np.int64] | None,
    validation: float,
    test: float,
    seed: int,
) -> tuple[Indices, Indices, Indices]:
    """The row numbers, ascending, of the training, validation and test parts of `m` examples.

    With `codes` (m,), the number of each example's class, every part gets its share of every class
    to within two examples, and the training part at least one of each, taken from the largest
    class's share where need be.

    Raises:
        UserError: a part that was asked for would be empty, or training would lack a class.
    """
    sizes = [round(m * validation), round(m * test)]
    for share, size, name in zip((validation, test), sizes, ("validation", "test"), strict=True):
        if share > 0 and size == 0:
            raise UserError(
                "{share:.3g} of {m} examples leaves the {part} part without any; "
                "choose a share of at least {least:.2g}, or 0.",
                share=share,
                m=m,
                part=name,
                least=math.ceil(100 / m) / 100,
            )
    classes = 1 if codes is None else len(_present(codes))
    training = m - sum(sizes)
    if training < classes:
        raise UserError(
            "With {validation:.3g} for validation and {test:.3g} for test, {left} of {m} examples "
            "are left for training, expected at least {least}{why}; choose smaller shares.",
            validation=validation,
            test=test,
            left=max(training, 0),
            m=m,
            least=classes,
            why=" (one of each class)" if codes is not None else "",
        )
    if not any(sizes):
        none = np.empty(0, dtype=np.int64)
        return np.arange(m), none, none

    order = np.random.RandomState(seed).permutation(m)
    if codes is not None:
        order = order[np.argsort(codes[order], kind="stable")]
    # Classes lie one after the other, shuffled within: every so-many-th example goes to a part, so
    # each class gives its share of it.
    parts = np.zeros(m, dtype=np.int64)
    parts[_spaced(m, sizes[0])] = 1
    rest = np.flatnonzero(parts == 0)
    parts[rest[_spaced(len(rest), sizes[1])]] = 2
    if codes is not None:
        _give_training_each_class(parts, codes[order])
    train, second, third = (np.sort(order[parts == part]) for part in range(3))
    return train, second, third


def _spaced(length: int, count: int) -> Indices:
    """`count` positions out of `length`, evenly spaced."""
    steps = np.arange(length + 1) * count // max(length, 1)
    return np.flatnonzero(np.diff(steps))


def _present(codes: NDArray[np.int64]) -> Indices:
    """The codes that occur, ascending, without np.unique: that imports numpy.ma at every start."""
    return np.flatnonzero(np.bincount(codes))


def _give_training_each_class(parts: Indices, codes: NDArray[np.int64]) -> None:
    """Where a small class has gone to the other parts alone, exchanges one example for training."""
    for code in _present(codes):
        own = np.flatnonzero(codes == code)
        if (parts[own] == 0).any():
            continue
        in_training = np.flatnonzero(parts == 0)
        most = np.argmax(np.bincount(codes[in_training]))
        given = in_training[codes[in_training] == most][-1]
        parts[[given, own[0]]] = parts[[own[0], given]]
