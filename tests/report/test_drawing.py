"""Pictures: pixels as PNG, colours of numbers, names that have room."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest

from netbuilder.report.drawing import NEGATIVE, POSITIVE, STRONG_LINE, ZERO, color, png, short


def test_pixels_come_back_as_they_were():
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    data = base64.b64decode(png(pixels).partition(",")[2])
    np.testing.assert_array_equal(np.asarray(image.open(io.BytesIO(data))), pixels)


def test_colours_are_those_of_the_window():
    assert [color(value) for value in (-9.0, 0.0, 1.0)] == [NEGATIVE, ZERO, POSITIVE]
    assert color(float("nan")) == STRONG_LINE and color(float("inf")) == POSITIVE


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [("area", 4, "area"), ("areas", 4, "are…"), ("北京", 4, "北京"), ("北京市", 4, "北…")],
)
def test_names_are_cut_to_the_room_that_there_is(text, most, shown):
    assert short(text, most) == shown
