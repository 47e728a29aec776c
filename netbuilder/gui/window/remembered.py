"""What the window remembers from one start to the next, and how little of it is believed.

Qt trusts every byte of a state that it has saved: one that is wrong can end the process. So a state
carries a checksum, and after a start that did not come to its end none is taken.
"""

from __future__ import annotations

import contextlib
import os
import zlib

from PySide6.QtCore import QByteArray, QSettings

_SUM = 4
"""Bytes of the checksum, before the state."""
_STARTING = "starting"
_STATES = ("geometry", "docks")
"""Keys, and groups of keys, of Qt's own states."""


def open_settings() -> QSettings:
    """The user's settings; a file that cannot be read is put aside, and kept."""
    settings = QSettings("netbuilder", "netbuilder")
    settings.sync()
    if settings.status() == QSettings.Status.NoError:
        return settings
    with contextlib.suppress(OSError):
        os.replace(settings.fileName(), f"{settings.fileName()}.damaged")
    return QSettings("netbuilder", "netbuilder")


def put(settings: QSettings, key: str, state: QByteArray) -> None:
    data = state.data()
    settings.setValue(key, QByteArray(zlib.crc32(data).to_bytes(_SUM, "big") + data))


def get(settings: QSettings, key: str) -> QByteArray | None:
    """The state as it was put; None where there is none, or another."""
    found = settings.value(key)
    if not isinstance(found, QByteArray):
        return None
    data = found.data()
    if zlib.crc32(data[_SUM:]).to_bytes(_SUM, "big") != data[:_SUM]:
        return None
    return QByteArray(data[_SUM:])


def begin_start(settings: QSettings) -> None:
    """To be said before the window is made: forgets the states with which a start has failed."""
    if settings.value(_STARTING) is not None:
        for key in _STATES:
            settings.remove(key)
    settings.setValue(_STARTING, "1")
    settings.sync()


def end_start(settings: QSettings) -> None:
    """The window is there."""
    settings.remove(_STARTING)
    settings.sync()
