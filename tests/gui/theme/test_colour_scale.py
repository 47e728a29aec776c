"""The colour scale: neutral at exactly zero, ends that hold, one rule for tiles, wires and maps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor

from netbuilder.gui.canvas.geometry import tiles
from netbuilder.gui.canvas.neurons import Pattern
from netbuilder.gui.canvas.weights import NOT_A_NUMBER, _pen, levels_of
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import THEMES, Theme, ink_on, mixed
from netbuilder.lens.ranges import Range

both = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))


def named(rgb: Any) -> str:
    red, green, blue = (int(channel) for channel in rgb[:3])
    return QColor(red, green, blue).name()


@both
def test_zero_is_neutral_and_the_ends_are_the_themes_colours(theme: Theme) -> None:
    at = colour_scale.entries(np.array([0.0, 2.0, -2.0, 1e-3]), 2.0)
    assert at.tolist() == [colour_scale.ZERO, 254, 0, colour_scale.ZERO]
    colors = [named(color) for color in colour_scale.table(theme)[at]]
    assert colors == [theme.zero, theme.positive, theme.negative, theme.zero]


def test_what_is_beyond_is_held_and_what_is_no_number_paints_nothing() -> None:
    values = np.array([9.0, -9.0, np.inf, -np.inf, np.nan])
    at = colour_scale.entries(values, 2.0)
    assert at.tolist() == [254, 0, 254, 0, colour_scale.CLEAR]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_near_nothing_are_still_numbers(dtype: Any) -> None:
    tiny = np.array([0.0, 1e-44, -1e-44], dtype)
    assert colour_scale.CLEAR not in colour_scale.entries(tiny, colour_scale.largest(tiny))


@both
def test_a_table_can_be_softened_and_show_the_ground(theme: Theme) -> None:
    assert colour_scale.table(theme)[colour_scale.CLEAR, 3] == 0
    soft = colour_scale.table(theme, ("#000000", "#ffffff"), 0.5, "sunken")
    assert named(soft[colour_scale.CLEAR]) == theme.sunken
    half = mixed(QColor(theme.panel), QColor("#000000"), 0.5)
    assert np.abs(soft[0, :3].astype(int) - [half.red(), half.green(), half.blue()]).max() <= 1


@both
def test_packed_colours_are_those_of_the_table(theme: Theme) -> None:
    packed = colour_scale.packed(theme)
    assert f"#{packed[0] & 0xFFFFFF:06x}" == theme.negative
    assert f"#{packed[254] & 0xFFFFFF:06x}" == theme.positive
    assert packed[colour_scale.CLEAR] == 0


def test_the_scale_holds_still_while_numbers_move_a_little() -> None:
    scales = {colour_scale.round_scale(np.array([value])) for value in np.linspace(2.1, 2.5, 20)}
    assert scales == {2.5}
    assert colour_scale.round_scale(np.zeros(3), None) == 1.0
    assert colour_scale.round_scale(np.array([math.inf, math.nan])) == 1.0
    assert colour_scale.round_scale(np.array([1.0]), np.array([-9.3])) == 10.0


@both
def test_tiles_have_the_colours_of_the_scale(theme: Theme) -> None:
    """The middle of each disc: most positive, most negative, zero, not a number, infinite."""
    values = np.array([1.0, -1.0, 0.0, np.nan, np.inf], np.float32)
    places = tiles(len(values), 0.0)
    shape = () if values is None else values.shape
    pattern = Pattern(places, theme, 1.0, shape)
    image = pattern.picture(pattern.entries(values, Range(-1.0, 0.0, 1.0)))
    found = []
    for center in places.centers:
        at = (center - places.rect.topLeft()).toPoint()
        found.append(image.pixelColor(at).name())
    assert found == [theme.positive, theme.negative, theme.zero, theme.sunken, theme.positive]


@both
def test_lines_are_blue_above_zero_orange_below_and_neutral_at_zero(theme: Theme) -> None:
    levels = levels_of(np.array([[-0.5, 0.0, 0.5, np.nan]]), (1, 4))
    names = [_pen(theme, int(level), many=False).color().name() for level in levels[:3]]
    assert names == [theme.negative, theme.strong_line, theme.positive]
    assert levels[3] == NOT_A_NUMBER


@both
def test_ink_stands_out_from_every_colour_of_the_scale(theme: Theme) -> None:
    for red, green, blue, _ in colour_scale.table(theme)[: colour_scale.CLEAR]:
        color = QColor(int(red), int(green), int(blue))
        assert abs(ink_on(color).lightnessF() - color.lightnessF()) > 0.3
