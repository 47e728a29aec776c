"""Members: what the zip of a project file holds, read without believing what it claims."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO

from netbuilder.errors import Message, UserError
from netbuilder.files import ordinary
from netbuilder.machine import check_room
from netbuilder.npz import DAMAGE
from netbuilder.numbers import byte_count

_LARGEST = 256 * 1024**2
"""Bytes that a packed member may unpack to, and all packed sections together."""
_LARGEST_TEXT = 32 * 1024**2
"""Bytes of a member of text: a table of a million words takes half of it."""


def read_members(
    path: Path, file: str, own: Collection[str]
) -> tuple[dict[str, bytes], tuple[Message, ...]]:
    """All members by name, and a warning for each that cannot be had.

    Raises UserError when it is no project file, or when one of its ``own`` members cannot be had.
    """
    try:
        with ordinary(path) as handle:
            return _members(handle, file, own)
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise UserError("There is no file {path}; check the name.", path=str(path)) from error
        if isinstance(error, IsADirectoryError):
            raise UserError("{path} is a folder; choose a file in it.", path=str(path)) from error
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            "{path} cannot be read: {reason}.", path=str(path), reason=reason
        ) from error


def _members(
    handle: BinaryIO, file: str, own: Collection[str]
) -> tuple[dict[str, bytes], tuple[Message, ...]]:
    head = handle.read(64)
    start, length = head[:4], int.from_bytes(head[26:28], "little")
    # What the first member is called.
    started = head[30 : 30 + length].decode(errors="replace")
    most = handle.seek(0, os.SEEK_END) + _LARGEST
    try:
        with zipfile.ZipFile(handle) as archive:
            infos = _checked(archive.infolist(), file)
            if started not in infos and started in own:
                # An archive within it is whole, whose table of contents was taken for the file's.
                raise zipfile.BadZipFile("File is not a zip file")
            needed = [infos.pop(name) for name in own if name in infos]
            found = {info.filename: _read_member(archive, info, file) for info in needed}
            sections, warnings = _read_sections(archive, infos.values(), file, most)
            return found | sections, warnings
    except DAMAGE as error:
        # A zip's table of contents is at its end, and so a truncated one looks like no zip at all.
        if start == b"PK\x03\x04":
            raise UserError(
                "{file} is damaged or cut off ({reason}). Fetch it again, or take an older copy.",
                file=file,
                reason=str(error),
            ) from error
        raise UserError(
            "{file} is no netbuilder project: expected a .netb file, found something else.",
            file=file,
        ) from error


def _checked(infos: list[zipfile.ZipInfo], file: str) -> dict[str, zipfile.ZipInfo]:
    """By name; raises UserError for names that no project file has."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.filename
        if "/" in info.orig_filename or "\\" in info.orig_filename or "\0" in info.orig_filename:
            raise UserError(
                "{file} is no netbuilder project: a member of it is called {name!r}, "
                "but a project file has no folders.",
                file=file,
                name=info.orig_filename,
            )
        if name in found:
            raise UserError("{file} is damaged: it has {name} twice.", file=file, name=name)
        found[name] = info
    return found


def _read_sections(
    archive: zipfile.ZipFile, infos: Iterable[zipfile.ZipInfo], file: str, most: int
) -> tuple[dict[str, bytes], tuple[Message, ...]]:
    """The project is whole without them: what cannot be read is left out with a warning.

    Together they may take ``most`` bytes, whatever the file's table of contents claims.
    """
    sections: dict[str, bytes] = {}
    warnings: list[Message] = []
    for info in infos:
        reason: object = Message("together with the others it takes more than the file can hold")
        if info.file_size <= most:
            most -= info.file_size
            try:
                sections[info.filename] = _read_member(archive, info, file)
                continue
            except UserError as error:
                reason = error.message
            except DAMAGE as error:
                reason = str(error)
        text = "The section {name} of {file} was left out, for it cannot be read: {reason}"
        warnings.append(Message(text, name=info.filename, file=file, reason=reason))
    return sections, tuple(warnings)


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> bytes:
    packed = info.compress_type != zipfile.ZIP_STORED
    if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(
            "{file}: {name} is encrypted or packed in an unusual way; "
            "netbuilder cannot have written it.",
            file=file,
            name=info.filename,
        )
    most = _LARGEST if packed else info.compress_size
    if info.filename.endswith(".json"):
        most = min(most, _LARGEST_TEXT)
    if info.file_size > most:
        raise UserError(
            "{file}: {name} would unpack to {size}, expected at most {most}; "
            "the file is damaged or was made to do harm.",
            file=file,
            name=info.filename,
            size=byte_count(info.file_size),
            most=byte_count(most),
        )
    check_room(file, info.file_size)
    return archive.read(info)
