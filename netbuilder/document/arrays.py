"""Arrays in NPZ members: written with the same bytes every time, read only after their headers."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from netbuilder.errors import UserError

Array = NDArray[Any]

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What zipfile raises for a file that is cut off, changed, or no archive at all."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MOST_EXPANSION = 250
_SMALL = 64 * 1024**2


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


@dataclass(frozen=True)
class Stored:
    """An array in an NPZ file whose header has been read, and nothing more."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    _fortran: bool
    _file: str
    _archive: zipfile.ZipFile
    _info: zipfile.ZipInfo

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def read(self) -> Array:
        """The numbers, in native byte order and C order; raises UserError when they are too few."""
        if self.nbytes > _SMALL and self.nbytes > _MOST_EXPANSION * self._info.compress_size:
            raise UserError(
                "{file}: the array {name} would unpack to {times} times its size in the file, "
                "as only a damaged or hostile file does.",
                file=self._file,
                name=self.name,
                times=f"{self.nbytes // max(self._info.compress_size, 1):,}",
            )
        with self._archive.open(self._info) as handle:
            _header(handle)
            data = handle.read(self.nbytes)
            if len(data) < self.nbytes or handle.read(1):
                raise UserError(
                    "{file}: the array {name} claims the shape {shape}, but its numbers do not "
                    "fill it: the file is damaged.",
                    file=self._file,
                    name=self.name,
                    shape=str(self.shape),
                )
        flat: Array = np.frombuffer(data, self.dtype)
        shaped = flat.reshape(self.shape[::-1]).T if self._fortran else flat.reshape(self.shape)
        # A copy that owns its memory: what frombuffer gives is read-only.
        return np.array(shaped, dtype=self.dtype.newbyteorder("="), order="C")


def stored_arrays(data: bytes, file: str) -> Iterator[Stored]:
    """The arrays of an NPZ file, headers checked, numbers not yet read.

    Raises UserError, which names ``file``, for what is no NPZ file of numbers. Objects are refused:
    nothing of a file is ever run.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                name = info.filename.removesuffix(".npy")
                with archive.open(info) as handle:
                    shape, fortran, dtype = _header(handle)
                if dtype.hasobject or dtype.kind not in "fiub" or min(shape, default=0) < 0:
                    raise ValueError("it does not hold plain numbers")
                yield Stored(name, shape, dtype, fortran, file, archive, info)
    except (ValueError, RuntimeError, *DAMAGED) as error:
        raise UserError(
            "{file}: its arrays cannot be read ({reason}): the file is damaged.",
            file=file,
            reason=str(error),
        ) from error


def _header(handle: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Reads on to the first number; raises ValueError."""
    version = npy.read_magic(handle)
    try:
        if version == (1, 0):
            return npy.read_array_header_1_0(handle)
        if version == (2, 0):
            return npy.read_array_header_2_0(handle)
    except (SyntaxError, TokenError, RecursionError, MemoryError) as error:
        # The header is the text of a Python literal, and a hostile one makes the parser stumble.
        raise ValueError("its header is no header") from error
    raise ValueError(f"unknown npy version {version}")
