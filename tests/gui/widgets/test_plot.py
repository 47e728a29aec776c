"""Numbers, ticks, contours and matrices as pictures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from netbuilder.gui.theme.colours import DARK, LIGHT, Theme
from netbuilder.gui.widgets import matrix, numbers
from netbuilder.gui.widgets.plot import Axis, contour


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.412, "−0.412"),
        (0.0, "0"),
        (12345.678, "12,300"),
        (0.000012345, "1.23·10⁻⁵"),
        (9.9996, "10.0"),
        (1e30, "1.00·10³⁰"),
        (math.nan, "NaN"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert numbers.number(value) == text


@pytest.mark.parametrize(
    ("value", "spacing", "text"),
    [
        (0.30000000000000004, 0.1, "0.3"),
        (-2.0, 1.0, "−2"),
        (1500.0, 500.0, "1,500"),
        (1e-17, 0.5, "0"),
        (2e6, 1e6, "2·10⁶"),
        (1e-5, 1e-5, "10⁻⁵"),
    ],
)
def test_ticks(value: float, spacing: float, text: str) -> None:
    assert numbers.tick(value, spacing) == text


def test_scales_hold_still_while_values_move_a_little() -> None:
    assert {numbers.rounded_up(value) for value in np.linspace(2.1, 2.5, 20)} == {2.5}
    assert numbers.rounded_up(0.0) == 1.0
    assert numbers.rounded_up(math.inf) == 1.0


@pytest.mark.parametrize("low", [-400.0, -3.2, 0.1, 2.9999, 5.0])
@pytest.mark.parametrize("span", [0.0, 1e-12, 0.01, 0.5, 3.0, 700.0])
def test_a_log_axis_never_fails(qapp: Any, low: float, span: float) -> None:
    axis = Axis("left")
    axis.setLogMode(True)
    for spacing, values in axis.tickValues(low, low + span, 150.0):
        assert len(values) < 60
        assert len(axis.tickStrings(values, 1.0, spacing)) == len(values)


def test_a_contour_goes_where_the_grid_is_zero() -> None:
    y, x = np.mgrid[0:40, 0:50]
    xs, ys = contour((x - 22.3) ** 2 + (y - 18.1) ** 2 - 10.0**2)
    assert len(xs) % 2 == 0
    np.testing.assert_allclose(np.hypot(xs - 22.3, ys - 18.1), 10.0, atol=0.05)
    lengths = np.hypot(np.diff(xs)[::2], np.diff(ys)[::2])
    assert lengths.max() < 1.5
    assert lengths.sum() == pytest.approx(2 * np.pi * 10, rel=0.02)


def test_a_contour_of_a_flat_grid_is_empty() -> None:
    xs, ys = contour(np.ones((5, 5)))
    assert not len(xs) and not len(ys)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_zero_is_the_neutral_entry(theme: Theme) -> None:
    table = matrix.color_table(theme)
    at = matrix.entries(np.array([[0.0, 2.0, -2.0, 9.0, np.nan]]), 2.0)
    assert at.tolist() == [[matrix.ZERO, 254, 0, 254, matrix.CLEAR]]
    colors = [f"#{table[entry] & 0xFFFFFF:06x}" for entry in at[0, :3]]
    assert colors == [theme.zero, theme.positive, theme.negative]
    assert table[matrix.CLEAR] == 0


def test_block_means_are_means() -> None:
    values = np.random.RandomState(0).randn(7, 9)
    means, tall, wide = matrix.block_means(values, 3, 3)
    assert (tall, wide) == (3, 3)
    assert means[1, 2] == pytest.approx(values[3:6, 6:9].mean())
    assert means[2, 0] == pytest.approx(values[6:, :3].mean())
    same, *_ = matrix.block_means(values, 7, 20)
    assert same is values


def test_a_mosaic_puts_rows_in_a_grid() -> None:
    tiles = matrix.mosaic(np.arange(3 * 6, dtype=np.uint8).reshape(3, 6), (2, 3), columns=2)
    assert tiles.shape == (5, 7)
    assert tiles[0, 4:7].tolist() == [6, 7, 8]
    assert tiles[3, 0:3].tolist() == [12, 13, 14]
    assert (tiles[2] == matrix.CLEAR).all()
    assert (tiles[3:, 4:] == matrix.CLEAR).all()
