"""The course's own sets, point by point: circles and moons as scikit-learn draws them, a spiral.

Only formula and seed are needed. Unlike the toy sets they are as large as the notes have them, so
that published figures can be met.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.source import Source
from netbuilder.data.table import Table

Array = NDArray[np.float64]


def circles(examples: int, noise: float, seed: int) -> Table:
    """Three quarters to train on from the seed, and the next seed's quarter for the test.

    With 400 examples, noise 1 and seed 1 these are the 300 and the 100 points of the course's
    notebook on initialisation: ``make_circles`` with noise 0.05.
    """
    test = examples // 4
    parts = [
        _shuffled(_circles(m), 0.05 * noise, s % 2**32)
        for m, s in ((examples - test, seed), (test, seed + 1))
    ]
    return _table("course_circles", np.vstack(parts), 2, test)


def moons(examples: int, noise: float, seed: int) -> Table:
    """With 300 examples, noise 1 and seed 3 the points of the course's notebook on optimisers:
    ``make_moons`` with noise 0.2."""
    return _table("course_moons", _shuffled(_moons(examples), 0.2 * noise, seed), 2)


def spiral(examples: int, noise: float, seed: int) -> Table:
    """Three arms of three classes; with 300 examples, noise 1 and seed 0 the points of CS231n."""
    rng = np.random.RandomState(seed)
    arms = []
    for j in range(3):
        n = (examples + 2 - j) // 3
        r = np.linspace(0.0, 1.0, n)
        t = np.linspace(j * 4, (j + 1) * 4, n) + rng.randn(n) * 0.2 * noise
        arms.append(np.column_stack([r * np.sin(t), r * np.cos(t), np.full(n, j)]))
    return _table("course_spiral", np.vstack(arms), 3)


def _circles(m: int) -> Array:
    """x1, x2 and the class: a ring of radius 1, and one of 0.8 within it."""
    rings = []
    for k, (radius, n) in enumerate(((1.0, m // 2), (0.8, m - m // 2))):
        t = np.linspace(0, 2 * np.pi, n, endpoint=False)
        rings.append(np.column_stack([np.cos(t) * radius, np.sin(t) * radius, np.full(n, k)]))
    return np.vstack(rings)


def _moons(m: int) -> Array:
    """x1, x2 and the class: the upper half-moon, and the lower one shifted by (1, ½)."""
    t, u = np.linspace(0, np.pi, m // 2), np.linspace(0, np.pi, m - m // 2)
    upper = np.column_stack([np.cos(t), np.sin(t), np.zeros(len(t))])
    lower = np.column_stack([1 - np.cos(u), 1 - np.sin(u) - 0.5, np.ones(len(u))])
    return np.vstack([upper, lower])


def _shuffled(points: Array, noise: float, seed: int) -> Array:
    """First shuffled, then strewn, from one stream: so scikit-learn does it."""
    rng = np.random.RandomState(seed)
    order = np.arange(len(points))
    rng.shuffle(order)
    points = points[order]
    points[:, :2] += rng.normal(scale=noise, size=(len(points), 2))
    return points


def _table(name: str, values: Array, classes: int, test: int = 0) -> Table:
    return Table(
        values=values,
        columns=("x1", "x2", "class"),
        categories={"class": tuple(str(k) for k in range(classes))},
        targets=("class",),
        name=name,
        test=test,
    )


SETS = (
    Source(
        "course_circles",
        "Rings",
        "The course's two rings, with a test part of their own.",
        "course",
        circles,
    ),
    Source(
        "course_moons",
        "Crescents",
        "The course's moons, for comparing optimisers.",
        "course",
        moons,
    ),
    Source("course_spiral", "Three arms", "CS231n's spiral of three classes.", "course", spiral),
)
