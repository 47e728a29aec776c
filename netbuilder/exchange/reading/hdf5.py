"""Reads the HDF5 files that Keras writes, with bounds at every step and without the HDF5 library.

The library goes round for ever over some damaged files, and follows links to others. What Keras
writes needs little of the format: groups with symbol tables, and arrays in one piece
(HDF5 File Format Specification 3.0, superblock 0).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_NOWHERE = 2**64 - 1
_MOST_OBJECTS, _DEEPEST = 100_000, 16
_DATASPACE, _DATATYPE, _EXTERNAL, _LAYOUT, _FILTERS = 0x1, 0x3, 0x7, 0x8, 0xB
_ATTRIBUTE, _CONTINUATION, _SYMBOLS = 0xC, 0x10, 0x11
_NEWER_LINKS = (0x2, 0x6)
_FLOATS = {(2, 5, 10): "f2", (4, 8, 23): "f4", (8, 11, 52): "f8"}
"""(bytes, of the exponent, of the mantissa) of the numbers that NumPy knows."""


class Damaged(Exception):
    """The file is none that is read here; the text says why."""


@dataclass(frozen=True, eq=False)
class Group:
    """A group: its arrays and groups by name, and the text that it calls itself by."""

    children: dict[str, Group | NDArray[np.generic]]
    name: str = ""
    """Its attribute of that name, which Keras writes; "" where there is none."""


class _Message(NamedTuple):
    kind: int
    start: int
    length: int


def read(data: bytes) -> Group:
    """The root group of a file. Raises Damaged for what is damaged, linked, packed, or newer."""
    try:
        return _File(data).root()
    except (struct.error, UnicodeDecodeError, OverflowError, ValueError, IndexError) as error:
        raise Damaged(f"it is damaged: {error}") from None


class _File:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._objects = 0
        self._left = len(data)
        """Bytes of arrays: as they do not overlap in a sound file, no more than it has."""

    def root(self) -> Group:
        if self._data[:8] != _SIGNATURE:
            raise Damaged("it does not begin as HDF5 files do")
        version, offsets, lengths = self._data[8], self._data[13], self._data[14]
        if version != 0 or (offsets, lengths) != (8, 8):
            raise Damaged("it is of a kind of HDF5 that Keras does not write")
        if self._whole(24) != 0:
            raise Damaged("it is embedded in another file")
        found = self._object(self._whole(56 + 8), 0)
        if not isinstance(found, Group):
            raise Damaged("its root is no group")
        return found

    # --- bytes -------------------------------------------------------------------------------

    def _unpack(self, form: str, place: int) -> tuple[int, ...]:
        if not 0 <= place <= len(self._data):
            raise Damaged("it is cut off, or damaged")
        return struct.unpack_from("<" + form, self._data, place)

    def _whole(self, place: int) -> int:
        return self._unpack("Q", place)[0]

    def _bytes(self, place: int, length: int) -> memoryview:
        if place < 0 or length < 0 or place + length > len(self._data):
            raise Damaged("it is cut off, or damaged")
        return memoryview(self._data)[place : place + length]

    def _text(self, place: int, most: int = 1024) -> str:
        end = self._data.find(b"\0", place, place + most)
        if end < 0:
            raise Damaged("a name in it has no end")
        return self._data[place:end].decode()

    def _expect(self, place: int, signature: bytes) -> None:
        if bytes(self._bytes(place, len(signature))) != signature:
            raise Damaged(f"{signature.decode()} was expected at byte {place:,}")

    # --- objects -----------------------------------------------------------------------------

    def _object(self, place: int, depth: int) -> Group | NDArray[np.generic]:
        self._objects += 1
        if self._objects > _MOST_OBJECTS or depth > _DEEPEST:
            raise Damaged("it has more groups than any network, or they contain each other")
        messages = self._messages(place)
        kinds = {message.kind for message in messages}
        if kinds & set(_NEWER_LINKS):
            raise Damaged(
                "it has links of a newer kind, which are not followed; save it by Keras's own "
                "save_weights"
            )
        if _EXTERNAL in kinds:
            raise Damaged("its numbers lie in other files, which are not opened")
        if _FILTERS in kinds:
            raise Damaged("its arrays are packed; save it without compression")
        if _SYMBOLS in kinds:
            return self._group(messages, depth)
        return self._array(messages)

    def _messages(self, place: int) -> list[_Message]:
        version, _, count, _, size = self._unpack("BBHII", place)
        if version != 1:
            raise Damaged("it has objects of a newer kind; save it by Keras's own save_weights")
        found: list[_Message] = []
        blocks = [(place + 16, size)]
        while blocks and len(found) < count:
            start, length = blocks.pop(0)
            self._bytes(start, length)
            end = start + length
            while start + 8 <= end and len(found) < count:
                kind, size, flags = self._unpack("HHB", start)
                if flags & 2:
                    raise Damaged("parts of its objects are shared, which Keras does not write")
                message = _Message(kind, start + 8, size)
                if message.start + size > end:
                    raise Damaged("an object in it is damaged")
                found.append(message)
                if kind == _CONTINUATION:
                    further, length = self._unpack("QQ", message.start)
                    blocks.append((further, length))
                start = message.start + size
        return found

    def _group(self, messages: list[_Message], depth: int) -> Group:
        message = next(m for m in messages if m.kind == _SYMBOLS)
        tree, heap = self._unpack("QQ", message.start)
        self._expect(heap, b"HEAP")
        size, _, names = self._unpack("QQQ", heap + 8)
        self._bytes(names, size)
        children: dict[str, Group | NDArray[np.generic]] = {}
        for offset, place, cached in self._symbols(tree, 0):
            name = self._text(names + offset)
            if cached == 2:
                raise Damaged(f"{name} is a link to somewhere else, and links are not followed")
            if name in children:
                raise Damaged(f"it has {name} twice")
            children[name] = self._object(place, depth + 1)
        return Group(children, self._name(messages))

    def _symbols(self, place: int, depth: int) -> Iterator[tuple[int, int, int]]:
        self._expect(place, b"TREE")
        kind, level, count = self._unpack("BBH", place + 4)
        self._objects += 1
        if kind != 0 or depth > _DEEPEST or self._objects > _MOST_OBJECTS:
            raise Damaged("the list of a group is damaged")
        for k in range(count):
            child = self._whole(place + 24 + 8 + 16 * k)
            if level:
                yield from self._symbols(child, depth + 1)
                continue
            self._expect(child, b"SNOD")
            (entries,) = self._unpack("H", child + 6)
            for entry in range(entries):
                offset, header, cached = self._unpack("QQI", child + 8 + 40 * entry)
                yield offset, header, cached

    def _name(self, messages: list[_Message]) -> str:
        """The attribute called name, where it is one text of any length."""
        for message in messages:
            if message.kind != _ATTRIBUTE:
                continue
            version, _, name, type, space = self._unpack("BBHHH", message.start)
            if version != 1 or self._text(message.start + 8, 64) != "name":
                continue
            of_type = message.start + 8 + _padded(name)
            place = of_type + _padded(type) + _padded(space)
            if self._data[of_type] & 15 != 9 or self._data[of_type + 1] & 15 != 1:
                continue
            length, heap, index = self._unpack("IQI", place)
            return self._long_text(heap, index, length)
        return ""

    def _long_text(self, heap: int, index: int, length: int) -> str:
        self._expect(heap, b"GCOL")
        end, place = heap + self._whole(heap + 8), heap + 16
        while place + 16 <= min(end, len(self._data)):
            number, _, _, size = self._unpack("HHIQ", place)
            if number == index and number:
                return bytes(self._bytes(place + 16, min(size, length, 1024))).decode()
            if number == 0:
                break
            place += 16 + _padded(size)
        return ""

    # --- arrays ------------------------------------------------------------------------------

    def _array(self, messages: list[_Message]) -> NDArray[np.generic]:
        found = {message.kind: message for message in messages}
        try:
            shape = self._shape(found[_DATASPACE].start)
            dtype = self._dtype(found[_DATATYPE].start)
            layout = found[_LAYOUT].start
        except KeyError:
            raise Damaged("an object in it is neither a group nor an array") from None
        version, kind = self._unpack("BB", layout)
        if version != 3 or kind not in (0, 1):
            raise Damaged("an array in it does not lie there in one piece, as Keras writes it")
        count = math.prod(shape)
        size = count * dtype.itemsize
        if kind == 1:
            start, stored = self._unpack("QQ", layout + 2)
        else:
            (stored,) = self._unpack("H", layout + 2)
            start = layout + 4
        if start == _NOWHERE and size == 0:
            return np.zeros(shape, dtype)
        if stored != size:
            raise Damaged(f"an array of {size:,} bytes has {stored:,} in the file")
        self._left -= size
        if self._left < 0:
            raise Damaged("its arrays share their place, and claim more than it has")
        return np.frombuffer(self._bytes(start, size), dtype).reshape(shape)

    def _shape(self, place: int) -> tuple[int, ...]:
        version, rank, _ = self._unpack("BBB", place)
        if version not in (1, 2) or rank > 8:
            raise Damaged("an array in it has a shape of another kind")
        return self._unpack(f"{rank}Q", place + (8 if version == 1 else 4))

    def _dtype(self, place: int) -> np.dtype[np.generic]:
        kind, order, _, _, size = self._unpack("BBBBI", place)
        sign = ">" if order & 1 else "<"
        if kind & 15 == 0 and size in (1, 2, 4, 8):
            return np.dtype(f"{sign}{'i' if order & 8 else 'u'}{size}")
        if kind & 15 == 1:
            _, _, _, exponent, _, mantissa = self._unpack("HHBBBB", place + 8)
            if (size, exponent, mantissa) in _FLOATS:
                return np.dtype(sign + _FLOATS[size, exponent, mantissa])
        raise Damaged("an array in it holds something else than plain numbers")


def _padded(size: int) -> int:
    return -(-size // 8) * 8
