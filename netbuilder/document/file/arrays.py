"""Arrays in NPZ members: written with the same bytes every time, read only after their headers."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from netbuilder.errors import UserError
from netbuilder.npz import Archive, Flaw, Refused, opened
from netbuilder.numbers import byte_count

Array = NDArray[Any]

_UNREADABLE = "{file}: its arrays cannot be read ({reason}): the file is damaged."
_UNFILLED = (
    "{file}: the array {name} claims the shape {shape}, but its numbers do not fill it: the file "
    "is damaged."
)
_SENTENCES = {
    Flaw.SIZE: (
        "{file}: the array {name} claims the shape {shape}, which takes {size}; expected at most "
        "{most}."
    ),
    Flaw.EXPANSION: (
        "{file}: the array {name} would unpack to {times:,.0f} times its size in the file, as only "
        "a damaged or hostile file does."
    ),
    Flaw.SHORT: _UNFILLED,
    Flaw.LONG: _UNFILLED,
}

_EPOCH = (1980, 1, 1, 0, 0, 0)


def member(name: str, compression: int) -> zipfile.ZipInfo:
    """A zip member without time or owner, so that the same project gives the same bytes."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = compression
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info


def write_npz(handle: BinaryIO, arrays: Mapping[str, Array], compression: int) -> None:
    """Writes an NPZ file, its arrays in order of their names; NumPy reads it with ``np.load``."""
    with zipfile.ZipFile(handle, "w") as archive:
        for name in sorted(arrays):
            info = member(f"{name}.npy", compression)
            # Sizes beyond 4 GB have to be announced before the first byte.
            info.file_size = arrays[name].nbytes + 1024
            with archive.open(info, "w") as target:
                npy.write_array(target, np.asarray(arrays[name], order="C"), allow_pickle=False)


@contextlib.contextmanager
def opened_npz(data: bytes, file: str, most: int | None) -> Iterator[Archive]:
    """The arrays of an NPZ file inside ``file``; what is refused is told in a UserError.

    Together they may take ``most`` bytes, or any number when that is None.
    """
    try:
        with opened(data, most) as archive:
            yield archive
    except Refused as refused:
        values = refused.values
        for size in ("size", "most"):
            if size in values:
                values[size] = byte_count(values[size])
        sentence = _SENTENCES.get(refused.flaw, _UNREADABLE)
        raise UserError(sentence, file=file, **values) from refused
