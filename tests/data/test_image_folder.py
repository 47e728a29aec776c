"""A folder of images, one subfolder a class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netbuilder.data import image_folder
from netbuilder.data.files import read_table
from netbuilder.data.reading import Stopped
from netbuilder.errors import UserError

Image = pytest.importorskip("PIL.Image")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two of each: dark ones of 4×3 pixels, and bright ones, one of which is in colour."""
    for name, grey in (("dark", 10), ("bright", 250)):
        (tmp_path / "shades" / name).mkdir(parents=True)
        for k in range(2):
            pixels = np.full((3, 4), grey + k, np.uint8)
            pixels[0, 0] = 51
            Image.fromarray(pixels).save(tmp_path / "shades" / name / f"{k}.png")
    Image.new("RGB", (8, 6), (255, 255, 255)).save(tmp_path / "shades" / "bright" / "0.png")
    (tmp_path / "shades" / "notes.txt").write_text("by hand")
    (tmp_path / "shades" / ".hidden").mkdir()
    return tmp_path / "shades"


def test_subfolders_are_classes_and_pixels_features(folder: Path) -> None:
    table = read_table(folder)
    assert table.image_shape == (6, 8)  # of the first image, in the order of names
    assert table.categories == {"class": ("bright", "dark")} and table.targets == ("class",)
    assert table.columns[:2] == ("pixel 1,1", "pixel 1,2")
    assert table.column("class").tolist() == [0, 0, 1, 1]
    assert table.values[0, :-1].tolist() == [1.0] * 48
    assert str(table.notices[0]).startswith("3 of 4 images are of another size")
    (folder / "bright" / "0.png").unlink()
    table = read_table(folder)
    assert table.image_shape == (3, 4) and table.notices == ()
    assert table.values[0, :3].tolist() == [0.2, 251 / 255, 251 / 255]


def test_large_images_are_made_small(folder: Path) -> None:
    Image.new("L", (640, 480), 128).save(folder / "bright" / "0.png")
    assert read_table(folder).image_shape == (32, 32)


def test_images_to_predict_need_no_subfolders(folder: Path) -> None:
    with pytest.raises(UserError, match="at least two subfolders, one a class"):
        read_table(folder / "dark")
    table = read_table(folder / "dark", labelled=False)
    assert (table.m, len(table.columns), table.image_shape) == (2, 12, (3, 4))


def test_what_is_no_image_is_told(folder: Path) -> None:
    (folder / "dark" / "1.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"dark/1\.png cannot be read as an image"):
        read_table(folder)


def test_without_pillow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_folder, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install .netbuilder\[images\]"):
        read_table(folder)


def test_reading_can_be_stopped(folder: Path) -> None:
    def watch(share: float) -> None:
        if share >= 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        read_table(folder, watch=watch)
