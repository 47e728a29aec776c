"""The files that were opened or saved last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal

_MOST = 8


class Recent(QObject):
    """Remembers them in the settings."""

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings

    @property
    def paths(self) -> list[Path]:
        """The latest first."""
        found = self._settings.value("recent")
        # A list of one comes back as a string.
        names = found if isinstance(found, list) else [found]
        # Of a damaged file anything may come.
        return [Path(name) for name in names if isinstance(name, str)]

    def add(self, path: Path) -> None:
        path = path.absolute()
        names = [str(path), *(str(old) for old in self.paths if old != path)]
        self._settings.setValue("recent", names[:_MOST])
        self.changed.emit()
