"""Axes, contours and matrices as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from netbuilder.gui.theme.colour_scale import CLEAR
from netbuilder.gui.theme.colours import THEMES
from netbuilder.gui.widgets import matrix
from netbuilder.gui.widgets.axis import Axis
from netbuilder.gui.widgets.plot import Curve, Plot, contour, thin_pen


@pytest.mark.parametrize("ratio", [1, 2, 3])
@pytest.mark.parametrize(("strong", "width"), [(False, 1.0), (True, 1.5)])
def test_a_curve_is_as_thick_on_a_screen_of_any_scale(
    qtbot: Any, ratio: int, strong: bool, width: float
) -> None:
    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(200, 120)
    plot.apply_theme(THEMES["light"])
    curve = Curve(strong=strong)
    curve.setPen(thin_pen(QColor("black")))
    plot.addItem(curve, ignoreBounds=True)
    plot.show()
    plot.box.setRange(xRange=(0, 1), yRange=(0, 1), padding=0)
    curve.setData(np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    plot.settle()
    image = QImage(200 * ratio, 120 * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.white)
    with QPainter(image) as painter:
        plot.render(painter, QRectF(0, 0, 200, 120), QRect(0, 0, 200, 120))
    column = 120 * ratio
    paper = image.pixelColor(column, 20 * ratio).lightness()
    middle = round(ratio * plot.data_area().center().y())
    rows = range(middle - 6 * ratio, middle + 6 * ratio)
    ink = [1 - image.pixelColor(column, y).lightness() / paper for y in rows]
    assert sum(i for i in ink if i > 0.15) == pytest.approx(width * ratio, rel=0.2)


@pytest.mark.parametrize("low", [-400.0, -3.2, 0.1, 2.9999, 5.0])
@pytest.mark.parametrize("span", [0.0, 1e-12, 0.01, 0.5, 3.0, 700.0])
def test_a_log_axis_never_fails(qapp: Any, low: float, span: float) -> None:
    axis = Axis("left")
    axis.setLogMode(True)
    for spacing, values in axis.tickValues(low, low + span, 150.0):
        assert len(values) < 60
        assert len(axis.tickStrings(values, 1.0, spacing)) == len(values)


def test_grid_lines_and_labels_lie_at_their_numbers(qtbot: Any) -> None:
    theme = THEMES["light"]
    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.apply_theme(theme)
    left = plot.plotItem.getAxis("left")
    left.setGrid(255)
    plot.show()
    plot.box.setRange(xRange=(0, 10), yRange=(0, 1), padding=0)
    plot.settle()
    image = plot.grab().toImage()
    area = plot.data_area()
    ratio = image.width() / plot.width()
    column = round(area.center().x() * ratio)
    line = theme.color("line").rgb()
    found = [y for y in range(image.height()) if image.pixel(column, y) == line]
    ticks = left.tickValues(0.0, 1.0, area.height())[0][1]
    places = [plot.box.mapViewToScene(QPointF(5, tick)) for tick in sorted(ticks)[::-1]]
    wanted = [ratio * plot.mapFromScene(place).y() for place in places]
    assert len(ticks) >= 3
    np.testing.assert_allclose(found, wanted, atol=1.5)
    # Beside each of them its number is written, and nowhere else.
    written = [
        y
        for y in range(image.height())
        if any(image.pixelColor(x, y).lightness() < 160 for x in range(round(area.left()) - 2))
    ]
    for y in wanted:
        assert any(abs(row - y) <= 5 for row in written)
    assert len(written) <= 12 * ratio * len(wanted)


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
    assert (tiles[2] == CLEAR).all()
    assert (tiles[3:, 4:] == CLEAR).all()
