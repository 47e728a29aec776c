"""Drawings by hand as images, centred and as large as those of the data, and with its ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset, evenly

Floats = NDArray[np.float64]
Stroke = NDArray[np.float64]
"""(points, 2): across and down, from 0 to 1 of the image."""

_SAMPLE = 500
_FAINT = 0.25
"""Less ink does not count where the bounds of a drawing are looked for."""
_PLAIN = 0.5
"""Images with less of their edges plain than this are no drawings, and have no bounds to fit."""
_LENGTH = 1.75
"""How long the line of a drawing is, about, in its heights."""
_STEP = 0.5
"""Pixels between two points of a stroke; more would make no difference."""
_ENLARGED = 8.0
"""Small drawings are enlarged by so much at most."""


@dataclass(frozen=True, eq=False)
class Style:
    """What the images of a data set have in common, measured in their pixels."""

    shape: tuple[int, int]
    """(height, width)"""
    paper: float
    """The value of a pixel without ink."""
    ink: float
    """The value of a pixel full of it."""
    most: Floats
    """(height, width): the most ink of each pixel, as a share; more has no network ever seen."""
    size: tuple[float, float]
    """The (height, width) that a drawing fills."""
    centre: tuple[float, float]
    """(down, across), of the drawing's bounds or of its mass."""
    by_mass: bool
    radius: float
    """Half of a line's breadth."""
    fits: bool
    """Whether drawings are brought to this size and place."""

    def share(self, values: Any) -> Floats:
        """The ink of pixels, from 0 to 1, as (height, width)."""
        span = (self.ink - self.paper) or 1.0
        found: Floats = np.clip((np.asarray(values, np.float64) - self.paper) / span, 0.0, 1.0)
        return found.reshape(self.shape)


def style_of(dataset: Dataset) -> Style:
    """Learned from examples of the training part; for data with an image shape."""
    shape = dataset.info.image_shape
    assert shape is not None
    X = dataset.train.X[evenly(dataset.train.m, _SAMPLE)]
    raw = X if dataset.scaling is None else dataset.scaling.undo(X)
    images = raw.reshape(-1, *shape)
    edges = (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1])
    edge = np.concatenate([pixels.ravel() for pixels in edges])
    paper = float(np.median(edge))
    least, most = float(raw.min()), float(raw.max())
    ink = most if most - paper >= paper - least else least
    shares = np.clip((images - paper) / ((ink - paper) or 1.0), 0.0, 1.0)
    height, width = shape
    drawn = shares[(shares > _FAINT).any(axis=(1, 2))]
    whole = Style(
        shape,
        paper,
        ink,
        shares.max(axis=0),
        (float(height), float(width)),
        (height / 2, width / 2),
        False,
        max(0.5, 0.05 * height),
        False,
    )
    plain = (np.abs(edge - paper) <= 0.1 * (most - least)).mean()
    if not len(drawn) or plain < _PLAIN:
        return whole
    inked = drawn > _FAINT
    down, across = _bounds(np.any(inked, axis=2)), _bounds(np.any(inked, axis=1))
    size = float(np.median(down[1] - down[0])), float(np.quantile(across[1] - across[0], 0.98))
    middles = np.stack([down.mean(axis=0), across.mean(axis=0)])
    masses = np.stack([_mass(drawn.sum(axis=2)), _mass(drawn.sum(axis=1))])
    # How the data was centred is told by what differs less from image to image.
    by_mass = bool(masses.std(axis=1).sum() < middles.std(axis=1).sum())
    centre = (masses if by_mass else middles).mean(axis=1)
    breadth = float(drawn.sum(axis=(1, 2)).mean()) / (_LENGTH * size[0])
    return Style(
        shape,
        paper,
        ink,
        whole.most,
        size,
        (float(centre[0]), float(centre[1])),
        by_mass,
        float(np.clip(breadth / 2, 0.5, 0.12 * height)),
        True,
    )


def drawn(strokes: Sequence[Stroke], style: Style) -> Floats:
    """The pixels (n_x,) of a drawing, in the data's own units.

    It is fitted as the data's images were: of their size, in their place. No pixel has more ink
    than it has anywhere in the data.
    """
    height, width = style.shape
    lines = [np.asarray(stroke, np.float64)[:, ::-1] * (height, width) for stroke in strokes]
    if style.fits and lines:
        lines = _fitted(lines, style)
    shares = np.minimum(_inked(lines, style), style.most)
    return style.paper + shares.ravel() * (style.ink - style.paper)


def _fitted(lines: list[Floats], style: Style) -> list[Floats]:
    """Points (down, across) in pixels, where the data's drawings are."""
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.maximum(np.array(style.size) - 2 * style.radius, 1.0)
    span = high - low
    scale = min(float((room[span > 0] / span[span > 0]).min(initial=_ENLARGED)), _ENLARGED)
    if not (span > 0).any():
        scale = 1.0
    centre = np.array(style.centre)
    placed = [(line - (low + high) / 2) * scale + centre for line in lines]
    if not style.by_mass:
        return placed
    ink = _inked(placed, style)
    mass = np.array([_mass(ink.sum(axis=1)[None])[0], _mass(ink.sum(axis=0)[None])[0]])
    return [line + centre - mass for line in placed]


def _inked(lines: list[Floats], style: Style) -> Floats:
    """(height, width) how much of each pixel is inked, by its distance from the lines."""
    height, width = style.shape
    starts, ends = [], []
    for line in lines:
        thin = _thinned(line)
        starts.append(thin[:-1] if len(thin) > 1 else thin)
        ends.append(thin[1:] if len(thin) > 1 else thin)
    if not starts:
        return np.zeros(style.shape)
    A, B = np.concatenate(starts).astype(np.float32), np.concatenate(ends).astype(np.float32)
    D = B - A
    length = np.maximum((D**2).sum(axis=1), 1e-12)
    down, across = np.indices((height, width), dtype=np.float32).reshape(2, -1, 1) + np.float32(0.5)
    y, x = down - A[:, 0], across - A[:, 1]
    t = np.clip((y * D[:, 0] + x * D[:, 1]) / length, 0.0, 1.0)
    nearest = ((y - t * D[:, 0]) ** 2 + (x - t * D[:, 1]) ** 2).min(axis=1)
    found: Floats = np.clip(style.radius + 0.5 - np.sqrt(nearest), 0.0, 1.0).astype(np.float64)
    return found.reshape(height, width)


def _thinned(line: Floats) -> Floats:
    """Without points that lie closer together than matters; its ends stay."""
    kept = [line[0]]
    for point in line[1:-1]:
        if np.abs(point - kept[-1]).max() >= _STEP:
            kept.append(point)
    if len(line) > 1:
        kept.append(line[-1])
    return np.array(kept)


def _bounds(inked: NDArray[np.bool_]) -> Floats:
    """(2, images): where the ink begins and ends along an axis; each image has some."""
    first = inked.argmax(axis=1)
    last = inked.shape[1] - inked[:, ::-1].argmax(axis=1)
    return np.stack([first, last]).astype(np.float64)


def _mass(ink: Floats) -> Floats:
    """(images,): the middle of the ink along an axis, in pixels."""
    places = np.arange(ink.shape[1]) + 0.5
    total = ink.sum(axis=1)
    found: Floats = (ink @ places) / np.where(total > 0, total, 1.0)
    return found
