"""Drawings by hand: as large, as dark and in the same place as the images of the data."""

from __future__ import annotations

import numpy as np
import pytest

from netbuilder.data.drawing import Style, drawn, style_of
from netbuilder.data.table import Table
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import FILE, DataChoice

SEVEN = np.array([[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]])


def of_images(images: np.ndarray) -> Style:
    m, height, width = images.shape
    values = np.column_stack([images.reshape(m, -1), np.arange(m) % 2])
    names = (*(f"p{k}" for k in range(height * width)), "y")
    table = Table(values, names, targets=("y",), image_shape=(height, width))
    choice = DataChoice(source=FILE, path="own.npz", table=table, scale="standard")
    return style_of(dataset_of(choice))


def bars(top: int, ink: float = 200.0, paper: float = 0.0) -> np.ndarray:
    """Upright bars of 6 × 2 pixels in images of 12 × 10, here and there a little to the side."""
    images = np.full((20, 12, 10), paper)
    for k, image in enumerate(images):
        image[top : top + 6, 4 + k % 2 : 6 + k % 2] = ink
    return images


@pytest.fixture(scope="module")
def digits() -> Style:
    return style_of(dataset_of(DataChoice(source="digits", scale="standard", validation=0.2)))


def test_the_digits_fill_the_height_of_their_images(digits):
    assert digits.shape == (8, 8) and digits.fits
    assert digits.size[0] == 8
    assert digits.centre == pytest.approx((4, 4), abs=0.3)
    assert (digits.paper, digits.ink) == (0.0, 1.0)


def test_size_and_place_of_a_drawing_do_not_matter(digits):
    expected = drawn([SEVEN], digits)
    assert 0.1 < expected.mean() < 0.5
    for scale, shift in ((0.4, 0.0), (0.5, 0.45), (1.0, 0.1)):
        np.testing.assert_allclose(drawn([SEVEN * scale + shift], digits), expected, atol=1e-4)


def test_a_drawing_stands_where_the_images_of_the_data_do():
    style = of_images(bars(top=5))
    pixels = drawn([np.array([[0.1, 0.1], [0.1, 0.3]])], style).reshape(12, 10)
    rows, columns = (np.flatnonzero(pixels.max(axis=k) > 40) for k in (1, 0))
    assert (rows.min(), rows.max()) == (5, 10)
    assert set(columns) <= {4, 5, 6}
    assert pixels.max() >= 100


def test_dark_drawings_on_light_paper():
    style = of_images(bars(top=3, ink=10.0, paper=255.0))
    assert (style.paper, style.ink) == (255.0, 10.0)
    assert (drawn([], style) == 255).all()
    pixels = drawn([np.array([[0.5, 0.2], [0.5, 0.8]])], style)
    assert pixels.max() == 255 and pixels.min() < 130
    assert style.share(pixels).max() > 0.5


def test_no_pixel_has_more_ink_than_anywhere_in_the_data():
    style = of_images(bars(top=3))
    pixels = drawn([SEVEN], style).reshape(12, 10)
    assert (pixels[:, :4] == 0).all() and (pixels[:, 7:] == 0).all()
    assert pixels.max() > 0


def test_photographs_are_left_where_they_are():
    style = of_images(np.random.RandomState(1).uniform(100, 250, (20, 12, 10)))
    assert not style.fits
    small = drawn([np.array([[0.1, 0.1], [0.1, 0.2]])], style).reshape(12, 10)
    assert np.abs(small - small[-1, -1])[6:].max() < 150


def test_a_dot_is_a_dot(digits):
    pixels = drawn([np.array([[0.9, 0.9]])], digits)
    assert 0 < pixels.sum() <= 4
