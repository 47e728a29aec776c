"""What was remembered is believed only byte for byte, and only after a start that ended well."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QByteArray, QSettings

from netbuilder.document.templates import first_start
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window import remembered
from netbuilder.gui.window.main_window import MainWindow


@pytest.fixture
def ini(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)


def test_a_state_comes_back_whole_or_not_at_all(ini: QSettings) -> None:
    state = QByteArray(bytes(range(256)) * 3)
    remembered.put(ini, "geometry", state)
    assert remembered.get(ini, "geometry") == state
    dice = random.Random(0)
    kept = ini.value("geometry").data()
    for _ in range(200):
        broken = bytearray(kept)
        broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        ini.setValue("geometry", QByteArray(bytes(broken)))
        assert remembered.get(ini, "geometry") is None
    for other in ("text", 7, QByteArray(), QByteArray(b"abc"), ["a"]):
        ini.setValue("geometry", other)
        assert remembered.get(ini, "geometry") is None


def test_a_start_that_did_not_end_forgets_where_the_docks_were(ini: QSettings) -> None:
    remembered.put(ini, "geometry", QByteArray(b"g"))
    remembered.put(ini, "docks/watch", QByteArray(b"d"))
    ini.setValue("theme", "dark")
    remembered.begin_start(ini)
    remembered.end_start(ini)
    remembered.begin_start(ini)
    assert remembered.get(ini, "docks/watch") == QByteArray(b"d")
    remembered.begin_start(ini)  # the one before was never there
    assert remembered.get(ini, "geometry") is None
    assert remembered.get(ini, "docks/watch") is None
    assert ini.value("theme") == "dark"


def test_a_window_opens_whatever_byte_of_its_docks_is_wrong(
    open_window: Any, themes: Any, settings: QSettings, qtbot: Any
) -> None:
    first = open_window()
    first.close()
    kept = settings.value("docks/build").data()
    dice = random.Random(1)
    broken = bytearray(kept)
    for _ in range(8):
        broken[dice.randrange(len(broken))] = dice.randrange(256)
    settings.setValue("docks/build", QByteArray(bytes(broken)))
    store = Store(first_start())
    second = MainWindow(store, TrainingBridge(store), themes, settings)
    qtbot.addWidget(second)
    second.show()
    assert second.workspaces.docks["layers"].isVisible()
    second.close()


def test_settings_that_cannot_be_read_are_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unreadable(QSettings):
        broken = True

        def __init__(self, *_: str) -> None:
            super().__init__(str(tmp_path / "s.conf"), QSettings.Format.IniFormat)

        def status(self) -> QSettings.Status:
            broken = Unreadable.broken
            return QSettings.Status.FormatError if broken else QSettings.Status.NoError

    (tmp_path / "s.conf").write_bytes(b"\xff[[garbage")
    monkeypatch.setattr(remembered, "QSettings", Unreadable)
    found = remembered.open_settings()
    assert (tmp_path / "s.conf.damaged").read_bytes() == b"\xff[[garbage"
    assert found.value("geometry") is None
