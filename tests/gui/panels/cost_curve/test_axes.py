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


@pytest.mark.parametrize("share", [0.55, 0.7])
def test_a_run_that_rises_over_more_than_half_the_width_does_not_set_the_scale(
    share: float,
) -> None:
    ys = FALLING.copy()
    rising = round(share * len(ys))
    ys[-rising:] = 0.3 + np.geomspace(0.1, 1e9, rising)
    for drawn in ([ys], [ys, ys + 0.1], [ys, FALLING]):
        low, high = Axes().y_range(drawn)
        assert low == 0.0 and 0.7 < high < 10.0


def test_an_accuracy_that_rises_late_is_no_peak() -> None:
    ys = np.concatenate([np.full(300, 0.1), np.linspace(0.1, 0.95, 100)])
    assert Axes().y_range([ys], shares=True)[1] > 0.95


def test_what_gets_worse_slowly_stays_in_view() -> None:
    """As the validation cost does, while the training cost falls."""
    ys = np.concatenate([0.7 - 0.004 * np.arange(100), 0.3 + 0.0028 * np.arange(400)])
    assert Axes().y_range([ys, FALLING])[1] > ys.max()


def test_without_a_peak_all_is_in_view() -> None:
    assert Axes().y_range([FALLING])[1] > FALLING.max()
    rising = 1 + FALLING[::-1]
    low, high = Axes().y_range([rising])
    assert low < rising.min() and high > rising.max()
    steep = np.concatenate(([5.0, 4.0], 0.01 * FALLING))
    assert Axes().y_range([steep])[1] > 5.0
