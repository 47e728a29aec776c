"""Reads NPZ files that nobody vouches for: headers come first, and nothing of a file is run."""

from __future__ import annotations

import contextlib
import enum
import io
import math
import os
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.errors import Message
from netbuilder.files import ordinary
from netbuilder.machine import check_room

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile was seen to raise over files that are cut off, changed, or no archive at all."""

_LONGEST_HEADER = 10_000
_LONGEST_SHAPE = 300
"""Characters; a number of more digits is not even a float."""
_MOST_EXPANSION = 250
"""Times its packed size that a large array may have; real measurements pack far less well."""
_SMALL = 64 * 1024**2
_PIECE = 1024**2


class Flaw(enum.Enum):
    """Why an array is not read, and what ``Refused.values`` tell of it besides ``reason``.

    All but DAMAGED come with the array's ``name``; those after HEADER with its ``shape``.
    """

    DAMAGED = enum.auto()
    """The archive is cut off, changed, or none at all."""
    PACKING = enum.auto()
    """The array is encrypted, or packed in a way that np.savez does not know."""
    HEADER = enum.auto()
    """It does not begin as arrays do."""
    OBJECTS = enum.auto()
    """It holds Python objects, which could run code."""
    TYPE = enum.auto()
    """It holds something else than was expected, of type ``dtype``."""
    SIZE = enum.auto()
    """It would take ``size`` bytes where ``most`` are left."""
    EXPANSION = enum.auto()
    """It would unpack to ``times`` its size in the file."""
    SHORT = enum.auto()
    """Its numbers do not fill its shape."""
    LONG = enum.auto()
    """It is longer than its shape."""


class Refused(Exception):
    """An array or a file is not read; whoever asked for it has the sentence for the user."""

    def __init__(self, flaw: Flaw, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.flaw = flaw
        self.values = {"reason": reason, **values}


@contextlib.contextmanager
def opened(source: Path | bytes, most: int | None = None) -> Iterator[Archive]:
    """The arrays in an NPZ file, of which at most ``most`` bytes are read, all taken together.

    Raises Refused for what is no such file, and OSError when it cannot be read.
    """
    with contextlib.ExitStack() as stack:
        handle: IO[bytes]
        if isinstance(source, bytes):
            handle = io.BytesIO(source)
        else:
            handle = stack.enter_context(ordinary(source))
        with _damage_told():
            archive = stack.enter_context(zipfile.ZipFile(handle))
            members = _members(archive)
        yield Archive(archive, members, handle.seek(0, os.SEEK_END), most)


class Archive:
    """The arrays of an open NPZ file, by name.

    A name is a key and never a place on the disk, whatever slashes and dots are in it.
    """

    def __init__(
        self,
        archive: zipfile.ZipFile,
        members: dict[str, zipfile.ZipInfo],
        length: int,
        most: int | None,
    ) -> None:
        self._archive = archive
        self._members = members
        self._length = length
        self._left = most

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of the file."""
        return tuple(self._members)

    def stored(self, name: str, kinds: str = "biuf") -> Stored:
        """The array's header; ``kinds`` are the kinds of dtype that will do.

        Raises Refused for what is no such array, KeyError for a name that is not there.
        """
        info = self._members[name]
        if info.flag_bits & 1 or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise Refused(
                Flaw.PACKING, f"{name} is encrypted or packed in an unusual way", name=name
            )
        with _damage_told(), self._archive.open(info) as handle:
            try:
                shape, fortran_order, dtype = _header(handle)
            except (TypeError, ValueError) as error:
                raise Refused(Flaw.HEADER, str(error), name=name) from None
            start = handle.tell()
        if dtype.hasobject or dtype.kind not in kinds or dtype.itemsize == 0:
            raise Refused(
                Flaw.OBJECTS if dtype.hasobject else Flaw.TYPE,
                "it does not hold plain numbers",
                name=name,
                shape=shape,
                dtype=dtype,
            )
        return Stored(name, shape, dtype, fortran_order, start, self)

    def _read(self, stored: Stored) -> NDArray[Any]:
        info = self._members[stored.name]
        self._check(stored, info)
        # Not filled with zeros, which would keep the interpreter from the other threads.
        data = np.empty(stored.nbytes, np.uint8)
        view = data.data
        with _damage_told(), self._archive.open(info) as handle:
            handle.read(stored.start)
            place = 0
            while place < len(data):
                piece = handle.read(min(_PIECE, len(data) - place))
                if not piece:
                    raise EOFError(f"{stored.name} is cut off")
                view[place : place + len(piece)] = piece
                place += len(piece)
            # The checksum is looked at where the member ends.
            handle.read(1)
            flat: NDArray[Any] = np.frombuffer(data, stored.dtype)
            if stored.dtype.kind == "U" and flat.size:
                points = flat.view(stored.dtype.byteorder.replace("|", "=") + "u4")
                if points.max() > sys.maxunicode:
                    raise ValueError(f"{stored.name} holds what is no text")
            if stored.fortran_order:
                shaped = flat.reshape(stored.shape[::-1]).T
            else:
                shaped = flat.reshape(stored.shape)
        return np.asarray(shaped, stored.dtype.newbyteorder("="), order="C")

    def _check(self, stored: Stored, info: zipfile.ZipInfo) -> None:
        """Refuses before any memory is taken; UserError where this machine has too little."""
        about: dict[str, Any] = {"name": stored.name, "shape": stored.shape}
        size = math.prod(stored.shape) * max(stored.dtype.itemsize, 8)
        if self._left is not None:
            if size > self._left:
                raise Refused(Flaw.SIZE, "it is too large", size=size, most=self._left, **about)
            self._left -= size
        # As it lies in the file, and as the numbers that it becomes.
        check_room(Message("The array {name}", name=stored.name), size + stored.nbytes)
        # The packed size is a claim as well, but no part is larger than the whole.
        packed = max(min(info.compress_size, self._length), 1)
        if stored.nbytes > _SMALL and stored.nbytes > _MOST_EXPANSION * packed:
            raise Refused(
                Flaw.EXPANSION,
                "it would unpack to many times its size",
                times=stored.nbytes / packed,
                **about,
            )
        content = info.file_size - stored.start
        if content != stored.nbytes:
            flaw = Flaw.SHORT if content < stored.nbytes else Flaw.LONG
            raise Refused(flaw, "its numbers do not fill its shape", **about)


