"""Toy sets: few features, points drawn from a seed or by hand, that ask for ever more of a network.

All are centred and reach to about ±4, as the flower does, so that one learning rate suits them all.
Noise 1 is the usual amount; noise 0 leaves the bare shape.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.source import Source
from netbuilder.data.table import Table

Points = NDArray[np.float64]


def flower(examples: int, noise: float, seed: int) -> Table:
    """The course's planar data: petals that alternate between two classes.

    With 400 examples, noise 1 and seed 1 these are the course's points, bit by bit.
    """
    rng = np.random.RandomState(seed)
    classes = []
    for j, n in enumerate(_halves(examples)):
        # The course draws t, then r, for one class after the other: the order makes the numbers.
        t = np.linspace(j * 3.12, (j + 1) * 3.12, n) + rng.randn(n) * 0.2 * noise
        r = 4 * np.sin(4 * t) + rng.randn(n) * 0.2 * noise
        classes.append(np.column_stack([r * np.sin(t), r * np.cos(t)]))
    return _table("flower", classes)


def circles(examples: int, noise: float, seed: int) -> Table:
    """Two rings, one inside the other."""
    rng = np.random.RandomState(seed)
    classes = []
    for radius, n in zip((1.5, 3.4), _halves(examples), strict=True):
        t = np.linspace(0, 2 * np.pi, n, endpoint=False)
        ring = radius * np.column_stack([np.cos(t), np.sin(t)])
        classes.append(ring + 0.25 * noise * rng.randn(n, 2))
    return _table("circles", classes)


def moons(examples: int, noise: float, seed: int) -> Table:
    """Two half-moons that reach into one another."""
    rng = np.random.RandomState(seed)
    upper, lower = _halves(examples)
    t = np.linspace(0, np.pi, upper)
    u = np.linspace(0, np.pi, lower)
    shapes = (
        np.column_stack([np.cos(t) - 0.5, np.sin(t) - 0.25]),
        np.column_stack([0.5 - np.cos(u), 0.25 - np.sin(u)]),
    )
    classes = [2.4 * shape + 0.3 * noise * rng.randn(len(shape), 2) for shape in shapes]
    return _table("moons", classes)


def spirals(examples: int, noise: float, seed: int) -> Table:
    """Two spiral arms, one turn and a half each, wound around one another."""
    rng = np.random.RandomState(seed)
    classes = []
    for j, n in enumerate(_halves(examples)):
        # The square root spaces points evenly along the arm, rather than crowding the centre.
        along = np.sqrt(np.linspace(0.01, 1, n))
        angle = 3 * np.pi * along + np.pi * j
        arm = 3.9 * along[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
        classes.append(arm + 0.1 * noise * rng.randn(n, 2))
    return _table("spirals", classes)


def xor(examples: int, noise: float, seed: int) -> Table:
    """Four squares: class 1 where the signs of x1 and x2 differ."""
    rng = np.random.RandomState(seed)
    corners = (((1, 1), (-1, -1)), ((-1, 1), (1, -1)))
    classes = []
    for signs, n in zip(corners, _halves(examples), strict=True):
        # A gap of 0.4 on either side of the axes keeps the bare shape separable.
        points = rng.uniform(0.4, 3.6, size=(n, 2)) * np.resize(np.array(signs), (n, 2))
        classes.append(points + 0.2 * noise * rng.randn(n, 2))
    return _table("xor", classes)


def gaussians(examples: int, noise: float, seed: int) -> Table:
    """Two round clouds, which a single straight line parts almost cleanly."""
    rng = np.random.RandomState(seed)
    classes = [
        centre + 0.9 * noise * rng.randn(n, 2)
        for centre, n in zip((-1.6, 1.6), _halves(examples), strict=True)
    ]
    return _table("gaussians", classes)


def line(examples: int, noise: float, seed: int) -> Table:
    """A straight line."""
    return _curve("line", lambda x: 0.8 * x, examples, noise, seed)


def sine(examples: int, noise: float, seed: int) -> Table:
    """Two waves of a sine."""
    return _curve("sine", lambda x: 2.5 * np.sin(0.5 * np.pi * x), examples, noise, seed)


def plane(examples: int, noise: float, seed: int) -> Table:
    """A tilted plane over two features."""
    return _surface("plane", lambda x1, x2: 0.7 * x1 - 0.5 * x2, examples, noise, seed)


def hills(examples: int, noise: float, seed: int) -> Table:
    """Two hills and a hollow, each of the form of a Gaussian."""

    def height(x1: Points, x2: Points) -> Points:
        places = ((-1.8, -1.6, 3.0), (2.0, 1.8, 3.0), (1.6, -1.9, -3.0))
        parts = [h * np.exp(-((x1 - a) ** 2 + (x2 - b) ** 2) / 2.5) for a, b, h in places]
        found: Points = np.sum(parts, axis=0)
        return found

    return _surface("hills", height, examples, noise, seed)


def drawing(examples: int, noise: float, seed: int) -> Table:
    """Nothing yet: points of two classes are to be drawn in the plane."""
    return _table("drawing", [np.empty((0, 2)), np.empty((0, 2))])


def drawn_curve(examples: int, noise: float, seed: int) -> Table:
    """Nothing yet: points are to be drawn that a curve goes through."""
    return _numbers("drawn_curve", ("x", "y"), np.empty((0, 2)))


def drawn_values(examples: int, noise: float, seed: int) -> Table:
    """Nothing yet: points with a value each are to be drawn in the plane."""
    return _numbers("drawn_values", ("x1", "x2", "y"), np.empty((0, 3)))


def _curve(
    name: str, shape: Callable[[Points], Points], examples: int, noise: float, seed: int
) -> Table:
    rng = np.random.RandomState(seed)
    x = np.linspace(-4, 4, examples)
    return _numbers(
        name, ("x", "y"), np.column_stack([x, shape(x) + 0.25 * noise * rng.randn(examples)])
    )


def _surface(
    name: str, shape: Callable[[Points, Points], Points], examples: int, noise: float, seed: int
) -> Table:
    rng = np.random.RandomState(seed)
    x1, x2 = rng.uniform(-4, 4, size=(2, examples))
    y = shape(x1, x2) + 0.1 * noise * rng.randn(examples)
    return _numbers(name, ("x1", "x2", "y"), np.column_stack([x1, x2, y]))


def _numbers(name: str, columns: tuple[str, ...], values: Points) -> Table:
    return Table(values=values, columns=columns, targets=("y",), name=name, task="regression")


def _halves(examples: int) -> tuple[int, int]:
    """The number of examples in each class; the first takes the odd one."""
    return examples - examples // 2, examples // 2


def _table(name: str, classes: list[Points]) -> Table:
    codes = np.repeat(np.arange(len(classes)), [len(points) for points in classes])
    return Table(
        values=np.column_stack([np.vstack(classes), codes]),
        columns=("x1", "x2", "class"),
        categories={"class": ("0", "1")},
        targets=("class",),
        name=name,
        task="class",
    )


SETS = (
    Source("flower", "Flower", "Petals of two classes, as in the course.", "toy", flower, True),
    Source("circles", "Circles", "A ring inside a ring.", "toy", circles),
    Source("moons", "Moons", "Two half-moons that interlock.", "toy", moons),
    Source("spirals", "Spirals", "Two arms wound together: the hard one.", "toy", spirals),
    Source("xor", "XOR", "Opposite corners share a class.", "toy", xor),
    Source("gaussians", "Gaussians", "Two clouds: a straight line will do.", "toy", gaussians),
    Source("line", "Line", "A number from a number: a straight line.", "toy", line),
    Source("sine", "Sine", "A number from a number: two waves.", "toy", sine),
    Source("plane", "Plane", "A number from two: a tilted plane.", "toy", plane),
    Source("hills", "Hills", "A number from two: two hills and a hollow.", "toy", hills),
    Source("drawing", "Draw", "An empty plane: draw points of classes.", "blank", drawing),
    Source("drawn_curve", "Draw curve", "Draw points of a curve.", "blank", drawn_curve),
    Source("drawn_values", "Draw map", "Draw points with values.", "blank", drawn_values),
)
