"""The input plane as a layer warps it."""

from __future__ import annotations

from typing import Any

import numpy as np

from netbuilder.lens.displays import DISPLAYS
from netbuilder.lens.quantities import QUANTITIES
from netbuilder.lens.warp import WarpView


def shown(look: Any, id: str) -> Any:
    row = QUANTITIES["A"]
    return DISPLAYS["warp"].show(row.view(look, look.plan.node(id)), row, None)


def test_the_input_itself_is_a_straight_grid_of_features(flower: Any) -> None:
    look = flower.look()
    seen = shown(look, "data")
    assert isinstance(seen, WarpView) and len(seen.points) == len(look.sample) == len(seen.classes)
    for line in seen.lines:
        steps = np.diff(line, axis=0)
        np.testing.assert_allclose(steps, np.broadcast_to(steps[0], steps.shape), atol=1e-5)
    np.testing.assert_allclose(seen.points, look.dataset.train.X[look.sample], rtol=1e-6)
    assert str(seen.axes[0]) == "feature x1"


def test_of_more_units_the_two_directions_that_tell_most(flower: Any) -> None:
    look = flower.look(flower.moment(**{"n1.W": np.array([[1.0, 0], [0, 1], [1, 1], [0.5, 0]])}))
    seen = shown(look, "n1")
    A = look.activations()["n1"]
    spread = seen.points.var(axis=0)
    assert spread[0] >= spread[1] and spread.sum() <= A.var(axis=1).sum() * 1.001
    assert spread.sum() > 0.9 * A.var(axis=1).sum()
    assert str(seen.axes[1]) == "component 2"


def test_where_there_is_no_plane_it_says_why(flower: Any, scaled: Any) -> None:
    assert "single unit" in str(shown(flower.look(), "n2"))
    assert "two features" in str(shown(scaled.look(), "n1"))
