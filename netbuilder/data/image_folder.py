"""Reads a folder of images with one subfolder a class; Pillow is needed for it."""

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.encode import MAX_BYTES
from netbuilder.data.reading import Watch
from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError
from netbuilder.machine import check_room
from netbuilder.numbers import byte_count

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
LARGEST_SIDE, SIDE = 64, 32
"""Images whose first one has a longer side than this are all brought to SIDE × SIDE pixels."""


def read_images(path: Path, labelled: bool, watch: Watch) -> Table:
    """The table of all images: grey values from 0 (black) to 1, row by row, and the class.

    All are brought to the size of the first. With `labelled` False they may also lie in the folder
    itself.

    Raises:
        UserError: there are no such images, one cannot be read, or Pillow is not there.
        Stopped: `watch` asked for it.
        OSError: the folder cannot be read.
    """
    classes = sorted(
        folder.name for folder in path.iterdir() if folder.is_dir() and folder.name[:1] != "."
    )
    found = [(k, file) for k, name in enumerate(classes) for file in _images(path / name)]
    if not labelled and not found:
        found = [(0, file) for file in _images(path)]
    present = sorted({k for k, _ in found})
    if not found or (labelled and len(present) < 2):
        raise UserError(
            "{file} is a folder without images in it that could be told apart: expected at least "
            "two subfolders, one a class, with images such as {suffixes}.",
            file=path,
            suffixes=", ".join(SUFFIXES[:3]),
        )
    if find_spec("PIL") is None:
        raise UserError('Images are read by Pillow: pip install "netbuilder[images]".')
    height, width = size = _size(found[0][1])
    needed = len(found) * (height * width + 1) * 8
    if needed > MAX_BYTES:
        raise UserError(
            "{file} has {count} images of {height}×{width}, which need {size}, expected at most "
            "{most}; take a part of them.",
            file=path.name,
            count=len(found),
            height=height,
            width=width,
            size=byte_count(needed),
            most=byte_count(MAX_BYTES),
        )
    check_room(path.name, needed)
    values = np.empty((len(found), height * width + 1))
    differ = 0
    for row, (code, file) in enumerate(found):
        watch(row / len(found))
        pixels, fits = _pixels(file, size)
        values[row, :-1], values[row, -1] = pixels, present.index(code)
        differ += not fits
    names = [f"pixel {y + 1},{x + 1}" for y in range(height) for x in range(width)]
    notice = Message(
        "{count:,} of {m:,} images are of another size and brought to {height}×{width} grey "
        "pixels.",
        count=differ,
        m=len(found),
        height=height,
        width=width,
    )
    table = Table(
        values[:, :-1],
        tuple(names),
        image_shape=size,
        name=path.name,
        notices=(notice,) if differ else (),
    )
    if not classes:
        return table
    words = {"class": tuple(classes[k] for k in present)}
    columns = (*names, "class")
    return replace(table, values=values, columns=columns, categories=words, targets=("class",))


def _images(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.iterdir()
        if file.suffix.lower() in SUFFIXES and file.name[:1] != "." and file.is_file()
    )


def _size(file: Path) -> tuple[int, int]:
    """(height, width) that all images are brought to."""
    height, width = _opened(file, None)[1]
    return (height, width) if max(height, width) <= LARGEST_SIDE else (SIDE, SIDE)


def _pixels(file: Path, size: tuple[int, int]) -> tuple[NDArray[np.float64], bool]:
    """The grey values of an image (height × width,), and whether it was of that size."""
    array, own = _opened(file, size)
    return array.reshape(-1) / 255, own == size


def _opened(
    file: Path, size: tuple[int, int] | None
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The grey values from 0 to 255, and the (height, width) that the image has in its file."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # An image that claims to be enormous is refused, and not only warned of.
            warnings.simplefilter("error")
            with Image.open(file) as image:
                own = image.height, image.width
                grey = image.convert("L")
                if size is not None and own != size:
                    grey = grey.resize((size[1], size[0]), Image.Resampling.BILINEAR)
                return np.asarray(grey, dtype=np.float64), own
    except Exception as error:  # Pillow raises whatever its many decoders do
        raise UserError(
            "{folder}/{file} cannot be read as an image ({reason}); take it away, or save "
            "it again.",
            folder=file.parent.name,
            file=file.name,
            reason=str(error) or type(error).__name__,
        ) from error
