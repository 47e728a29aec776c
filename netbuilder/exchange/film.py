"""The film of a run as a file: a GIF for any page, or an MP4, by libraries of the extra "film"."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from netbuilder.errors import UserError
from netbuilder.files import replacing

Array = NDArray[Any]

_LIBRARIES = {".gif": "PIL", ".mp4": "imageio_ffmpeg"}
SUFFIXES = tuple(_LIBRARIES)


def check(path: str | os.PathLike[str]) -> None:
    """Raises UserError for a suffix that is none of SUFFIXES, or whose library is not there."""
    suffix = Path(path).suffix.lower()
    if suffix not in _LIBRARIES:
        raise UserError(
            "{path} is no name for a film: expected one that ends in {suffixes}.",
            path=str(path),
            suffixes=", ".join(SUFFIXES),
        )
    if importlib.util.find_spec(_LIBRARIES[suffix]) is None:
        raise UserError(
            "A film as {suffix} needs a library that is not installed: "
            "pip install 'netbuilder[film]' brings it.",
            suffix=suffix,
        )


def write(
    path: str | os.PathLike[str], pictures: Iterable[Array], rate: int, hold: float = 0.0
) -> None:
    """Writes a film of pictures that are taken one by one, as they are needed.

    pictures: (height, width, 3) uint8 each, all of one size; at least one. ``rate`` is pictures a
    second; the last one stays for ``hold`` seconds more. Raises UserError as ``check`` does, and
    where the file cannot be written; then, as when taking a picture raises, what was there stays.
    """
    check(path)
    held = _held(pictures, round(rate * hold))
    with replacing(path) as handle:
        if Path(path).suffix.lower() == ".gif":
            _write_gif(handle, held, rate)
        else:
            _write_mp4(handle, held, rate)


def _held(pictures: Iterable[Array], more: int) -> Iterator[Array]:
    last = None
    for last in pictures:
        yield last
    if last is not None:
        yield from itertools.repeat(last, more)


def _write_gif(handle: BinaryIO, pictures: Iterator[Array], rate: int) -> None:
    from PIL import Image

    # Colours of its own for every picture: the boundary's shades need them. Without dithering,
    # whose noise would differ from picture to picture, flat grounds stay flat and small.
    def small(picture: Array) -> Image.Image:
        image = Image.fromarray(np.ascontiguousarray(picture))
        return image.quantize(255, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)

    images = map(small, pictures)
    first = next(images)
    # GIF counts in hundredths of a second.
    duration = 10 * max(2, round(100 / rate))
    first.save(
        handle, "GIF", save_all=True, append_images=images, duration=duration, loop=0, disposal=1
    )


def _write_mp4(handle: BinaryIO, pictures: Iterator[Array], rate: int) -> None:
    import imageio_ffmpeg

    first = next(pictures)
    height, width = first.shape[0] // 2 * 2, first.shape[1] // 2 * 2  # its colours want even sizes
    with tempfile.TemporaryDirectory(prefix="netbuilder-") as folder:
        made = Path(folder) / "film.mp4"
        writer = imageio_ffmpeg.write_frames(
            str(made),
            (width, height),
            fps=rate,
            quality=8,
            macro_block_size=2,
            ffmpeg_log_level="error",
        )
        try:
            writer.send(None)
            for picture in itertools.chain([first], pictures):
                writer.send(np.ascontiguousarray(picture[:height, :width]))
        except (OSError, subprocess.SubprocessError) as error:
            raise UserError("The film cannot be made: {reason}.", reason=str(error)) from error
        finally:
            writer.close()
        with made.open("rb") as found:
            shutil.copyfileobj(found, handle)
