"""Random numbers of an update: the course's masks, to its published digits, and the seed's own."""

from __future__ import annotations

import numpy as np

from netbuilder.engine.layers import Dense, Dropout
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program


def notebook() -> tuple[Program, np.ndarray]:
    """The course's example of dropout (course 2, week 1, Regularization), and its X as rows."""
    rng = np.random.RandomState(1)
    X = rng.randn(3, 5)
    weights = {}
    for l, (n, n_prev) in enumerate(((2, 3), (3, 2), (1, 3)), start=1):  # noqa: E741
        weights[f"W{l}"], weights[f"b{l}"] = rng.randn(n, n_prev), rng.randn(n, 1)
    layers = [Dense(2, "relu"), Dropout(0.3), Dense(3, "relu"), Dropout(0.3), Dense(1, "sigmoid")]
    program = Program(chain(3, layers, "binary_cross_entropy"), dtype="float64")
    program.load(weights)
    return program, X.T.copy()


def test_the_courses_masks_give_its_published_output() -> None:
    program, X = notebook()
    program.draws.mask_seed = 1
    published = [0.36974721, 0.00305176, 0.04565099, 0.49683389, 0.36974721]
    for _ in range(2):  # they are the same in every update
        A = program.inspect(X, np.ones((5, 1)), as_update=True)["n5"].A
        np.testing.assert_allclose(A[:, 0], published, atol=5e-9)


def test_masks_of_the_course_take_nothing_from_the_seeds_own_stream() -> None:
    (program, X), Y = notebook(), np.ones((5, 1))
    place, optimizer = program.random, OPTIMIZERS["gd"](program)
    program.draws.mask_seed = 1
    program.update(X, Y, optimizer)
    assert program.random == place
    program.draws.mask_seed = 0
    program.update(X, Y, optimizer)
    assert program.random != place