@dataclass(frozen=True, eq=False)
class Stored:
    """An array whose header has been read, and nothing more."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool
    start: int
    """Bytes of the header."""
    _archive: Archive

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def read(self) -> NDArray[Any]:
        """The values, in native byte order and C order, writeable; raises Refused.

        Against the file's limit each number counts as float64 at least, for that is what it
        becomes sooner or later.
        """
        return self._archive._read(self)


@contextlib.contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        raise Refused(Flaw.DAMAGED, str(error) or type(error).__name__) from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if not info.filename.endswith(".npy"):
            continue
        name = info.filename.removesuffix(".npy")
        if name in members:
            raise ValueError(f"it has {name} twice")
        members[name] = info
    return members


def _header(handle: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, Fortran order and dtype; the handle is left where the numbers begin.

    NumPy's own reader evaluates the header as Python, and fails in many ways on a damaged one.
    Raises ValueError, or TypeError for a dtype that NumPy does not know.
    """
    magic = handle.read(8)
    if len(magic) < 8 or magic[:6] != b"\x93NUMPY":
        raise ValueError("it does not begin as a .npy array does")
    if magic[6:] not in (b"\1\0", b"\2\0"):
        raise ValueError(f"unknown npy version {magic[6]}.{magic[7]}")
    length = int.from_bytes(handle.read(2 if magic[6] == 1 else 4), "little")
    if length > _LONGEST_HEADER:
        raise ValueError("its header is too long")
    text = handle.read(length).decode("latin-1")
    descr, order, shape = (
        re.search(rf"'{key}' *: *{value} *[,}}]", text)
        for key, value in (
            ("descr", r"('[<>|=]?[biufcmMOSUV][0-9]*(?:\[\w+\])?'|\[.*\])"),
            ("fortran_order", "(True|False)"),
            ("shape", r"\(([0-9, ]*)\)"),
        )
    )
    if descr is None or order is None or shape is None:
        raise ValueError("its header does not tell the type and shape of plain numbers")
    if descr[1].startswith("["):
        raise ValueError("its elements are records, expected plain numbers")
    if len(shape[1]) > _LONGEST_SHAPE:
        raise ValueError("its shape is too long")
    sizes = tuple(int(size) for size in shape[1].split(",") if size.strip())
    return sizes, order[1] == "True", np.dtype(descr[1].strip("'"))
