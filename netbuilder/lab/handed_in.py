"""Homework as a file: a learner's arrays read from an NPZ, and the template that begins it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netbuilder.errors import Message, UserError
from netbuilder.files import replacing
from netbuilder.lab.homework import Case, Comparison, Values, compare, template
from netbuilder.lab.mistakes import diagnosed
from netbuilder.npz import Refused
from netbuilder.npz import opened as opened_npz

SUFFIX = ".npz"
_MOST_BYTES = 2**30
_COURSE = re.compile(r"cost|J|([vs]_(corrected_)?)?d?[WbZAD](\d+|L)(_new)?")


def is_homework(path: Path) -> bool:
    """Whether a file has arrays by the course's names beside X and Y, which data may have too."""
    try:
        with opened_npz(path, _MOST_BYTES) as archive:
            return any(_COURSE.fullmatch(name) for name in archive.names)
    except (OSError, Refused):
        return False


def read(path: Path) -> Values:
    """What the learner has; raises UserError for a file that does not hold plain arrays."""
    try:
        with opened_npz(path, _MOST_BYTES) as archive:
            found = {name: archive.stored(name).read() for name in archive.names}
    except OSError as error:
        reason = error.strerror or str(error)
    except Refused as refused:
        reason = str(refused)
    else:
        return {
            name: array if array.dtype.kind == "f" else array.astype(np.float64)
            for name, array in found.items()
        }
    raise UserError(
        "{path} cannot be read as arrays ({reason}); save them with np.savez(file, W1=W1, …).",
        path=str(path),
        reason=reason,
    )


@dataclass(frozen=True, eq=False)
class Judged:
    """What was found in a file."""

    comparison: Comparison
    reason: Message | None
    """The known mistake in the first wrong array; None for none, or for one of another kind."""


def judged(path: Path, case: Case) -> Judged:
    """Compares the arrays of a file; raises UserError where it cannot be read."""
    found = compare(case, read(path))
    first = found.first_wrong
    diagnosis = None if first is None else diagnosed(found, first)
    return Judged(found, None if diagnosis is None else diagnosis.message)


def save_template(path: Path, case: Case) -> Values:
    """Writes the names and shapes of an exercise, to be filled in; returns what is written.

    Raises UserError for a name that is none of arrays, and where it cannot be written.
    """
    if path.suffix.lower() != SUFFIX:
        raise UserError(
            "{path} is no name for arrays: expected one that ends in .npz.", path=str(path)
        )
    values = template(case)
    with replacing(path) as handle:
        np.savez(handle, allow_pickle=False, **values)
    return values
