"""Which two of many features a map is shown over at first."""

from __future__ import annotations

import numpy as np

from netbuilder.data.dataset import Part, evenly

_TELLING = 200
"""So many examples decide which features are shown at first."""


def telling_features(part: Part) -> tuple[int, int]:
    """The two features that go most with the targets, by the largest squared correlation."""
    rows = evenly(part.m, _TELLING)
    X, Y = (array[rows].astype(np.float32) for array in (part.X, part.Y))
    X -= X.mean(axis=0)
    Y -= Y.mean(axis=0)
    spread = np.sqrt(np.outer(np.einsum("ij,ij->j", X, X), np.einsum("ij,ij->j", Y, Y)))
    shared = (X.T @ Y) / np.where(spread > 0, spread, np.inf)
    order = np.argsort(-(shared**2).sum(axis=1), kind="stable")
    first, second = sorted(int(feature) for feature in order[:2])
    return first, second
