"""What the axes of the cost curve reach over."""

import numpy as np
import pytest

from netbuilder.gui.panels.cost_curve.marker import Axes

FALLING = 0.7 * np.exp(-np.linspace(0, 3, 500))


def test_a_curve_that_only_trembles_is_a_flat_line() -> None:
    """As with all weights zero, where the cost stays ln 2 but for rounding."""
    ys = 0.693147180559945 + 1e-15 * np.arange(100)
    low, high = Axes().y_range([ys])
    assert high - low > 0.01 and low < 0.693 < high
    low, high = Axes(log_y=True).y_range([np.log10(ys)])
    assert high - low > 0.01


@pytest.mark.parametrize("peak", [50.0, 1e27])
@pytest.mark.parametrize("place", [100, 499])
def test_a_peak_does_not_flatten_the_rest(peak: float, place: int) -> None:
    ys = FALLING.copy()
    ys[place] = peak
    low, high = Axes().y_range([ys, 1.1 * FALLING])
    assert low == 0.0 and high < 3.0
    # The start of every line is in view.
    assert high > 0.77


def test_without_a_peak_all_is_in_view() -> None:
    assert Axes().y_range([FALLING])[1] > FALLING.max()
    rising = 1 + FALLING[::-1]
    low, high = Axes().y_range([rising])
    assert low < rising.min() and high > rising.max()
    steep = np.concatenate(([5.0, 4.0], 0.01 * FALLING))
    assert Axes().y_range([steep])[1] > 5.0
