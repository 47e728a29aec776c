"""Films as files: other programs read back every picture, and a failure leaves what was there."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from netbuilder.errors import UserError
from netbuilder.exchange import film

RED, BLUE = (220, 40, 30), (30, 60, 210)


def pictures(count: int = 6) -> Iterator[np.ndarray]:
    """A red bar that grows over a blue ground, picture by picture."""
    for number in range(count):
        picture = np.full((49, 65, 3), BLUE, np.uint8)
        picture[:, : 10 * (number + 1)] = RED
        yield picture


def near(picture: np.ndarray, expected: np.ndarray) -> bool:
    return bool(np.abs(picture.astype(int) - expected).mean() < 6)


def test_a_gif_holds_every_picture_and_plays_for_ever(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "film.gif"
    film.write(path, pictures(), rate=10, hold=0.5)
    with image.open(path) as read:
        assert (read.n_frames, read.size, read.info["loop"]) == (6, (65, 49), 0)
        length = 0
        for number, expected in enumerate(pictures()):
            read.seek(number)
            length += read.info["duration"]
            assert near(np.asarray(read.convert("RGB")), expected)
    assert length == 1100, "the last picture stays for half a second more"
    assert list(tmp_path.iterdir()) == [path]


def test_an_mp4_holds_every_picture(tmp_path: Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    path = tmp_path / "film.mp4"
    film.write(path, pictures(), rate=10)
    command = [ffmpeg.get_ffmpeg_exe(), *("-v", "error", "-i", str(path), "-f", "rawvideo")]
    read = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    found = np.frombuffer(read.stdout, np.uint8).reshape(-1, 48, 64, 3)
    for picture, expected in zip(found, pictures(), strict=True):
        assert near(picture, expected[:48, :64])


@pytest.mark.parametrize("suffix, library", [(".gif", "PIL"), (".mp4", "imageio_ffmpeg")])
def test_what_is_cancelled_leaves_the_old_file(tmp_path: Path, suffix: str, library: str) -> None:
    pytest.importorskip(library)
    path = tmp_path / f"film{suffix}"
    path.write_bytes(b"old")

    def until_cancelled() -> Iterator[np.ndarray]:
        yield from pictures(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film.write(path, until_cancelled(), rate=10)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", film.SUFFIXES)
def test_without_the_library_it_says_which_extra_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(UserError, match=r"netbuilder\[film\]"):
        film.write(tmp_path / f"film{suffix}", pictures(), rate=10)


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.gif, \.mp4"):
        film.check(tmp_path / "film.avi")
